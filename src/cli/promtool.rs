//! What promtool says of failed rule tests, in plain words: its text comes in, one
//! sentence for each failed case comes out.

/// The failed cases that a run of `promtool test rules` printed, each once.
pub(super) fn failures(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let below = lines.get(index + 1..).unwrap_or_default();
        // What belongs to the next case is no part of this one.
        let end = below.iter().position(|line| STARTS.iter().any(|s| line.starts_with(s)));
        let below = below.get(..end.unwrap_or(below.len())).unwrap_or_default();
        let said = alert(line, below).or_else(|| expression(line, below)).or_else(|| rule(line));
        found.extend(said.filter(|said| !found.contains(said)));
    }
    found
}

/// What the first line of a case begins with.
const STARTS: [&str; 4] = ["name:", "alertname:", "expr:", "rule:"];

/// Why promtool cannot read a file of rules, each fault once: `rules/a.yaml: ...`.
pub(super) fn unread(text: &str, rules: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.contains("WARNING")) {
        let fault = line.split_once(rules).and_then(|(_, rest)| rest.strip_prefix(": "));
        found.extend(fault.map(|f| f.trim().to_owned()).filter(|f| !found.contains(f)));
    }
    found
}

/// What a test needs that an old promtool has not.
pub(super) fn too_old(text: &str) -> Option<&'static str> {
    if text.contains("unexpected character in series sequence: '{'") {
        return Some("this promtool reads no native histograms: 2.53 and newer do");
    }
    let unknown = text.contains("field query_offset not found");
    unknown.then_some("this promtool knows no `query_offset`: 2.53 and newer do")
}

/// `alertname: X, time: 4m,` and what was expected and got.
fn alert(line: &str, below: &[&str]) -> Option<String> {
    let (name, time) = line.strip_prefix("alertname:")?.split_once(", time:")?;
    let (name, time) = (name.trim(), time.trim().trim_end_matches(','));
    let got = below.iter().position(|line| line.starts_with("got:["))?;
    let (expected, got) = (below.get(..got)?, below.get(got..)?);
    let labels = |lines: &[&str]| {
        let of = |line: &&str| line.starts_with("Labels:") || line.starts_with("Annotations:");
        lines.iter().filter(|l| of(l)).copied().collect::<Vec<_>>().join(" ")
    };
    let (expected, got) = (labels(expected), labels(got));
    Some(words(name, time, &expected, &got))
}

/// `expr: "...", time: 4m,` and what was expected and got.
fn expression(line: &str, below: &[&str]) -> Option<String> {
    let (expr, time) = line.strip_prefix("expr:")?.rsplit_once(", time:")?;
    let (expr, time) = (expr.trim().trim_matches('"'), time.trim().trim_end_matches(','));
    let expected = below.first()?.strip_prefix("exp:").unwrap_or_default().trim();
    let got = below.get(1)?.strip_prefix("got:").unwrap_or_default().trim();
    let is = |text: &str| if text == "nil" { String::new() } else { text.to_owned() };
    let name = expr.split_once("alertname=\\\"").and_then(|(_, rest)| rest.split_once('\\'));
    Some(match name {
        Some((name, _)) => words(name, time, &is(expected), &is(got)),
        None => {
            let expr = expr.replace("\\\"", "\"");
            let got = if got == "nil" { "nothing" } else { got };
            format!("at {time}, `{expr}` gives {got} and should give {expected}")
        }
    })
}

/// `rule: X, time: 4m, err: ...`
fn rule(line: &str) -> Option<String> {
    let (name, rest) = line.strip_prefix("rule:")?.split_once(", time:")?;
    let (_, fault) = rest.split_once("err:")?;
    Some(format!("the rule `{}` fails: {}", name.trim(), fault.trim()))
}

