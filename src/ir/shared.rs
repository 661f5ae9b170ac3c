//! Expressions that SLOs of one plan share but for their identity. One is built and
//! printed once; each SLO gets its text with its own identity put in.

use std::sync::Arc;

use crate::promql::{self, Expr, Matchers, equal, matchers};

use super::name::{SERVICE, SLO};

/// An expression over the series of a stand-in, whose identity is as long as that
/// of the SLOs that share it: where a line is broken depends on lengths alone.
#[derive(Debug)]
pub struct SharedExpr {
    /// The expression, over the stand-in's series.
    pub tree: Expr,
    /// Its text, cut where an identity belongs.
    pieces: Vec<Box<str>>,
}

/// The matchers that select the series of one SLO.
pub fn identity(service: &Arc<str>, slo: &Arc<str>) -> Matchers {
    matchers([equal(SERVICE, Arc::clone(service)), equal(SLO, Arc::clone(slo))])
}

/// The text of these matchers. Names of services and SLOs need no escapes.
pub fn identity_text(service: &str, slo: &str) -> Arc<str> {
    format!("{SERVICE}=\"{service}\", {SLO}=\"{slo}\"").into()
}

impl SharedExpr {
    /// Builds and prints an expression for identities whose names are `length` bytes
    /// long together, at least 2.
    pub fn new(length: usize, build: impl FnOnce(&Matchers) -> Expr) -> SharedExpr {
        // No generated expression holds such a name elsewhere.
        let service: Arc<str> = "z".repeat(length.saturating_sub(1)).into();
        let slo: Arc<str> = "z".into();
        let tree = build(&identity(&service, &slo));
        let text = promql::print(&tree);
        let pieces = text.split(&*identity_text(&service, &slo)).map(Box::from).collect();
        SharedExpr { tree, pieces }
    }

    /// The text for an SLO, given that of its identity.
    pub fn text(&self, identity: &str) -> String {
        self.pieces.join(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::{SharedExpr, identity, identity_text};
    use crate::promql::{BinaryOp, Matchers, binary, print, selector_with};
    use std::sync::Arc;

    #[test]
    fn the_text_is_that_of_the_expression_built_for_the_slo() {
        for (service, slo) in
            [("a", "b"), ("checkout", "availability"), ("checkout-api-of-the-shop", "latency.p99")]
        {
            let build = |m: &Matchers| {
                let read = |name| selector_with(name, m);
                binary(
                    read("slo:events_bad:rate5m"),
                    BinaryOp::Div,
                    read("slo:events_total:rate5m"),
                )
            };
            let (service, slo): (Arc<str>, Arc<str>) = (service.into(), slo.into());
            let shared = SharedExpr::new(service.len() + slo.len(), build);
            let own = print(&build(&identity(&service, &slo)));
            assert_eq!(shared.text(&identity_text(&service, &slo)), own);
        }
    }
}
