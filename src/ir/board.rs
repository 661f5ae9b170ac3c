//! Who a board is: uid, title, file and link follow from what it is about and from
//! nothing else, so that links to it hold from build to build.

use std::borrow::Cow;
use std::fmt::Write as _;

use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

/// What a board is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardId<'a> {
    /// One service: its SLOs and plain alerts.
    Service(&'a str),
    /// All SLOs of a project of this name; empty: it has none.
    Overview(&'a str),
    /// Everything of one owner, and the name of the project.
    Owner(&'a str, &'a str),
}

/// The longest uid that Grafana takes (`pkg/util/shortid_generator.go`).
const MAX_UID: usize = 40;
/// How many hex digits of a hash tell names apart that have one slug.
const HASH: usize = 10;

impl BoardId<'_> {
    /// The identifier in links. `[a-z0-9-]`, at most 40 characters, which names of
    /// Kubernetes objects can be too.
    ///
    /// ```
    /// use ninefold::ir::BoardId;
    /// assert_eq!(BoardId::Service("checkout").uid(), "slo-checkout");
    /// assert_eq!(BoardId::Service("Checkout").uid(), "slo-checkout");
    /// assert_eq!(BoardId::Service("a_b").uid(), "slo-a-b-648fa9b31b");
    /// assert_eq!(BoardId::Owner("@shop/platform", "").uid(), "owner-shop-platform-41ae210418");
    /// assert_eq!(BoardId::Overview("").uid(), "ninefold-overview");
    /// assert_eq!(BoardId::Overview("shop").uid(), "ninefold-overview-shop");
    /// ```
    pub fn uid(self) -> String {
        match self {
            // Services are unique ignoring case: lower case is no loss.
            BoardId::Service(name) => slug("slo-", &name.to_ascii_lowercase()),
            BoardId::Overview("") => "ninefold-overview".to_owned(),
            BoardId::Overview(project) => slug("ninefold-overview-", project),
            BoardId::Owner(name, "") => slug("owner-", name),
            BoardId::Owner(name, project) => slug("owner-", &format!("{project} {name}")),
        }
    }

    /// The title. Unique, since titles of one folder must be.
    pub fn title(self) -> String {
        match self {
            BoardId::Service(name) => format!("SLO / {name}"),
            BoardId::Overview("") => "All SLOs".to_owned(),
            BoardId::Overview(project) => format!("All SLOs / {}", line(project)),
            BoardId::Owner(name, "") => format!("Owner / {}", line(name)),
            BoardId::Owner(name, project) => {
                format!("Owner / {} / {}", line(project), line(name))
            }
        }
    }

    /// The file, relative to the output folder and without its extension.
    pub fn file(self) -> Utf8PathBuf {
        let name = match self {
            BoardId::Service(name) => format!("service-{name}"),
            BoardId::Overview(_) => "overview".to_owned(),
            BoardId::Owner(..) => self.uid(),
        };
        Utf8PathBuf::from(format!("dashboards/{name}"))
    }

    /// The link to it, below the address of a Grafana, or below its root.
    pub fn url(self, base: Option<&str>) -> String {
        format!("{}/d/{}", base.unwrap_or_default().trim_end_matches('/'), self.uid())
    }

    /// Whether the uid of a service's board is the prefix and the name, unchanged: then a
    /// query can make it.
    pub fn has_plain_uid(service: &str) -> bool {
        BoardId::Service(service).uid() == format!("slo-{service}")
    }
}

/// A name in the letters of a uid. One that was changed or cut, or that looks as if it
/// had been, ends with a hash of the whole name, so that two names never have one uid.
fn slug(prefix: &str, name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            _ if !slug.ends_with('-') && !slug.is_empty() => slug.push('-'),
            _ => {}
        }
    }
    let kept = slug.trim_end_matches('-');
    let room = MAX_UID - prefix.len();
    if kept == name && kept.len() <= room && !looks_hashed(kept) {
        return format!("{prefix}{kept}");
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash = digest.iter().take(HASH / 2).fold(String::new(), |mut hash, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    let cut = &kept[..kept.len().min(room - HASH - 1)];
    match cut.trim_end_matches('-') {
        "" => format!("{prefix}{hash}"),
        cut => format!("{prefix}{cut}-{hash}"),
    }
}

/// Whether a name ends as one that carries a hash does, or is one.
fn looks_hashed(name: &str) -> bool {
    let end = name.rsplit('-').next().unwrap_or_default();
    end.len() == HASH && end.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The variable of a board for a label: Grafana takes letters, digits and `_`.
///
/// ```
/// use ninefold::ir::variable_name;
/// assert_eq!(variable_name("region"), "region");
/// assert_eq!(variable_name("k8s.cluster"), "k8s_cluster");
/// assert_eq!(variable_name("slo"), "label_slo");
/// ```
pub fn variable_name(label: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let kept: String = label.chars().map(letter).collect();
    match kept.as_str() {
        "datasource" | "slo" | "owner" | "service" => format!("label_{kept}"),
        _ => kept,
    }
}

/// A name in one line, and without characters that turn the direction of text.
pub fn line(text: &str) -> Cow<'_, str> {
    let shown = |c: char| {
        !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    match text.chars().all(shown) {
        true => Cow::Borrowed(text),
        false => text.chars().map(|c| if shown(c) { c } else { ' ' }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{BoardId, HASH, MAX_UID};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn uids_are_the_names_where_they_can_be() {
        for name in ["checkout", "team-2", "a"] {
            assert_eq!(BoardId::Owner(name, "").uid(), format!("owner-{name}"));
        }
        for (name, kept) in [
            ("a--b", "owner-a-b-"),
            ("Checkout", "owner-checkout-"),
            ("-", "owner-"),
            ("日本", "owner-"),
            ("a-0123456789", "owner-a-0123456789-"),
        ] {
            let uid = BoardId::Owner(name, "").uid();
            let hash = uid.strip_prefix(kept).unwrap_or_default();
            assert!(hash.len() == HASH && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{uid}");
        }
    }

    proptest! {
        #[test]
        fn uids_of_two_owners_differ(
            owners in proptest::collection::btree_set("[ab@/_ -]{1,3}[-a0-9é]{0,50}|[a-f0-9]{10}|a-[a-f0-9]{10}", 2..40)
        ) {
            let mut seen = BTreeMap::new();
            for owner in owners {
                let uid = BoardId::Owner(&owner, "").uid();
                let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                prop_assert!(uid.len() <= MAX_UID && uid.bytes().all(fits) && !uid.ends_with('-'));
                if let Some(other) = seen.insert(uid.clone(), owner.clone()) {
                    prop_assert!(false, "{}: {:?} and {:?}", uid, other, owner);
                }
            }
        }
    }
}