fn words(name: &str, time: &str, expected: &str, got: &str) -> String {
    match (expected.is_empty(), got.is_empty()) {
        (false, true) => format!("`{name}` should fire at {time} and is silent"),
        (true, false) => format!("`{name}` should be silent at {time} and fires"),
        _ => {
            let (expected, got) = (pairs(expected), pairs(got));
            let differs = expected.iter().filter(|pair| !got.contains(pair)).take(3);
            let each =
                differs.map(|(key, value)| match got.iter().find(|(known, _)| known == key) {
                    Some((_, other)) => format!("`{key}` is `{other}`, not `{value}`"),
                    None => format!("`{key}` is missing"),
                });
            let more =
                got.iter().filter(|(key, _)| !expected.iter().any(|(k, _)| k == key)).take(3);
            let more = more.map(|(key, _)| format!("`{key}` should not be there"));
            let all: Vec<String> = each.chain(more).collect();
            match all.as_slice() {
                [] => format!("`{name}` fires for other series at {time} than it should"),
                all => format!("`{name}` fires at {time}, but {}", all.join(", ")),
            }
        }
    }
}

/// The pairs `key="value"` of a text; a quote in a value is escaped.
fn pairs(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("=\"") {
        let key = before.rsplit(['{', ' ', ',']).next().unwrap_or_default();
        let mut escaped = false;
        let end = after.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let end = end.unwrap_or(after.len());
        found.push((key, &after[..end]));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{failures, too_old, unread};

    #[test]
    fn rules_that_cannot_be_read_are_told_once() {
        let text = "  FAILED:
  WARNING: no file match pattern /p/rules/a.yaml
/p/rules/a.yaml: 31:11: could not parse expression
/p/rules/a.yaml: 31:11: could not parse expression
/p/rules/b.yaml: yaml: line 2
";
        assert_eq!(unread(text, "rules/a.yaml"), ["31:11: could not parse expression"]);
        let old = "/p/rules/a.yaml: yaml: line 5: field query_offset not found in type rulefmt";
        assert!(too_old(old).is_some_and(|said| said.contains("`query_offset`")), "{old}");
        assert_eq!(too_old(text), None);
    }

    #[test]
    fn what_failed_is_said_in_words() {
        let text = r#"Unit Testing:  checkout.test.yaml
  FAILED:
    expr: "ALERTS{alertname=\"APage\",alertstate=\"firing\"}", time: 1h28m,
        exp: {__name__="ALERTS", alertname="APage", severity="critical"} 1E+00
        got: nil

    name: everything is bad,
    alertname: APage, time: 4m, 
        exp:[
            0:
              Labels:{alertname="APage", severity="critical", slo="a"}
              Annotations:{summary="a \"b\", c"}
            ], 
        got:[
            0:
              Labels:{alertname="APage", severity="crit", slo="a", team="x"}
              Annotations:{summary="a \"b\", c"}
            ]

    name: no traffic is no error,
    alertname: ANoData, time: 14m, 
        exp:[], 
        got:[
            0:
              Labels:{alertname="ANoData"}
              Annotations:{}
            ]

    expr: "count({slo=\"a\"} == 0)", time: 6m,
        exp: {} 8E+00
        got: nil
    name: everything is bad,
    alertname: BPage, time: 4m, 
        exp:[
            0:
              Labels:{alertname="BPage", owner="a", slo="b"}
              Annotations:{runbook_url="x/b.md"}
            ], 
        got:[]
    name: everything is bad,
    alertname: BTicket, time: 4m, 
        exp:[
            0:
              Labels:{alertname="BTicket", owner="a", slo="b"}
              Annotations:{runbook_url="x/b.md"}
            ], 
        got:[
            0:
              Labels:{alertname="BTicket", slo="b"}
              Annotations:{runbook_url="x/c.md"}
            ]
    name: the metric is gone,
    alertname: BNoData, time: 5m, 
        exp:[
            0:
              Labels:{alertname="BNoData", owner="a", slo="b"}
              Annotations:{runbook_url="x/b.md"}
            ], 
        got:[]
    rule: slo:x, time: 0s, err: too many samples
    rule: slo:x, time: 1m, err: too many samples
"#;
        assert_eq!(
            failures(text),
            [
                "`APage` should fire at 1h28m and is silent",
                "`APage` fires at 4m, but `severity` is `crit`, not `critical`, `team` should not be there",
                "`ANoData` should be silent at 14m and fires",
                "at 6m, `count({slo=\"a\"} == 0)` gives nothing and should give {} 8E+00",
                "`BPage` should fire at 4m and is silent",
                "`BTicket` fires at 4m, but `owner` is missing, `runbook_url` is `x/c.md`, not `x/b.md`",
                "`BNoData` should fire at 5m and is silent",
                "the rule `slo:x` fails: too many samples",
            ]
        );
    }
}
