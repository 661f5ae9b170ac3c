//! The text of names, numbers and string values in a tree.
//! A text of the program or of a file comes in; out comes a value that is cloned
//! without copying it.

use std::fmt;
use std::sync::Arc;

/// A name, a label value or a number as text. Cloning copies no text: words of
/// the program are borrowed, everything else is shared.
#[derive(Clone)]
pub struct Name(Repr);

#[derive(Clone)]
enum Repr {
    Static(&'static str),
    Shared(Arc<str>),
    /// A string literal with its quotes whose escapes do not make text, such as
    /// `"\xff"`. It is kept as it was written.
    Quoted(Arc<str>),
}

impl Name {
    /// A word of the program.
    pub const fn fixed(text: &'static str) -> Name {
        Name(Repr::Static(text))
    }

    /// A string literal that is kept as written, quotes included, because its
    /// bytes are not UTF-8.
    pub(super) fn quoted(literal: &str) -> Name {
        Name(Repr::Quoted(literal.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(text) => text,
            Repr::Shared(text) | Repr::Quoted(text) => text,
        }
    }

    /// Whether the text is a whole literal, quotes included.
    pub(super) fn is_quoted(&self) -> bool {
        matches!(self.0, Repr::Quoted(_))
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.as_str() == other.as_str() && self.is_quoted() == other.is_quoted()
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other && !self.is_quoted()
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str()).then(self.is_quoted().cmp(&other.is_quoted()))
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Name {
        Name::fixed(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Name {
        Name(Repr::Shared(text.into()))
    }
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Name {
        Name(Repr::Shared(text))
    }
}

impl From<&Arc<str>> for Name {
    fn from(text: &Arc<str>) -> Name {
        Name(Repr::Shared(Arc::clone(text)))
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Name {
        name.clone()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
