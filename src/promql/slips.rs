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
    Diagnostic::new(&PROMQL_UNIT, span, format!("`{number}` has no unit"))
        .label("seconds in Prometheus 3, an error before")
        .help(format!("write `{number}m` or `{number}s`"))
}

pub(super) fn bad_number(span: Span, word: &str) -> Diagnostic {
    let fault = syntax(span, format!("`{word}` is neither a number nor a duration"));
    if word.contains(':') || word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('_') {
        return fault.label("a name does not begin with a digit");
    }
    fault.label("not a number").help("units are `ms`, `s`, `m`, `h`, `d`, `w` and `y`: `1h30m`")
}

pub(super) fn bad_duration(span: Span, word: &str) -> Diagnostic {
    syntax(span, format!("`{word}` is not a duration"))
        .label("each unit once, from long to short")
        .help("write for example `1h30m`")
}

pub(super) fn number_too_large(span: Span) -> Diagnostic {
    syntax(span, "the number is too large").label("beyond 1.8e308").help("`+Inf` is infinity")
}

pub(super) fn variable(span: Span, name: &str, placeholder: bool) -> Diagnostic {
    let fault = syntax(span, format!("`{name}` is not PromQL")).label("a variable");
    match (placeholder, name) {
        (true, _) => fault.help("the only placeholder is `$range`, as in `rate(x[$range])`"),
        (false, "$range") => {
            fault.help("`$range` stands only in the SLI kinds `query` and `ratio`; write `5m`")
        }
        (false, _) => fault.help("write its value, such as `5m`"),
    }
}

pub(super) fn not_utf8(span: Span) -> Diagnostic {
    syntax(span, "the string holds U+FFFD, the mark of text that was not UTF-8")
        .label("not a character")
}

pub(super) fn bad_escape(span: Span, escape: &str, why: BadEscape) -> Diagnostic {
    let shown = if escape == "\\" { "\\ at the end" } else { escape };
    match why {
        BadEscape::Unknown => syntax(span, format!("unknown escape `{shown}` in a string"))
            .label("no such escape")
            .help(format!("for a backslash write `\\{escape}`, or quote with backticks")),
        BadEscape::Digits => syntax(span, format!("the escape `{shown}` lacks digits"))
            .label("too few digits")
            .help("write `\\xHH`, `\\uHHHH`, `\\UHHHHHHHH` or three octal digits"),
        BadEscape::Range => {
            syntax(span, format!("the escape `{shown}` names no character")).label("out of range")
        }
    }
}

pub(super) fn open_string(span: Span, quote: char, end: Span) -> Diagnostic {
    syntax(span, "a string is not closed")
        .label(format!("no `{quote}` closes it"))
        .also(end, "the expression ends here")
        .help(format!("close it with `{quote}`; only a string in backticks has line breaks"))
}

pub(super) fn curly_quote(span: Span, quote: char) -> Diagnostic {
    syntax(span, format!("`{quote}` is not a quote of PromQL"))
        .label("a typographic quote")
        .help("use `\"`, `'` or a backtick")
}

pub(super) fn operator(span: Span, found: &str, meant: &str) -> Diagnostic {
    syntax(span, format!("`{found}` is not an operator of PromQL"))
        .label(format!("`{meant}` is meant"))
        .help(format!("write `{meant}`"))
        .fix(format!("replace it by `{meant}`"), span, meant, Safety::Safe)
}

pub(super) fn character(span: Span, run: &str, in_braces: bool) -> Diagnostic {
    let fault = syntax(span, format!("unexpected `{run}`")).label("not part of PromQL");
    match run {
        "&" => fault.help("write `and`"),
        "|" if in_braces => fault.help("put the regex in quotes: `=~\"a|b\"`"),
        "|" => fault.help("write `or`"),
        "!" => fault.help("PromQL has no `!`: use `unless`, or `!=` and `!~` in braces"),
        ";" => fault.help("one expression has no `;`"),
        _ if run.chars().all(char::is_alphanumeric) => {
            let quoted = if in_braces { format!("\"{run}\"") } else { format!("{{\"{run}\"}}") };
            fault.help(format!("names beyond `a-z A-Z 0-9 _ :` are quoted: `{quoted}`"))
        }
        _ => fault,
    }
}

