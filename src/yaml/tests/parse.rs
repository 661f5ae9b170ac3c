//! Reading: faulty and hostile documents come in; what is reported, and what is
//! read nevertheless, is compared. Any text at all is survived.

use crate::base::{Diagnostics, FileId, SourceMap};
use crate::yaml::node::{Document, Value};
use crate::yaml::schema::to_json;
use crate::yaml::{CODES, Node, parse};
use proptest::prelude::*;

struct Read {
    documents: Vec<Document>,
    diags: Diagnostics,
}

fn read(text: &str) -> Read {
    let mut map = SourceMap::default();
    let file: FileId = map.add("a.yaml".into(), text.into());
    let mut diags = Diagnostics::default();
    let documents = parse(file, text, &mut diags);
    diags.sort();
    Read { documents, diags }
}

impl Read {
    /// `code line:column` of every finding.
    fn findings(&self, text: &str) -> Vec<String> {
        let mut map = SourceMap::default();
        let id = map.add("a.yaml".into(), text.into());
        let file = map.file(id);
        let place = |d: &crate::base::Diagnostic| {
            let position = file.position(d.primary.span.start as usize);
            format!("{} {}:{}", d.code.name, position.line, position.column)
        };
        self.diags.iter().map(place).collect()
    }

    fn json(&self) -> Vec<String> {
        self.documents.iter().map(|d| to_json(&d.root).to_string()).collect()
    }
}

/// Asserts the findings of `text` and what was read.
fn assert_faults(text: &str, findings: &[&str], json: &[&str]) {
    let read = read(text);
    assert_eq!(read.findings(text), findings, "{text}");
    assert_eq!(read.json(), json, "{text}");
}

#[test]
fn every_fault_of_a_file_is_reported_in_one_run() {
    assert_faults(
        "summary: {{ $x }} is down # c\nowner: @a/b\nlist:\n  - {{ x }}\n  - `y`\nflow: [{{ a }}, @b, 2]\nkey: a: b\nx: *.foo\nq: \"\\d\"\nz: 1\n---\na: 'it's'\n",
        &[
            "yaml-unquoted-template 1:10",
            "yaml-reserved-character 2:8",
            "yaml-unquoted-template 4:5",
            "yaml-reserved-character 5:5",
            "yaml-unquoted-template 6:8",
            "yaml-reserved-character 6:17",
            "yaml-syntax 7:7",
            "yaml-alias 8:4",
            "yaml-syntax 9:5",
            "yaml-syntax 12:8",
        ],
        &[
            r#"{"summary":null,"owner":null,"list":[null,null],"flow":[null,null,2],"key":null,"x":null,"q":null,"z":1}"#,
            r#"{"a":null}"#,
        ],
    );
}

