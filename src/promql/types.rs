//! The types of expressions: a tree in, its type out, and a diagnostic for each
//! place where Prometheus would refuse the types. The rules are those of its
//! `checkAST`.

use super::ast::{
    Aggregate, AggregateOp, Binary, BinaryOp, Call, Expr, ExprKind, Matching, Selector, Subquery,
    Unary,
};
use super::codes::{PROMQL_TYPE, PROMQL_UNKNOWN_FUNCTION};
use super::functions::{FUNCTIONS, Function, ValueType, function};
use super::print::print_line;
use super::slips;
use crate::base::{Count, Diagnostic, Diagnostics, Safety, Span, nearest};

fn fault(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&PROMQL_TYPE, span, message)
}

/// Checks the types in `expr` and gives its own. Faults go to `diags`; `None` if
/// there was one.
pub fn check_types(expr: &Expr, diags: &mut Diagnostics) -> Option<ValueType> {
    let mut checker = Checker { diags, failed: false };
    let found = checker.expr(expr);
    found.filter(|_| !checker.failed)
}

/// The type of `expr` if its types are in order, and the best guess if not.
pub fn value_type(expr: &Expr) -> ValueType {
    match &expr.bare().kind {
        ExprKind::Number(_) => ValueType::Scalar,
        ExprKind::Str(_) => ValueType::Str,
        ExprKind::Range(_) | ExprKind::Subquery(_) => ValueType::Matrix,
        ExprKind::Selector(_) | ExprKind::Aggregate(_) | ExprKind::Paren(_) => ValueType::Vector,
        ExprKind::Call(call) => function(&call.func).map_or(ValueType::Vector, |f| f.returns),
        ExprKind::Unary(unary) => value_type(&unary.expr),
        ExprKind::Binary(binary) => {
            let scalar = |e: &Expr| value_type(e) == ValueType::Scalar;
            if scalar(&binary.left) && scalar(&binary.right) {
                ValueType::Scalar
            } else {
                ValueType::Vector
            }
        }
    }
}

struct Checker<'a> {
    diags: &'a mut Diagnostics,
    failed: bool,
}

