//! `perwatt history`: machines over time.

use perwatt_compare::{History, Input, Verdict, history, load};
use perwatt_report::views::history as view;

use super::compare::{exit_of_skipped, not_comparable};
use crate::args::{FailOn, HistoryArgs};
use crate::exit::{Exit, answered};
use crate::output::{self, standing};

pub fn run(args: &HistoryArgs) -> anyhow::Result<Exit> {
    let options = args.test.options()?;
    let inputs: Vec<Input> = match args.inputs.as_slice() {
        [] => vec![Input::parse("results")],
        given => given.iter().map(|text| Input::parse(text)).collect(),
    };
    let mut loaded = load(&inputs, args.test.check)?;
    standing::tell_skipped(&loaded.skipped);
    if let Some(key) = &args.machine {
        for group in &mut loaded.groups {
            group.sessions.retain(|&s| {
                let session = &loaded.sessions[s];
                session.machine.starts_with(key.as_str())
                    || session.specimen.starts_with(key.as_str())
                    || session.node.as_deref() == Some(key)
            });
        }
    }
    let history = history(&loaded, &options)?;
    let printed = output::view(args.output.format, "perwatt: history", &history, || {
        view::blocks(&history)
    });
    if history.steps().next().is_none() {
        return Err(not_comparable(
            "no row has two sessions: nothing was compared; measure again later with perwatt run",
            &history.skipped,
        ));
    }
    let exit = exit_of_skipped(&history.skipped, args.test.keep_going);
    if exit == Exit::Done && found(&history, &args.test.fail_on) {
        return answered(Exit::Finding, printed);
    }
    answered(exit, printed)
}

/// True if the newest session of any row has one of these results.
fn found(history: &History, what: &[FailOn]) -> bool {
    let rows = history.machines.iter().flat_map(|machine| &machine.rows);
    rows.filter_map(|row| row.points.last()).any(|newest| {
        let verdict = newest.step.as_ref().map(|step| step.verdict);
        what.iter().any(|what| match what {
            FailOn::Worse => verdict == Some(Verdict::Worse),
            FailOn::Unclear => verdict.is_some_and(Verdict::is_open),
            FailOn::Na => newest.figure.is_none(),
        })
    })
}
