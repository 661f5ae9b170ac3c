//! A tree held against a Shape: every fault of structure is reported here, once,
//! with its place, and nowhere else. The same verdict as the JSON Schema's.

use super::codes::{
    BAD_VALUE, EMPTY_VALUE, MISSING_KEY, ONE_OF, OUT_OF_RANGE, UNKNOWN_KEY, WRONG_TYPE,
};
use super::node::{Entry, Key, Kind, Node, Scalar, Value, to_decimal};
use super::shape::{Class, Field, Need, Pattern, Range, Shape, Type, to_duration};
use super::wording::{
    bool_help, class_of, duration_help, found, list_help, lower_first, number_help, quote, short,
    unreadable,
};
use crate::base::{Count, Decimal, Diagnostic, Diagnostics, Safety, Span, list, nearest};

/// Reports every fault of `node` against `shape`; whether there was none. Of a
/// document that is not `whole` (broken), missing keys are not reported.
pub fn check(node: &Node, shape: &Shape, whole: bool, diags: &mut Diagnostics) -> bool {
    let mut checker = Checker { whole, diags, clean: true };
    checker.node(node, shape, &Place::DOCUMENT);
    checker.clean
}

struct Checker<'d> {
    whole: bool,
    diags: &'d mut Diagnostics,
    clean: bool,
}

/// Under which key a node stands.
#[derive(Clone, Copy)]
struct Place<'n> {
    /// Empty for the document itself.
    name: &'n str,
    /// The key; of an item without a value its dash.
    span: Span,
    /// Whether it is an item of the list under that key.
    is_item: bool,
    /// Whether the key must be there.
    required: bool,
    /// A value to show, as YAML.
    example: Option<&'static str>,
}

impl Place<'_> {
    const DOCUMENT: Place<'static> =
        Place { name: "", span: Span::NONE, is_item: false, required: true, example: None };

    /// How messages call it: "the document", "`key`", "an item of `key`".
    fn title(&self) -> String {
        match (self.name, self.is_item) {
            ("", _) => "the document".to_string(),
            (name, true) => format!("an item of `{name}`"),
            (name, false) => format!("`{name}`"),
        }
    }

    /// What to write here: the example, or what `words` say.
    fn write(&self, words: &str) -> String {
        match self.example {
            Some(example) if !self.is_item => format!("write {words} such as `{example}`"),
            _ => format!("write {words}"),
        }
    }

    /// What to do about a value that is not there.
    fn fill(&self) -> String {
        match (self.is_item, self.required, self.example) {
            (true, ..) => "write the item, or remove it".to_string(),
            (_, true, Some(example)) => {
                format!("write the value, such as `{}: {example}`", self.name)
            }
            (_, true, None) => "write the value".to_string(),
            (_, false, _) => "write the value, or remove the key".to_string(),
        }
    }
}