pub(super) fn unquoted(span: Span, value: &str) -> Diagnostic {
    let quoted = if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") };
    syntax(span, "the value of a matcher is not quoted")
        .label("expected a string")
        .help(format!("write `{quoted}`"))
        .fix("quote it", span, quoted, Safety::Suggestion)
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
        .help("write `==`; `=` stands only in braces")
        .fix("replace it by `==`", span, "==", Safety::Safe)
}

pub(super) fn match_outside(span: Span, op: &str) -> Diagnostic {
    syntax(span, format!("`{op}` outside of braces"))
        .label("matches no expression")
        .help(format!("match a label in braces: `metric{{label{op}\"...\"}}`"))
}

pub(super) fn dash_in_label(span: Span, name: &str) -> Diagnostic {
    syntax(span, format!("the label name `{name}` has a `-`"))
        .label("not a plain label name")
        .help(format!("in Prometheus 3 quote it: `\"{name}\"`; exporters write `_` for `-`"))
}

pub(super) fn missing_operand(span: Span, found: &str, op: &str, op_span: Span) -> Diagnostic {
    expected(span, "an expression", found)
        .also(op_span, format!("`{op}` has no right operand"))
        .help(format!("add the right operand, or remove `{op}`"))
}

pub(super) fn unclosed(span: Span, wanted: &str, found: &str, open: (char, Span)) -> Diagnostic {
    expected(span, wanted, found).also(open.1, format!("this `{}` is not closed", open.0))
}

pub(super) fn stray_close(span: Span, close: &str, open: char) -> Diagnostic {
    syntax(span, format!("unexpected `{close}`"))
        .label(format!("no `{open}` is open"))
        .help("remove it")
}

pub(super) fn clause_without_operator(span: Span, word: &str) -> Diagnostic {
    let fault = syntax(span, format!("unexpected `{word}`"));
    match word {
        "by" | "without" => fault
            .label("belongs to an aggregation")
            .help(format!("aggregate, as in `sum {word} (label) (...)`")),
        "bool" => fault
            .label("belongs to a comparison")
            .help("write it right after the operator: `a > bool b`"),
        "offset" => fault.label("already has an offset"),
        _ => fault
            .label("belongs to a binary operator")
            .help("write `a / on (label) group_left () b`: `on` or `ignoring` before grouping"),
    }
}

pub(super) fn no_operator(span: Span, found: &str) -> Diagnostic {
    syntax(span, format!("expected an operator, found {found}"))
        .label("nothing joins this to what is before it")
}

pub(super) fn misplaced(span: Span, what: &str, expr: Span) -> Diagnostic {
    syntax(span, format!("`{what}` does not follow a selector or subquery"))
        .label("modifies nothing")
        .also(expr, "not a selector")
        .help(format!("move it to the selector: `rate(metric[5m] {what} ...)`"))
}

pub(super) fn twice(span: Span, what: &str) -> Diagnostic {
    syntax(span, format!("`{what}` is given twice")).label("given before").help("keep one of them")
}

pub(super) fn range_of_expression(span: Span, expr: Span, range: &str) -> Diagnostic {
    syntax(span, "a range is taken of an expression that is no selector")
        .label("only a selector has a range")
        .also(expr, "not a selector")
        .help(format!("for a subquery write `[{range}:]`, with a resolution `[{range}:1m]`"))
}

pub(super) fn range_after(span: Span, what: &str, modifier: Span) -> Diagnostic {
    syntax(span, format!("the range stands after `{what}`"))
        .label("too late")
        .also(modifier, "this comes after the range")
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
    syntax(span, "a duration here is greater than 0").label("not greater than 0")
}

pub(super) fn out_of_range(span: Span, what: &str) -> Diagnostic {
    syntax(span, format!("the {what} is out of range")).label("Prometheus cannot hold it")
}

pub(super) fn zero_divisor(span: Span) -> Diagnostic {
    syntax(span, "division by zero in a duration").label("is 0")
}

pub(super) fn trailing_comma(span: Span) -> Diagnostic {
    syntax(span, "a comma after the last argument")
        .label("no argument follows")
        .help("remove the comma")
        .fix("remove the comma", span, "", Safety::Safe)
}