impl Checker<'_> {
    /// Reports a fault, made in a closure to keep the frames of the recursion
    /// small.
    fn report(&mut self, fault: impl FnOnce() -> Diagnostic) {
        self.failed = true;
        self.diags.push(fault());
    }

    /// The type of `expr`, `None` where a fault below leaves it open.
    fn expr(&mut self, expr: &Expr) -> Option<ValueType> {
        match &expr.kind {
            ExprKind::Number(_) => Some(ValueType::Scalar),
            ExprKind::Str(_) => Some(ValueType::Str),
            ExprKind::Selector(selector) => {
                self.selector(selector);
                Some(ValueType::Vector)
            }
            ExprKind::Range(range) => {
                self.selector(&range.selector);
                Some(ValueType::Matrix)
            }
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Unary(unary) => self.unary(unary),
            ExprKind::Binary(binary) => self.binary(binary),
            ExprKind::Subquery(subquery) => self.subquery(subquery),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
        }
    }

    fn selector(&mut self, selector: &Selector) {
        if selector.takes_everything() {
            self.report(|| slips::empty_selector(selector.span));
        }
    }

    fn unary(&mut self, unary: &Unary) -> Option<ValueType> {
        let found = self.expr(&unary.expr)?;
        if matches!(found, ValueType::Scalar | ValueType::Vector) {
            return Some(found);
        }
        self.report(|| {
            fault(unary.expr.span, format!("a sign before {}", found.name()))
                .label("expected a scalar or an instant vector")
        });
        None
    }

    fn subquery(&mut self, subquery: &Subquery) -> Option<ValueType> {
        let found = self.expr(&subquery.expr);
        if let Some(found) = found.filter(|t| *t != ValueType::Vector) {
            self.report(|| subquery_type(&subquery.expr, found));
        }
        Some(ValueType::Matrix)
    }

    fn binary(&mut self, binary: &Binary) -> Option<ValueType> {
        self.modifiers(binary);
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        self.operands(binary, left?, right?)
    }

    /// The rules for the two operands of an operator.
    fn operands(
        &mut self,
        binary: &Binary,
        left: ValueType,
        right: ValueType,
    ) -> Option<ValueType> {
        let mut fits = true;
        for (found, operand) in [(left, &binary.left), (right, &binary.right)] {
            if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                fits = false;
                self.report(|| operand_type(binary, operand, found));
            }
        }
        if !fits {
            return None;
        }
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        let vectors = left == ValueType::Vector && right == ValueType::Vector;
        let op = binary.op.text();
        if scalars && binary.op.is_comparison() && !binary.is_bool {
            self.report(|| {
                fault(binary.op_span, "two scalars are compared without `bool`")
                    .label("would filter a number")
                    .fix(
                        format!("write `{op} bool`"),
                        binary.op_span,
                        format!("{op} bool"),
                        Safety::Safe,
                    )
            });
        }
        if !vectors && binary.op.is_set() {
            let scalar = if left == ValueType::Scalar { &binary.left } else { &binary.right };
            self.report(|| {
                fault(scalar.span, format!("`{op}` with a scalar"))
                    .label("expected an instant vector")
                    .also(binary.op_span, format!("`{op}` joins sets of series"))
                    .help(format!(
                        "write `vector({})`, or compare: `x > 0 {op} y`",
                        print_line(scalar)
                    ))
            });
        } else if !vectors
            && let Some(matching) = &binary.matching
            && !matching.labels.is_empty()
        {
            let word = if matching.on { "on" } else { "ignoring" };
            self.report(|| {
                fault(matching.span, format!("`{word}` beside a scalar"))
                    .label("matches labels between two instant vectors only")
                    .help("remove it")
            });
        }
        if !vectors && binary.fill.is_some() && !binary.op.is_set() {
            self.report(|| {
                fault(binary.op_span, "`fill` beside a scalar")
                    .label("fills in series between two instant vectors only")
                    .help("remove it")
            });
        }
        Some(if scalars { ValueType::Scalar } else { ValueType::Vector })
    }

    /// `bool`, `group_left` and `fill` where the operator takes none.
    fn modifiers(&mut self, binary: &Binary) {
        let op = binary.op.text();
        if binary.is_bool && !binary.op.is_comparison() {
            self.report(|| {
                fault(binary.op_span, format!("`bool` after `{op}`"))
                    .label("not a comparison")
                    .help("remove `bool`")
            });
        }
        if binary.op.is_set() && binary.fill.is_some() {
            self.report(|| {
                fault(binary.op_span, format!("`fill` after `{op}`"))
                    .label("a set operator has no missing values")
                    .help("remove `fill`")
            });
        }
        let Some(Matching { on, labels, group: Some(group), span }) = &binary.matching else {
            return;
        };
        if binary.op.is_set() {
            self.report(|| {
                fault(*span, format!("grouping after `{op}`"))
                    .label("a set operator is always many-to-many")
                    .help("remove `group_left` or `group_right`")
            });
        }
        for label in group.include.iter().filter(|_| *on) {
            if let Some(matched) = labels.iter().find(|l| l.name == label.name) {
                self.report(|| {
                    let message = format!("`{}` is both matched and included", label.name);
                    fault(label.span, message)
                        .label("included here")
                        .also(matched.span, "matched here")
                        .help("remove it from one of them")
                });
            }
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Option<ValueType> {
        if let Some(param) = &aggregate.param {
            let found = self.expr(param);
            self.parameter(aggregate.op, param, found);
        }
        if let Some(found) = self.expr(&aggregate.expr)
            && found != ValueType::Vector
        {
            self.report(|| aggregated_type(aggregate, found));
        }
        Some(ValueType::Vector)
    }

    fn parameter(&mut self, op: AggregateOp, param: &Expr, found: Option<ValueType>) {
        let wanted = match op {
            AggregateOp::CountValues => ValueType::Str,
            _ => ValueType::Scalar,
        };
        if let Some(found) = found.filter(|found| *found != wanted) {
            self.report(|| {
                let message = format!("the parameter of `{}` is {}", op.text(), found.name());
                let report =
                    fault(param.span, message).label(format!("expected {}", wanted.name()));
                match (wanted, found) {
                    (ValueType::Str, _) => report.help("write the name of a label in quotes"),
                    (_, ValueType::Vector) => {
                        let inner = print_line(param);
                        report.help(format!("write `scalar({inner})`, for a vector of one series"))
                    }
                    _ => report,
                }
            });
        }
    }

    fn call(&mut self, call: &Call) -> Option<ValueType> {
        let Some(known) = function(&call.func) else {
            for arg in &call.args {
                self.expr(arg);
            }
            self.report(|| unknown_function(call));
            return None;
        };
        let fits = known.takes(call.args.len());
        if !fits {
            self.report(|| argument_count(call, known));
        }
        for (index, arg) in call.args.iter().enumerate() {
            // `info(x, {label=~".*"})` chooses labels to add, not series.
            if known.name == "info" && index == 1 {
                self.chosen(arg);
                continue;
            }
            let found = self.expr(arg);
            // Of arguments that are too few or too many nobody knows which is which.
            if let (Some(found), Some(wanted)) = (found, known.arg(index))
                && fits
                && found != wanted
            {
                self.report(|| argument_type(call, arg, found, wanted));
            }
        }
        Some(known.returns)
    }

    /// The second argument of `info`.
    fn chosen(&mut self, arg: &Expr) {
        if !matches!(&arg.kind, ExprKind::Selector(selector) if selector.name.is_none()) {
            self.report(|| {
                fault(arg.span, "the second argument of `info` is no label selector")
                    .label("expected matchers in braces, without a name")
                    .help("write `info(x, {label=\"...\"})`")
            });
        }
    }
}

fn subquery_type(expr: &Expr, found: ValueType) -> Diagnostic {
    let report = fault(expr.span, format!("a subquery of {}", found.name()))
        .label("expected an instant vector");
    match expr.bare().kind {
        ExprKind::Range(_) => report.help("apply a function first: `rate(x[5m])[1h:]`"),
        _ => report,
    }
}

fn aggregated_type(aggregate: &Aggregate, found: ValueType) -> Diagnostic {
    let message = format!("`{}` of {}", aggregate.op.text(), found.name());
    let report = fault(aggregate.expr.span, message).label("expected an instant vector");
    if found != ValueType::Matrix {
        return report;
    }
    if aggregate.op != AggregateOp::Sum {
        return report.help("apply a function to the range first, such as `rate`");
    }
    let inner = print_line(&aggregate.expr);
    report.help(format!("write `sum(rate({inner}))` for a counter"))
}

fn operand_type(binary: &Binary, operand: &Expr, found: ValueType) -> Diagnostic {
    let op = binary.op.text();
    let report = fault(operand.span, format!("{} as an operand of `{op}`", found.name()))
        .label("expected a scalar or an instant vector");
    match found {
        ValueType::Matrix => {
            let inner = print_line(operand);
            report.help(format!("apply a function, such as `rate({inner})`"))
        }
        _ if binary.op == BinaryOp::Eq => {
            report.help("match a label in braces: `x{label=\"...\"}`")
        }
        _ => report,
    }
}

/// The fault of an aggregation with too few or too many arguments.
pub(super) fn aggregate_arguments(op: AggregateOp, op_span: Span, args: &[Expr]) -> Diagnostic {
    let name = op.text();
    let wanted = if op.takes_parameter() { 2 } else { 1 };
    let message = format!("`{name}` takes {}, not {}", Count(wanted, "argument"), args.len());
    let example = match op {
        AggregateOp::CountValues => "count_values(\"label\", x)".to_owned(),
        AggregateOp::Quantile => "quantile(0.9, x)".to_owned(),
        _ if op.takes_parameter() => format!("{name}(5, x)"),
        _ => format!("{name}(x)"),
    };
    match args.get(wanted) {
        Some(extra) => fault(extra.span, message).label("one too many"),
        None => fault(op_span, message).label("too few arguments"),
    }
    .help(format!("write `{example}`"))
}

fn unknown_function(call: &Call) -> Diagnostic {
    let name = call.func.as_str();
    let report = Diagnostic::new(
        &PROMQL_UNKNOWN_FUNCTION,
        call.func_span,
        format!("unknown function `{name}`"),
    )
    .label("not a function of PromQL");
    let operators = AggregateOp::ALL.iter().map(|op| op.text());
    let names = FUNCTIONS.iter().map(|f| f.name).chain(operators);
    match nearest(name, names) {
        Some(near) => {
            report.fix(format!("replace it by `{near}`"), call.func_span, near, Safety::Suggestion)
        }
        None => report.help(
            "the functions are listed at https://prometheus.io/docs/prometheus/latest/querying/functions/",
        ),
    }
}

fn argument_count(call: &Call, known: &Function) -> Diagnostic {
    let name = known.name;
    let (least, most) = known.counts();
    let wanted = match most {
        Some(most) if most == least => Count(least, "argument").to_string(),
        Some(most) => format!("{least} to {}", Count(most, "argument")),
        None => format!("at least {}", Count(least, "argument")),
    };
    let message = format!("`{name}` takes {wanted}, not {}", call.args.len());
    match most.and_then(|most| call.args.get(most)) {
        Some(extra) => fault(extra.span, message).label("one too many"),
        None => fault(call.func_span, message).label("too few arguments"),
    }
    .help(format!("write `{}`", known.signature()))
}

fn argument_type(call: &Call, arg: &Expr, found: ValueType, wanted: ValueType) -> Diagnostic {
    let name = &call.func;
    let report = fault(arg.span, format!("`{name}` takes {}, not {}", wanted.name(), found.name()))
        .label(format!("expected {}", wanted.name()));
    let inner = print_line(arg);
    match (wanted, found) {
        (ValueType::Matrix, ValueType::Vector) => match &arg.bare().kind {
            ExprKind::Selector(_) => {
                let bare = print_line(arg.bare());
                report.help(format!("write `{name}({bare}[5m])`"))
            }
            _ => report.help(format!("take a subquery: `({inner})[5m:]`")),
        },
        (ValueType::Vector, ValueType::Matrix) => match &arg.bare().kind {
            ExprKind::Range(_) => report.help("remove the range"),
            _ => report.help("apply a function over the range first, such as `rate`"),
        },
        (ValueType::Vector, ValueType::Scalar) => report.help(format!("write `vector({inner})`")),
        (ValueType::Scalar, ValueType::Vector) => {
            report.help(format!("write `scalar({inner})`, for a vector of one series"))
        }
        (ValueType::Str, _) => report.help("write it in quotes"),
        _ => report,
    }
}
