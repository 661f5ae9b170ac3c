//! `ninefold explain`: prints why a code matters, what fires it and what to write
//! instead.

use super::Outcome;
use super::args::Explain;
use super::show;
use crate::base::{Code, nearest};
use crate::compile;

pub(super) fn run(options: &Explain) -> Outcome {
    let codes = compile::codes();
    let Some(name) = &options.code else {
        show::text(&listing(&codes));
        return Outcome::Clean;
    };
    match codes.iter().find(|code| code.name == name) {
        Some(code) => {
            show::text(&explanation(code));
            Outcome::Clean
        }
        None => {
            let near = nearest(name, codes.iter().map(|c| c.name));
            let hint = near.map_or_else(
                || "`ninefold explain` lists all codes".to_owned(),
                |near| format!("a similar code exists: `{near}`"),
            );
            show::failure(&format!("no code is called `{name}`; {hint}"))
        }
    }
}

/// The doc comment of a code, without the space that each line of it begins with.
fn explanation(code: &Code) -> String {
    let mut text = format!("{}[{}]\n\n", code.severity.name(), code.name);
    for (index, line) in code.doc.lines().enumerate() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if index > 0 && line.starts_with("## ") {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn listing(codes: &[&Code]) -> String {
    let width = codes.iter().map(|c| c.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in codes {
        let why = first_sentence(code.doc);
        text.push_str(&format!("{:width$}  {:7}  {why}\n", code.name, code.severity.name()));
    }
    text
}

/// The first sentence below the heading `Why`.
fn first_sentence(doc: &str) -> String {
    let prose: Vec<&str> = doc
        .lines()
        .map(str::trim)
        .skip_while(|line| line.starts_with('#') || line.is_empty())
        .take_while(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    let prose = prose.join(" ");
    let end = prose.find(". ").unwrap_or(prose.len());
    prose[..end].trim_end_matches('.').to_owned()
}
