//! What is wrong with the syntax of an expression, in words.
//! The place and the text found there come in, a diagnostic goes out. No parsing
//! is done here.

use super::codes::{PROMQL_SYNTAX, PROMQL_TOO_LARGE, PROMQL_UNIT};
use super::unquote::BadEscape;
use crate::base::{Diagnostic, Safety, Span};

fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&PROMQL_SYNTAX, span, message)
}

/// `wanted` was expected where `found` stands.
pub(super) fn expected(span: Span, wanted: &str, found: &str) -> Diagnostic {
    syntax(span, format!("expected {wanted}, found {found}")).label(format!("expected {wanted}"))
}

pub(super) fn empty(span: Span) -> Diagnostic {
    syntax(span, "the expression is empty")
        .label("no PromQL here")
        .help("write a query, such as `up == 0`")
}

pub(super) fn too_long(span: Span, bytes: usize, most: usize) -> Diagnostic {
    Diagnostic::new(
        &PROMQL_TOO_LARGE,
        span,
        format!("the expression is {} KiB long", bytes.div_ceil(1024)),
    )
    .label(format!("at most {} KiB are read", most / 1024))
    .help("record parts of it in rules of their own")
}

pub(super) fn too_deep(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(&PROMQL_TOO_LARGE, span, "the expression is nested too deeply")
        .label(format!("more than {most} levels deep here"))
        .help("record parts of it in rules of their own")
}

pub(super) fn too_many(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(&PROMQL_TOO_LARGE, span, "the expression has too many operators in a row")
        .label(format!("more than {most} up to here"))
        .help("record parts of it in rules of their own, or use one regex matcher")
}

pub(super) fn no_unit(span: Span, number: &str) -> Diagnostic {
    let warning = Diagnostic::new(&PROMQL_UNIT, span, format!("`{number}` has no unit"))
        .label("seconds since Prometheus 2.54, an error before");
    // `0.5m` and `1e3s` are no durations.
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return warning.help(format!("write `{number}m` or `{number}s`"));
    }
    warning.help("write whole numbers with units, such as `1m30s`")
}

pub(super) fn bad_number(span: Span, word: &str) -> Diagnostic {
    let fault = syntax(span, format!("`{word}` is neither a number nor a duration"));
    if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('_') {
        return fault
            .label("a name does not begin with a digit")
            .help(format!("begin the name with a letter, or quote it: `{{\"{word}\"}}`"));
    }
    fault
        .label("not a number")
        .help("write a duration with the units `ms`, `s`, `m`, `h`, `d`, `w` and `y`: `1h30m`")
}

pub(super) fn bad_duration(span: Span, word: &str) -> Diagnostic {
    syntax(span, format!("`{word}` is not a duration"))
        .label("not a length of time")
        .help("write each unit once, from long to short, as in `1h30m`")
}

pub(super) fn number_too_large(span: Span) -> Diagnostic {
    syntax(span, "the number is too large")
        .label("beyond what Prometheus can hold")
        .help("write a smaller number, or `Inf` for infinity")
}

pub(super) fn variable(span: Span, name: &str, placeholder: bool) -> Diagnostic {
    let fault = syntax(span, format!("`{name}` is not PromQL")).label("a variable");
    match (placeholder, name) {
        (true, _) => fault
            .help("write its value, or `$range`, the only placeholder, as in `rate(x[$range])`"),
        (false, "$range") => fault
            .help("write a duration such as `5m`")
            .note("`$range` is put in only in the SLI kinds `query`, `ratio` and `slices`"),
        (false, _) => fault.help("write its value: nothing fills in variables here"),
    }
}

/// A template of another tool, such as `{{.window}}`, perhaps where `$range` can stand.
pub(super) fn template(span: Span, found: &str, is_range: bool) -> Diagnostic {
    let found = if found.len() > 40 || found.contains('\n') { "{{ ... }}" } else { found };
    let fault = syntax(span, format!("`{found}` is not PromQL")).label("a template");
    if is_range {
        return fault.help("write `$range`, the only placeholder, as in `rate(x[$range])`");
    }
    fault.help("write its value: nothing fills in templates here")
}

pub(super) fn not_utf8(span: Span) -> Diagnostic {
    syntax(span, "the string holds U+FFFD, the mark of text that was not UTF-8")
        .label("not a character")
        .help("write the character that was meant, and save the file as UTF-8")
}

