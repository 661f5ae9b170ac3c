//! Tests of whole templates: what is accepted, what is refused and where, and
//! what a template reads.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{has_action, parse};
use crate::base::{Diagnostics, Piece, SourceMap, Span, Text};

/// The findings of a template that stands in a file of its own.
fn findings(template: &str) -> String {
    let mut map = SourceMap::default();
    let file = map.add("a.yaml".into(), template.into());
    let mut diags = Diagnostics::default();
    let parsed = parse(&Text::verbatim(template, file, 0), &mut diags);
    assert_eq!(parsed.is_none(), diags.has_errors(), "{template}");
    let mut out = String::new();
    for d in diags.iter() {
        let place = template.get(d.primary.span.range()).unwrap_or("?");
        out.push_str(&format!("{}: {} [{place}] {}", d.code.name, d.message, d.primary.text));
        for help in &d.help {
            out.push_str(&format!(" => {help}"));
        }
        out.push('\n');
    }
    out
}

/// What a template reads, as `Root.key` with the text it stands in.
fn reads(template: &str) -> Vec<String> {
    let mut map = SourceMap::default();
    let file = map.add("a.yaml".into(), template.into());
    let mut diags = Diagnostics::default();
    let parsed = parse(&Text::verbatim(template, file, 0), &mut diags).unwrap_or_default();
    assert_eq!(diags.len(), 0, "{template}");
    let show = |r: &super::Read| {
        let key = r.key.as_deref().unwrap_or("*");
        format!("{:?} {key} [{}]", r.what, &template[r.span.range()])
    };
    parsed.reads.iter().map(show).collect()
}

#[test]
fn what_go_accepts_is_accepted() {
    for template in [
        "",
        "plain }} text { }",
        "{{/* a comment, {{ braces }} and all */}}",
        "{{/*/**/}}",
        "{{- /* trimmed */ -}} x",
        "{{ $value | humanizePercentage }} of {{ $labels.job }}",
        "{{ printf \"%.2f\" $value }}",
        "{{ if gt $value 1.0 }}a{{ else if .Value }}b{{ else }}c{{ end }}",
        "{{ with $x := 3 }}{{ $x }}{{ else with .Value }}{{ . }}{{ else }}{{ end }}",
        "{{ range $i, $e := query \"up\" }}{{ if $i }}{{ break }}{{ end }}{{ .Labels.a }}{{ continue }}{{ end }}",
        "{{ range query \"up\" }}{{ .Anything.at.all }}{{ end }}",
        "{{ define \"x\" }}{{ .Foo }}{{ end }}{{ template \"x\" . }}{{ template `x` }}",
        "{{ template \"x\" }}{{ define \"x\" }}{{ template \"y\" }}{{ end }}{{ block \"y\" 1 }}{{ end }}",
        "{{ block \"x\" .Labels }}{{ .job }}{{ end }}",
        "{{ (query \"up\" | first).Labels.job }}",
        "{{ with query \"up\" }}{{ . | first | value }}{{ end }}",
        "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
        "{{\n$x\n:=\n1\n}}",
        "{{ .Value | }}",
        "{{ 1 }}{{ -2 }}{{ 1.5e3 }}{{ 0x1F }}{{ 1i }}{{ 'a' }}{{ true }}{{ \"}}\" }}",
        "{{ reReplaceAll `\\d+` \"$1\" $labels.instance }}",
        "{{ ((($value))) }}",
        "{{ $.Labels.job }}",
    ] {
        assert_eq!(findings(template), "", "{template}");
    }
}

