//! What makes a finding the same one in the next run: its code, its file and its
//! message, not its line. Findings come in, in order; a fingerprint of each comes
//! out, and none twice.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::base::Diagnostic;

/// The findings of a report that were named so far.
#[derive(Default)]
pub(super) struct Identities {
    seen: BTreeMap<String, usize>,
}

impl Identities {
    /// The fingerprint of the next finding, which is in `path`: 64 hexadecimal digits.
    /// Those that a report holds several of are told apart by their order.
    pub(super) fn next(&mut self, diagnostic: &Diagnostic, path: &str) -> String {
        // No code and no path holds a line feed but one that was made to.
        let mut identity = format!("{}\n{path}\n{}", diagnostic.code.name, diagnostic.message);
        let count = self.count(&identity);
        if count > 1 {
            identity.push_str(&format!("\n{count}"));
        }
        Sha256::digest(identity).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How often `name` came, this time included.
    pub(super) fn count(&mut self, name: &str) -> usize {
        let count = self.seen.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    }
}
