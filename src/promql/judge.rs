//! The last word on an expression that a person wrote: `promql-parser` reads what
//! our parser and types let pass. Text comes in, a verdict goes out as
//! diagnostics.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::ast::{Expr, MatchOp};
use super::codes::{PROMQL_NEWER, PROMQL_REJECTED};
use super::comment;
use super::lex::{Kind, Lexed, lex};
use super::name::Name;
use super::parse::{MAX_BYTES, Options, parse_with};
use super::quote::quote;
use super::regex;
use super::types::check_types;
use super::unquote::unquote;
use super::versions::requirements_as_written;
use crate::base::{Diagnostic, Diagnostics, Span, Text};

/// Verdicts on texts, so that each distinct one is judged once in a run. Shared
/// between threads.
#[derive(Debug, Default)]
pub struct Judge {
    seen: Mutex<HashMap<Arc<str>, Verdict>>,
    /// Whether a regex compiles and refuses the empty text: then any other such
    /// regex can stand for it before the judge, who would compile it each time
    /// (22 us of the 30 us that a selector takes).
    regexes: Mutex<HashMap<Arc<str>, bool>>,
}

/// `None`: accepted; else what the judge said.
type Verdict = Option<Arc<str>>;

/// Reads, types and judges an expression: what every expression that a person
/// wrote goes through. `None` if there was an error.
pub fn check(
    text: &Text,
    options: Options,
    judge: &Judge,
    diags: &mut Diagnostics,
) -> Option<Expr> {
    if let Some(fault) = comment::swallowed(text, &lex(text, options.placeholder).tokens) {
        diags.push(fault);
        return None;
    }
    let expr = parse_with(text, options, diags)?;
    check_types(&expr, diags)?;
    judge.judge_expr(text, options, &expr, diags).then_some(expr)
}

/// Judges an expression alone. Nothing is said of what our own parser refuses.
pub fn judge(text: &Text, diags: &mut Diagnostics) {
    let mut own = Diagnostics::default();
    let options = Options::default();
    if let Some(expr) = parse_with(text, options, &mut own) {
        Judge::default().judge_expr(text, options, &expr, diags);
    }
}

impl Judge {
    /// Judges an expression that was read from `text`; whether it may be used.
    fn judge_expr(
        &self,
        text: &Text,
        options: Options,
        expr: &Expr,
        diags: &mut Diagnostics,
    ) -> bool {
        let faults = regex_faults(expr);
        let sound = faults.is_empty();
        faults.into_iter().for_each(|fault| diags.push(fault));
        let Some(reason) = self.verdict(text, options).filter(|_| sound) else { return sound };
        if let Some(fault) = uncompiled(expr) {
            diags.push(fault);
            return false;
        }
        let features = requirements_as_written(text, options, expr);
        if let Some(feature) = features.iter().find(|feature| !feature.judged) {
            let (major, minor) = feature.since;
            let message = format!("{} is newer than the second parser of this build", feature.what);
            diags.push(
                Diagnostic::new(&PROMQL_NEWER, feature.span, message)
                    .label("checked once, not twice")
                    .note(format!("Prometheus has it since {major}.{minor}")),
            );
            return true;
        }
        let message = format!("not valid PromQL: {reason}");
        diags.push(
            Diagnostic::new(&PROMQL_REJECTED, text.span(), message)
                .label("refused by the second parser"),
        );
        false
    }

    fn ask(&self, text: &Text, options: Options) -> Verdict {
        if text.as_str().len() > MAX_BYTES {
            return Some("too long".into());
        }
        let lexed = lex(text, options.placeholder);
        let source = rewritten(text.as_str(), &lexed, |regex| self.is_sound(regex));
        promql_parser::parser::parse(&source).err().map(Arc::from)
    }

    /// Whether the judge compiles a regex, and it refuses the empty text.
    fn is_sound(&self, regex: &str) -> bool {
        let known = self.regexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sound) = known.get(regex) {
            return *sound;
        }
        // Not held while compiling.
        drop(known);
        let matcher = regex::compiled(MatchOp::Regex, regex);
        let sound = matcher.is_some_and(|matcher| !matcher.is_match(""));
        let mut known = self.regexes.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(regex.into(), sound);
        sound
    }

    fn verdict(&self, text: &Text, options: Options) -> Verdict {
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(text.as_str()) {
            return verdict.clone();
        }
        // Not held while parsing: two threads may judge the same text, once.
        drop(known);
        let verdict = self.ask(text, options);
        let mut known = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(text.as_str().into(), verdict.clone());
        verdict
    }
}

