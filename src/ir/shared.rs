//! Expressions that SLOs of one plan share but for their identity. One is built and
//! printed once; each SLO gets its text with its own identity put in.

use std::sync::Arc;

use super::identity::Identity;
use crate::config::Names;
use crate::promql::{self, Expr};

/// An expression over the series of a stand-in, whose identity is as long as that
/// of the SLOs that share it: where a line is broken depends on lengths alone.
#[derive(Debug)]
pub struct SharedExpr {
    /// The expression, over the stand-in's series.
    pub tree: Expr,
    /// Its text, cut where an identity belongs.
    pieces: Vec<Box<str>>,
}

impl SharedExpr {
    /// Builds and prints an expression for identities whose names are `length` bytes
    /// long together, at least 2.
    pub fn new(names: Names, length: usize, build: impl FnOnce(Identity) -> Expr) -> SharedExpr {
        // No generated expression holds such a name elsewhere.
        let service: Arc<str> = "z".repeat(length.saturating_sub(1)).into();
        let slo: Arc<str> = "z".into();
        let identity = Identity::new(names, &service, &slo);
        let stand_in = Arc::clone(&identity.text);
        let tree = build(identity);
        let text = promql::print(&tree);
        let pieces = text.split(&*stand_in).map(Box::from).collect();
        SharedExpr { tree, pieces }
    }

    /// The text for an SLO, given that of its identity.
    pub fn text(&self, identity: &str) -> String {
        self.pieces.join(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::SharedExpr;
    use crate::config::Names;
    use crate::ir::Identity;
    use crate::promql::{BinaryOp, binary, print, selector_with};
    use std::sync::Arc;

    #[test]
    fn the_text_is_that_of_the_expression_built_for_the_slo() {
        let slos =
            [("a", "b"), ("checkout", "availability"), ("checkout-api-of-the-shop", "latency.p99")];
        for (names, (service, slo)) in
            [Names::Native, Names::Sloth].iter().flat_map(|names| slos.map(|slo| (*names, slo)))
        {
            let build = |identity: Identity| {
                let read = |name| selector_with(name, &identity.matchers);
                binary(
                    read("slo:events_bad:rate5m"),
                    BinaryOp::Div,
                    read("slo:events_total:rate5m"),
                )
            };
            let (service, slo): (Arc<str>, Arc<str>) = (service.into(), slo.into());
            let shared = SharedExpr::new(names, service.len() + slo.len(), build);
            let identity = Identity::new(names, &service, &slo);
            let own = print(&build(identity.clone()));
            assert_eq!(shared.text(&identity.text), own);
        }
    }
}
