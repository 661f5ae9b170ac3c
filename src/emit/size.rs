//! How many bytes a tree takes in an object of Kubernetes: as YAML, and as the JSON
//! that `kubectl apply` keeps of it.

use crate::yaml::{Out, write};

/// Bytes in both forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    yaml: usize,
    json: usize,
}

impl Size {
    /// The larger of the two.
    pub(super) fn most(self) -> usize {
        self.yaml.max(self.json)
    }
}

impl std::ops::Add for Size {
    type Output = Size;
    fn add(self, other: Size) -> Size {
        Size { yaml: self.yaml + other.yaml, json: self.json + other.json }
    }
}

/// The size of a tree that stands as an item of a list, `indent` columns deep; at
/// most a few bytes too much.
pub(super) fn of(out: &Out<'_>, indent: usize) -> Size {
    let mut text = String::new();
    write(out, &mut text);
    // The dash and the space after it stand in the indentation.
    let lines = text.bytes().filter(|b| *b == b'\n').count();
    Size { yaml: text.len() + lines * (indent + 2), json: json(out) + 1 }
}

/// The length of the compact JSON that Go writes.
fn json(out: &Out<'_>) -> usize {
    match out {
        Out::Map(entries) => {
            let sizes = entries.iter().map(|(key, value)| string(key) + json(value) + 2);
            sizes.sum::<usize>() + 2
        }
        Out::Seq(items) => items.iter().map(|item| json(item) + 1).sum::<usize>() + 2,
        // Durations are strings in JSON.
        Out::Str(text) | Out::Raw(text) => string(text),
    }
}

/// A text in quotes. Go escapes `<`, `>` and `&` for the sake of HTML.
fn string(text: &str) -> usize {
    let char = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}' => 6,
        c => c.len_utf8(),
    };
    text.chars().map(char).sum::<usize>() + 2
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::yaml::Out;

    #[test]
    fn both_forms_are_counted() {
        let text = "a > \"b\"\nand c\n";
        let size = of(&Out::Map(vec![("expr".into(), Out::str(text))]), 8);
        // {"expr":"a \u003e \"b\"\nand c\n"}
        assert_eq!(size.json, 36);
        let yaml = "        - expr: |\n            a > \"b\"\n            and c\n";
        assert_eq!(size.yaml, yaml.len());
    }
}