pub(super) fn bad_escape(span: Span, escape: &str, why: BadEscape) -> Diagnostic {
    match why {
        BadEscape::Unknown if matches!(escape, "\\" | "\\\n") => {
            syntax(span, "a line of a string ends in a backslash")
                .label("escapes nothing")
                .help("write `\\\\` for a backslash, `\\n` for a line break")
        }
        BadEscape::Unknown => syntax(span, format!("unknown escape `{escape}` in a string"))
            .label("no such escape")
            .help(format!("for a backslash write `\\{escape}`, or quote with backticks")),
        BadEscape::Digits => syntax(span, format!("the escape `{escape}` lacks digits"))
            .label("too few digits")
            .help("write `\\xHH`, `\\uHHHH`, `\\UHHHHHHHH` or three octal digits"),
        BadEscape::Range => syntax(span, format!("the escape `{escape}` names no character"))
            .label("out of range")
            .help("write the number of a character, at most `\\377` or `\\U0010FFFF`"),
    }
}

pub(super) fn open_string(span: Span, quote: char, end: Span) -> Diagnostic {
    let fault = syntax(span, "a string is not closed").also(end, "the expression ends here");
    if quote == '`' {
        return fault.label("no backtick closes it").help("close it with a backtick");
    }
    fault
        .label(format!("no `{quote}` closes it"))
        .help(format!("close it with `{quote}`; for line breaks quote with backticks"))
}

pub(super) fn curly_quote(span: Span, quote: char) -> Diagnostic {
    syntax(span, format!("`{quote}` is not a quote of PromQL"))
        .label("a typographic quote")
        .help("use `\"`, `'` or a backtick")
}

pub(super) fn operator(span: Span, found: &str, meant: &str) -> Diagnostic {
    syntax(span, format!("`{found}` is not an operator of PromQL"))
        .label(format!("`{meant}` is meant"))
        .fix(format!("write `{meant}`"), span, meant, Safety::Safe)
}

pub(super) fn character(span: Span, run: &str, in_braces: bool) -> Diagnostic {
    let fault = syntax(span, format!("unexpected `{run}`")).label("not part of PromQL");
    match run {
        "&" => fault.help("write `and`"),
        "|" if in_braces => fault.help("put the regex in quotes: `=~\"a|b\"`"),
        "|" => fault.help("write `or`"),
        "~" if in_braces => fault.help("write `=~`, or `!~`"),
        "!" => fault.help("write `unless`, or `!=` and `!~` in braces: PromQL has no `!`"),
        ";" => fault.help("remove it: there is one expression"),
        _ if run.chars().all(char::is_alphanumeric) => {
            let quoted = if in_braces { format!("\"{run}\"") } else { format!("{{\"{run}\"}}") };
            fault.help(format!("quote a name beyond `a-z A-Z 0-9 _ :`, as in `{quoted}`"))
        }
        _ => fault,
    }
}

pub(super) fn unquoted(span: Span, value: &str) -> Diagnostic {
    let quoted = if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") };
    syntax(span, "the value of a matcher is not quoted").label("expected a string").fix(
        format!("write `{quoted}`"),
        span,
        quoted,
        Safety::Suggestion,
    )
}

pub(super) fn double_equals(span: Span) -> Diagnostic {
    syntax(span, "`==` is not a matcher")
        .label("`=` is meant")
        .help("matchers are `=`, `!=`, `=~` and `!~`")
        .fix("replace it by `=`", span, "=", Safety::Safe)
}

pub(super) fn single_equals(span: Span) -> Diagnostic {
    syntax(span, "`=` does not compare")
        .label("`==` is meant")
        .note("`=` stands only in braces, between a label and its value")
        .fix("write `==`", span, "==", Safety::Safe)
}

pub(super) fn match_outside(span: Span, op: &str) -> Diagnostic {
    syntax(span, format!("`{op}` stands outside of braces"))
        .label("matches no expression")
        .help(format!("match a label in braces: `metric{{label{op}\"...\"}}`"))
}

pub(super) fn dash_in_label(span: Span, name: &str) -> Diagnostic {
    syntax(span, format!("the label name `{name}` has a `-`")).label("not a plain label name").help(
        format!("write `_` for `-`, as exporters do; for Prometheus 3 quote it: `\"{name}\"`"),
    )
}

