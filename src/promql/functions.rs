//! The functions of PromQL as a table: names, types of arguments and result, the
//! versions that have each. Held against `promql/parser/functions.go` of the tags
//! v0.35.0 (2.35) to v0.316.0 (3.16); what is older is after `CHANGELOG.md`.

/// A version of Prometheus, major and minor: `(2, 53)`.
pub type Release = (u16, u16);

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// One value for each series.
    Vector,
    /// Many values for each series.
    Matrix,
    /// A string.
    Str,
}

impl ValueType {
    /// With its article, as messages name it.
    pub fn name(self) -> &'static str {
        match self {
            ValueType::Scalar => "a scalar",
            ValueType::Vector => "an instant vector",
            ValueType::Matrix => "a range vector",
            ValueType::Str => "a string",
        }
    }
}

/// A function of PromQL.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments.
    pub args: &'static [ValueType],
    /// 0: all arguments are given; n: the last may be left out or given up to n
    /// times; -1: or given any number of times.
    pub variadic: i8,
    /// The type of its result.
    pub returns: ValueType,
    /// The first version of Prometheus that has it; `(2, 0)` for all that are older.
    pub since: Release,
    /// The first version that has it without
    /// `--enable-feature=promql-experimental-functions`, if there is one.
    pub stable: Option<Release>,
    /// The first version that has it no more, and what that one has instead.
    pub until: Option<(Release, &'static str)>,
}

impl Function {
    /// The least and the greatest number of arguments.
    pub fn counts(&self) -> (usize, Option<usize>) {
        let all = self.args.len();
        match usize::try_from(self.variadic) {
            Ok(0) => (all, Some(all)),
            Ok(more) => (all.saturating_sub(1), Some(all.saturating_sub(1) + more)),
            Err(_) => (all.saturating_sub(1), None),
        }
    }

    /// Whether it can be called with `count` arguments.
    pub fn takes(&self, count: usize) -> bool {
        let (least, most) = self.counts();
        count >= least && most.is_none_or(|most| count <= most)
    }

    /// The type of argument `index`; the last one repeats.
    pub fn arg(&self, index: usize) -> Option<ValueType> {
        let last = if self.variadic == 0 { None } else { self.args.last() };
        self.args.get(index).or(last).copied()
    }

    /// How it is called, with placeholders for its arguments.
    pub fn signature(&self) -> String {
        let args: Vec<&str> = self
            .args
            .iter()
            .map(|arg| match arg {
                ValueType::Scalar if self.name.contains("quantile") => "0.9",
                ValueType::Scalar => "1",
                ValueType::Vector => "x",
                ValueType::Matrix => "x[5m]",
                ValueType::Str => "\"...\"",
            })
            .collect();
        format!("{}({})", self.name, args.join(", "))
    }
}

/// The function of a name; names are case-sensitive.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().and_then(|at| FUNCTIONS.get(at))
}

use ValueType::{Matrix as M, Scalar as S, Str as T, Vector as V};

const fn stable(
    name: &'static str,
    args: &'static [ValueType],
    returns: ValueType,
    since: Release,
) -> Function {
    Function { name, args, variadic: 0, returns, since, stable: Some(since), until: None }
}

const fn experimental(
    name: &'static str,
    args: &'static [ValueType],
    returns: ValueType,
    since: Release,
) -> Function {
    Function { name, args, variadic: 0, returns, since, stable: None, until: None }
}

impl Function {
    const fn variadic(self, variadic: i8) -> Function {
        Function { variadic, ..self }
    }

    const fn stable_since(self, stable: Release) -> Function {
        Function { stable: Some(stable), ..self }
    }

    const fn until(self, until: Release, instead: &'static str) -> Function {
        Function { until: Some((until, instead)), ..self }
    }
}

