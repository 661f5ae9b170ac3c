//! All checks of one board, each called once: a tree comes in, findings and the board's
//! identity go out.

use camino::Utf8Path;

use super::id::BoardId;
use super::model::Board;
use super::{
    datasource, geometry, identity, panels, queries, texts, thresholds, titles, transformations,
    units, unknown, variables,
};
use crate::base::Diagnostics;
use crate::promql::Judge;
use crate::yaml::Node;

/// Checks one board: the classic object, alone, in the `spec` of a V1 resource or in an
/// API export. `None` when the document is no board of this kind. Without `queries` the
/// PromQL in it is not judged.
pub fn board(
    path: &Utf8Path,
    root: &Node,
    queries: Option<&Judge>,
    diags: &mut Diagnostics,
) -> Option<BoardId> {
    let board = Board::find(root, diags)?;
    identity::check(&board, diags);
    variables::check(&board, diags);
    datasource::check(&board, diags);
    geometry::check(&board, diags);
    panels::check(&board, diags);
    texts::check(&board, diags);
    titles::check(&board, diags);
    units::check(&board, diags);
    thresholds::check(&board, diags);
    transformations::check(&board, diags);
    unknown::check(&board, diags);
    queries::check(&board, queries, diags);
    Some(BoardId {
        uid: Board::spanned(board.uid),
        title: Board::spanned(super::tree::text_of(board.root, "title")),
        folder: board.folder,
        path: path.to_owned(),
    })
}
