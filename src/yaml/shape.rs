//! Shapes: keys, types and docs of a document as data. The rooms above declare
//! them in statics; `check` and `to_schema` read them, so that messages, schema and
//! documentation cannot drift apart.

use crate::base::{Duration, list};

/// What a value may be.
#[derive(Debug)]
pub struct Shape {
    /// One sentence for the schema and for `explain`.
    pub doc: &'static str,
    /// The type.
    pub ty: Type,
}

/// A type of value.
#[derive(Debug)]
pub enum Type {
    /// A map of these keys and no others.
    Map(&'static [Field]),
    /// A map of exactly one of these keys.
    OneOf {
        /// The keys; a function, since the list is assembled from a table.
        fields: fn() -> Vec<&'static Field>,
        /// What the key chooses, such as `SLI kind`.
        what: &'static str,
    },
    /// A map of free keys.
    Dict {
        /// What a key must look like.
        key: &'static Pattern,
        /// What each value may be.
        value: &'static Shape,
    },
    /// A map of free keys, some of which are known and have Shapes of their own.
    /// What is wrong with a key that is not known is for the caller to say.
    Known {
        /// The known keys.
        fields: &'static [Field],
        /// What any key must look like.
        key: &'static Pattern,
    },
    /// A list.
    List {
        /// What each item may be.
        item: &'static Shape,
        /// How many there must be at least.
        min: usize,
    },
    /// One item, or a list of at least one. The item itself is never a list.
    OneOrMany(&'static Shape),
    /// A text that is not empty and, where one is given, follows a pattern.
    Str(Option<&'static Pattern>),
    /// Prose that is not blank.
    Text,
    /// A text, which may be empty, or a number, which is taken as written.
    LabelValue,
    /// A duration of Prometheus.
    Duration {
        /// Whether it may be 0.
        zero: bool,
    },
    /// A duration of Prometheus above 0, or this word.
    DurationOr(&'static str),
    /// `true` or `false`.
    Bool,
    /// `false`, where `true` would mean nothing.
    False,
    /// A number.
    Number(Range),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// One of several Shapes, chosen by what the value is: text, number, boolean,
    /// map or list. At most one of them may take each.
    Either(&'static [&'static Shape]),
    /// Anything.
    Any,
}

/// Which numbers are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Greater than this.
    pub above: Option<u32>,
    /// At least this.
    pub least: Option<u32>,
    /// Less than this.
    pub below: Option<u32>,
    /// Whole numbers only.
    pub integer: bool,
}

impl Range {
    /// All numbers.
    pub const ALL: Range = Range { above: None, least: None, below: None, integer: false };

    /// `above 0 and below 100`, or what else the range is; empty for all numbers.
    pub(super) fn words(&self) -> String {
        let low = match (self.above, self.least) {
            (Some(n), _) => Some(format!("above {n}")),
            (None, Some(n)) => Some(format!("at least {n}")),
            (None, None) => None,
        };
        let high = self.below.map(|n| format!("below {n}"));
        low.into_iter().chain(high).collect::<Vec<_>>().join(" and ")
    }
}

/// A key of a map.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value may be.
    pub shape: &'static Shape,
    /// One sentence; the Shape's own where empty.
    pub doc: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// What holds without it, as YAML.
    pub default: Option<&'static str>,
    /// A value to show, as YAML.
    pub example: Option<&'static str>,
}

impl Field {
    /// A key that must be there.
    pub const fn required(name: &'static str, shape: &'static Shape, doc: &'static str) -> Field {
        Field { name, shape, doc, need: Need::Required, default: None, example: None }
    }

    /// A key that may be there.
    pub const fn optional(name: &'static str, shape: &'static Shape, doc: &'static str) -> Field {
        Field { name, shape, doc, need: Need::Optional, default: None, example: None }
    }

    /// Names what holds without it.
    pub const fn or(mut self, default: &'static str) -> Field {
        self.default = Some(default);
        self
    }

    /// Gives a value to show.
    pub const fn such_as(mut self, example: &'static str) -> Field {
        self.example = Some(example);
        self
    }
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// What a text must look like.
#[derive(Debug)]
pub struct Pattern {
    /// An anchored regular expression of ECMA-262, for the schema.
    pub regex: &'static str,
    /// The same test, in code.
    pub test: fn(&str) -> bool,
    /// What such a text is: `a name of letters, digits, ...`.
    pub what: &'static str,
    /// What to do about one that is not. May be empty.
    pub help: &'static str,
}

/// What kind of node a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Null,
    Bool,
    Number,
    Str,
    Map,
    List,
}

impl Type {
    /// Whether values of `class` can be of this type.
    pub(super) fn takes(&self, class: Class) -> bool {
        match self {
            Type::Map(_) | Type::OneOf { .. } | Type::Dict { .. } | Type::Known { .. } => {
                class == Class::Map
            }
            Type::List { .. } => class == Class::List,
            Type::OneOrMany(item) => class == Class::List || item.ty.takes(class),
            Type::Str(_)
            | Type::Text
            | Type::Duration { .. }
            | Type::DurationOr(_)
            | Type::Enum(_) => class == Class::Str,
            Type::LabelValue => matches!(class, Class::Str | Class::Number),
            Type::Bool | Type::False => class == Class::Bool,
            Type::Number(_) => class == Class::Number,
            Type::Either(shapes) => shapes.iter().any(|shape| shape.ty.takes(class)),
            Type::Any => true,
        }
    }

    /// The type in words, as in "takes ...".
    pub(super) fn words(&self) -> String {
        match self {
            Type::Map(_) | Type::OneOf { .. } | Type::Dict { .. } | Type::Known { .. } => {
                "a map".into()
            }
            Type::List { .. } => "a list".into(),
            Type::OneOrMany(item) => format!("{} or a list of them", item.ty.words()),
            Type::Str(_) | Type::Text => "a text".into(),
            Type::LabelValue => "a text or a number".into(),
            Type::Duration { .. } => "a duration such as `5m`".into(),
            Type::DurationOr(word) => format!("a duration such as `30d`, or `{word}`"),
            Type::Bool => "`true` or `false`".into(),
            Type::False => "`false`".into(),
            Type::Number(Range { integer: true, .. }) => "a whole number".into(),
            Type::Number(_) => "a number".into(),
            Type::Enum(words) => list(words, "or"),
            Type::Either(shapes) => {
                let words: Vec<String> = shapes.iter().map(|shape| shape.ty.words()).collect();
                words.join(" or ")
            }
            Type::Any => "a value".into(),
        }
    }
}

/// The most digits before each unit of a duration, longest unit first: their sum
/// stays within what Prometheus can hold, so that a regular expression can tell.
const DIGITS: [(&str, usize); 7] =
    [("y", 2), ("w", 3), ("d", 4), ("h", 5), ("m", 7), ("s", 8), ("ms", 11)];

/// The regular expression of a duration; the empty text is left to `minLength`.
pub(super) fn duration_regex() -> String {
    let units: Vec<String> =
        DIGITS.iter().map(|(unit, digits)| format!("([0-9]{{1,{digits}}}{unit})?")).collect();
    format!("^{}$", units.concat())
}

/// The duration that [`duration_regex`] describes.
pub(super) fn to_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        let unit = &rest[digits..digits + letters];
        let (_, most) = DIGITS.iter().find(|(known, _)| *known == unit)?;
        if digits > *most {
            return None;
        }
        rest = &rest[digits + letters..];
    }
    Duration::parse(text)
}
