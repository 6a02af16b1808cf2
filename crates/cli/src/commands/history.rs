//! `perwatt history`: machines over time.

use std::collections::BTreeSet;

use anyhow::anyhow;
use perwatt_compare::session::Session;
use perwatt_compare::{History, Input, Verdict, history};
use perwatt_report::views::history as view;

use super::left_out::{exit_of_skipped, none_left, not_comparable};
use super::sessions;
use crate::args::near::near;
use crate::args::{FailOn, HistoryArgs};
use crate::exit::{Exit, answered};
use crate::output::{self, standing};

/// The largest number of machines that a message names.
const MOST_NAMED: usize = 12;

pub fn run(args: &HistoryArgs) -> anyhow::Result<Exit> {
    let options = args.test.options()?;
    let inputs: Vec<Input> = args.inputs.iter().map(|text| Input::parse(text)).collect();
    let mut loaded = sessions::read(&inputs, args.test.check, &args.tags.wanted)?;
    standing::tell_skipped(&loaded.skipped);
    if loaded.sessions.is_empty() {
        return Err(none_left(&loaded.skipped));
    }
    if let Some(key) = &args.machine {
        let meant = |session: &Session| {
            session.machine.starts_with(key.as_str())
                || session.specimen.starts_with(key.as_str())
                || session.node.as_deref() == Some(key)
        };
        if !loaded.sessions.iter().any(meant) {
            return Err(unknown(key, &loaded.sessions));
        }
        for group in &mut loaded.groups {
            group.sessions.retain(|&s| meant(&loaded.sessions[s]));
        }
    }
    let history = history(&loaded, &options)?;
    let title = view::title(&history);
    let printed = output::view_with(args.output.format, &args.plot, &title, &history, || {
        let mut blocks = standing::left_out(&history.skipped, args.output.format);
        blocks.extend(view::blocks(&history));
        blocks
    });
    if history.steps().next().is_none() {
        return Err(not_comparable(
            match history.machines.is_empty() {
                true => "no row is left after --filter: nothing was compared",
                false => {
                    "no row has two sessions: nothing was compared; measure again later with perwatt run"
                }
            },
            &history.skipped,
        ));
    }
    let exit = exit_of_skipped(&history.skipped, args.test.keep_going);
    if exit == Exit::Done && found(&history, &args.test.fail_on) {
        return answered(Exit::Finding, printed);
    }
    answered(exit, printed)
}

/// The error of a name that no machine has.
fn unknown(key: &str, sessions: &[Session]) -> anyhow::Error {
    let all: BTreeSet<&str> = sessions
        .iter()
        .map(|session| match &session.node {
            Some(node) => node,
            None => session.machine.get(..8).unwrap_or(&session.machine),
        })
        .collect();
    let all: Vec<&str> = all.into_iter().collect();
    let near: Vec<&str> = near(key, &all).collect();
    let which = match near.is_empty() {
        true => {
            let named = all.iter().take(MOST_NAMED).copied();
            let more = match all.len() > MOST_NAMED {
                true => format!(" and {} others", all.len() - MOST_NAMED),
                false => String::new(),
            };
            format!("there are {}{more}", named.collect::<Vec<_>>().join(", "))
        }
        false => format!("similar ones are {}", near.join(", ")),
    };
    anyhow!("--machine {key}: no machine has such a key, specimen or node; {which}")
}

/// True if the newest session of any row has one of these results, or ends a trend for the
/// worse.
fn found(history: &History, what: &[FailOn]) -> bool {
    let rows = history.machines.iter().flat_map(|machine| &machine.rows);
    let mut newest = rows.filter_map(|row| Some((row.points.last()?, row.trend.as_ref())));
    newest.any(|(newest, trend)| {
        let verdict = newest.step.as_ref().map(|step| step.verdict);
        what.iter().any(|what| match what {
            FailOn::Worse => {
                verdict == Some(Verdict::Worse) || trend.is_some_and(|trend| trend.worse)
            }
            FailOn::Unclear => verdict.is_some_and(Verdict::is_open),
            FailOn::Na => newest.figure.is_none(),
        })
    })
}
