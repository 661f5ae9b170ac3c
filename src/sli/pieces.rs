//! Pieces that the base series of several kinds are made of. Expressions go in and
//! out.

use super::kind::Base;
use crate::base::Duration;
use crate::promql::{BinaryOp, Expr, binary, integer, number};

/// `0 * total`: what makes a series of bad events 0, not absent, while none was
/// ever counted. It belongs inside the sum: outside of it `or` would keep both
/// sides.
pub(super) fn zero(base: &Base) -> Expr {
    binary(integer(0), BinaryOp::Mul, base.total.clone())
}

/// `left or right`, or `left` alone.
pub(super) fn or(left: Expr, right: Option<Expr>) -> Expr {
    match right {
        Some(right) => binary(left, BinaryOp::Or, right),
        None => left,
    }
}

/// `expr / seconds`: events of one evaluation to events per second, where one event
/// stands for `length`.
pub(super) fn per_second(expr: Expr, length: Duration) -> Expr {
    if length == Duration::seconds(1) {
        return expr;
    }
    binary(expr, BinaryOp::Div, seconds(length))
}

/// A duration as a number of seconds.
pub(super) fn seconds(duration: Duration) -> Expr {
    let (whole, rest) = (duration.as_millis() / 1_000, duration.as_millis() % 1_000);
    match rest {
        0 => integer(whole),
        _ => number(format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()),
    }
}

/// `expr <= bool Inf`: 1 for every number, 0 for NaN, which no comparison holds of.
/// A ratio without traffic is NaN: it is there, but says nothing.
pub(super) fn is_number(expr: Expr) -> Expr {
    binary(expr, BinaryOp::Le, number("Inf")).with_bool()
}

#[cfg(test)]
mod tests {
    use super::{per_second, seconds};
    use crate::base::Duration;
    use crate::promql::{number, print_line};

    #[test]
    fn durations_are_numbers_of_seconds() {
        for (ms, text) in [(60_000, "60"), (1_500, "1.5"), (1_050, "1.05"), (1, "0.001")] {
            assert_eq!(print_line(&seconds(Duration::millis(ms))), text);
        }
        let each = |s| print_line(&per_second(number("x"), Duration::seconds(s)));
        assert_eq!([each(1), each(30)], ["x", "x / 30"]);
    }
}
