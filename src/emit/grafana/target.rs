//! The target itself: programs come in, a file per board goes out.

use super::board::Board;
use super::form::Form;
use super::{Cx, Target, Whole};
use super::{fleet, service};
use crate::base::Diagnostics;
use crate::ir::{Artifact, MARK, Program};
use crate::yaml::Node;

/// Boards for Grafana 10 and newer.
pub(in super::super) struct Grafana;

impl Target for Grafana {
    fn name(&self) -> &'static str {
        "grafana"
    }

    fn check_options(&self, options: &Node, diags: &mut Diagnostics) {
        super::form::check(options, diags);
    }

    fn emit(&self, program: &Program<'_>, cx: &mut Cx<'_>) {
        if program.service.slos.is_empty() && program.service.alerts.is_empty() {
            return;
        }
        let board = service::board(program.service, program.plans, cx.setup, cx.diags);
        write(&board, cx);
    }

    fn emit_whole(&self, services: &Whole, cx: &mut Cx<'_>) {
        if services.is_empty() {
            return;
        }
        let board = fleet::all(services, cx.setup, cx.diags);
        write(&board, cx);
        for owner in fleet::owners(services) {
            let board = fleet::owner(owner, services, cx.setup, cx.diags);
            write(&board, cx);
        }
        if Form::of(cx.options(self.name())).is_classic() {
            (cx.take)(Artifact { path: "dashboards/.lint".into(), text: lint_file() });
        }
    }
}

/// Hands a board out in the form that the project wants.
fn write(board: &Board<'_>, cx: &mut Cx<'_>) {
    let form = Form::of(cx.options("grafana"));
    let (extension, text) = form.text(board, cx.diags);
    let path = format!("{}.{extension}", board.id.file());
    (cx.take)(Artifact { path: path.into(), text });
}

/// The rules of Grafana's `dashboard-linter` (0.2.0) that recorded series cannot
/// follow, and why.
const EXCLUDED: [(&str, &str); 4] = [
    ("template-job-rule", "series recorded per SLO have no label job"),
    ("template-instance-rule", "series recorded per SLO have no label instance"),
    ("target-job-rule", "series recorded per SLO have no label job"),
    ("target-instance-rule", "series recorded per SLO have no label instance"),
];

/// What `dashboard-linter` reads beside the boards.
fn lint_file() -> String {
    let rules = EXCLUDED.map(|(rule, reason)| format!("  {rule}:\n    reason: {reason}\n"));
    format!("# {MARK} all specs of the project; DO NOT EDIT.\nexclusions:\n{}", rules.concat())
}