/// All functions, by name.
#[rustfmt::skip]
pub static FUNCTIONS: &[Function] = &[
    stable("abs", &[V], V, (2, 0)),
    stable("absent", &[V], V, (2, 0)),
    stable("absent_over_time", &[M], V, (2, 16)),
    stable("acos", &[V], V, (2, 31)),
    stable("acosh", &[V], V, (2, 31)),
    stable("asin", &[V], V, (2, 31)),
    stable("asinh", &[V], V, (2, 31)),
    stable("atan", &[V], V, (2, 31)),
    stable("atanh", &[V], V, (2, 31)),
    stable("avg_over_time", &[M], V, (2, 0)),
    stable("ceil", &[V], V, (2, 0)),
    stable("changes", &[M], V, (2, 0)),
    stable("clamp", &[V, S, S], V, (2, 26)),
    stable("clamp_max", &[V, S], V, (2, 0)),
    stable("clamp_min", &[V, S], V, (2, 0)),
    stable("cos", &[V], V, (2, 31)),
    stable("cosh", &[V], V, (2, 31)),
    stable("count_over_time", &[M], V, (2, 0)),
    stable("day_of_month", &[V], V, (2, 0)).variadic(1),
    stable("day_of_week", &[V], V, (2, 0)).variadic(1),
    stable("day_of_year", &[V], V, (2, 37)).variadic(1),
    stable("days_in_month", &[V], V, (2, 0)).variadic(1),
    stable("deg", &[V], V, (2, 31)),
    stable("delta", &[M], V, (2, 0)),
    stable("deriv", &[M], V, (2, 0)),
    experimental("double_exponential_smoothing", &[M, S, S], V, (3, 0)),
    experimental("end", &[], S, (3, 12)),
    stable("exp", &[V], V, (2, 0)),
    experimental("first_over_time", &[M], V, (3, 7)).stable_since((3, 14)),
    stable("floor", &[V], V, (2, 0)),
    stable("histogram_avg", &[V], V, (2, 51)),
    stable("histogram_count", &[V], V, (2, 40)),
    stable("histogram_fraction", &[S, S, V], V, (2, 40)),
    stable("histogram_quantile", &[S, V], V, (2, 0)),
    experimental("histogram_quantiles", &[V, T, S, S], V, (3, 11)).variadic(9),
    stable("histogram_stddev", &[V], V, (2, 47)),
    stable("histogram_stdvar", &[V], V, (2, 47)),
    stable("histogram_sum", &[V], V, (2, 40)),
    stable("holt_winters", &[M, S, S], V, (2, 0))
        .until((3, 0), "double_exponential_smoothing"),
    stable("hour", &[V], V, (2, 0)).variadic(1),
    stable("idelta", &[M], V, (2, 0)),
    stable("increase", &[M], V, (2, 0)),
    experimental("info", &[V, V], V, (2, 55)).variadic(1),
    experimental("integral", &[M, S], V, (3, 16)).variadic(1),
    stable("irate", &[M], V, (2, 0)),
    stable("label_join", &[V, T, T, T], V, (2, 0)).variadic(-1),
    stable("label_replace", &[V, T, T, T, T], V, (2, 0)),
    stable("last_over_time", &[M], V, (2, 26)),
    stable("ln", &[V], V, (2, 0)),
    stable("log10", &[V], V, (2, 0)),
    stable("log2", &[V], V, (2, 0)),
    experimental("mad_over_time", &[M], V, (2, 49)),
    experimental("max_of", &[S, S], S, (3, 13)),
    stable("max_over_time", &[M], V, (2, 0)),
    experimental("min_of", &[S, S], S, (3, 13)),
    stable("min_over_time", &[M], V, (2, 0)),
    stable("minute", &[V], V, (2, 0)).variadic(1),
    stable("month", &[V], V, (2, 0)).variadic(1),
    stable("pi", &[], S, (2, 31)),
    stable("predict_linear", &[M, S], V, (2, 0)),
    stable("present_over_time", &[M], V, (2, 29)),
    stable("quantile_over_time", &[S, M], V, (2, 0)),
    stable("rad", &[V], V, (2, 31)),
    experimental("range", &[], S, (3, 12)),
    stable("rate", &[M], V, (2, 0)),
    stable("resets", &[M], V, (2, 0)),
    stable("round", &[V, S], V, (2, 0)).variadic(1),
    stable("scalar", &[V], S, (2, 0)),
    stable("sgn", &[V], V, (2, 26)),
    stable("sin", &[V], V, (2, 31)),
    stable("sinh", &[V], V, (2, 31)),
    stable("sort", &[V], V, (2, 0)),
    experimental("sort_by_label", &[V, T], V, (2, 49)).variadic(-1),
    experimental("sort_by_label_desc", &[V, T], V, (2, 49)).variadic(-1),
    stable("sort_desc", &[V], V, (2, 0)),
    stable("sqrt", &[V], V, (2, 0)),
    experimental("start", &[], S, (3, 12)),
    experimental("start_timestamp", &[V], V, (3, 14)),
    stable("stddev_over_time", &[M], V, (2, 0)),
    stable("stdvar_over_time", &[M], V, (2, 0)),
    experimental("step", &[], S, (3, 12)),
    stable("sum_over_time", &[M], V, (2, 0)),
    stable("tan", &[V], V, (2, 31)),
    stable("tanh", &[V], V, (2, 31)),
    stable("time", &[], S, (2, 0)),
    stable("timestamp", &[V], V, (2, 0)),
    experimental("ts_of_first_over_time", &[M], V, (3, 7)),
    experimental("ts_of_last_over_time", &[M], V, (3, 5)),
    experimental("ts_of_max_over_time", &[M], V, (3, 5)),
    experimental("ts_of_min_over_time", &[M], V, (3, 5)),
    stable("vector", &[S], V, (2, 0)),
    stable("year", &[V], V, (2, 0)).variadic(1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_each_is_found() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        for f in FUNCTIONS {
            assert_eq!(function(f.name).map(|g| g.name), Some(f.name));
        }
    }

    /// The judge's table is younger than ours or the same: both must agree.
    #[test]
    fn the_table_agrees_with_the_judge() {
        for f in FUNCTIONS.iter().filter(|f| f.until.is_none()) {
            let (least, most) = f.counts();
            for count in [least, most.unwrap_or(least + 5)] {
                let args: Vec<&str> = (0..count)
                    .map(|i| match f.arg(i) {
                        Some(ValueType::Scalar) => "1",
                        Some(ValueType::Vector) if f.name == "info" && i == 1 => "{a=\"b\"}",
                        Some(ValueType::Vector) => "x",
                        Some(ValueType::Matrix) => "x[5m]",
                        _ => "\"a\"",
                    })
                    .collect();
                let text = format!("{}({})", f.name, args.join(", "));
                let judged = promql_parser::parser::parse(&text);
                assert!(judged.is_ok(), "{text}: {judged:?}");
                let more = format!("{}({}{})", f.name, args.join(", "), ", 1".repeat(12));
                assert!(promql_parser::parser::parse(&more).is_err() || most.is_none(), "{more}");
            }
        }
    }
}
