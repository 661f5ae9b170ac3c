//! What Kubernetes takes for a namespace and for labels of an object, as Shapes.
//! Source: `k8s.io/apimachinery/pkg/util/validation`.

use crate::yaml::{Pattern, Shape, Type};

/// The longest namespace, part of a name between dots, label value, and name of a
/// label behind its prefix.
const MAX_LABEL: usize = 63;
/// The longest name of an object, and prefix of a label.
const MAX_SUBDOMAIN: usize = 253;

static NAMESPACE_NAME: Pattern = Pattern {
    regex: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
    test: is_dns_label,
    what: "a namespace of Kubernetes",
    help: "use at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends",
};

/// A namespace.
pub(super) static NAMESPACE: Shape =
    Shape { doc: "A namespace of Kubernetes.", ty: Type::Str(Some(&NAMESPACE_NAME)) };

static LABEL_VALUE: Pattern = Pattern {
    regex: "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    test: is_qualified,
    what: "the value of a Kubernetes label",
    help: "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
};

/// The value of a label of an object. A number must be quoted, as it must be in a
/// manifest.
pub(super) static OBJECT_LABEL: Shape =
    Shape { doc: "The value of a Kubernetes label.", ty: Type::Str(Some(&LABEL_VALUE)) };

static LABEL_KEY: Pattern = Pattern {
    regex: "^((?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    test: |text| match text.split_once('/') {
        Some((prefix, name)) => is_object_name(prefix) && is_qualified(name),
        None => is_qualified(text),
    },
    what: "the name of a Kubernetes label",
    help: "write a name such as `role`, or `example.com/role` with a prefix in lower case",
};

/// Labels of an object.
pub(super) static OBJECT_LABELS: Shape = Shape {
    doc: "Labels of Kubernetes objects.",
    ty: Type::Dict { key: &LABEL_KEY, value: &OBJECT_LABEL },
};

/// RFC 1123, a label.
fn is_dns_label(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.len() <= MAX_LABEL && is_dns_part(text) && text.bytes().all(fits)
}

/// RFC 1123, a subdomain: what the name of an object must be. Kubernetes does not
/// bound its parts.
pub fn is_object_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let part = |part: &str| is_dns_part(part) && part.bytes().all(fits);
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(part)
}

/// Whether a text begins and ends with a letter or digit.
fn is_dns_part(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(is_end) && text.ends_with(is_end)
}

fn is_qualified(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    text.len() <= MAX_LABEL && is_dns_part(text) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::{LABEL_KEY, LABEL_VALUE, NAMESPACE_NAME, is_object_name};
    use crate::yaml::Pattern;

    fn takes(pattern: &Pattern, good: &[&str], bad: &[&str]) {
        let schema = serde_json::json!({ "type": "string", "pattern": pattern.regex });
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        for (texts, sound) in [(good, true), (bad, false)] {
            for text in texts {
                assert_eq!((pattern.test)(text), sound, "{text:?}");
                assert_eq!(schema.is_valid(&(*text).into()), sound, "the schema: {text:?}");
            }
        }
    }

    #[test]
    fn what_kubernetes_takes() {
        let (long, longer) = ("a".repeat(63), "a".repeat(64));
        takes(
            &NAMESPACE_NAME,
            &["a", "monitoring", "a-1", &long],
            &["", "A", "a.b", "-a", "a-", &longer],
        );
        takes(
            &LABEL_VALUE,
            &["k8s", "a_B.c-1", &long],
            &["", "@org/team", "a b", "a-", "ä", &longer],
        );
        let prefix = format!("{}/x", ["a"; 127].join("."));
        let too_long = format!("{}/x", ["a"; 128].join("."));
        takes(
            &LABEL_KEY,
            &["role", "app.kubernetes.io/part-of", "a/B_c", &prefix],
            &["", "/a", "a/", "a/b/c", "A.io/b", "a..b/c", "a b", &too_long],
        );
    }

    #[test]
    fn names_of_objects() {
        for (name, sound) in
            [("slo-a.b", true), ("slo-a..b", false), ("slo-A", false), ("slo-a-", false)]
        {
            assert_eq!(is_object_name(name), sound, "{name}");
        }
    }
}
