//! Tests of the whole room: what is accepted, where faults are pointed at, that
//! printing and parsing are inverse, and today's score on Prometheus's own cases.

use std::path::PathBuf;

use super::*;
use crate::base::{Diagnostic, Diagnostics, Duration, Severity, SourceMap, Span, Text};

fn read(source: &str) -> (Option<Expr>, Vec<Diagnostic>) {
    let mut map = SourceMap::default();
    let file = map.add("a".into(), source.into());
    let text = Text::verbatim(source, file, 0);
    let mut diags = Diagnostics::default();
    let expr = parse_with(&text, Options { placeholder: true }, &mut diags)
        .and_then(|expr| check_types(&expr, &mut diags).map(|_| expr));
    (expr, diags.iter().cloned().collect())
}

fn tree(source: &str) -> Expr {
    let (expr, diags) = read(source);
    assert!(expr.is_some(), "{source}: {diags:?}");
    expr.expect("asserted above")
}

fn place(source: &str, span: Span) -> &str {
    source.get(span.range()).unwrap_or("<outside>")
}

/// Source, place of the fault, its message, a part of its help (or nothing).
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("x{job==\"a\"}", "==", "`==` is not a matcher", "`=`"),
    ("x = 5", "=", "`=` does not compare", "write `==`"),
    ("sum(rate(x[5m])", "", "expected `)`, found the end of the expression", ""),
    ("x{a=\"b\"", "", "expected `,` or `}`, found the end of the expression", ""),
    ("rate(x[5m)", ")", "expected `:` or `]`, found `)`", ""),
    ("x{a=\"b}", "\"", "a string is not closed", "close it"),
    ("a && b", "&&", "`&&` is not an operator of PromQL", "write `and`"),
    ("a || b", "||", "`||` is not an operator of PromQL", "write `or`"),
    ("a /", "", "expected an expression, found the end of the expression", "right operand"),
    ("(a / )", ")", "expected an expression, found `)`", "right operand"),
    ("sum(x) by job", "job", "expected `(`, found `job`", "by (job)"),
    ("sum by job (x)", "job", "expected `(`, found `job`", "by (job)"),
    ("x{a=“b”}", "“", "`“` is not a quote of PromQL", "use `\"`"),
    ("x{a!~=\"b\"}", "!~=", "`!~=` is not an operator of PromQL", "write `!~`"),
    ("x{my-label=\"b\"}", "my-label", "the label name `my-label` has a `-`", "quote it"),
    ("sum by (my-label) (x)", "my-label", "the label name `my-label` has a `-`", "quote it"),
    ("x{code=~5..}", "5..", "the value of a matcher is not quoted", "\"5..\""),
    ("x{code=~(a|b)}", "(a|b)", "the value of a matcher is not quoted", "\"(a|b)\""),
    ("rate(x[5 m])", "m", "expected `:` or `]`, found `m`", "`5m`"),
    ("foo bar", "bar", "expected an operator, found `bar`", "and"),
    ("sum x", "x", "expected an operator, found `x`", "sum(x)"),
    ("x{a=\"b\" c=\"d\"}", "c", "expected `,` or `}`, found `c`", ""),
    ("clamp_max(x 1)", "1", "expected `,` or `)`, found `1`", "commas"),
    ("(1))", ")", "unexpected `)`", "remove it"),
    ("x{a=~\"\\d\"}", "\\d", "unknown escape `\\d` in a string", "`\\\\d`"),
    ("rate(x[5m]) by (job)", "by", "unexpected `by`", "sum by (label)"),
    ("a group_left b", "group_left", "unexpected `group_left`", "on (label)"),
    ("a / group_left b", "group_left", "unexpected `group_left`", "on (label) group_left"),
    ("a > on (x) bool b", "bool", "unexpected `bool`", "a > bool b"),
    ("on > 1", "on", "expected an expression, found `on`", "{\"on\"}"),
    ("x[(1e999)]", "1e999", "the number is too large", "a smaller number"),
    ("x[0s]", "0s", "the duration is not greater than 0", "5m"),
    ("x{a=`b}", "`", "a string is not closed", "a backtick"),
    ("5xx_total", "5xx_total", "`5xx_total` is neither a number nor a duration", "{\"5xx_total\"}"),
    ("topk(x, y)", "x", "the parameter of `topk` is an instant vector", "scalar(x)"),
    (
        "rate(x[5m]) offset 5m",
        "offset 5m",
        "`offset` does not follow a selector or subquery",
        "rate(",
    ),
    ("x offset 1m[5m]", "[5m]", "the range stands after `offset`", "[5m] offset"),
    ("sum(x)[5m]", "[5m]", "a range is taken of an expression that is no selector", "[5m:]"),
    ("x =~ \"a\"", "=~", "`=~` stands outside of braces", "braces"),
    ("rate(x[$__rate_interval])", "$__rate_interval", "`$__rate_interval` is not PromQL", "$range"),
    ("rate(x[{{.window}}])", "{{.window}}", "`{{.window}}` is not PromQL", "$range"),
    ("{{ .metric }} > 1", "{{ .metric }}", "`{{ .metric }}` is not PromQL", "its value"),
    ("", "", "the expression is empty", "up == 0"),
    ("x[5mm]", "5mm", "`5mm` is neither a number nor a duration", "1h30m"),
    ("x[1m1h]", "1m1h", "`1m1h` is not a duration", "1h30m"),
    ("台北 > 1", "台北", "unexpected `台北`", "{\"台北\"}"),
    ("a ** b", "*", "expected an expression, found `*`", ""),
    ("rate(x)", "x", "`rate` takes a range vector, not an instant vector", "rate(x[5m])"),
    ("rate(sum(x))", "sum(x)", "`rate` takes a range vector, not an instant vector", "[5m:]"),
    ("rte(x[5m])", "rte", "unknown function `rte`", "`rate`"),
    ("Rate(x[5m])", "Rate", "unknown function `Rate`", "`rate`"),
    ("1 > 0", ">", "two scalars are compared without `bool`", "> bool"),
    ("sum(x[5m])", "x[5m]", "`sum` of a range vector", "sum(rate(x[5m]))"),
    ("x and 1", "1", "`and` with a scalar", "vector"),
    ("floor(x, 1)", "1", "`floor` takes 1 argument, not 2", "floor(x)"),
    ("topk(x)", "topk", "`topk` takes 2 arguments, not 1", "topk(5, x)"),
    ("x[5m] > 1", "x[5m]", "a range vector as an operand of `>`", "rate(x[5m])"),
    ("{}", "{}", "the selector takes every series there is", "name a metric"),
    ("{a=~\".*\"}", "{a=~\".*\"}", "the selector takes every series there is", "name a metric"),
    ("x{__name__=\"y\"}", "__name__=\"y\"", "the metric's name is given twice", "keep one"),
    ("a + on (x) group_left (x) b", "x", "`x` is both matched and included", "remove"),
];

