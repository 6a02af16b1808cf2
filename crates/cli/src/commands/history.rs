//! `perwatt history`: machines through time.

use std::io::Write;

use perwatt_compare::{History, Input, Options, Verdict, history, load};

use super::compare::{exit_of_skipped, not_comparable, tell_skipped};
use crate::args::{HistoryArgs, HistoryFormat};
use crate::exit::Exit;
use crate::output::{self, history as text};

pub fn run(args: &HistoryArgs) -> anyhow::Result<Exit> {
    let filters = args
        .filter
        .iter()
        .map(|f| perwatt_compare::Filter::parse(f));
    let options = Options {
        margin: args.margin,
        alpha: args.alpha,
        filters: filters.collect::<Result<_, _>>()?,
        ..Options::default()
    };
    let inputs: Vec<Input> = match args.inputs.as_slice() {
        [] => vec![Input::parse("results")],
        given => given.iter().map(|text| Input::parse(text)).collect(),
    };
    let mut loaded = load(&inputs, args.check)?;
    tell_skipped(&loaded.skipped);
    if let Some(key) = &args.machine {
        for group in &mut loaded.groups {
            group
                .sessions
                .retain(|&s| loaded.sessions[s].machine.starts_with(key.as_str()));
        }
    }
    let history = history(&loaded, &options)?;
    match args.format {
        HistoryFormat::Json => output::json(&history)?,
        HistoryFormat::Text => write!(anstream::stdout().lock(), "{}", text::render(&history))?,
    }
    if history.steps().next().is_none() {
        return Err(not_comparable(
            "no row has two sessions: nothing was compared; measure again later with perwatt run",
        ));
    }
    let exit = exit_of_skipped(&history.skipped, args.keep_going);
    if exit == Exit::Done && args.fail_on_worse && newest_is_worse(&history) {
        return Ok(Exit::Finding);
    }
    Ok(exit)
}

fn newest_is_worse(history: &History) -> bool {
    let rows = history.machines.iter().flat_map(|machine| &machine.rows);
    rows.filter_map(|row| row.points.last()?.step.as_ref())
        .any(|step| step.verdict == Verdict::Worse)
}
