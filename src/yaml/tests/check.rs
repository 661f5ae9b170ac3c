//! What `check` says: texts that miss a small Shape in every way come in, the
//! findings with their places and fixes are compared. That its verdict is the
//! schema's is tested in `schema.rs`.

use crate::base::{Diagnostics, SourceMap};
use crate::yaml::{Field, Pattern, Range, Shape, Type, check, parse};

const fn plain(ty: Type) -> Shape {
    Shape { doc: "", ty }
}
static STR: Shape = plain(Type::Str(None));
static LABELS: Shape = plain(Type::Dict { key: &KEY, value: &LABEL });
static LABEL: Shape = plain(Type::LabelValue);
static KEY: Pattern = Pattern {
    regex: "^[a-z]+$",
    test: |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()),
    what: "a label name",
    help: "",
};
static TIME: Shape = plain(Type::Duration { zero: false });
static FLAG: Shape = plain(Type::Bool);
static PERCENT: Shape =
    plain(Type::Number(Range { above: Some(0), below: Some(100), ..Range::ALL }));
static LEVEL: Shape = plain(Type::Enum(&["page", "ticket"]));
static SELECTORS: Shape = plain(Type::OneOrMany(&STR));
static SLI_FIELDS: [Field; 2] =
    [Field::optional("events", &SELECTORS, ""), Field::optional("probe", &STR, "")];
static SLI: Shape = plain(Type::OneOf { fields: || SLI_FIELDS.iter().collect(), what: "SLI kind" });
static SLO_FIELDS: [Field; 7] = [
    Field::required("name", &STR, "What it is called."),
    Field::required("objective", &PERCENT, "Per cent of good events.").such_as("99.9"),
    Field::optional("sli", &SLI, ""),
    Field::optional("window", &TIME, ""),
    Field::optional("flag", &FLAG, ""),
    Field::optional("severity", &LEVEL, ""),
    Field::optional("labels", &LABELS, ""),
];
static SLO: Shape = plain(Type::Map(&SLO_FIELDS));
static SLOS: Shape = plain(Type::List { item: &SLO, min: 1 });
static ROOT_FIELDS: [Field; 3] = [
    Field::required("service", &STR, ""),
    Field::required("slos", &SLOS, ""),
    Field::optional("owner", &STR, ""),
];
static ROOT: Shape = plain(Type::Map(&ROOT_FIELDS));

/// The findings of `text`: code, place, message, and the first fix applied.
fn findings(text: &str, whole: bool) -> Vec<(&'static str, String, String, Option<String>)> {
    let mut files = SourceMap::default();
    let file = files.add("a.yaml".into(), text.into());
    let mut diags = Diagnostics::default();
    let documents = parse(file, text, &mut diags);
    check(&documents[0].root, &ROOT, whole, &mut diags);
    diags.sort();
    diags
        .iter()
        .map(|d| {
            let fixed = d.fixes.first().map(|fix| fix.edits[0].text.clone());
            (d.code.name, text[d.primary.span.range()].to_string(), d.message.clone(), fixed)
        })
        .collect()
}

/// Findings of `line` in an SLO that is sound otherwise.
fn assert_slo(line: &str, code: &str, place: &str, message: &str, fix: Option<&str>) {
    let text = format!("service: a\nslos:\n  - name: b\n    {line}\n    objective: 9\n");
    let found = findings(&text, true);
    let fix = fix.map(str::to_string);
    assert_eq!(found, [(find_code(code), place.into(), message.into(), fix)], "{line}");
}

fn find_code(name: &str) -> &'static str {
    let code = crate::yaml::CODES.iter().find(|code| code.name == name);
    code.expect("a code").name
}

