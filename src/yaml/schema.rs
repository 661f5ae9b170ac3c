//! Shapes as JSON Schema, and trees as the JSON that it judges. The verdict of the
//! schema and of `check` is the same; a test holds them together.

use serde_json::{Map, Number, Value as Json, json};

use super::node::{Kind, Node, Scalar, Value, to_decimal};
use super::parse::parse;
use super::shape::{Field, Need, Range, Shape, Type, duration_regex};
use crate::base::{Diagnostics, SourceMap};

/// The JSON Schema (draft 2020-12) of documents of `shape`.
pub fn to_schema(shape: &Shape, title: &str) -> Json {
    let mut root = Map::new();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".into(), json!(title));
    root.append(&mut shape_schema(shape));
    Json::Object(root)
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

/// The schema of a Shape with its sentence.
fn shape_schema(shape: &Shape) -> Map<String, Json> {
    let mut schema = Map::new();
    if !shape.doc.is_empty() {
        schema.insert("description".into(), json!(shape.doc));
    }
    schema.append(&mut type_schema(&shape.ty));
    schema
}

/// The schema of a key: what it says of itself stands before what its Shape says.
fn field_schema(field: &Field) -> Json {
    let mut schema = shape_schema(field.shape);
    let mut own = Map::new();
    if !field.doc.is_empty() {
        own.insert("description".into(), json!(field.doc));
        schema.shift_remove("description");
    }
    own.append(&mut schema);
    if let Some(default) = field.default {
        own.insert("default".into(), snippet(default));
    }
    if let Some(example) = field.example {
        own.insert("examples".into(), json!([snippet(example)]));
    }
    Json::Object(own)
}

/// A value that was given as YAML.
fn snippet(text: &str) -> Json {
    let mut files = SourceMap::default();
    let file = files.add("snippet.yaml".into(), text.into());
    let documents = parse(file, text, &mut Diagnostics::default());
    documents.first().map_or(Json::Null, |document| to_json(&document.root))
}

fn type_schema(ty: &Type) -> Map<String, Json> {
    let schema = match ty {
        Type::Map(fields) => {
            let required: Vec<&str> =
                fields.iter().filter(|f| f.need == Need::Required).map(|f| f.name).collect();
            let mut schema = object(keys(*fields));
            if !required.is_empty() {
                schema.insert("required".into(), json!(required));
            }
            return schema;
        }
        Type::OneOf { fields, .. } => {
            let mut schema = object(keys(fields()));
            schema.insert("minProperties".into(), json!(1));
            schema.insert("maxProperties".into(), json!(1));
            return schema;
        }
        Type::Dict { key, value } => json!({
            "type": "object",
            "propertyNames": { "pattern": key.regex },
            "additionalProperties": shape_schema(value),
        }),
        Type::Known { fields, key } => {
            let mut schema = object(keys(*fields));
            schema.remove("additionalProperties");
            schema.insert("propertyNames".into(), json!({ "pattern": key.regex }));
            return schema;
        }
        Type::List { item, min: 0 } => json!({ "type": "array", "items": shape_schema(item) }),
        Type::List { item, min } => {
            json!({ "type": "array", "items": shape_schema(item), "minItems": min })
        }
        Type::OneOrMany(item) => {
            let item = shape_schema(item);
            json!({ "anyOf": [item, { "type": "array", "items": item, "minItems": 1 }] })
        }
        Type::Str(None) | Type::Text => json!({ "type": "string", "pattern": "\\S" }),
        Type::Str(Some(pattern)) => {
            json!({ "type": "string", "minLength": 1, "pattern": pattern.regex })
        }
        Type::LabelValue => json!({ "type": ["string", "number"] }),
        Type::Duration { zero: true } => {
            json!({ "type": "string", "minLength": 1, "pattern": duration_regex() })
        }
        Type::Duration { zero: false } => above_zero(),
        Type::DurationOr(word) => json!({ "anyOf": [{ "const": word }, above_zero()] }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::False => json!({ "const": false }),
        Type::Number(range) => return number_schema(range),
        Type::Enum(words) => json!({ "enum": words }),
        Type::Either(shapes) => {
            let shapes: Vec<_> = shapes.iter().map(|shape| shape_schema(shape)).collect();
            json!({ "anyOf": shapes })
        }
        Type::Any => json!({}),
    };
    object(schema)
}

/// A duration above 0.
fn above_zero() -> serde_json::Value {
    json!({
        "type": "string",
        "minLength": 1,
        "pattern": duration_regex(),
        "allOf": [{ "pattern": "[1-9]" }],
    })
}

/// A closed map of keys.
fn keys(fields: impl IntoIterator<Item = &'static Field>) -> Json {
    let properties: Map<String, Json> =
        fields.into_iter().map(|field| (field.name.to_string(), field_schema(field))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn number_schema(range: &Range) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("type".into(), json!(if range.integer { "integer" } else { "number" }));
    let bounds = [
        ("exclusiveMinimum", range.above),
        ("minimum", range.least),
        ("exclusiveMaximum", range.below),
    ];
    for (name, bound) in bounds {
        if let Some(bound) = bound {
            schema.insert(name.into(), json!(bound));
        }
    }
    schema
}

/// A tree as JSON. Of a key that stands twice the first counts. A number that
/// readers of YAML disagree on (`017`, `0x1F`, `.inf`, too many digits) is null:
/// no JSON number says it.
pub fn to_json(node: &Node) -> Json {
    match &node.kind {
        Kind::Error => Json::Null,
        Kind::Seq(items) => Json::Array(items.iter().map(to_json).collect()),
        Kind::Map(entries) => {
            let mut map = Map::new();
            for entry in entries {
                map.entry(entry.key.name.clone()).or_insert_with(|| to_json(&entry.value));
            }
            Json::Object(map)
        }
        Kind::Scalar(scalar) => scalar_json(scalar),
    }
}

fn scalar_json(scalar: &Scalar) -> Json {
    match scalar.value() {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Str(text) => Json::String(text.to_string()),
        Value::Number(text) => to_decimal(text)
            .and_then(|number| serde_json::from_str::<Number>(&number.to_string()).ok())
            .map_or(Json::Null, Json::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Out, Pattern, check, write};
    use proptest::prelude::*;

    static NAME: Pattern = Pattern {
        regex: "^[a-z]([-a-z0-9]*[a-z0-9])?$",
        test: |text| {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && !text.ends_with('-')
                && text.chars().all(fits)
        },
        what: "a name of small letters, digits and dashes",
        help: "",
    };
    const fn plain(ty: Type) -> Shape {
        Shape { doc: "", ty }
    }
    static WORD: Shape = Shape { doc: "A name.", ty: Type::Str(Some(&NAME)) };
    static STR: Shape = plain(Type::Str(None));
    static TEXT: Shape = plain(Type::Text);
    static LABEL: Shape = plain(Type::LabelValue);
    static LABELS: Shape = plain(Type::Dict { key: &NAME, value: &LABEL });
    static TIME: Shape = plain(Type::Duration { zero: false });
    static DELAY: Shape = plain(Type::Duration { zero: true });
    static SPAN: Shape = plain(Type::DurationOr("month"));
    static FLAG: Shape = plain(Type::Bool);
    static OFF: Shape = plain(Type::False);
    static PERCENT: Shape =
        plain(Type::Number(Range { above: Some(0), below: Some(100), ..Range::ALL }));
    static COUNT: Shape =
        plain(Type::Number(Range { least: Some(0), integer: true, ..Range::ALL }));
    static COLOUR: Shape = plain(Type::Enum(&["red", "green", "2.53"]));
    static NAMES: Shape = plain(Type::List { item: &WORD, min: 1 });
    static MANY: Shape = plain(Type::OneOrMany(&STR));
    static ANY: Shape = plain(Type::Any);
    static BOUND: Shape = plain(Type::Either(&[&TIME, &PERCENT]));
    static EVENTS_FIELDS: [Field; 2] =
        [Field::required("bad", &MANY, "The bad ones."), Field::required("total", &MANY, "All.")];
    static EVENTS: Shape = plain(Type::Map(&EVENTS_FIELDS));
    static KINDS: [Field; 2] =
        [Field::optional("events", &EVENTS, ""), Field::optional("probe", &STR, "")];
    static KIND: Shape = plain(Type::OneOf { fields: || KINDS.iter().collect(), what: "SLI kind" });
    static TICKET: Shape = plain(Type::Either(&[&OFF, &EVENTS]));
    static TOOLS: Shape = plain(Type::Known { fields: &EVENTS_FIELDS, key: &NAME });
    static FIELDS: [Field; 17] = [
        Field::optional("tools", &TOOLS, ""),
        Field::required("name", &WORD, "What it is called.").such_as("checkout"),
        Field::required("objective", &PERCENT, "Per cent."),
        Field::optional("text", &TEXT, ""),
        Field::optional("labels", &LABELS, "").or("{}"),
        Field::optional("time", &TIME, "").or("30d"),
        Field::optional("delay", &DELAY, ""),
        Field::optional("span", &SPAN, "").or("month"),
        Field::optional("flag", &FLAG, "").or("true"),
        Field::optional("count", &COUNT, "").or("3"),
        Field::optional("colour", &COLOUR, ""),
        Field::optional("names", &NAMES, ""),
        Field::optional("bound", &BOUND, ""),
        Field::optional("sli", &KIND, ""),
        Field::optional("ticket", &TICKET, ""),
        Field::optional("many", &MANY, ""),
        Field::optional("any", &ANY, ""),
    ];
    static ROOT: Shape = Shape { doc: "A document.", ty: Type::Map(&FIELDS) };

    const LEAVES: [&str; 48] = [
        "1",
        "0",
        "100",
        "99.9",
        "-1",
        "1.5",
        "1.0",
        "1e3",
        "1e-2",
        "017",
        "0x1F",
        ".inf",
        "-.INF",
        "1234567890123456",
        "100.00000000000001",
        "99.9999999999999",
        "true",
        "false",
        "yes",
        "no",
        "null",
        "~",
        "",
        "\"5\"",
        "5m",
        "0s",
        "0h0m",
        "1h30m",
        "99y",
        "300y",
        "99999w",
        "1.5h",
        "30 s",
        "m",
        "a",
        "a-b",
        "A",
        "a-",
        "\"\"",
        "a b",
        "red",
        "green",
        "2.53",
        "\"2.53\"",
        "[]",
        "{}",
        "+5",
        ".5",
    ];

    /// Takes decisions off a list of bytes.
    struct Dice<'b>(std::slice::Iter<'b, u8>);

    impl Dice<'_> {
        fn roll(&mut self, sides: usize) -> usize {
            usize::from(self.0.next().copied().unwrap_or(0)) % sides
        }
    }

    /// A value that follows the Shape but for a slip here and there.
    fn sample(shape: &Shape, dice: &mut Dice<'_>, depth: usize) -> Out<'static> {
        if depth > 4 || (depth > 0 && dice.roll(24) == 23) {
            return Out::raw(LEAVES[dice.roll(LEAVES.len())]);
        }
        let raw =
            |words: &[&'static str], dice: &mut Dice<'_>| Out::raw(words[dice.roll(words.len())]);
        match &shape.ty {
            Type::Map(fields) => entries(&fields.iter().collect::<Vec<_>>(), dice, depth),
            Type::OneOf { fields, .. } => {
                let fields = fields();
                let count = [1, 1, 1, 1, 1, 1, 0, 2][dice.roll(8)];
                let first = dice.roll(fields.len());
                let entries = (0..count).map(|i| {
                    let field = fields[(i + first) % fields.len()];
                    (field.name.into(), sample(field.shape, dice, depth + 1))
                });
                Out::Map(entries.collect())
            }
            Type::Dict { value, .. } => {
                let names = ["a", "b", "C", "d-"];
                let count = dice.roll(4);
                let entries = (0..count).map(|i| (names[i].into(), sample(value, dice, depth + 1)));
                Out::Map(entries.collect())
            }
            Type::Known { fields, .. } => {
                let mut names = vec![("a", &ANY), ("C", &ANY)];
                names.extend(fields.iter().map(|field| (field.name, field.shape)));
                let entries = (0..dice.roll(4))
                    .map(|i| (names[i].0.into(), sample(names[i].1, dice, depth + 1)));
                Out::Map(entries.collect())
            }
            Type::List { item, .. } => {
                Out::Seq((0..dice.roll(4)).map(|_| sample(item, dice, depth + 1)).collect())
            }
            Type::OneOrMany(item) if dice.roll(2) == 0 => {
                Out::Seq((0..dice.roll(3)).map(|_| sample(item, dice, depth + 1)).collect())
            }
            Type::OneOrMany(item) => sample(item, dice, depth + 1),
            Type::Str(_) | Type::Text => raw(&["a", "b-c", "ab"], dice),
            Type::LabelValue => raw(&["a", "1", "1.5", "\"\"", "1e3"], dice),
            Type::Duration { .. } => raw(&["5m", "1h30m", "30d"], dice),
            Type::DurationOr(_) => raw(&["month", "30d", "0d"], dice),
            Type::Bool => raw(&["true", "false"], dice),
            Type::False => raw(&["false", "false", "true"], dice),
            Type::Number(_) => raw(&["1", "99", "5", "3.0"], dice),
            Type::Enum(_) => raw(&["red", "green", "\"2.53\""], dice),
            Type::Either(shapes) => sample(shapes[dice.roll(shapes.len())], dice, depth + 1),
            Type::Any => Out::raw(LEAVES[dice.roll(LEAVES.len())]),
        }
    }

    fn entries(fields: &[&'static Field], dice: &mut Dice<'_>, depth: usize) -> Out<'static> {
        let mut entries = Vec::new();
        for field in fields {
            let there = match field.need {
                Need::Required => dice.roll(24) != 23,
                Need::Optional => dice.roll(3) == 0,
            };
            if there {
                entries.push((field.name.into(), sample(field.shape, dice, depth + 1)));
            }
        }
        if dice.roll(32) == 31 {
            entries.push(("nmae".into(), Out::raw("x")));
        }
        Out::Map(entries)
    }

    /// Whether `check` finds `text` sound. It reports if and only if it does not.
    fn is_clean(text: &str) -> (bool, Json) {
        let mut files = SourceMap::default();
        let file = files.add("a.yaml".into(), text.into());
        let mut diags = Diagnostics::default();
        let documents = parse(file, text, &mut diags);
        assert!(diags.is_empty(), "{text}");
        let root = &documents[0].root;
        let clean = check(root, &ROOT, true, &mut diags);
        assert_eq!(clean, diags.is_empty(), "{text}");
        let mut places: Vec<_> = diags.iter().map(|d| (d.primary.span, &d.message)).collect();
        let count = places.len();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), count, "a finding stands twice: {text}");
        let acts = |d: &crate::base::Diagnostic| !d.help.is_empty() || !d.fixes.is_empty();
        assert!(diags.iter().all(|d| acts(d) && !d.primary.text.is_empty()), "{text}");
        (clean, to_json(root))
    }

    #[test]
    fn schema_and_check_agree_on_every_leaf_everywhere() {
        let schema = to_schema(&ROOT, "test");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let mut verdicts = [0, 0];
        for field in &FIELDS {
            for leaf in LEAVES {
                let entry = format!("{}: {leaf}\n", field.name);
                let text = match field.name {
                    "name" => format!("objective: 5\n{entry}"),
                    "objective" => format!("name: a\n{entry}"),
                    _ => format!("name: a\nobjective: 5\n{entry}"),
                };
                let (clean, json) = is_clean(&text);
                assert_eq!(clean, validator.is_valid(&json), "{text}{json}");
                verdicts[usize::from(clean)] += 1;
            }
        }
        assert!(verdicts.iter().all(|n| *n > 100), "{verdicts:?}");
    }

    #[test]
    fn samples_are_of_both_kinds() {
        let mut verdicts = [0, 0];
        for seed in 0..400u32 {
            let bytes: Vec<u8> = (0..200u32)
                .map(|i| {
                    (seed.wrapping_mul(2_654_435_761).wrapping_add(i * i * 40_503) >> 13) as u8
                })
                .collect();
            let mut text = String::new();
            write(&sample(&ROOT, &mut Dice(bytes.iter()), 0), &mut text);
            verdicts[usize::from(is_clean(&text).0)] += 1;
        }
        assert!(verdicts.iter().all(|n| *n > 40), "{verdicts:?}");
    }

    #[test]
    fn a_schema_says_what_the_shape_says() {
        let schema = to_schema(&ROOT, "spec");
        assert_eq!(schema["title"], "spec");
        assert_eq!(schema["description"], "A document.");
        assert_eq!(schema["required"], json!(["name", "objective"]));
        let name = &schema["properties"]["name"];
        assert_eq!(
            name.to_string(),
            r#"{"description":"What it is called.","type":"string","minLength":1,"pattern":"^[a-z]([-a-z0-9]*[a-z0-9])?$","examples":["checkout"]}"#
        );
        assert_eq!(
            schema["properties"]["objective"].to_string(),
            r#"{"description":"Per cent.","type":"number","exclusiveMinimum":0,"exclusiveMaximum":100}"#
        );
        assert_eq!(schema["properties"]["labels"]["default"], json!({}));
        assert_eq!(schema["properties"]["flag"]["default"], json!(true));
        assert_eq!(schema["properties"]["sli"]["maxProperties"], 1);
        assert!(jsonschema::meta::is_valid(&schema));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]
        #[test]
        fn schema_and_check_agree(bytes in proptest::collection::vec(any::<u8>(), 200)) {
            thread_local! {
                static VALIDATOR: jsonschema::Validator =
                    jsonschema::validator_for(&to_schema(&ROOT, "test")).expect("a schema");
            }
            let mut text = String::new();
            write(&sample(&ROOT, &mut Dice(bytes.iter()), 0), &mut text);
            let (clean, json) = is_clean(&text);
            let valid = VALIDATOR.with(|validator| validator.is_valid(&json));
            prop_assert_eq!(clean, valid, "{}{}", text, json);
        }
    }
}
