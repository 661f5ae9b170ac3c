//! Property tests. Random trees and texts come in; that trees come back from
//! their print as they were, that the judge agrees with our types, and that
//! nothing panics goes out.

use proptest::prelude::*;

use super::*;
use crate::base::{Diagnostics, Duration, Severity, Text};

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        "[a-z_][a-z0-9_]{0,6}",
        "[a-z:]{1,4}",
        prop::sample::select(vec!["sum", "on", "by", "offset", "inf", "and", "start", "a.b", "é"])
            .prop_map(str::to_owned),
    ]
    .prop_map(Name::from)
}

fn label() -> impl Strategy<Value = Name> + Clone {
    prop_oneof!["[a-z_][a-z0-9_]{0,5}", Just("on".into()), Just("nan".into()), Just("a-b".into())]
        .prop_map(Name::from)
}

fn duration() -> impl Strategy<Value = Duration> {
    (1u64..1_000_000).prop_map(|n| Duration::millis(n * 500))
}

fn literal() -> impl Strategy<Value = Expr> {
    prop_oneof![
        (0u64..10_000).prop_map(integer),
        prop::sample::select(vec!["0.001", "14.4", "1e3", "0xff", "Inf", "NaN", "5m", "0.10"])
            .prop_map(number),
    ]
}

fn select() -> impl Strategy<Value = Expr> {
    let op = prop::sample::select(vec![
        MatchOp::Equal,
        MatchOp::NotEqual,
        MatchOp::Regex,
        MatchOp::NotRegex,
    ]);
    let value = prop_oneof!["[a-z.+*\\\\\"]{0,6}", "\\PC{0,4}", Just("\n\t\u{1}".to_owned())];
    let list = prop::collection::vec(
        (label(), op, value).prop_map(|(label, op, value)| matcher(label, op, value)),
        0..3,
    );
    (name(), list).prop_map(|(name, list)| selector_with(name, &matchers(list)))
}

fn timed() -> impl Strategy<Value = Expr> {
    (select(), prop::option::of(duration()), any::<bool>()).prop_map(|(expr, back, start)| {
        let expr = match back {
            Some(back) => offset(expr, back),
            None => expr,
        };
        if start { at(expr, At::Start) } else { expr }
    })
}

fn ranged() -> impl Strategy<Value = Expr> {
    (select(), duration(), prop::option::of(duration())).prop_map(|(expr, length, back)| {
        let expr = range(expr, length);
        match back {
            Some(back) => offset(expr, back),
            None => expr,
        }
    })
}

const OPS: &[BinaryOp] = &[
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::Unless,
    BinaryOp::Gt,
    BinaryOp::Le,
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::Atan2,
    BinaryOp::Pow,
];

/// Trees of vectors and scalars; not all of them are well typed.
fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        literal(),
        timed(),
        ranged().prop_map(|r| call("rate", [r])),
        "[a-z]{0,3}".prop_map(string),
    ];
    leaf.prop_recursive(6, 60, 3, |inner| {
        let names = prop::collection::vec(label(), 0..3);
        let clause = (any::<u8>(), names.clone()).prop_map(|(kind, names)| match kind % 6 {
            0 => Some(match_on(&names)),
            1 => Some(match_ignoring(&names)),
            2 => Some(match_on(&names).group_left(&[])),
            3 => Some(match_ignoring(&[]).group_right(&names)),
            _ => None,
        });
        let op = prop::sample::select(OPS);
        prop_oneof![
            4 => (inner.clone(), op, clause, inner.clone(), any::<bool>()).prop_map(
                |(left, op, clause, right, flag)| {
                    let expr = matching(left, op, clause, right);
                    if flag { expr.with_bool() } else { expr }
                }
            ),
            1 => inner.clone().prop_map(negate),
            1 => inner.clone().prop_map(paren),
            1 => (inner.clone(), duration(), prop::option::of(duration()))
                .prop_map(|(e, length, step)| subquery(e, length, step)),
            1 => prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|args| call("label_join", args)),
            1 => (names.clone(), inner.clone()).prop_map(|(n, e)| sum_by(&n, e)),
            1 => (names, inner.clone()).prop_map(|(n, e)| max_without(&n, e)),
            1 => inner.prop_map(|e| topk(3, e)),
        ]
    })
}