impl Checker<'_> {
    fn report(&mut self, finding: Diagnostic) {
        self.clean = false;
        self.diags.push(finding);
    }

    fn node(&mut self, node: &Node, shape: &Shape, place: &Place<'_>) {
        let Some(class) = class_of(node) else {
            self.clean = false;
            return;
        };
        if !shape.ty.takes(class) {
            return self.wrong_type(node, class, &shape.ty, place);
        }
        match (&shape.ty, &node.kind) {
            (Type::Either(shapes), _) => {
                if let Some(shape) = shapes.iter().find(|shape| shape.ty.takes(class)) {
                    self.node(node, shape, place);
                }
            }
            (Type::Map(fields), Kind::Map(entries)) => self.map(node, entries, fields, place),
            (Type::OneOf { fields, what }, Kind::Map(entries)) => {
                self.one_of(node, entries, &fields(), what, place);
            }
            (Type::Dict { key, value }, Kind::Map(entries)) => {
                self.dict(entries, key, |_| Some(value), place);
            }
            (Type::Known { fields, key }, Kind::Map(entries)) => {
                let known = |name: &str| fields.iter().find(|f| f.name == name).map(|f| f.shape);
                self.dict(entries, key, known, place);
            }
            (Type::List { item, min }, Kind::Seq(items)) => {
                self.list(node, items, item, *min, place);
            }
            (Type::OneOrMany(item), Kind::Seq(items)) => self.list(node, items, item, 1, place),
            (Type::OneOrMany(item), _) => self.node(node, item, place),
            (ty, Kind::Scalar(scalar)) => self.scalar(scalar, ty, place),
            _ => {}
        }
    }

    fn wrong_type(&mut self, node: &Node, class: Class, ty: &Type, place: &Place<'_>) {
        let words = ty.words();
        if class == Class::Null {
            let message = match place.name {
                "" => "the document is empty".to_string(),
                _ => format!("{} has no value", place.title()),
            };
            return self.report(
                Diagnostic::new(&EMPTY_VALUE, place.span.or(node.span), message)
                    .label(format!("expected {words}"))
                    .help(place.fill()),
            );
        }
        let message = format!("{} takes {words}, found {}", place.title(), found(node));
        let mut finding =
            Diagnostic::new(&WRONG_TYPE, node.span, message).label(format!("expected {words}"));
        if let Kind::Scalar(scalar) = &node.kind {
            finding = scalar_hint(finding, scalar, class, ty);
        } else if class == Class::List && ty.takes(Class::Map) {
            finding = finding.help("remove the dash, or the brackets");
        } else if class == Class::Map && ty.takes(Class::List) {
            finding = finding.help(list_help(node, ty));
        }
        if finding.help.is_empty() {
            finding = finding.help(format!("write {words}"));
        }
        self.report(finding);
    }

    fn map(&mut self, node: &Node, entries: &[Entry], fields: &'static [Field], place: &Place<'_>) {
        let fields: Vec<&'static Field> = fields.iter().collect();
        // A key that is there under a misspelt name is not missing too.
        let mut misspelt: Vec<&str> = Vec::new();
        for entry in entries {
            match self.field(&entry.key, node, &fields, place) {
                Some(field) => self.value(entry, field),
                None => misspelt.extend(meant(&entry.key, &fields)),
            }
        }
        let missing: Vec<&Field> = fields
            .into_iter()
            .filter(|f| f.need == Need::Required && node.entry(f.name).is_none())
            .filter(|f| !misspelt.contains(&f.name))
            .collect();
        if missing.is_empty() {
            return;
        }
        if !self.whole {
            self.clean = false;
            return;
        }
        let names: Vec<&str> = missing.iter().map(|f| f.name).collect();
        let (title, span) = title(node, place);
        let keys = if names.len() == 1 { "key" } else { "keys" };
        let missing_words = list(&names, "and");
        let mut finding = Diagnostic::new(
            &MISSING_KEY,
            span,
            format!("{title} lacks the {keys} {missing_words}"),
        )
        .label(format!("needs {missing_words}"));
        for field in missing {
            let example = field.example.map(|e| format!(" {e}")).unwrap_or_default();
            let line = format!("`{}:{example}`", field.name);
            let doc = if field.doc.is_empty() { field.shape.doc } else { field.doc };
            let doc = doc.trim_end_matches('.');
            finding = finding.help(if doc.is_empty() {
                format!("add {line}")
            } else {
                format!("add {line}: {}", lower_first(doc))
            });
        }
        self.report(finding);
    }

    fn value(&mut self, entry: &Entry, field: &Field) {
        let place = Place {
            name: &entry.key.name,
            span: entry.key.span,
            is_item: false,
            required: field.need == Need::Required,
            example: field.example,
        };
        self.node(&entry.value, field.shape, &place);
    }

    /// The field of a key; one that is unknown is reported.
    fn field(
        &mut self,
        key: &Key,
        node: &Node,
        fields: &[&'static Field],
        place: &Place<'_>,
    ) -> Option<&'static Field> {
        let name = key.name.as_str();
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            return Some(field);
        }
        let (home, _) = title(node, place);
        let known: Vec<&str> = known_names(fields).collect();
        let finding =
            Diagnostic::new(&UNKNOWN_KEY, key.span, format!("unknown key `{}`", short(name)))
                .label(format!("not a key of {home}"));
        self.report(match meant(key, fields) {
            Some(meant) if node.entry(meant).is_some() => {
                finding.help(format!("remove it: `{meant}` is there already"))
            }
            Some(meant) => {
                finding.fix(format!("rename it to `{meant}`"), key.span, meant, Safety::Suggestion)
            }
            None if let Some(home) = home_of(name, fields) => {
                finding.help(format!("put it below `{home}:`"))
            }
            None if known.is_empty() => finding.help("remove it: no key stands here"),
            None => finding.help(format!("known keys: {}", list(&known, "and"))),
        });
        None
    }

    fn one_of(
        &mut self,
        node: &Node,
        entries: &[Entry],
        fields: &[&'static Field],
        what: &str,
        place: &Place<'_>,
    ) {
        let mut first: Option<&Key> = None;
        let mut others = 0;
        for entry in entries {
            let Some(field) = self.field(&entry.key, node, fields, place) else {
                others += 1;
                continue;
            };
            match first {
                Some(first) if first.name != entry.key.name => self.report(
                    Diagnostic::new(
                        &ONE_OF,
                        entry.key.span,
                        format!("a second {what} stands beside `{}`", first.name),
                    )
                    .label("the second")
                    .also(first.span, "the first")
                    .help("keep one of them"),
                ),
                Some(_) => {}
                None => {
                    first = Some(&entry.key);
                    self.value(entry, field);
                }
            }
        }
        if first.is_some() || others > 0 {
            return;
        }
        if !self.whole {
            self.clean = false;
            return;
        }
        let known: Vec<&str> = known_names(fields).collect();
        let (title, span) = title(node, place);
        self.report(
            Diagnostic::new(&ONE_OF, span, format!("{title} has no {what}"))
                .label(format!("needs one {what}"))
                .help(format!("add one of {}", list(&known, "or"))),
        );
    }

    /// A map of free keys; of a key for which `shape` knows none the value is not
    /// looked at.
    fn dict(
        &mut self,
        entries: &[Entry],
        pattern: &Pattern,
        shape: impl Fn(&str) -> Option<&'static Shape>,
        place: &Place<'_>,
    ) {
        for Entry { key, value: node } in entries {
            if (pattern.test)(&key.name) {
                let name = key.name.as_str();
                let own = Place { name, span: key.span, required: false, ..Place::DOCUMENT };
                if let Some(shape) = shape(name) {
                    self.node(node, shape, &own);
                }
            } else {
                let title = format!("a key of {}", place.title());
                let place = Place { example: None, ..*place };
                self.pattern(&title, &key.name, key.span, pattern, &place);
            }
        }
    }

    fn pattern(
        &mut self,
        title: &str,
        text: &str,
        span: Span,
        pattern: &Pattern,
        place: &Place<'_>,
    ) {
        let (kind, _) = pattern.what.split_once(':').unwrap_or((pattern.what, ""));
        let help = match pattern.help {
            "" => place.write(kind),
            help => help.to_string(),
        };
        self.report(
            Diagnostic::new(&BAD_VALUE, span, format!("{title} cannot be `{}`", short(text)))
                .label(format!("expected {}", pattern.what))
                .help(help),
        );
    }

    fn list(&mut self, node: &Node, items: &[Node], item: &Shape, min: usize, place: &Place<'_>) {
        if items.len() < min {
            let code = if items.is_empty() { &EMPTY_VALUE } else { &BAD_VALUE };
            let least = Count(min, "item");
            if self.whole {
                self.report(
                    Diagnostic::new(code, node.span, format!("`{}` has too few items", place.name))
                        .label(format!("needs at least {least}"))
                        .help("add an item, or remove the key"),
                );
            }
            self.clean = false;
        }
        for node in items {
            // An item of no value is at its dash, not at the key of the list.
            let span = if node.is_null() { node.span } else { Span::NONE };
            self.node(node, item, &Place { span, is_item: true, ..*place });
        }
    }

    fn scalar(&mut self, scalar: &Scalar, ty: &Type, place: &Place<'_>) {
        let (text, span) = (scalar.text.as_str(), scalar.text.span());
        match ty {
            Type::Str(_) | Type::Text | Type::Duration { .. } | Type::DurationOr(_)
                if is_blank(text, ty) =>
            {
                self.report(
                    Diagnostic::new(&EMPTY_VALUE, span, format!("`{}` is empty", place.name))
                        .label("an empty text")
                        .help(place.fill()),
                );
            }
            Type::Str(Some(pattern)) if !(pattern.test)(text) => {
                self.pattern(&place.title(), text, span, pattern, place);
            }
            Type::LabelValue => {
                if let Value::Number(text) = scalar.value()
                    && to_decimal(text).is_none()
                {
                    let message =
                        format!("readers of YAML disagree on the number `{}`", short(text));
                    let finding =
                        Diagnostic::new(&BAD_VALUE, span, message).label(unreadable(text));
                    self.report(quote(finding, scalar));
                }
            }
            Type::Duration { zero } => self.duration(scalar, *zero, None, place),
            Type::DurationOr(word) if text != *word => {
                self.duration(scalar, false, Some(word), place);
            }
            Type::False if scalar.value() == Value::Bool(true) => self.report(
                Diagnostic::new(&BAD_VALUE, span, format!("`{}` cannot be `true`", place.name))
                    .label("only `false` says something here")
                    .help("remove the key, or write `false`"),
            ),
            Type::Number(range) => self.number(scalar, range, place),
            Type::Enum(words) if !words.contains(&text) => {
                let choices = list(words, "or");
                let finding = Diagnostic::new(
                    &BAD_VALUE,
                    span,
                    format!("{} cannot be `{}`", place.title(), short(text)),
                )
                .label(format!("expected {choices}"));
                self.report(match nearest(text, words.iter().copied()) {
                    Some(word) => {
                        finding.fix(format!("write `{word}`"), span, word, Safety::Suggestion)
                    }
                    None => finding.help(format!("write {choices}")),
                });
            }
            _ => {}
        }
    }

    /// A duration, or `word`, which it is not.
    fn duration(
        &mut self,
        scalar: &Scalar,
        zero: bool,
        word: Option<&'static str>,
        place: &Place<'_>,
    ) {
        let or_word = word.map(|word| format!(", or `{word}`")).unwrap_or_default();
        let (text, span) = (scalar.text.as_str(), scalar.text.span());
        match to_duration(text) {
            None => {
                let message = format!("{} cannot be `{}`", place.title(), short(text));
                let finding = Diagnostic::new(&BAD_VALUE, span, message).label(format!(
                    "expected a duration such as `{}`{or_word}",
                    place.example.unwrap_or("5m")
                ));
                let meant = nearest(&text.to_ascii_lowercase(), word);
                self.report(match meant {
                    Some(word) => {
                        finding.fix(format!("write `{word}`"), span, word, Safety::Suggestion)
                    }
                    None => duration_help(finding, scalar, &or_word),
                });
            }
            Some(duration) if duration.is_zero() && !zero => self.report(
                Diagnostic::new(&OUT_OF_RANGE, span, format!("`{}` is no time at all", place.name))
                    .label("must be longer than 0")
                    .help(format!(
                        "write a duration such as `{}`{or_word}",
                        place.example.unwrap_or("5m")
                    )),
            ),
            Some(_) => {}
        }
    }

    fn number(&mut self, scalar: &Scalar, range: &Range, place: &Place<'_>) {
        let (text, span) = (scalar.text.as_str(), scalar.text.span());
        let Some(number) = to_decimal(text) else {
            let message = format!("`{}` is not a plain decimal number", short(text));
            let finding = Diagnostic::new(&BAD_VALUE, span, message).label(unreadable(text));
            return self.report(number_help(finding, scalar, range));
        };
        let bound = |n: Option<u32>| n.map(Decimal::from);
        let inside = bound(range.above).is_none_or(|n| number > n)
            && bound(range.least).is_none_or(|n| number >= n)
            && bound(range.below).is_none_or(|n| number < n);
        if !inside {
            self.report(
                Diagnostic::new(
                    &OUT_OF_RANGE,
                    span,
                    format!("`{}` is {number}, which is out of range", place.name),
                )
                .label(format!("must be {}", range.words()))
                .help(match (range.integer, range.least) {
                    (true, Some(least)) if place.example.is_none() => {
                        format!("write a whole number such as `{least}`, or remove the key")
                    }
                    (true, _) => place.write("a whole number"),
                    (false, _) => place.write("a number"),
                }),
            );
        } else if range.integer && number.to_string().contains('.') {
            self.report(
                Diagnostic::new(
                    &BAD_VALUE,
                    span,
                    format!("`{}` is {number}, not a whole number", place.name),
                )
                .label("expected a whole number")
                .help("write it without a fraction"),
            );
        }
    }
}