#[test]
fn common_faults_are_placed_and_survived() {
    for (text, finding, json) in [
        ("a: \"unclosed\nb: \"x\"\n", "yaml-syntax 1:4", r#"{"a":null,"b":"x"}"#),
        ("a: [1, 2\nb: 2\n", "yaml-syntax 1:4", r#"{"a":null,"b":2}"#),
        ("a: [1,\n  2,\n  b: [\nc: 3\n", "yaml-syntax 1:4", r#"{"a":null,"c":3}"#),
        ("a: [1, 2}\nb: 1\n", "yaml-syntax 1:4", r#"{"a":null,"b":1}"#),
        ("a: [1, \"x\" y]\nb: 1\n", "yaml-syntax 1:12", r#"{"a":[1,null],"b":1}"#),
        ("- a: [1, 2\n  b: 3\n", "yaml-syntax 1:6", r#"[{"a":null,"b":3}]"#),
        ("a: b: c\n  d: 1\ne: 2\n", "yaml-syntax 1:5", r#"{"a":null,"e":2}"#),
        (
            "a:\n   b: 1\n  c: 2\n  d: 3\n  - e\nf: 4\n",
            "yaml-indentation 3:3",
            r#"{"a":{"b":1},"f":4}"#,
        ),
        ("a: }\nb: 1\n", "yaml-syntax 1:4", r#"{"a":null,"b":1}"#),
        ("a: \"x\\q\ny\"\nb: 1\n", "yaml-syntax 1:6", r#"{"a":null,"b":1}"#),
        ("a: 1\nkey:value\nb: 2\n", "yaml-syntax 2:4", r#"{"a":1,"b":2}"#),
        ("a:\n  - x\n  y\n  - z\n", "yaml-syntax 3:3", r#"{"a":["x","z"]}"#),
        ("a: - b\nc: 1\n", "yaml-syntax 1:4", r#"{"a":null,"c":1}"#),
        ("a: |x\n  foo\nb: 1\n", "yaml-syntax 1:4", r#"{"a":null,"b":1}"#),
        ("a: x #c\n  y\nb: 1\n", "yaml-syntax 1:6", r#"{"a":null,"b":1}"#),
        ("a: \"x\"#c\nb: 1\n", "yaml-syntax 1:7", r#"{"a":"x","b":1}"#),
        ("a: !x!y z\nb: 1\n", "yaml-tag 1:4", r#"{"a":null,"b":1}"#),
        ("a: !foo z\nb: 1\n", "yaml-tag 1:4", r#"{"a":"z","b":1}"#),
        ("a:\n\tb: 1\n\tc:\n\t\td: 2\n", "yaml-tab 2:1", r#"{"a":{"b":1,"c":{"d":2}}}"#),
        ("a:\n  b: 1\n\tc: 1\nd: 1\n", "yaml-tab 3:1", r#"{"a":{"b":1},"d":1}"#),
        ("a:\n  b: 1\n c: 1\nd: 1\n", "yaml-indentation 3:2", r#"{"a":{"b":1},"d":1}"#),
        ("a: 1\n  b: 2\n    c: 3\nd: 1\n", "yaml-indentation 2:3", r#"{"a":1,"d":1}"#),
        ("a:\n  - b: 1\n   c: 2\nd: 1\n", "yaml-indentation 3:4", r#"{"a":[{"b":1}],"d":1}"#),
        (" a: 1\nb: 2\n", "yaml-indentation 2:1", r#"{"a":1}"#),
        ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key 3:1", r#"{"a":1,"b":2}"#),
        ("? [a, b]\n: 1\nc: 2\n", "yaml-syntax 1:3", r#"{"c":2}"#),
        ("a: &x [*x]\n", "yaml-alias 1:8", r#"{"a":[null]}"#),
        ("<<: 1\nb: 2\n", "yaml-alias 1:1", r#"{"b":2}"#),
        ("? ? ?\n", "yaml-syntax 1:3", "{}"),
    ] {
        assert_faults(text, &[finding], &[json]);
    }
}

#[test]
fn lost_entries_make_a_document_broken() {
    for (text, broken) in [
        ("a: @b\n", false),
        ("a: b: c\n", false),
        ("@a: 1\n", true),
        ("a: 1\nb\n", true),
        ("a:\n\tb: 1\n", false),
    ] {
        assert_eq!(read(text).documents[0].broken, broken, "{text}");
    }
}

#[test]
fn a_given_up_document_keeps_what_was_read() {
    let text = format!("a: 1\nb: {}\n---\nc: 3\n", "[".repeat(300));
    let read = read(&text);
    assert_eq!(read.findings(&text).len(), 1);
    assert_eq!(read.documents.len(), 2);
    assert!(read.documents[0].broken && !read.documents[1].broken);
    assert_eq!(read.documents[0].root.get("a").and_then(|n| n.as_str()), Some("1"));
    assert_eq!(read.json()[1], r#"{"c":3}"#);
}

#[test]
fn documents_comments_and_spans() {
    let text = "# c0\na: 1\n--- # c3\nb: 1\n# c4\n...\n# c5\n";
    let all = read(text);
    let comments: Vec<Vec<&str>> = all
        .documents
        .iter()
        .map(|d| d.comments.iter().map(|c| c.text.as_str()).collect())
        .collect();
    assert_eq!(comments, [vec!["c0"], vec!["c3", "c4", "c5"]]);
    assert_eq!(&text[all.documents[0].comments[0].span.range()], "# c0");
    assert_eq!(&text[all.documents[0].span.range()], "a: 1");
    assert!(read("# only\n").documents.is_empty());
    assert!(read("").documents.is_empty());
    assert_eq!(read("---\n# only\n").json(), ["null"]);

    let text = "a:\n  - x: [1, 2] # c\n    y: 'z'\n\nb: {c: 1 }\nd:\n";
    let root = &read(text).documents[0].root;
    let slice = |node: &Node| text[node.span.range()].to_string();
    let item = &root.get("a").and_then(|a| a.as_seq()).expect("items")[0];
    assert_eq!(slice(item), "x: [1, 2] # c\n    y: 'z'");
    assert_eq!(slice(root.get("a").expect("a")), "- x: [1, 2] # c\n    y: 'z'");
    assert_eq!(slice(root.get("b").expect("b")), "{c: 1 }");
    let unwritten = text.len() - 1;
    assert_eq!(root.get("d").expect("d").span.range(), unwritten..unwritten);
    assert_eq!(&text[root.entry("d").expect("d").key.span.range()], "d");
}

#[test]
fn aliases_and_merges() {
    let text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\nw: *x\nq: {<<: *x, \"<<\": 5}\n";
    let all = read(text);
    assert!(all.diags.is_empty(), "{:?}", all.findings(text));
    let json = to_json(&all.documents[0].root);
    assert_eq!(json["z"].to_string(), r#"{"a":0,"b":2,"c":4}"#);
    assert_eq!(json["w"], json["x"]);
    assert_eq!(json["q"].to_string(), r#"{"<<":5,"a":1,"b":2}"#);
    let alias = all.documents[0].root.get("w").expect("w");
    assert_eq!(&text[alias.span.range()], "{a: 1, b: 2}");
}

#[test]
fn alias_bombs_stay_small() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string();
    for i in 1..10 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{items}]\n"));
    }
    let all = read(&text);
    assert_eq!(all.findings(&text), ["yaml-alias 6:10"]);

    let mut chain = "a0: &a0 [x]\n".to_string();
    for i in 1..1000 {
        chain.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert!(read(&chain).diags.iter().any(|d| d.code.name == "yaml-nesting"));

    let many = format!("a: &a 1\nb: [{}]\n", "*a,".repeat(20_000));
    assert_eq!(read(&many).findings(&many).len(), 1);
}

#[test]
fn hostile_text_ends_quickly_without_overflow() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(50_000),
        "{{".repeat(50_000),
        "&a ".repeat(10_000),
        "a: @\n".repeat(5_000),
        "a\n".repeat(20_000),
        " a: 1\nb: 2\n".repeat(2_000),
        "a: \"\n".repeat(5_001),
        "\t\n\ta\n".repeat(5_000),
        "%A\n".repeat(5_000),
        "--- @\n".repeat(3_000),
        "a: 'x' y\n...\n".repeat(2_000),
        (0..100).map(|i| format!("{}a:\n", " ".repeat(i))).collect(),
        format!("k: \"{}\"", "x".repeat(5_000_000)),
        format!("k: |\n{}", "  x\n".repeat(500_000)),
        (0..50_000).map(|i| format!("k{i}: 1\n")).collect(),
        "# c\n".repeat(50_000) + "a: 1\n",
    ] {
        let start = std::time::Instant::now();
        read(&text);
        let limit = std::time::Duration::from_secs(20);
        assert!(start.elapsed() < limit, "{:?}: {:?}", &text[..20], start.elapsed());
    }
}

#[test]
fn codes_are_named_and_explained_once() {
    let mut names: Vec<&str> = CODES.iter().map(|code| code.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CODES.len());
    for code in CODES {
        for heading in ["## Why", "## Fires", "## Instead"] {
            assert!(code.doc.contains(heading), "{}", code.name);
        }
    }
}

/// Bits of YAML that meet in ways nobody foresaw.
fn fragments() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "a", "b: ", "c:\n", "- ", "  ", "\n", "\n  ", "\n    ", "\t", "\"", "'", "[", "]", "{",
        "}", ", ", "&x ", "*x", "!t ", "!!str ", "|\n", ">-\n", "# c", "@", "`", "%", "{{ y }}",
        "<<: ", "---\n", "...\n", "é", "\r\n", "? ", ": ", "\\", "1", "~", "\u{feff}", "\u{2028}",
        ":",
    ]);
    proptest::collection::vec(bits, 0..40).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_text_is_survived(text in prop_oneof![3 => fragments(), 1 => any::<String>()]) {
        let read = read(&text);
        for finding in read.diags.iter() {
            prop_assert!(text.get(finding.primary.span.range()).is_some(), "{:?} {:?}", text, finding);
            prop_assert!(!finding.primary.text.is_empty() && !finding.message.is_empty());
            for fix in finding.fixes.iter().flat_map(|fix| &fix.edits) {
                prop_assert!(text.get(fix.span.range()).is_some());
            }
        }
        for document in &read.documents {
            assert_spans(&document.root, &text);
            let unread = document.broken || has_error(&document.root);
            prop_assert!(!(unread && read.diags.is_empty()), "{:?}: nothing is said", text);
        }
    }

    /// The tree is what an independent reader sees.
    #[test]
    fn clean_text_reads_as_by_another_parser(text in fragments()) {
        // libyaml adds no line feed to a block scalar that ends with the file.
        let text = text + "\n";
        let read = read(&text);
        let comparable = read.diags.is_empty()
            && read.documents.len() == 1
            && read.documents[0].root.as_scalar().is_none()
            && !text.contains("<<")
            && !text.contains(['\u{feff}', '\u{2028}']);
        if comparable
            && let Ok(other) = serde_yaml::from_str::<serde_yaml::Value>(&text)
            && let Ok(other) = serde_json::to_value(&other)
        {
            prop_assert_eq!(to_json(&read.documents[0].root), other, "{:?}", text);
        }
    }
}

fn has_error(node: &Node) -> bool {
    node.is_error()
        || node.as_map().unwrap_or_default().iter().any(|entry| has_error(&entry.value))
        || node.as_seq().unwrap_or_default().iter().any(has_error)
}

fn assert_spans(node: &Node, text: &str) {
    assert!(text.get(node.span.range()).is_some(), "{text:?} {:?}", node.span);
    for entry in node.as_map().unwrap_or_default() {
        assert!(text.get(entry.key.span.range()).is_some(), "{text:?}");
        assert_spans(&entry.value, text);
    }
    for item in node.as_seq().unwrap_or_default() {
        assert_spans(item, text);
    }
    if let Some(Value::Str(value)) = node.as_value() {
        let scalar = node.as_scalar().expect("it has a value");
        for (i, c) in value.char_indices() {
            let place = scalar.text.slice(i..i + c.len_utf8());
            assert!(place.end as usize <= text.len(), "{text:?}");
        }
    }
}

const SPEC: &str = r#"ninefold: v1
service: checkout
owner: "team-a"
remediation: {page: 1h, ticket: 3d}
slos:
  - name: availability
    objective: 99.9
    description: >-
      Checkout requests
      answered.
    sli:
      events:
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: 'x'
  - name: latency
    group_by: [region, "b"]
alerts:
  - name: Q
    expr: |
      up == 0
    summary: "{{ $value }} is down."
"#;

/// A single wrong key stroke gives one finding, two where it has two effects, and
/// the rest of the document is read (but for directives, which rule what follows).
#[test]
fn one_slip_does_not_cascade() {
    let slips = [
        "\"", "'", ":", ": ", "[", "}", "\t", "@", "#", " #", "- ", " ", "\n", "&", "*", "|", "%",
        ",", "!", "{{",
    ];
    let mut counts = [0; 3];
    let mut slip = |text: &str| {
        let read = read(text);
        let found = read.findings(text);
        assert!(found.len() <= 2, "{found:?}\n{text}");
        counts[found.len()] += 1;
        let given_up = |help: &String| help.contains("was not read");
        assert!(!read.diags.iter().any(|d| d.help.iter().any(given_up)), "{text}");
    };
    for (i, _) in SPEC.char_indices() {
        slip(&[&SPEC[..i], &SPEC[i + 1..]].concat());
        for text in slips {
            slip(&[&SPEC[..i], text, &SPEC[i..]].concat());
        }
    }
    assert!(counts[2] * 10 < counts[1], "{counts:?}");
}