pub(super) fn missing_operand(span: Span, found: &str, op: &str, op_span: Span) -> Diagnostic {
    expected(span, "an expression", found)
        .also(op_span, format!("`{op}` has no right operand"))
        .help(format!("add the right operand, or remove `{op}`"))
}

/// `at_end`: only there it is sure that the bracket is not closed later.
pub(super) fn unclosed(
    span: Span,
    wanted: &str,
    found: &str,
    at_end: bool,
    (bracket, open): (char, Span),
) -> Diagnostic {
    let place = if at_end { "is not closed" } else { "is still open" };
    expected(span, wanted, found).also(open, format!("this `{bracket}` {place}"))
}

pub(super) fn stray_close(span: Span, close: &str, open: char) -> Diagnostic {
    syntax(span, format!("unexpected `{close}`"))
        .label(format!("no `{open}` is open"))
        .help("remove it")
}

/// A clause of an aggregation or operator where it has no place.
pub(super) fn misplaced_clause(span: Span, word: &str) -> Diagnostic {
    let fault = syntax(span, format!("unexpected `{word}`"));
    match word {
        "by" | "without" => fault
            .label("belongs to an aggregation")
            .help(format!("aggregate, as in `sum {word} (label) (...)`")),
        "bool" => fault
            .label("belongs to a comparison")
            .help("write it right after the operator: `a > bool b`"),
        "offset" => fault.label("belongs to a selector").help("write `metric offset 5m`"),
        "group_left" | "group_right" => fault
            .label("belongs to `on` or `ignoring`")
            .help(format!("write it behind one of them: `a / on (label) {word} () b`")),
        "fill" => fault
            .label("belongs to a binary operator")
            .help("write it right before the right operand: `a / fill (0) b`"),
        _ => fault
            .label("belongs to a binary operator")
            .help(format!("write it right after the operator: `a / {word} (label) b`")),
    }
}

pub(super) fn no_operator(span: Span, found: &str) -> Diagnostic {
    syntax(span, format!("expected an operator, found {found}"))
        .label("nothing joins this to what is before it")
}

pub(super) fn misplaced(span: Span, what: &str, expr: Span) -> Diagnostic {
    let argument = if matches!(what, "offset" | "@") { " ..." } else { "" };
    syntax(span, format!("`{what}` does not follow a selector or subquery"))
        .label("modifies nothing")
        .also(expr, "not a selector")
        .help(format!("move it to the selector: `rate(metric[5m] {what}{argument})`"))
}

pub(super) fn twice(span: Span, what: &str) -> Diagnostic {
    syntax(span, format!("`{what}` is given twice")).label("given again").help("keep one of them")
}

pub(super) fn range_of_expression(span: Span, expr: Span, range: &str) -> Diagnostic {
    syntax(span, "a range is taken of an expression that is no selector")
        .label("only a selector has a range")
        .also(expr, "not a selector")
        .help(format!("for a subquery write `[{range}:]`, with a resolution `[{range}:1m]`"))
}

pub(super) fn range_after(span: Span, what: &str, modifier: Span) -> Diagnostic {
    syntax(span, format!("the range stands after `{what}`"))
        .label("comes first")
        .also(modifier, "comes after the range")
        .help(format!("write `metric[5m] {what} ...`"))
}

pub(super) fn empty_selector(span: Span) -> Diagnostic {
    syntax(span, "the selector takes every series there is")
        .label("no matcher that refuses the empty value")
        .help("name a metric, or add a matcher such as `job=\"checkout\"`")
}

pub(super) fn name_twice(span: Span, first: Span, name: &str) -> Diagnostic {
    syntax(span, "the metric's name is given twice")
        .label("given again")
        .also(first, format!("`{name}` is given here"))
        .help("keep one of them")
}

pub(super) fn not_positive(span: Span) -> Diagnostic {
    syntax(span, "the duration is not greater than 0")
        .label("no time passes in it")
        .help("write a duration such as `5m`")
}

pub(super) fn out_of_range(span: Span, what: &str) -> Diagnostic {
    syntax(span, format!("the {what} is out of range")).label("beyond what Prometheus can hold")
}

pub(super) fn zero_divisor(span: Span) -> Diagnostic {
    syntax(span, "division by zero in a duration").label("is 0")
}

pub(super) fn trailing_comma(span: Span) -> Diagnostic {
    syntax(span, "a comma after the last argument").label("no argument follows").fix(
        "remove the comma",
        span,
        "",
        Safety::Safe,
    )
}