/// The text in what `promql-parser` 0.11 reads: strings in backticks quoted
/// (it resolves escapes in them), Go's own regex syntax spelt out, `$range` a
/// duration, a function by the name it has today. A regex that `is_sound` knows is replaced by a short one.
fn rewritten<'a>(source: &'a str, lexed: &Lexed, is_sound: impl Fn(&str) -> bool) -> Cow<'a, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut before = None;
    for token in &lexed.tokens {
        let word = source.get(token.start..token.end).unwrap_or_default();
        let matching = matches!(before, Some(Kind::Match | Kind::NotMatch));
        let is_regex = token.kind == Kind::Str && before == Some(Kind::Match);
        let known = is_regex && unquote(word).is_some_and(|regex| is_sound(&regex));
        let new = match token.kind {
            Kind::Str if known => Some("\"x\"".to_owned()),
            Kind::Placeholder => Some("5m".to_owned()),
            Kind::Word if word == "holt_winters" => Some("double_exponential_smoothing".to_owned()),
            Kind::Str if word.starts_with('`') || (matching && word.contains(['Q', '{'])) => {
                unquote(word).map(|value| {
                    let value = if matching { regex::portable(&value) } else { value };
                    let mut literal = String::new();
                    quote(&Name::from(value), &mut literal);
                    literal
                })
            }
            _ => None,
        };
        if let Some(new) = new {
            out.push_str(source.get(copied..token.start).unwrap_or_default());
            out.push_str(&new);
            copied = token.end;
        }
        before = Some(token.kind);
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    out.push_str(source.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Regexes that Go refuses, though the judge's engine would not.
fn regex_faults(expr: &Expr) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for selector in expr.selectors() {
        for matcher in selector.matchers.iter().filter(|m| m.op.is_regex()) {
            if let Some(why) = regex::refused_by_go(&matcher.value) {
                faults.push(bad_regex(matcher.value_span, &matcher.value, why));
            }
        }
    }
    faults
}

fn bad_regex(span: Span, value: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&PROMQL_REJECTED, span, format!("`{value}` is not a regex"))
        .label(why)
        .help("write it in the syntax of RE2: https://github.com/google/re2/wiki/Syntax")
}

/// The fault of a regex that does not compile.
fn uncompiled(expr: &Expr) -> Option<Diagnostic> {
    let selectors = expr.selectors();
    let mut matchers = selectors.iter().flat_map(|selector| selector.matchers.iter());
    let refused =
        matchers.find(|m| m.op.is_regex() && regex::compiled(m.op, &m.value).is_none())?;
    Some(bad_regex(refused.value_span, &refused.value, "does not compile"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Severity, SourceMap};

    fn checked(source: &str) -> (Option<Expr>, Vec<(String, String)>) {
        let mut map = SourceMap::default();
        let file = map.add("a".into(), source.into());
        let text = Text::verbatim(source, file, 0);
        let mut diags = Diagnostics::default();
        let expr = check(&text, Options::default(), &Judge::default(), &mut diags);
        let found = diags
            .iter()
            .map(|d| (d.code.name.to_owned(), source[d.primary.span.range()].to_owned()))
            .collect();
        (expr, found)
    }

    #[test]
    fn a_bad_regex_is_pointed_at() {
        for regex in ["a(", "a{1001}", "a**", "[z-a]"] {
            let (expr, found) = checked(&format!("x{{a=\"b\", c=~\"{regex}\"}} > 1"));
            assert!(expr.is_none(), "{regex}");
            assert_eq!(found, [("promql-rejected".to_owned(), format!("\"{regex}\""))]);
        }
    }

    #[test]
    fn go_syntax_and_backticks_are_accepted() {
        for text in [
            r"x{a=~`\d+`}",
            r#"x{a=~"\\Qa.b\\E"}"#,
            r#"x{a=~"{{ x }}"}"#,
            r#"x{a=~".+?", b!~"(?i:c)"}"#,
        ] {
            let (expr, found) = checked(text);
            assert!(expr.is_some(), "{text}: {found:?}");
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn newer_syntax_is_a_warning_at_its_place() {
        for (text, place) in [
            ("rate(x[5m + 1m])", "5m + 1m"),
            ("x > 1_000", "1_000"),
            ("h </ 2", "</"),
            ("rate(x[5m] smoothed)", "x"),
            ("x offset (5m * 2)", "offset (5m * 2)"),
            ("x offset 0s", "0s"),
            ("x - fill (5m) y", "-"),
        ] {
            let (expr, found) = checked(text);
            assert!(expr.is_some(), "{text}");
            assert_eq!(found, [("promql-newer".to_owned(), place.to_owned())], "{text}");
        }
        assert_eq!(PROMQL_NEWER.severity, Severity::Warning);
    }

    #[test]
    fn a_text_is_judged_once() {
        let judge = Judge::default();
        let mut diags = Diagnostics::default();
        for _ in 0..3 {
            check(&Text::made("up == 0"), Options::default(), &judge, &mut diags);
        }
        assert_eq!(judge.seen.lock().map(|seen| seen.len()).ok(), Some(1));
    }

    #[test]
    fn the_placeholder_is_judged_as_a_duration() {
        let text = Text::made("sum(rate(x[$range]))");
        let mut diags = Diagnostics::default();
        let options = Options { placeholder: true };
        assert!(check(&text, options, &Judge::default(), &mut diags).is_some());
    }
}