/// What to do about a scalar of `class` where a `ty` belongs.
fn scalar_hint(finding: Diagnostic, scalar: &Scalar, class: Class, ty: &Type) -> Diagnostic {
    let text = scalar.text.as_str();
    match ty {
        Type::Str(Some(pattern)) if !(pattern.test)(text) && !pattern.help.is_empty() => {
            finding.help(pattern.help)
        }
        Type::Str(_) | Type::Text => quote(finding, scalar),
        Type::LabelValue if class == Class::Bool => quote(finding, scalar),
        Type::Enum(words) if words.contains(&text) => quote(finding, scalar),
        Type::Duration { .. } | Type::DurationOr(_) if class == Class::Number => {
            finding.help(format!("add the unit: `{text}s`, `{text}m`, `{text}h` or `{text}d`"))
        }
        Type::Duration { .. } | Type::DurationOr(_) => {
            finding.help("write a duration such as `30s`, `5m` or `30d`")
        }
        Type::Enum(words) => finding.help(format!("write {}", list(words, "or"))),
        Type::Number(range) => number_help(finding, scalar, range),
        Type::Bool => bool_help(finding, scalar, false),
        Type::False => bool_help(finding, scalar, true),
        Type::List { .. } => {
            finding.help("write it as a list: one `- ` for each item, or `[a, b]`")
        }
        Type::OneOrMany(item) => scalar_hint(finding, scalar, class, &item.ty),
        Type::Either(shapes) => shapes
            .iter()
            .map(|shape| &shape.ty)
            .find(|ty| !(ty.takes(Class::Map) || ty.takes(Class::List)))
            .into_iter()
            .fold(finding, |finding, ty| scalar_hint(finding, scalar, class, ty)),
        Type::Map(_) | Type::OneOf { .. } | Type::Dict { .. } | Type::Known { .. } => {
            finding.help("write `key: value` lines, indented below it")
        }
        Type::LabelValue | Type::Any => finding,
    }
}