fn reread(text: &str) -> Expr {
    let mut diags = Diagnostics::default();
    let expr = parse(&Text::made(text), &mut diags);
    assert!(expr.is_some(), "{text}: {diags:?}");
    expr.expect("asserted above")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn print_then_parse_is_the_same_tree(expr in expr()) {
        let line = print_line(&expr);
        prop_assert!(!line.contains('\n'));
        prop_assert!(reread(&line).same(&expr), "{}", line);
        let printed = print(&expr);
        prop_assert!(reread(&printed).same(&expr), "{}", printed);
        prop_assert_eq!(print(&reread(&printed)), printed);
    }

    #[test]
    fn no_blanks_end_a_line_and_only_leaves_are_wide(expr in expr()) {
        for line in print(&expr).lines() {
            prop_assert_eq!(line.trim_end(), line);
            let selectors = line.matches(['{', '[']).count();
            prop_assert!(line.len() <= WIDTH || selectors > 0, "{}", line);
        }
    }

    /// What is well typed by our rules is so by the judge's, and the reverse.
    #[test]
    fn the_judge_agrees_on_types(expr in expr()) {
        let text = print_line(&expr);
        let mut diags = Diagnostics::default();
        let typed = check_types(&reread(&text), &mut diags).is_some();
        let judged = promql_parser::parser::parse(&text);
        // Regexes and empty selectors are not the matter here.
        let regex = judged.as_ref().err().is_some_and(|e| e.contains("regex"));
        let empty = diags.iter().any(|d| d.message.contains("every series"));
        if !regex && !empty {
            prop_assert_eq!(typed, judged.is_ok(), "{} {:?} {:?}", text, judged.err(), diags);
        }
    }

    #[test]
    fn labels_and_types_never_panic(expr in expr()) {
        let labels = result_labels(&expr);
        for (name, _) in &labels.sure {
            prop_assert!(labels.may_carry(name));
        }
        value_type(&expr);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let judge = Judge::default();
        let mut diags = Diagnostics::default();
        let expr = check(&Text::made(&text), Options::default(), &judge, &mut diags);
        prop_assert_eq!(expr.is_none(), diags.count(Severity::Error) > 0);
    }

    /// The same with texts that are nearly PromQL.
    #[test]
    fn no_sequence_of_tokens_panics(parts in prop::collection::vec(
        prop::sample::select(vec![
            "x", "sum", "by", "on", "(", ")", "{", "}", "[", "]", "a", "=", "==", "=~", "\"b\"",
            "`\\d`", "5m", "5", "1e9", "0x1", ",", ":", "offset", "@", "-", "+", "*", "/", "^", "and",
            "or", "bool", "group_left", "rate(", "$range", "#", "\n", "'", "\\", "“", "é", "start()",
            "step()", "info(", "!", "&&", "fill(", "</",
        ]),
        0..20,
    ), blanks in any::<bool>()) {
        let text = parts.join(if blanks { " " } else { "" });
        let judge = Judge::default();
        let mut diags = Diagnostics::default();
        let options = Options { placeholder: true };
        let expr = check(&Text::made(&text), options, &judge, &mut diags);
        prop_assert_eq!(expr.is_none(), diags.count(Severity::Error) > 0);
        if let Some(expr) = expr {
            let printed = print(&expr);
            let mut diags = Diagnostics::default();
            let again = parse_with(&Text::made(&printed), options, &mut diags);
            prop_assert!(again.is_some_and(|again| again.same(&expr)), "{} {}", text, printed);
        }
    }
}
