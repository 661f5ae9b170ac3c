//! JSON of our own as a tree without places: cheaper than to parse it as YAML, for
//! what is only looked at again if something is wrong with it.

use serde_json::Value as Json;

use super::node::{Entry, Key, Kind, Node, Scalar, Style};
use crate::base::{Span, Text};

/// A tree that is nowhere.
pub fn from_json(value: &Json) -> Node {
    let kind = match value {
        Json::Null => scalar("null", Style::Plain),
        Json::Bool(value) => scalar(&value.to_string(), Style::Plain),
        Json::Number(number) => scalar(&number.to_string(), Style::Plain),
        Json::String(text) => scalar(text, Style::Double),
        Json::Array(items) => Kind::Seq(items.iter().map(from_json).collect()),
        Json::Object(map) => Kind::Map(map.iter().map(entry).collect()),
    };
    Node { span: Span::NONE, kind }
}

fn entry((name, value): (&String, &Json)) -> Entry {
    Entry { key: Key { name: name.clone(), span: Span::NONE }, value: from_json(value) }
}

fn scalar(text: &str, style: Style) -> Kind {
    Kind::Scalar(Scalar { text: Text::made(text), style, tag: None })
}

#[cfg(test)]
mod tests {
    use super::from_json;
    use crate::base::{Diagnostics, SourceMap};
    use crate::yaml::{parse, to_json};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ -~é\n\"]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn numbers_stay_numbers_and_texts_texts() {
        let json = json!({"a": 1, "b": "1", "c": 0.999, "d": null, "e": "null", "f": [true, "true"]});
        assert_eq!(to_json(&from_json(&json)), json);
    }

    proptest! {
        #[test]
        fn the_tree_is_the_one_that_is_parsed(json in value()) {
            let text = json.to_string();
            let file = SourceMap::default().add("a.json".into(), text.as_str().into());
            let documents = parse(file, &text, &mut Diagnostics::default());
            prop_assert_eq!(to_json(&from_json(&json)), to_json(&documents[0].root));
        }
    }
}
