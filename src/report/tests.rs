//! Tests of whole outputs in all formats.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{Format, Style, summary};
use crate::base::{
    Code, Diagnostic, Diagnostics, Edit, FileId, Fix, Safety, Severity, SourceMap, Span,
};

static MISSING: Code = Code { name: "runbook-missing", severity: Severity::Error, doc: "" };
static ODD: Code = Code { name: "odd", severity: Severity::Warning, doc: "" };

const SPEC: &str = "\
ninefold: v1
service: checkout
owner: team-payments
slos:
  - name: availability
    objective: 99.9
    window: 30d
    sli:
      events:
        bad: http_requests_total{code=~\"5..\"}
";

fn source(text: &str) -> (SourceMap, FileId) {
    let mut map = SourceMap::default();
    let file = map.add("slo/checkout.yaml".into(), text.into());
    (map, file)
}

/// The span of the first `needle` of a file.
fn at(map: &SourceMap, file: FileId, needle: &str) -> Span {
    let start = map.file(file).text.find(needle).expect("the needle");
    Span::new(file, start, start + needle.len())
}

fn list(found: impl IntoIterator<Item = Diagnostic>) -> Diagnostics {
    let mut diags = Diagnostics::default();
    found.into_iter().for_each(|d| diags.push(d));
    diags
}

fn human(map: &SourceMap, found: impl IntoIterator<Item = Diagnostic>) -> String {
    Format::Human.render(&list(found), map, Style::default())
}

fn missing(span: Span) -> Diagnostic {
    Diagnostic::new(&MISSING, span, "page alert `CheckoutAvailabilityPage` has no runbook")
        .label("pages team-payments, with nothing to follow")
        .help("add `runbook:` here or on the service")
}

#[test]
fn a_finding_looks_as_the_design_says() {
    let (map, file) = source(SPEC);
    assert_snapshot!(human(&map, [missing(at(&map, file, "availability"))]), @"
    error[runbook-missing]: page alert `CheckoutAvailabilityPage` has no runbook
     --> slo/checkout.yaml:5:11
      |
    5 |   - name: availability
      |           ^^^^^^^^^^^^ pages team-payments, with nothing to follow
      |
      = help: add `runbook:` here or on the service
    ");
}

#[test]
fn several_labels_notes_and_fixes() {
    let (mut map, file) = source(SPEC);
    let other = map.add("slo/other.yaml".into(), "ninefold: v1\nservice: checkout\n".into());
    let found = Diagnostic::new(&ODD, at(&map, file, "99.9"), "the objective is odd")
        .label("too high")
        .also(at(&map, file, "checkout"), "of this service")
        .also(at(&map, other, "checkout"), "also here")
        .note("100 % cannot be met")
        .help("lower it")
        .fix("lower the objective", at(&map, file, "99.9"), "99", Safety::Suggestion);
    assert_snapshot!(human(&map, [found, missing(Span::NONE)]), @"
    warning[odd]: the objective is odd
     --> slo/checkout.yaml:6:16
      |
    2 | service: checkout
      |          -------- of this service
    ...
    6 |     objective: 99.9
      |                ^^^^ too high
      |
     ::: slo/other.yaml:2:10
      |
    2 | service: checkout
      |          -------- also here
      |
      = note: 100 % cannot be met
      = help: lower it
    help: lower the objective
      |
    6 -     objective: 99.9
    6 +     objective: 99
      |

    error[runbook-missing]: page alert `CheckoutAvailabilityPage` has no runbook
     |
     = help: add `runbook:` here or on the service
    ");
}

#[test]
fn fixes_insert_remove_and_reach_into_other_files() {
    let (mut map, file) = source(SPEC);
    let other = map.add("slo/other.yaml".into(), "ninefold: v1\nservice: checkout\n".into());
    let line = at(&map, file, "owner: team-payments\n");
    let fix = |title: &str, edits: &[(Span, &str)]| Fix {
        title: title.into(),
        edits: edits
            .iter()
            .map(|(span, text)| Edit { span: *span, text: (*text).into() })
            .collect(),
        safety: Safety::Safe,
    };
    let mut found = Diagnostic::new(&ODD, line, "odd").label("here");
    found.fixes = vec![
        fix("insert a line", &[(Span::new(file, 13, 13), "runbook: x.md\n")]),
        fix("remove the line", &[(line, "")]),
        fix(
            "rename both",
            &[(at(&map, file, "checkout"), "shop"), (at(&map, other, "checkout"), "shop")],
        ),
        fix("overlapping, so only told", &[(line, "a"), (line, "b")]),
        fix("nowhere, so only told", &[(Span::NONE, "a")]),
    ];
    assert_snapshot!(human(&map, [found]), @"
    warning[odd]: odd
     --> slo/checkout.yaml:3:1
      |
    3 | owner: team-payments
      | ^^^^^^^^^^^^^^^^^^^^ here
      |
      = help: overlapping, so only told
      = help: nowhere, so only told
    help: insert a line
      |
    2 + runbook: x.md
      |
    help: remove the line
      |
    3 - owner: team-payments
      |
    help: rename both
      |
    2 - service: checkout
    2 + service: shop
      |
     --> slo/other.yaml:2:10
      |
    2 - service: checkout
    2 + service: shop
      |
    ");
}

#[test]
fn odd_places_are_drawn() {
    let (map, file) = source("\tkey: \"日本\" x\r\nlast 😀 y\n");
    let found = |span, text: &str| Diagnostic::new(&ODD, span, text).label("this");
    let spans = [
        found(at(&map, file, "x"), "after a tab and wide characters"),
        found(at(&map, file, "y\n"), "after a carriage return"),
        found(Span::new(file, 5, 5), "empty"),
        found(Span::new(file, 17, 18), "the line break"),
        found(Span::new(file, 29, 29), "the end"),
        found(Span::new(file, 500, 900), "beyond the end"),
        found(Span::new(file, 8, 9), "within a character"),
        found(Span::new(file, 1, 25), "over two lines"),
    ];
    assert_snapshot!(human(&map, spans), @r#"
    warning[odd]: after a tab and wide characters
     --> slo/checkout.yaml:1:12
      |
    1 |     key: "日本" x
      |                 ^ this

    warning[odd]: after a carriage return
     --> slo/checkout.yaml:2:8
      |
    2 | last 😀 y
      |         ^ this

    warning[odd]: empty
     --> slo/checkout.yaml:1:6
      |
    1 |     key: "日本" x
      |         ^ this

    warning[odd]: the line break
     --> slo/checkout.yaml:1:13
      |
    1 |     key: "日本" x
      |                  ^ this

    warning[odd]: the end
     --> slo/checkout.yaml:2:9
      |
    2 | last 😀 y
      |          ^ this

    warning[odd]: beyond the end
     --> slo/checkout.yaml:3:1
      |
    3 |
      | ^ this

    warning[odd]: within a character
     --> slo/checkout.yaml:1:8
      |
    1 |     key: "日本" x
      |           ^^ this

    warning[odd]: over two lines
     --> slo/checkout.yaml:1:2
      |
    1 | /     key: "日本" x
    2 | | last 😀 y
      | |_______^ this
    "#);
    let (map, file) = source("");
    assert_snapshot!(human(&map, [found(Span::new(file, 0, 0), "an empty file")]), @"
    warning[odd]: an empty file
     --> slo/checkout.yaml:1:1
      |
    1 |
      | ^ this
    ");
}

#[test]
fn long_lines_and_far_labels_are_cut() {
    let long = format!("{}needle{} thread\n", "word ".repeat(60_000), " word".repeat(200_000));
    let (map, file) = source(&long);
    let found = Diagnostic::new(&ODD, at(&map, file, "needle"), "one line").label("this");
    let found = found.also(at(&map, file, "thread"), "far away");
    let style = Style { color: false, width: 60 };
    assert_snapshot!(Format::Human.render(&list([found]), &map, style), @"
    warning[odd]: one line
     --> slo/checkout.yaml:1:300001
      |
    1 | ...ord word word word needle word word word word word...
      |                       ^^^^^^ this
      |
      = note: slo/checkout.yaml:1:1300008: far away
    ");

    let tall =
        format!("first: 1\n{}last: 2\n{}end: 3\n", "a: b\n".repeat(300), "c: d\n".repeat(100_000));
    let (map, file) = source(&tall);
    let found = Diagnostic::new(&ODD, at(&map, file, "last"), "far apart")
        .label("this")
        .also(at(&map, file, "first"), "folded")
        .also(at(&map, file, "end"), "farther");
    let whole =
        Diagnostic::new(&ODD, Span::new(file, 0, tall.len()), "all of it").label("begins here");
    assert_snapshot!(human(&map, [found, whole]), @"
    warning[odd]: far apart
          --> slo/checkout.yaml:302:1
           |
         1 | first: 1
           | ----- folded
    ...
       302 | last: 2
           | ^^^^ this
           |
          ::: slo/checkout.yaml:100303:1
           |
    100303 | end: 3
           | --- farther

    warning[odd]: all of it
     --> slo/checkout.yaml:1:1
      |
    1 | first: 1
      | ^^^^^^^^ begins here
    ");
}

#[test]
fn colour_only_adds_escapes() {
    let (map, file) = source(SPEC);
    let diags = list([missing(at(&map, file, "availability"))]);
    let color = Format::Human.render(&diags, &map, Style { color: true, width: 140 });
    let plain = Format::Human.render(&diags, &map, Style::default());
    assert!(color.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&color).to_string(), plain);
}

#[test]
fn json_is_whole_and_versioned() {
    let (map, file) = source("a: é\nb: 1\n");
    let found = Diagnostic::new(&ODD, at(&map, file, "1"), "odd \"quoted\"")
        .label("this")
        .also(at(&map, file, "é"), "that")
        .note("n")
        .help("h")
        .fix("write 2", at(&map, file, "1"), "2", Safety::Safe);
    let diags = list([found, missing(Span::NONE)]);
    assert_snapshot!(Format::Json.render(&diags, &map, Style::default()), @r#"
    {
      "version": 1,
      "diagnostics": [
        {
          "code": "odd",
          "severity": "warning",
          "message": "odd \"quoted\"",
          "path": "slo/checkout.yaml",
          "range": {
            "start": {
              "line": 2,
              "column": 4
            },
            "end": {
              "line": 2,
              "column": 5
            }
          },
          "label": "this",
          "others": [
            {
              "path": "slo/checkout.yaml",
              "range": {
                "start": {
                  "line": 1,
                  "column": 4
                },
                "end": {
                  "line": 1,
                  "column": 5
                }
              },
              "label": "that"
            }
          ],
          "notes": [
            "n"
          ],
          "help": [
            "h"
          ],
          "fixes": [
            {
              "title": "write 2",
              "safety": "safe",
              "edits": [
                {
                  "path": "slo/checkout.yaml",
                  "range": {
                    "start": {
                      "line": 2,
                      "column": 4
                    },
                    "end": {
                      "line": 2,
                      "column": 5
                    }
                  },
                  "text": "2"
                }
              ]
            }
          ]
        },
        {
          "code": "runbook-missing",
          "severity": "error",
          "message": "page alert `CheckoutAvailabilityPage` has no runbook",
          "path": null,
          "range": null,
          "label": "pages team-payments, with nothing to follow",
          "others": [],
          "notes": [],
          "help": [
            "add `runbook:` here or on the service"
          ],
          "fixes": []
        }
      ],
      "summary": {
        "errors": 1,
        "warnings": 1
      }
    }
    "#);
    let empty = Format::Json.render(&Diagnostics::default(), &map, Style::default());
    assert_snapshot!(empty, @r#"
    {
      "version": 1,
      "diagnostics": [],
      "summary": {
        "errors": 0,
        "warnings": 0
      }
    }
    "#);
}

#[test]
fn github_gets_commands_in_its_limits() {
    let (map, file) = source("a: é\nb: 1\n");
    let odd = |i: usize| Diagnostic::new(&ODD, at(&map, file, "1"), format!("odd, {i} %"));
    let several = missing(Span::new(file, 0, 8)).also(at(&map, file, "1"), "and this");
    let few = list([odd(1), several, missing(Span::NONE)]);
    assert_snapshot!(Format::Github.render(&few, &map, Style::default()), @"
    ::error file=slo/checkout.yaml,line=1,endLine=2,title=runbook-missing::slo/checkout.yaml:1:1: page alert `CheckoutAvailabilityPage` has no runbook%0Apages team-payments, with nothing to follow%0Aslo/checkout.yaml:2:4: and this%0Ahelp: add `runbook:` here or on the service
    ::error title=runbook-missing::page alert `CheckoutAvailabilityPage` has no runbook%0Apages team-payments, with nothing to follow%0Ahelp: add `runbook:` here or on the service
    ::warning file=slo/checkout.yaml,line=2,endLine=2,col=4,endColumn=5,title=odd::slo/checkout.yaml:2:4: odd, 1 %25
    ");
    let many = list((0..13).map(odd));
    let text = Format::Github.render(&many, &map, Style::default());
    assert_eq!(text.matches("::warning ").count(), 10);
    let tail: Vec<&str> = text.lines().skip(10).collect();
    assert_snapshot!(tail.join("\n"), @"
    warning[odd]: slo/checkout.yaml:2:4: odd, 10 %
    warning[odd]: slo/checkout.yaml:2:4: odd, 11 %
    warning[odd]: slo/checkout.yaml:2:4: odd, 12 %
    ::notice title=ninefold::3 warnings more in the log of this step
    ");
    assert_eq!(Format::Github.render(&Diagnostics::default(), &map, Style::default()), "");
}

/// An expression with brackets and braces, and two findings that say the same.
#[test]
fn sarif_texts_are_no_placeholders_and_no_links() {
    let (map, file) = source("a: é\nb: 1\n");
    let odd = || Diagnostic::new(&ODD, at(&map, file, "1"), "`{{ $x }}` [5m](1) \\");
    let fix = odd().fix("write {}", at(&map, file, "é"), "", Safety::Safe);
    let text = Format::Sarif.render(&list([odd(), fix]), &map, Style::default());
    let log: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let results = &log["runs"][0]["results"];
    assert_eq!(results[0]["message"]["text"], "`{{{{ $x }}}}` \\[5m\\](1) \\\\");
    assert_ne!(results[0]["partialFingerprints"], results[1]["partialFingerprints"]);
    let fix = &results[1]["fixes"][0];
    assert_eq!(fix["description"]["text"], "write {{}}");
    let removed = serde_json::json!([
        {"deletedRegion": {"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5}}
    ]);
    assert_eq!(fix["artifactChanges"][0]["replacements"], removed);
}

#[test]
fn rdjson_joins_the_edits_of_a_fix() {
    let (mut map, file) = source("a: é\nb: 1\n");
    let other = map.add("b.yaml".into(), "b: 1\n".into());
    let edit = |span, text: &str| Edit { span, text: text.into() };
    let fix = |edits| Fix { title: "mend it".into(), edits, safety: Safety::Safe };
    let (key, value) = (at(&map, file, "é"), at(&map, file, "1"));
    let mut found = missing(value);
    found.fixes.push(fix(vec![edit(key, "e"), edit(value, "2")]));
    // Those cannot be told: out of order, or in another file.
    found.fixes.push(fix(vec![edit(value, "2"), edit(key, "e")]));
    found.fixes.push(fix(vec![edit(value, "2"), edit(at(&map, other, "1"), "2")]));
    let text = Format::Rdjson.render(&list([found]), &map, Style::default());
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let suggestions = serde_json::json!([{
        "range": {"start": {"line": 1, "column": 4}, "end": {"line": 2, "column": 5}},
        "text": "e\nb: 2",
    }]);
    assert_eq!(report["diagnostics"][0]["suggestions"], suggestions);
}

#[test]
fn texts_are_escaped_as_each_format_wants() {
    let (map, file) = source("a: é\nb: 1\n");
    let found = || {
        // A range that ends with a line break is not on the next line.
        let message = "a\r\n  b\tc\u{1b}[0m\u{202e}\u{2028}\u{fffe}<&]]>\"";
        Diagnostic::new(&ODD, Span::new(file, 0, 6), message)
    };
    let diags = list([found(), found()]);
    let render = |format: Format| format.render(&diags, &map, Style::default());
    let shown = "a b\\u{9}c\\u{1b}[0m\\u{202e}\\u{2028}\u{fffe}<&]]>\"";
    let line = format!("slo/checkout.yaml:1:1: warning[odd] {shown}\n");
    assert_eq!(render(Format::Concise), line.repeat(2));
    let github = "::warning file=slo/checkout.yaml,line=1,endLine=1,col=1,title=odd::slo/checkout.yaml:1:1: ";
    assert_eq!(render(Format::Github), format!("{github}{shown}\n").repeat(2));
    let junit = render(Format::Junit);
    let escaped = "a b\\u{9}c\\u{1b}[0m\\u{202e}\\u{2028}&lt;&amp;]]&gt;&quot;";
    assert!(junit.contains(&format!(" message=\"{escaped}\">")), "{junit}");
    assert!(junit.contains(&format!("name=\"odd: {escaped} (2)\"")), "names differ: {junit}");
}

#[test]
fn junit_has_a_case_where_nothing_was_read() {
    let text =
        Format::Junit.render(&Diagnostics::default(), &SourceMap::default(), Style::default());
    assert!(text.contains("tests=\"1\"") && text.contains("classname=\"ninefold\"/>"), "{text}");
}

#[test]
fn the_summary_counts() {
    let odd = || Diagnostic::new(&ODD, Span::NONE, "odd");
    assert_eq!(
        summary(&list([odd(), missing(Span::NONE), missing(Span::NONE)]), 3),
        "2 errors and 1 warning in 3 files"
    );
    assert_eq!(summary(&list([odd()]), 1), "1 warning in 1 file");
    assert_eq!(summary(&list([missing(Span::NONE)]), 2), "1 error in 2 files");
    assert_eq!(summary(&Diagnostics::default(), 2), "no findings in 2 files");
    let mut raised = odd();
    raised.severity = Severity::Error;
    assert_eq!(summary(&list([raised]), 1), "1 error in 1 file");
}

#[test]
fn a_finding_in_a_large_file_costs_little() {
    let text = "key: value\n".repeat(500_000);
    let (map, file) = source(&text);
    let middle = text.len() / 2;
    let found = (0..1_000)
        .map(|i| Diagnostic::new(&ODD, Span::new(file, middle + i, middle + i + 3), "odd"));
    let start = std::time::Instant::now();
    assert_eq!(human(&map, found).matches("warning[odd]").count(), 1_000);
    // 5.5 MB a thousand times would take seconds even at memory speed.
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
}

fn spans() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0u32..90, 0u32..90), 1..4)
}

proptest! {
    #[test]
    fn no_span_and_no_text_panics(
        text in prop_oneof!["([a-z \t\r\n]|é|日|😀|\u{301}){0,40}", any::<String>()],
        spans in spans(),
        edits in spans(),
        message in any::<String>(),
        replacement in prop_oneof![any::<String>(), "[a-z\n]{0,8}"],
        width in 0usize..200,
    ) {
        let (mut map, file) = source(&text);
        let other = map.add("b.yaml".into(), text.as_str().into());
        // Ends may lie before starts and within characters.
        let place = |i: usize, (start, end): (u32, u32)| {
            let mut span = Span::new(if i.is_multiple_of(3) { other } else { file }, 0, 0);
            (span.start, span.end) = (start, end);
            span
        };
        let mut found = Diagnostic::new(&ODD, place(1, spans[0]), message.clone()).label(message.clone());
        for (i, span) in spans.iter().enumerate().skip(1) {
            found = found.also(place(i + 1, *span), message.clone());
        }
        let edits = edits
            .iter()
            .enumerate()
            .map(|(i, span)| Edit { span: place(i, *span), text: replacement.clone() })
            .collect();
        found.fixes.push(Fix { title: message, edits, safety: Safety::Safe });
        let diags = list([found]);
        for format in Format::ALL {
            let out = format.render(&diags, &map, Style { color: false, width });
            prop_assert!(out.ends_with('\n'));
        }
        let json = Format::Json.render(&diags, &map, Style::default());
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(&value["version"], 1);
    }
}
