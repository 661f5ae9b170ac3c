//! Rule files in the values of a ConfigMap: a text with its places comes in, and
//! documents whose places are those of the file around it come out.

use crate::base::{Diagnostic, Diagnostics, FileId, Span, Text};
use crate::yaml::{self, Document, Kind, Node};

/// Reads the documents that a scalar of `file` holds.
pub(super) fn documents(file: FileId, outer: &Text, diags: &mut Diagnostics) -> Vec<Document> {
    let mut own = Diagnostics::default();
    let mut documents = yaml::parse(file, outer.as_str(), &mut own);
    for document in &mut documents {
        document.span = outer.slice(document.span.range());
        document.comments.iter_mut().for_each(|c| c.span = outer.slice(c.span.range()));
        node(&mut document.root, outer);
    }
    own.iter().for_each(|found| diags.push(moved(found.clone(), outer)));
    documents
}

/// Moves a tree to the places of the file around it.
fn node(tree: &mut Node, outer: &Text) {
    place(&mut tree.span, outer);
    match &mut tree.kind {
        Kind::Map(entries) => {
            for entry in entries {
                place(&mut entry.key.span, outer);
                node(&mut entry.value, outer);
            }
        }
        Kind::Seq(items) => items.iter_mut().for_each(|item| node(item, outer)),
        Kind::Scalar(scalar) => scalar.text = scalar.text.within(outer),
        Kind::Error => {}
    }
}

fn place(span: &mut Span, outer: &Text) {
    if !span.is_none() {
        *span = outer.slice(span.range());
    }
}

/// A finding at the places of the file around it. Its fixes are said, not offered:
/// what they would write need not be what the outer scalar takes.
fn moved(mut found: Diagnostic, outer: &Text) -> Diagnostic {
    place(&mut found.primary.span, outer);
    found.others.iter_mut().for_each(|other| place(&mut other.span, outer));
    let titles = std::mem::take(&mut found.fixes).into_iter().map(|fix| fix.title);
    found.help.extend(titles);
    found
}
