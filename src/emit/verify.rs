//! `build --verify`: reads an output back with another parser than our own and
//! judges every expression in it again. A finding here is a fault of ours.

use crate::base::{Diagnostic, Diagnostics, Span, Text, codes};
use crate::ir::Artifact;
use crate::promql;

codes! {
    /// ## Why
    /// `--verify` read an output back and found in it what no output may have.
    /// This is a fault of ninefold, not of the spec.
    /// ## Fires
    /// Never, as far as is known.
    /// ## Instead
    /// Please report it with the spec that it is made from.
    OUTPUT_INVALID = Error "output-invalid";
}

/// Reports an artifact that does not read back as rules, or holds an expression
/// that the judge of PromQL refuses.
pub fn verify(artifact: &Artifact, diags: &mut Diagnostics) {
    let mut report = |fault: String| {
        let message = format!("the output `{}` is not valid: {fault}", artifact.path);
        diags.push(Diagnostic::new(&OUTPUT_INVALID, Span::NONE, message));
    };
    let tree: serde_yaml::Value = match serde_yaml::from_str(&artifact.text) {
        Ok(tree) => tree,
        Err(error) => return report(error.to_string()),
    };
    let list = |value: &serde_yaml::Value, key: &str| {
        value.get(key).and_then(|v| v.as_sequence()).cloned().unwrap_or_default()
    };
    let rules: Vec<_> =
        list(&tree, "groups").iter().flat_map(|group| list(group, "rules")).collect();
    if rules.is_empty() {
        report("it holds no rule".to_owned());
    }
    let judge = promql::Judge::default();
    for rule in rules {
        let expr = rule.get("expr").and_then(|e| e.as_str()).unwrap_or_default();
        let mut faults = Diagnostics::default();
        let sound =
            promql::check(&Text::made(expr), promql::Options::default(), &judge, &mut faults);
        if sound.is_none() {
            let fault = faults.iter().next().map(|f| f.message.clone()).unwrap_or_default();
            report(format!("`{expr}`: {fault}"));
        }
    }
}