/// How a map is called, and where: by its `name`, by the key it stands under, or
/// by its first key.
fn title(node: &Node, place: &Place<'_>) -> (String, Span) {
    let first = node.as_map().and_then(|entries| entries.first()).map(|entry| entry.key.span);
    let own = first.unwrap_or(node.span);
    if place.is_item
        && let Some(name) = node.get("name").filter(|name| name.as_str().is_some())
    {
        return (format!("`{}`", short(name.as_str().unwrap_or_default())), name.span);
    }
    (place.title(), if place.is_item { own } else { place.span.or(own) })
}

/// Whether a text says nothing. One with a pattern is left to the pattern, unless
/// it is empty.
fn is_blank(text: &str, ty: &Type) -> bool {
    match ty {
        Type::Str(None) | Type::Text => text.chars().all(is_space),
        _ => text.is_empty(),
    }
}

/// What `\s` matches in the regular expressions of ECMA-262, which schemas use:
/// other than Unicode it takes the byte order mark and leaves U+0085.
fn is_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

/// The key of a map below which a key would be known.
fn home_of(name: &str, fields: &[&'static Field]) -> Option<&'static str> {
    let has = |field: &&&'static Field| match field.shape.ty {
        Type::Map(inner) => inner.iter().any(|f| f.name == name),
        _ => false,
    };
    fields.iter().find(has).map(|field| field.name)
}

/// The names of keys.
fn known_names<'a>(fields: &'a [&'static Field]) -> impl Iterator<Item = &'static str> + 'a {
    fields.iter().map(|f| f.name)
}

/// The key that an unknown one most likely stands for.
fn meant(key: &Key, fields: &[&'static Field]) -> Option<&'static str> {
    let is_unknown = fields.iter().all(|f| f.name != key.name);
    nearest(&key.name, known_names(fields)).filter(|_| is_unknown)
}
