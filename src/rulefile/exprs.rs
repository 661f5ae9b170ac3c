//! Expressions and templates of hand-written rules, as Prometheus reads them. Rules
//! come in, and go out with their trees; what it would refuse, or fail at, is reported.

use super::Source;
use super::codes::RULE_RESULT;
use crate::base::{Diagnostic, Diagnostics, Text};
use crate::config::{self, Prometheus};
use crate::gotmpl;
use crate::ir::{Language, WrittenKind, WrittenPair, WrittenRule};
use crate::promql::{self, Judge, Options, ValueType};

/// What every rule of a file is judged with.
pub(super) struct Bench<'a> {
    pub(super) source: Source<'a>,
    pub(super) prometheus: &'a Prometheus,
    pub(super) judge: &'a Judge,
    /// Whether the path says that the rules are Loki's.
    pub(super) is_loki: bool,
}

impl Bench<'_> {
    /// Judges a rule of a group whose expressions are in `language`.
    pub(super) fn rule(&self, rule: &mut WrittenRule, language: Language, diags: &mut Diagnostics) {
        if let Some(text) = rule.expr.as_ref().filter(|t| !self.source.is_unknown(t.span())) {
            rule.tree = self.expr(text, language, diags);
        }
        // Which actions are Prometheus' own, only the other engine knows.
        if rule.kind == WrittenKind::Alert && !self.source.is_templated {
            rule.labels.iter().chain(&rule.annotations).for_each(|p| self.template(p, diags));
        }
    }

    fn expr(
        &self,
        text: &Text,
        language: Language,
        diags: &mut Diagnostics,
    ) -> Option<promql::Expr> {
        if language == Language::LogQl || self.is_loki || is_logql(text.as_str()) {
            return None;
        }
        let options = Options::default();
        let mut own = Diagnostics::default();
        let tree = promql::check(text, options, self.judge, &mut own);
        if language == Language::MetricsQl && tree.is_none() {
            return None;
        }
        diags.append(own);
        let tree = tree?;
        let wrong = match promql::value_type(&tree) {
            ValueType::Vector | ValueType::Scalar => {
                for feature in promql::requirements_as_written(text, options, &tree) {
                    config::check_feature(&feature, self.prometheus, diags);
                }
                return Some(tree);
            }
            ValueType::Matrix => "a range vector",
            ValueType::Str => "a text",
        };
        diags.push(
            Diagnostic::new(
                &RULE_RESULT,
                tree.span,
                format!("the expression of a rule gives {wrong}"),
            )
            .label("fails at every evaluation, and promtool does not see it")
            .help("make an instant vector of it, such as `rate(errors_total[5m])`"),
        );
        None
    }

    fn template(&self, pair: &WrittenPair, diags: &mut Diagnostics) {
        if pair.is_unknown || !gotmpl::has_action(pair.value.as_str()) {
            return;
        }
        if let Some(template) = gotmpl::parse(&pair.value, diags) {
            config::check_template(&template, self.prometheus, diags);
        }
    }
}

/// Whether an expression is LogQL for sure: a selector with a filter or a pipeline
/// behind it. PromQL has no `|` outside of texts, and compares with no text.
fn is_logql(text: &str) -> bool {
    let mut chars = text.char_indices().peekable();
    let mut closed = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' | '\'' | '`' => {
                while let Some((_, inner)) = chars.next() {
                    if inner == '\\' && c != '`' {
                        chars.next();
                    } else if inner == c {
                        break;
                    }
                }
                closed = false;
            }
            '#' => while chars.next().is_some_and(|(_, c)| c != '\n') {},
            '}' => closed = true,
            c if c.is_whitespace() => {}
            '|' if closed && !text[at..].starts_with("||") => return true,
            '!' if closed => {
                let rest = text[at..].trim_start_matches(['!', '=', '~']).trim_start();
                if rest.starts_with(['"', '`']) {
                    return true;
                }
                closed = false;
            }
            _ => closed = false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_logql;

    #[test]
    fn logs_are_told_from_metrics() {
        for text in [
            r#"sum(rate({app="foo"} |= "error" [5m])) > 1"#,
            r#"rate({a="b"} | json | level="error" [1m])"#,
            r#"count_over_time({a="b"} != "x" [1m])"#,
            "rate({a=\"b\"} # all\n |~ `x` [1m])",
        ] {
            assert!(is_logql(text), "{text}");
        }
        for text in [
            r#"up{a=~"b|c"} != 3"#,
            r#"{a="b"} || {c="d"}"#,
            r#"rate(x{a="}|"}[5m]) > 1 # {} | x"#,
            "a | b",
        ] {
            assert!(!is_logql(text), "{text}");
        }
    }
}