#[test]
fn broken_braces_are_pointed_at() {
    assert_snapshot!(findings("a {{ $value | humanize } and {{ $labels.job }}"), @r#"template-syntax: `{{` is not closed [{{] opens here => close it with `}}`; for literal braces write `{{ "{{" }}`"#);
    assert_snapshot!(findings("a {{ $value"), @r#"template-syntax: `{{` is not closed [{{] opens here => close it with `}}`; for literal braces write `{{ "{{" }}`"#);
    assert_snapshot!(findings("{{}} {{ - }}"), @r#"
    template-syntax: an action is empty [{{}}] does nothing => remove it; for literal braces write `{{ "{{" }}`
    template-syntax: `-` is no number [-] not a number of Go => calculate in `expr`: a template cannot
    "#);
    assert_snapshot!(findings("{{ $value } }}"), @"template-syntax: `}` has no place in an operand [}] unexpected => close the action with `}}`");
    assert_snapshot!(findings("{{ (printf \"x\" }} {{ ) }}"), @"
    template-syntax: a parenthesis is not closed [(] opens here => close it with `)` before the `}}`
    template-syntax: `)` closes nothing [)] no `(` is open here => remove it
    ");
}

#[test]
fn blocks_must_match() {
    assert_snapshot!(findings("{{ if $value }}a{{ range .Labels }}"), @"
    template-syntax: `if` has no `end` [if] opens a block that nothing closes => close it with `{{ end }}`
    template-syntax: `range` has no `end` [range] opens a block that nothing closes => close it with `{{ end }}`
    ");
    assert_snapshot!(findings("{{ end }}{{ else }}{{ break }}"), @"
    template-syntax: `end` closes nothing [end] no block is open here => remove it, or open a block with `if`, `with` or `range`
    template-syntax: `else` belongs to nothing [else] no `if`, `with` or `range` is open here => remove it, or open a block with `if`, `with` or `range`
    template-syntax: `break` stands outside any `range` [break] there is no loop here => remove it, or put it into a `range`
    ");
    assert_snapshot!(findings("{{ if 1 }}{{ else }}{{ else }}{{ end }}"), @"template-syntax: `if` has a second `else` [else] never reached => keep one of them");
    assert_snapshot!(findings("{{ range .Labels }}{{ else if 1 }}{{ end }}"), @"template-syntax: `else if` cannot follow `range` [else] belongs to `range` => write `{{ else }}{{ if ... }} ... {{ end }}`");
    assert_snapshot!(findings("{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}"), @"template-syntax: `define` stands inside another block [define] only allowed at the top level => move it out of the block");
    assert_snapshot!(findings("{{ if }}{{ end x }}"), @"
    template-syntax: a value is missing in `if` [ ] expected here
    template-syntax: `x` has no place in `end` [x] unexpected
    ");
}

#[test]
fn names_must_be_known() {
    assert_snapshot!(findings("{{ $label.job }} {{ $foo }} {{ humanise $value }} {{ labels }}"), @"
    template-unknown-variable: no variable is named `$label` [$label] not declared here => write `$labels`
    template-unknown-variable: no variable is named `$foo` [$foo] not declared here => for a label write `$labels.foo`
    template-unknown-function: no function is named `humanise` [humanise] unknown to Prometheus => write `humanize`
    template-unknown-function: no function is named `labels` [labels] unknown to Prometheus => write `$labels`
    ");
    assert_snapshot!(findings("{{ .labels.job }} {{ .window }} {{ $.Vaule }}"), @"
    template-unknown-field: no field is named `.labels` [.labels] not among the data of an alert => write `.Labels`
    template-unknown-field: no field is named `.window` [.window] not among the data of an alert => for a label write `$labels.window`
    template-unknown-field: no field is named `.Vaule` [.Vaule] not among the data of an alert => write `.Value`
    ");
    assert_snapshot!(findings("{{ with 1 }}{{ $x := 1 }}{{ end }}{{ $x }}{{ $y = 1 }}{{ $y }}"), @"
    template-unknown-variable: no variable is named `$x` [$x] not declared here => for a label write `$labels.x`
    template-unknown-variable: `$y` is set but never declared [$y] not declared before => declare it: `$y := ...`
    ");
    assert_snapshot!(findings("{{ define \"x\" }}{{ $labels.job }}{{ end }}"), @"template-unknown-variable: no variable is named `$labels` [$labels] not declared here => read it from `.`: a template of its own sees only what it is handed");
    assert_snapshot!(findings("{{ template x }}{{ $labels.a-b }}"), @r#"
    template-syntax: `x` is no string [x] expected the name of a template => quote it: `"x"`
    template-syntax: `-` cannot follow a name [-] ends no name => write `(index $labels "a-b")`
    "#);
}

#[test]
fn templates_must_be_defined() {
    assert_eq!(
        findings("{{ template \"x\" . }}"),
        "template-unknown-template: no template is named `x` [\"x\"] defined nowhere in this text => \
         define it in this text: a rule sees no template of other files\n"
    );
}

#[test]
fn operators_and_arguments_are_explained() {
    assert_snapshot!(findings("{{ if $value == 5 }}{{ end }}{{ if $value >= 5 }}{{ end }}{{ $value * 2 }}"), @"
    template-syntax: `==` has no place in `if` [==] unexpected => write `eq a b`: a template has functions, no operators
    template-syntax: `>=` has no place in an operand [>=] unexpected => write `ge a b`: a template has functions, no operators
    template-syntax: `*` has no place in an operand [*] unexpected => calculate in `expr`: a template cannot
    ");
    assert_snapshot!(findings("{{ $value humanize }}{{ printf \"%s\" now humanize }}{{ $value | 5 }}"), @"
    template-arguments: `$value` is no function [$value] takes no arguments => put a pipe between them: `$value | humanize`
    template-arguments: `humanize` takes 1 argument, not 0 [humanize] given 0 => pipe a value into it, or write `(humanize ...)`
    template-syntax: a pipe leads into `5` [5] no function => pipe into a function, such as `| humanize`
    ");
    assert_snapshot!(findings("{{ humanize }}{{ 1 | now }}{{ $value | (printf \"x\") }}"), @r#"
    template-arguments: `humanize` takes 1 argument, not 0 [humanize] given 0 => pipe a value into it, or write `(humanize ...)`
    template-arguments: `now` takes no argument, not 1 [now] given 1
    template-arguments: `(printf "x")` is no function [(printf "x")] takes nothing from a pipe
    "#);
    assert_snapshot!(findings("{{ reReplaceAll \"\\d\" \"\" \"a }}\" }}{{ \"a }}{{ 'ab' }}{{ 089 }}{{ 1.E }}"), @r#"
    template-syntax: `\d` is no escape sequence of a string [\d] refused by Go => double the backslash, or write the string in backticks
    template-syntax: a string is not closed ["] begins here => close it with `"` on the same line
    template-syntax: a character constant holds more than one character ['ab'] refused by Go => write a string, in double quotes
    template-syntax: `089` is no number [089] not a number of Go
    template-syntax: `1.E` is no number [1.E] not a number of Go
    "#);
}

#[test]
fn characters_and_dots_are_explained() {
    assert_snapshot!(findings("{{ “a” }} {{ 1 : 1 }} {{ ..Labels }}"), @r#"
    template-syntax: `“` has no meaning in a template [“] outside any string => quote with `"`
    template-syntax: `:` is not followed by `=` [:] means nothing alone => write `:=` to declare a variable
    template-syntax: `.Labels` follows `.` [.Labels] one dot too many => write `.Labels`
    "#);
    assert!(findings("{{ $value\u{a0}}}").contains("write a plain blank"));
}

#[test]
fn reads_are_found_in_every_spelling() {
    assert_eq!(
        reads("{{ $labels.job }} {{ .Labels.job }} {{ $.ExternalLabels.dc }}"),
        [
            "Labels job [$labels.job]",
            "Labels job [.Labels.job]",
            "ExternalLabels dc [$.ExternalLabels.dc]",
        ]
    );
    assert_eq!(
        reads("{{ index $labels \"a-b\" }}{{ (index .Labels `c`) }}{{ \"d\" | index $labels }}"),
        [
            "Labels a-b [index $labels \"a-b\"]",
            "Labels c [index .Labels `c`]",
            "Labels d [index $labels]",
        ]
    );
    assert_eq!(
        reads("{{ $value | humanize }}{{ $externalURL }}{{ ($labels).job }}"),
        ["Value * [$value]", "ExternalUrl * [$externalURL]", "Labels job [($labels).job]",]
    );
    assert_eq!(
        reads("{{ $l := .Labels }}{{ $l.a }}{{ with $labels }}{{ .b }}{{ end }}"),
        ["Labels a [$l.a]", "Labels b [.b]",]
    );
    assert_eq!(
        reads("{{ range $k, $v := $labels }}{{ $v.x }}{{ .y }}{{ end }}"),
        ["Labels * [$labels]"]
    );
    assert_eq!(
        reads("{{ range query \"up\" }}{{ .Labels.job }}{{ else }}{{ .Labels.c }}{{ end }}"),
        ["Labels c [.Labels.c]"]
    );
    assert_eq!(
        reads("{{ block \"x\" . }}{{ .Labels.a }}{{ $.Labels.b }}{{ end }}{{ .Labels.c }}"),
        ["Labels a [.Labels.a]", "Labels b [$.Labels.b]", "Labels c [.Labels.c]",]
    );
}

#[test]
fn places_lead_through_the_escapes_of_a_scalar() {
    // Source `"a\t{{ $x }}"`: the escape makes every later byte stand one further.
    let source = "\"a\\t{{ $x }}\"";
    let mut map = SourceMap::default();
    let file = map.add("a.yaml".into(), source.into());
    let pieces = vec![
        Piece { at: 0, source: 1, len: 1 },
        Piece { at: 1, source: 2, len: 2 },
        Piece { at: 2, source: 4, len: 8 },
    ];
    let text = Text::mapped("a\t{{ $x }}".into(), Span::new(file, 0, source.len()), pieces);
    let mut diags = Diagnostics::default();
    assert_eq!(parse(&text, &mut diags), None);
    let places: Vec<&str> = diags.iter().map(|d| &source[d.primary.span.range()]).collect();
    assert_eq!(places, ["$x"]);
}

#[test]
fn deep_nesting_is_refused_and_long_texts_are_not() {
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000));
    assert!(findings(&deep).contains("parentheses are nested more than 100 deep"));
    let blocks = "{{ if 1 }}".repeat(20_000);
    assert!(findings(&blocks).contains("blocks are nested more than 100 deep"));
    let long = "{{ $value }} ".repeat(20_000);
    assert_eq!(findings(&long), "");
    assert!(has_action("a{{") && !has_action("a{ {"));
}

/// Bits of templates, so that random text is often nearly right.
fn nearly_a_template() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "{{",
        "}}",
        "{{- ",
        " -}}",
        "if ",
        "else ",
        "end",
        "range ",
        "with ",
        "define ",
        "\"a\"",
        "`",
        "$labels",
        ".x",
        "$x",
        ":=",
        "=",
        ",",
        "|",
        "(",
        ")",
        " ",
        ".",
        "1",
        "-",
        "é",
        "\\",
        "\"",
        "'",
        "index ",
        "$labels.a-b",
        "/*",
        "*/",
        "\n",
        "😀",
        "template ",
        "break",
    ]);
    prop::collection::vec(bits, 0..40).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn nothing_panics_and_places_lie_in_the_text(
        template in prop_oneof![".*", nearly_a_template(), "\\{\\{.*\\}\\}"]
    ) {
        let mut map = SourceMap::default();
        let file = map.add("a.yaml".into(), template.as_str().into());
        let mut diags = Diagnostics::default();
        let parsed = parse(&Text::verbatim(&template, file, 0), &mut diags);
        prop_assert_eq!(parsed.is_none(), diags.has_errors());
        for d in diags.iter() {
            prop_assert!(template.get(d.primary.span.range()).is_some(), "{:?}", d);
        }
        for read in parsed.unwrap_or_default().reads {
            let place = template.get(read.span.range()).unwrap_or_default();
            prop_assert!(!place.is_empty());
            if let (Some(key), false) = (read.key, place.contains(['"', '`', '|', ' '])) {
                prop_assert!(place.ends_with(&key) || place.starts_with("index"), "{key} in {place}");
            }
        }
        if !has_action(&template) {
            prop_assert!(diags.is_empty());
        }
    }

    /// Text around actions never changes what they read.
    #[test]
    fn text_around_an_action_is_inert(before in "[^{]*", after in "[^{]*") {
        let template = format!("{before}{{{{ $labels.job }}}}{after}");
        prop_assert_eq!(reads(&template).len(), 1);
    }
}
