//! A tree of our own to YAML text that Prometheus, Kubernetes and readers of YAML
//! 1.1 read back unchanged: plain where nobody can misread it, a literal block for
//! several lines, quoted otherwise. The bytes are part of the contract.

use std::borrow::Cow;

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out<'a> {
    /// Keys and values in order.
    Map(Vec<(Cow<'a, str>, Out<'a>)>),
    /// Items in order.
    Seq(Vec<Out<'a>>),
    /// A text: whatever it looks like, it is read back as this text.
    Str(Cow<'a, str>),
    /// A number, boolean or duration, written as it is.
    Raw(Cow<'a, str>),
}

impl<'a> Out<'a> {
    /// A text.
    pub fn str(text: impl Into<Cow<'a, str>>) -> Out<'a> {
        Out::Str(text.into())
    }

    /// A number, boolean or duration.
    pub fn raw(text: impl Into<Cow<'a, str>>) -> Out<'a> {
        Out::Raw(text.into())
    }

    /// A map of texts.
    pub fn strs<K: Into<Cow<'a, str>>, V: Into<Cow<'a, str>>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Out<'a> {
        Out::Map(pairs.into_iter().map(|(k, v)| (k.into(), Out::str(v))).collect())
    }
}

/// Appends `out` as a document to `text`: block style, two spaces of indentation,
/// ending in a line feed.
pub fn write(out: &Out<'_>, text: &mut String) {
    match out {
        Out::Map(entries) if !entries.is_empty() => map(entries, 0, text),
        Out::Seq(items) if !items.is_empty() => seq(items, 0, text),
        leaf => {
            self::leaf(leaf, 2, text);
            text.push('\n');
        }
    }
}

/// A text as one scalar, on one line if it has one: what stands behind a key.
pub fn scalar(text: &str) -> String {
    let mut written = String::new();
    write(&Out::str(text), &mut written);
    written.truncate(written.trim_end().len());
    written
}

/// Appends `name: value` as an entry of a map at this indentation, where a document is
/// too long to be held as a tree. The text ends where the name belongs.
pub fn write_pair(name: &str, value: &str, indent: usize, text: &mut String) {
    key(name, text);
    text.push_str(": ");
    match form(value) {
        Form::Block => block(value, indent + 2, text),
        form => inline(value, form, text),
    }
    text.push('\n');
}

/// Longest key that readers take without a `?` before it; theirs is 1024.
const MAX_KEY: usize = 1000;

/// The entries of a map; the first stands where the text ends.
fn map(entries: &[(Cow<'_, str>, Out<'_>)], indent: usize, text: &mut String) {
    for (index, (name, value)) in entries.iter().enumerate() {
        if index > 0 {
            spaces(indent, text);
        }
        let start = text.len();
        key(name, text);
        if text.len() - start > MAX_KEY {
            text.insert_str(start, "? ");
            text.push('\n');
            spaces(indent, text);
        }
        text.push(':');
        match value {
            Out::Map(entries) if !entries.is_empty() => {
                text.push('\n');
                spaces(indent + 2, text);
                map(entries, indent + 2, text);
            }
            Out::Seq(items) if !items.is_empty() => {
                text.push('\n');
                spaces(indent + 2, text);
                seq(items, indent + 2, text);
            }
            value => {
                text.push(' ');
                leaf(value, indent + 2, text);
                text.push('\n');
            }
        }
    }
}

/// The items of a list; the first stands where the text ends.
fn seq(items: &[Out<'_>], indent: usize, text: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            spaces(indent, text);
        }
        text.push_str("- ");
        match item {
            Out::Map(entries) if !entries.is_empty() => map(entries, indent + 2, text),
            Out::Seq(items) if !items.is_empty() => seq(items, indent + 2, text),
            item => {
                leaf(item, indent + 2, text);
                text.push('\n');
            }
        }
    }
}

/// What fits behind a key or dash, without the line feed at its end.
fn leaf(out: &Out<'_>, indent: usize, text: &mut String) {
    match out {
        Out::Map(_) => text.push_str("{}"),
        Out::Seq(_) => text.push_str("[]"),
        Out::Raw(raw) => text.push_str(raw),
        Out::Str(value) => match form(value) {
            Form::Block => block(value, indent, text),
            form => inline(value, form, text),
        },
    }
}

fn key(name: &str, text: &mut String) {
    let form = match form(name) {
        Form::Block => Form::Escaped,
        form => form,
    };
    inline(name, form, text);
}

fn spaces(count: usize, text: &mut String) {
    const BLANK: &str = "                                                                ";
    let mut left = count;
    while left > 0 {
        let part = left.min(BLANK.len());
        text.push_str(&BLANK[..part]);
        left -= part;
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Block,
    /// In double quotes as it is.
    Double,
    /// In single quotes.
    Single,
    /// In double quotes with escapes.
    Escaped,
}

fn form(value: &str) -> Form {
    if is_plain(value) {
        return Form::Plain;
    }
    // Nearly all texts, and the long ones, are expressions: plain ASCII.
    // No early exit, so that the compiler can look at many bytes at once.
    let odd = |b: u8| u8::from((b.wrapping_sub(b' ') > b'~' - b' ') & (b != b'\n'));
    let is_ascii = value.bytes().fold(0, |all, b| all | odd(b)) == 0;
    if is_ascii && value.contains('\n') && is_block(value) {
        return Form::Block;
    }
    let (mut lines, mut marks, mut wide) = (false, false, false);
    for c in value.chars() {
        match c {
            '\n' => lines = true,
            '"' | '\\' => marks = true,
            ' '..='~' => {}
            _ if is_printable(c) => wide = true,
            _ => return Form::Escaped,
        }
    }
    match (lines, marks, wide) {
        (true, ..) if is_block(value) => Form::Block,
        (true, ..) => Form::Escaped,
        (_, false, _) => Form::Double,
        (_, true, false) => Form::Single,
        (_, true, true) => Form::Escaped,
    }
}

/// Whether no reader takes the bare text for anything but this text.
fn is_plain(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'/' | b'(' | b'$')) {
        return false;
    }
    if matches!(last, b':' | b' ') || !bytes.iter().all(|b| matches!(b, b' '..=b'~')) {
        return false;
    }
    if bytes.windows(2).any(|pair| matches!(pair, b": " | b" #")) {
        return false;
    }
    const WORDS: [&str; 11] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    bytes.len() > 5 || !WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether every reader takes the character as it is: the printable ones of YAML
/// without its line breaks and the byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether lines of printable characters survive a literal block: none is white
/// space only, and at most one line feed ends them.
fn is_block(value: &str) -> bool {
    if value.ends_with("\n\n") {
        return false;
    }
    let mut seen_text = false;
    for line in value.split('\n') {
        match line.as_bytes().first() {
            None => {}
            Some(b' ') if line.bytes().all(|b| b == b' ') => return false,
            Some(_) => seen_text = true,
        }
    }
    seen_text
}

fn block(value: &str, indent: usize, text: &mut String) {
    let body = value.strip_suffix('\n');
    text.push('|');
    // A first line that begins with a space does not show the indentation.
    if value.trim_start_matches('\n').starts_with(' ') {
        text.push('2');
    }
    if body.is_none() {
        text.push('-');
    }
    for line in body.unwrap_or(value).split('\n') {
        text.push('\n');
        if !line.is_empty() {
            spaces(indent, text);
            text.push_str(line);
        }
    }
}

fn inline(value: &str, form: Form, text: &mut String) {
    match form {
        Form::Plain => text.push_str(value),
        Form::Double => {
            text.push('"');
            text.push_str(value);
            text.push('"');
        }
        Form::Single => {
            text.push('\'');
            for (index, part) in value.split('\'').enumerate() {
                if index > 0 {
                    text.push_str("''");
                }
                text.push_str(part);
            }
            text.push('\'');
        }
        Form::Escaped | Form::Block => escaped(value, text),
    }
}

fn escaped(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if is_printable(c) => text.push(c),
            c if (c as u32) < 0x100 => text.push_str(&format!("\\x{:02x}", c as u32)),
            c => text.push_str(&format!("\\u{:04x}", c as u32)),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnostics, SourceMap};
    use crate::yaml::{Value, parse};
    use proptest::prelude::*;

    /// Every text that a writer of YAML is known to get wrong.
    fn torture() -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/torture.json");
        let text = std::fs::read_to_string(path).expect("the torture list");
        serde_json::from_str(&text).expect("a list of texts")
    }

    fn written(out: &Out<'_>) -> String {
        let mut text = String::new();
        write(out, &mut text);
        text
    }

    /// Each text as value, as nested value, as item and as key.
    fn places(texts: &[String]) -> Out<'_> {
        fn value(t: &str) -> Out<'_> {
            Out::str(t)
        }
        let numbered = |i: usize| Cow::Owned(format!("k{i}"));
        let mut seen = std::collections::HashSet::new();
        let keys = texts.iter().filter(|t| seen.insert(t.as_str()));
        Out::Map(vec![
            (
                "values".into(),
                Out::Map(texts.iter().enumerate().map(|(i, t)| (numbered(i), value(t))).collect()),
            ),
            ("items".into(), Out::Seq(texts.iter().map(|t| value(t)).collect())),
            ("keys".into(), Out::Map(keys.map(|t| (t.as_str().into(), Out::raw("1"))).collect())),
            (
                "lists".into(),
                Out::Seq(texts.iter().map(|t| Out::Seq(vec![value(t), value(t)])).collect()),
            ),
            (
                "maps".into(),
                Out::Seq(
                    texts
                        .iter()
                        .map(|t| Out::Map(vec![("a".into(), value(t)), ("b".into(), value(t))]))
                        .collect(),
                ),
            ),
        ])
    }

    fn assert_own_parser_agrees(texts: &[String]) {
        let text = written(&places(texts));
        let mut files = SourceMap::default();
        let file = files.add("a.yaml".into(), text.as_str().into());
        let mut diags = Diagnostics::default();
        let documents = parse(file, &text, &mut diags);
        assert!(diags.is_empty(), "{:?}\n{text}", diags.iter().next());
        let root = &documents[0].root;
        let items = root.get("items").and_then(|n| n.as_seq()).expect("items");
        let values = root.get("values").and_then(|n| n.as_map()).expect("values");
        let lists = root.get("lists").and_then(|n| n.as_seq()).expect("lists");
        let maps = root.get("maps").and_then(|n| n.as_seq()).expect("maps");
        assert_eq!(items.len(), texts.len());
        for (i, expected) in texts.iter().enumerate() {
            let nodes = [
                &items[i],
                &values[i].value,
                &lists[i].as_seq().expect("a list")[1],
                maps[i].get("b").expect("b"),
                maps[i].get("a").expect("a"),
            ];
            for node in nodes {
                assert_eq!(node.as_value(), Some(Value::Str(expected)), "{text}");
            }
            let keys = root.get("keys").expect("keys");
            assert!(keys.get(expected).is_some(), "key {expected:?}\n{text}");
        }
    }

    fn assert_serde_yaml_agrees(texts: &[String]) {
        let text = written(&places(texts));
        let read: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
        for (i, expected) in texts.iter().enumerate() {
            assert_eq!(read["items"][i].as_str(), Some(expected.as_str()), "{text}");
            assert_eq!(read["values"][format!("k{i}")].as_str(), Some(expected.as_str()), "{text}");
            assert_eq!(read["lists"][i][0].as_str(), Some(expected.as_str()), "{text}");
            assert_eq!(read["maps"][i]["a"].as_str(), Some(expected.as_str()), "{text}");
            let keys = read["keys"].as_mapping().expect("keys");
            assert!(
                keys.iter().any(|(k, _)| k.as_str() == Some(expected)),
                "key {expected:?}\n{text}"
            );
        }
    }

    #[test]
    fn the_torture_list_is_read_back_unchanged() {
        let texts = torture();
        assert!(texts.len() >= 178);
        assert_own_parser_agrees(&texts);
        assert_serde_yaml_agrees(&texts);
    }

    /// Both of PyYAML's loaders, where they are installed.
    #[test]
    fn pyyaml_reads_the_torture_list_back() {
        const SCRIPT: &str = r#"
import json, sys, yaml
torture, text = json.load(open(sys.argv[1])), sys.stdin.read()
for loader in [yaml.SafeLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else []):
    read = yaml.load(text, loader)
    assert read["items"] == torture, [p for p in zip(read["items"], torture) if p[0] != p[1]]
    assert list(read["values"].values()) == torture
    assert read["lists"] == [[t, t] for t in torture]
    assert read["maps"] == [{"a": t, "b": t} for t in torture]
    assert set(read["keys"]) == set(torture), set(torture) ^ set(read["keys"])
"#;
        use std::io::Write;
        use std::process::{Command, Stdio};
        let present = Command::new("python3").args(["-c", "import yaml"]).output();
        if !present.is_ok_and(|out| out.status.success()) {
            return;
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/torture.json");
        let mut child = Command::new("python3")
            .args(["-X", "utf8", "-c", SCRIPT, path])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let text = written(&places(&torture()));
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("python3 reads");
        let out = child.wait_with_output().expect("python3 ends");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    #[test]
    fn rules_read_well() {
        let out = Out::Map(vec![(
            "groups".into(),
            Out::Seq(vec![Out::Map(vec![
                ("name".into(), Out::str("checkout-fast")),
                ("interval".into(), Out::raw("30s")),
                ("labels".into(), Out::Map(vec![])),
                (
                    "rules".into(),
                    Out::Seq(vec![
                        Out::Map(vec![
                            ("record".into(), Out::str("slo:sli_error:ratio_rate5m")),
                            ("expr".into(), Out::str("sum(rate(x[5m]))\n  /\nsum(rate(y[5m]))\n")),
                            ("labels".into(), Out::strs([("country", "no"), ("tier", "1")])),
                        ]),
                        Out::Map(vec![
                            ("alert".into(), Out::str("A")),
                            ("expr".into(), Out::str("up{job=\"a\"} == 0")),
                            ("for".into(), Out::raw("5m")),
                        ]),
                    ]),
                ),
            ])]),
        )]);
        assert_eq!(
            written(&out),
            r#"groups:
  - name: checkout-fast
    interval: 30s
    labels: {}
    rules:
      - record: slo:sli_error:ratio_rate5m
        expr: |
          sum(rate(x[5m]))
            /
          sum(rate(y[5m]))
        labels:
          country: "no"
          tier: "1"
      - alert: A
        expr: up{job="a"} == 0
        for: 5m
"#
        );
    }

    #[test]
    fn forms_are_the_plainest_that_are_safe() {
        for (text, form_of_it) in [
            ("abc def", Form::Plain),
            ("a:b", Form::Plain),
            ("up{a=\"b\"}", Form::Plain),
            ("a: b", Form::Double),
            ("no", Form::Double),
            ("5m", Form::Double),
            ("\u{1f600}", Form::Double),
            ("{{ $x }} \"y\"", Form::Single),
            ("\u{e9}\"", Form::Escaped),
            ("a\nb", Form::Block),
            ("a\n\n", Form::Escaped),
            (" a\nb", Form::Block),
            ("a\tb", Form::Escaped),
            ("\n", Form::Escaped),
            ("", Form::Double),
        ] {
            assert_eq!(form(text), form_of_it, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_unchanged(
            texts in proptest::collection::vec(
                prop_oneof![
                    "\\PC{0,12}",
                    any::<String>(),
                    "[a-z :#'\"\\\\\n\t|>%@`{}\\[\\],&*!?-]{0,12}",
                    "[ab \n]{0,10}",
                    "(yes|NO|On|0x1|1_0|1e3|12:30|\\.inf|~|null)[ \n]?",
                ],
                1..6,
            )
        ) {
            assert_own_parser_agrees(&texts);
            assert_serde_yaml_agrees(&texts);
        }
    }
}