#[test]
fn faults_are_pointed_at_and_explained() {
    for (source, at, message, help) in FAULTS {
        let (expr, diags) = read(source);
        assert!(expr.is_none(), "{source}");
        let first = diags.iter().find(|d| d.severity == Severity::Error);
        let first = first.expect("an error is reported");
        assert_eq!(first.message, *message, "{source}");
        assert_eq!(place(source, first.primary.span), *at, "{source}");
        let fixes = first.fixes.iter().map(|fix| fix.title.as_str());
        let acts: Vec<&str> = first.help.iter().map(String::as_str).chain(fixes).collect();
        assert!(acts.join(" ").contains(help), "{source}: {acts:?}");
        assert_eq!(diags.len(), 1, "{source}: {diags:?}");
    }
}

#[test]
fn an_opener_is_labelled_where_its_closer_is_missed() {
    for (source, opener) in
        [("sum(rate(x[5m])", 3..4), ("x{a=\"b\"", 1..2), ("rate(x[5m)", 6..7), ("x[", 1..2)]
    {
        let (_, diags) = read(source);
        let others: Vec<_> = diags.iter().flat_map(|d| &d.others).collect();
        assert!(others.iter().any(|label| label.span.range() == opener), "{source}: {others:?}");
    }
}

#[test]
fn all_faults_of_a_selector_are_reported() {
    let (_, diags) = read("x{a==\"b\", c-d=\"e\", f} / y{g==\"h\"}");
    let found: Vec<_> = diags.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_number_without_a_unit_is_warned_of() {
    let (expr, diags) = read("rate(x[5])");
    assert!(expr.is_some());
    assert_eq!(diags.len(), 1);
    assert_eq!(diags[0].code.name, "promql-unit");
    assert_eq!(place("rate(x[5])", diags[0].primary.span), "5");
}

#[test]
fn places_are_exact() {
    let source = "  sum by (job) (rate(x{a=\"b\"}[5m] offset 1m)) / -y";
    let expr = tree(source);
    let mut found = Vec::new();
    expr.walk(&mut |e| found.push(place(source, e.span)));
    assert_eq!(
        found,
        [
            "sum by (job) (rate(x{a=\"b\"}[5m] offset 1m)) / -y",
            "sum by (job) (rate(x{a=\"b\"}[5m] offset 1m))",
            "rate(x{a=\"b\"}[5m] offset 1m)",
            "x{a=\"b\"}[5m] offset 1m",
            "-y",
            "y",
        ]
    );
    let selectors = expr.selectors();
    assert_eq!(place(source, selectors[0].span), "x{a=\"b\"}");
    assert_eq!(place(source, selectors[0].matchers[0].value_span), "\"b\"");
}

#[test]
fn precedence_is_that_of_prometheus() {
    for (source, grouped) in [
        ("1 + 2 / (3 * 1)", "1 + (2 / (3 * 1))"),
        ("a - b - c", "(a - b) - c"),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
        ("-a ^ b", "-(a ^ b)"),
        ("-a * b", "(-a) * b"),
        ("a ^ -b * c", "(a ^ (-b)) * c"),
        ("a + b or c and d", "(a + b) or (c and d)"),
        ("a and b unless c or d", "((a and b) unless c) or d"),
        ("a offset -1m ^ 1", "(a offset -1m) ^ 1"),
        ("a offset 5m - 8", "(a offset 5m) - 8"),
    ] {
        assert!(tree(source).same(&tree(grouped)), "{source}");
    }
    assert!(!tree("a - (b - c)").same(&tree("a - b - c")));
}

#[test]
fn one_line_is_printed_canonically() {
    for (source, printed) in [
        ("sum by(code)(x{a='b',c=~`\\d+`})", "sum by (code) (x{a=\"b\", c=~\"\\\\d+\"})"),
        ("SUM(x) BY (a,b,)", "sum by (a, b) (x)"),
        ("a-on(b)group_left(x)c", "a - on (b) group_left (x) c"),
        ("a - ignoring() group_left() (c)", "a - ignoring () group_left () (c)"),
        ("x[90m] OFFSET 5m @ 10", "x[1h30m] @ 10 offset 5m"),
        ("x[300]", "x[5m]"),
        ("x offset -7m", "x offset -7m"),
        ("{\"foo\", a=\"b\"}", "foo{a=\"b\"}"),
        ("{\"a.b\", \"c.d\"=\"e\"}", "{\"a.b\", \"c.d\"=\"e\"}"),
        ("{__name__=\"a\"}", "{__name__=\"a\"}"),
        ("{\"a\", __name__=\"b\"}", "{\"a\", __name__=\"b\"}"),
        ("{\"on\"}", "{\"on\"}"),
        ("x[30d:1h]", "x[30d:1h]"),
        ("x offset 1m [10m:]", "x offset 1m [10m:]"),
        ("x[200-min_of(-step()^+step(),1)]", "x[200 - min_of(-step() ^ +step(), 1)]"),
        ("x > bool 0.10", "x > bool 0.10"),
        ("a + fill_left(5) fill_right(5) b", "a + fill (5) b"),
        ("\"\\xff\"", "\"\\xff\""),
        ("count_values('v', x)", "count_values(\"v\", x)"),
        ("x[$range:$range] offset $range", "x[$range:$range] offset $range"),
        ("((x))", "((x))"),
        ("x # note\n + y", "x + y"),
    ] {
        let expr = tree(source);
        assert_eq!(print_line(&expr), printed);
        assert!(tree(printed).same(&expr), "{source}");
    }
}

#[test]
fn long_expressions_are_broken_readably() {
    let page = "(max without (window) (slo:sli_error:ratio_rate1h{service=\"checkout\", \
        slo=\"availability\"} > (14.4 * 0.001)) and max without (window) \
        (slo:sli_error:ratio_rate5m{service=\"checkout\", slo=\"availability\"} > (14.4 * 0.001))) \
        or (up == 0)";
    let wanted = "\
(
  max without (window) (slo:sli_error:ratio_rate1h{service=\"checkout\", slo=\"availability\"} > (14.4 * 0.001))
  and
  max without (window) (slo:sli_error:ratio_rate5m{service=\"checkout\", slo=\"availability\"} > (14.4 * 0.001))
)
or
(up == 0)";
    let printed = print(&tree(page));
    assert_eq!(printed, wanted);
    assert!(tree(&printed).same(&tree(page)));
}

#[test]
fn a_chain_of_one_precedence_is_broken_at_each_operator() {
    let name = "a_metric_with_a_name_of_forty_characters";
    let source = format!("{name}_1 + {name}_2 - {name}_3 * {name}_4 * {name}_5");
    let printed = print(&tree(&source));
    assert_eq!(printed, format!("{name}_1\n+ {name}_2\n- {name}_3\n  * {name}_4\n  * {name}_5"));
    assert!(tree(&printed).same(&tree(&source)));
}

#[test]
fn built_expressions_print_as_promql() {
    let slo = matchers([equal("service", "checkout"), equal("slo", "availability")]);
    let bad = || selector_with("slo:events_bad:rate5m", &slo);
    let five = Duration::minutes(5);
    let sum = |a, b| binary(a, BinaryOp::Add, b);
    let names = [Name::fixed("region")];
    for (expr, text) in [
        (
            binary(number("10"), BinaryOp::Mul, sum(bad(), offset(bad(), five))),
            "10 * (B + B offset 5m)",
        ),
        (
            offset(call("sum_over_time", [range(bad(), Duration::minutes(20))]), five),
            "sum_over_time(B[20m])",
        ),
        (
            call("sum_over_time", [offset(range(bad(), five), Duration::seconds(450))]),
            "sum_over_time(B[5m] offset 7m30s)",
        ),
        (
            call(
                "count_over_time",
                [subquery(bad(), Duration::days(30), Some(Duration::hours(1)))],
            ),
            "count_over_time(B[30d:1h])",
        ),
        (sum_by(&names, bad()), "sum by (region) (B)"),
        (sum_by(&[], bad()), "sum(B)"),
        (
            max_without(&names, binary(bad(), BinaryOp::Gt, paren(number("0.001")))),
            "max without (region) (B > (0.001))",
        ),
        (
            matching(
                bad(),
                BinaryOp::Div,
                Some(match_on(&names).group_left(&[])),
                vector(integer(1)),
            ),
            "B / on (region) group_left () vector(1)",
        ),
        (binary(bad(), BinaryOp::Sub, binary(bad(), BinaryOp::Sub, number("-1"))), "B - (B - -1)"),
        (subquery(sum(bad(), bad()), five, None), "(B + B)[5m:]"),
    ] {
        let full = "slo:events_bad:rate5m{service=\"checkout\", slo=\"availability\"}";
        let text = text.replace('B', full);
        assert_eq!(print_line(&expr), text);
        assert!(tree(&text).same(&expr), "{text}");
    }
}

#[test]
fn selectors_of_a_person_are_changed() {
    let expr = tree("http_requests_total{job=\"a\", code=~\"5..\"} offset 1m");
    let selector = expr.as_selector().expect("a selector");
    assert_eq!(selector.equality("job").map(|m| m.value.as_str()), Some("a"));
    assert!(selector.equality("code").is_none());
    let five = Duration::minutes(5);
    for (changed, text) in [
        (selector.with_range(five), "http_requests_total{job=\"a\", code=~\"5..\"}[5m] offset 1m"),
        (
            selector.with_offset(five).to_expr(),
            "http_requests_total{job=\"a\", code=~\"5..\"} offset 6m",
        ),
        (
            selector.with_name_suffix("_bucket").without_label("code").to_expr(),
            "http_requests_total_bucket{job=\"a\"} offset 1m",
        ),
        (
            selector.with_matcher(equal("le", "0.3")).to_expr(),
            "http_requests_total{job=\"a\", code=~\"5..\", le=\"0.3\"} offset 1m",
        ),
    ] {
        assert_eq!(print_line(&changed), text);
    }
    let named = tree("{__name__=\"x\", a=\"b\"}");
    let renamed = named.as_selector().expect("a selector").with_name_suffix("_count");
    assert_eq!(print_line(&renamed.to_expr()), "x_count{a=\"b\"}");
}

#[test]
fn the_same_series_are_recognised() {
    let same = |a: &str, b: &str| {
        let (a, b) = (tree(a), tree(b));
        a.as_selector().expect("a selector").same_series(b.as_selector().expect("a selector"))
    };
    assert!(same("x{a=\"b\", c=\"d\"}", "(x{c='d', a='b'})"));
    assert!(same("x", "{__name__=\"x\"}"));
    assert!(!same("x{a=\"b\"}", "x{a!=\"b\"}"));
    assert!(!same("x", "x offset 5m"));
    assert!(!same("x", "y"));
}

#[test]
fn the_placeholder_is_replaced() {
    let expr = tree("sum(rate(x[$range])) / sum(rate(y[$range] offset $range))");
    assert_eq!(expr.placeholders().len(), 2);
    assert_eq!(
        print_line(&expr.with_placeholder(Duration::minutes(5))),
        "sum(rate(x[5m])) / sum(rate(y[5m] offset 5m))"
    );
}

/// Texts that would overflow the stack, or take for ever, if nothing stopped them.
#[test]
fn hostile_expressions_are_refused_on_a_small_stack() {
    let deep = |open: &str, core: &str, close: &str, n: usize| {
        format!("{}{core}{}", open.repeat(n), close.repeat(n))
    };
    let work = move || {
        for (text, accepted) in [
            (deep("(", "x", ")", 20_000), false),
            (deep("-", "x", "", 20_000), false),
            (deep("abs(", "x", ")", 10_000), false),
            (deep("x^", "x", "", 20_000), false),
            (deep("x+", "x", "", 20_000), false),
            (deep("", "x", "[5m:]", 10_000), false),
            (deep("x[", "1", "", 20_000), false),
            (format!("x[{}]", deep("(", "1", ")", 20_000)), false),
            (format!("x[{}]", deep("1+", "1", "", 20_000)), false),
            ("x".repeat(MAX_BYTES + 1), false),
            (deep("(", "x", ")", MAX_DEPTH), false),
            (deep("(", "x", ")", MAX_DEPTH - 1), true),
            (deep("abs(", "x", ")", MAX_DEPTH - 1), true),
            (deep("sum by (a) (", "x", ")", MAX_DEPTH - 1), true),
            (deep("x+", "x", "", MAX_HEIGHT - 1), true),
            (deep("x or ", "x", "", MAX_HEIGHT - 1), true),
            (deep("(x+", "x", ")", MAX_DEPTH / 2 - 1), true),
            (format!("x[{}]", deep("(", "1", ")", MAX_DEPTH - 2)), true),
        ] {
            let mut diags = Diagnostics::default();
            let judge = Judge::default();
            let text = Text::made(&text);
            let expr = check(&text, Options::default(), &judge, &mut diags);
            let short = text.as_str().get(..40);
            assert_eq!(expr.is_some(), accepted, "{short:?} {diags:?}");
            assert!(accepted || diags.has_errors());
            if let Some(expr) = expr {
                assert!(!print(&expr).is_empty() && expr.clone().same(&expr));
                result_labels(&expr);
                value_type(&expr);
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    thread.expect("a thread starts").join().expect("no overflow and no panic");
}

/// One line of a corpus file that matters here.
#[derive(serde::Deserialize)]
struct Case {
    input: String,
    valid: bool,
}

fn corpus(name: &str) -> Option<Vec<Case>> {
    let root = std::env::var_os("NINEFOLD_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(root.join("promql").join(name)) else {
        println!("skipped: no {name} in {}", root.display());
        return None;
    };
    let case = |line: &str| serde_json::from_str(line).expect("a case");
    Some(text.lines().map(case).collect())
}

/// How many cases are judged as Prometheus does, of how many.
fn score(name: &str) -> Option<(usize, usize)> {
    let cases = corpus(name)?;
    let right = |case: &&Case| {
        let (expr, diags) = read(&case.input);
        let agrees = expr.is_some() == case.valid;
        if !agrees {
            let said: Vec<_> = diags.iter().map(|d| &d.message).collect();
            println!("{name}: valid={} {:?} {said:?}", case.valid, case.input);
        }
        agrees
    };
    let score = (cases.iter().filter(right).count(), cases.len());
    println!("{name}: {} of {}", score.0, score.1);
    Some(score)
}

#[test]
fn prometheus_own_cases_are_judged_as_prometheus_does() {
    for (name, floor) in [("parse_test.jsonl", 355), ("promqltest_eval.jsonl", 1_438)] {
        if let Some((right, all)) = score(name) {
            assert!(right >= floor.min(all), "{name}: {right} of {all}, at least {floor}");
        }
    }
}

#[test]
fn prometheus_own_cases_print_to_the_same_tree() {
    for name in ["parse_test.jsonl", "promqltest_eval.jsonl"] {
        for case in corpus(name).unwrap_or_default() {
            let (Some(expr), _) = read(&case.input) else { continue };
            for printed in [print(&expr), print_line(&expr)] {
                assert!(tree(&printed).same(&expr), "{:?} became {printed:?}", case.input);
                assert_eq!(print(&tree(&printed)), print(&expr));
            }
        }
    }
}