#[test]
fn values_of_the_wrong_kind() {
    for (line, code, place, message, fix) in [
        (
            "window: 5",
            "wrong-type",
            "5",
            "`window` takes a duration such as `5m`, found the number `5`",
            None,
        ),
        ("window: 1.5h", "bad-value", "1.5h", "`window` cannot be `1.5h`", Some("1h30m")),
        ("window: 0s", "out-of-range", "0s", "`window` is no time at all", None),
        ("window:", "empty-value", "window", "`window` has no value", None),
        ("window: \"\"", "empty-value", "\"\"", "`window` is empty", None),
        (
            "flag: yes",
            "wrong-type",
            "yes",
            "`flag` takes `true` or `false`, found the text `yes`",
            Some("true"),
        ),
        (
            "flag: \"false\"",
            "wrong-type",
            "\"false\"",
            "`flag` takes `true` or `false`, found the text `false`",
            Some("false"),
        ),
        ("severity: pages", "bad-value", "pages", "`severity` cannot be `pages`", Some("page")),
        (
            "severity: [page]",
            "wrong-type",
            "[page]",
            "`severity` takes `page` or `ticket`, found a list",
            None,
        ),
        (
            "labels: {tier: true}",
            "wrong-type",
            "true",
            "`tier` takes a text or a number, found `true`",
            Some("\"true\""),
        ),
        (
            "labels: {tier: 017}",
            "bad-value",
            "017",
            "readers of YAML disagree on the number `017`",
            Some("\"017\""),
        ),
        ("labels: {Tier: a}", "bad-value", "Tier", "a key of `labels` cannot be `Tier`", None),
        ("sli: {}", "one-of", "sli", "`sli` has no SLI kind", None),
        (
            "sli: {events: a, probe: b}",
            "one-of",
            "probe",
            "a second SLI kind stands beside `events`",
            None,
        ),
        ("sli: {event: a}", "unknown-key", "event", "unknown key `event`", Some("events")),
        (
            "sli: {events: [a, 5]}",
            "wrong-type",
            "5",
            "an item of `events` takes a text, found the number `5`",
            Some("\"5\""),
        ),
        ("sli: {events: []}", "empty-value", "[]", "`events` has too few items", None),
        ("windw: 5m", "unknown-key", "windw", "unknown key `windw`", Some("window")),
        ("nmae: x", "unknown-key", "nmae", "unknown key `nmae`", None),
    ] {
        assert_slo(line, code, place, message, fix);
    }
}

#[test]
fn objectives_out_of_range_or_in_other_spellings() {
    for (value, code, fix) in [
        ("0", "out-of-range", None),
        ("100", "out-of-range", None),
        ("101", "out-of-range", None),
        ("-1", "out-of-range", None),
        ("high", "wrong-type", None),
        ("\"99.9\"", "wrong-type", Some("99.9")),
        ("99.9%", "wrong-type", Some("99.9")),
        ("99,9", "wrong-type", Some("99.9")),
        ("9_9", "wrong-type", Some("99")),
        ("017", "bad-value", Some("17")),
        ("0x1F", "bad-value", None),
        (".inf", "bad-value", None),
    ] {
        let text = format!("service: a\nslos: [{{name: b, objective: {value}}}]\n");
        // `99,9` would be two entries of a flow map.
        let text = if value == "99,9" {
            format!("service: a\nslos:\n  - name: b\n    objective: {value}\n")
        } else {
            text
        };
        let found = findings(&text, true);
        assert_eq!(found.len(), 1, "{value}: {found:?}");
        assert_eq!((found[0].0, found[0].3.as_deref()), (code, fix), "{value}");
        assert_eq!(found[0].1, value);
    }
}

#[test]
fn missing_keys_are_one_finding_per_map() {
    let text = "owner: 5\nslos:\n  - name: b\n  - labels: {}\n";
    let found = findings(text, true);
    let short: Vec<(&str, &str, &str)> =
        found.iter().map(|f| (f.0, f.1.as_str(), f.2.as_str())).collect();
    assert_eq!(
        short,
        [
            ("missing-key", "owner", "the document lacks the key `service`"),
            ("wrong-type", "5", "`owner` takes a text, found the number `5`"),
            ("missing-key", "b", "`b` lacks the key `objective`"),
            ("missing-key", "labels", "an item of `slos` lacks the keys `name` and `objective`"),
        ]
    );
    let found = findings(text, false);
    assert!(found.iter().all(|f| f.0 != "missing-key"));
    assert_eq!(found.len(), 1);
}

#[test]
fn what_was_reported_is_not_reported_again() {
    let found = findings("service: @a\nslos: {{ x }}\n", true);
    let codes: Vec<&str> = found.iter().map(|f| f.0).collect();
    assert_eq!(codes, ["yaml-reserved-character", "yaml-unquoted-template"]);
    let found = findings("[a]\n", true);
    assert_eq!(found[0].2, "the document takes a map, found a list");
    assert_eq!(findings("---\n", true)[0].2, "the document is empty");
}
