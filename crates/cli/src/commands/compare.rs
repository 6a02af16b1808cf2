//! `perwatt compare`: records side by side, with verdicts that their runs support.

use std::io::Write;

use anyhow::Context;
use perwatt_compare::DISTURBED;
use perwatt_compare::model::Outcome;
use perwatt_compare::{Comparison, Input, Verdict, compare};

use perwatt_report::views::comparison as view;
use perwatt_report::{Beside, phrases};

use super::left_out::{exit_of_skipped, none_left, not_comparable};
use super::sessions;
use crate::args::{CompareArgs, FailOn, ViewFormat};
use crate::exit::{Exit, answered};
use crate::output::comparison::csv;
use crate::output::{self, standing, stdout};

pub fn run(args: &CompareArgs) -> anyhow::Result<Exit> {
    let options = args.options()?;
    let inputs: Vec<Input> = args.inputs.iter().map(|text| Input::parse(text)).collect();
    let loaded = sessions::read(&inputs, args.test.check, &args.tags.wanted)?;
    standing::tell_skipped(&loaded.skipped);
    if loaded.sessions.is_empty() {
        return Err(none_left(&loaded.skipped));
    }
    sessions::check_columns(&loaded, &args.by)?;
    let comparison = compare(&loaded, &options)?;
    let printed = show(&comparison, args);
    if comparison.compared().next().is_none() {
        return Err(not_comparable(
            &why_nothing(&comparison),
            &comparison.skipped,
        ));
    }
    answered(exit_of(&comparison, args), printed)
}

fn show(comparison: &Comparison, args: &CompareArgs) -> anyhow::Result<()> {
    match args.format {
        ViewFormat::Csv => csv(comparison, &mut stdout()).context("cannot write the table"),
        ViewFormat::Html => {
            let page = perwatt_report::render(&[], Some(comparison), Beside::default());
            Ok(write!(stdout(), "{page}")?)
        }
        format => output::view_with(format, &args.plot, "", comparison, || {
            let mut blocks = standing::left_out(&comparison.skipped, format);
            blocks.extend(view::blocks(comparison, args.explain));
            if args.explain {
                blocks.push(view::explanation());
            }
            blocks
        }),
    }
}

/// The reason that there is no verdict.
fn why_nothing(comparison: &Comparison) -> String {
    let fields = phrases::fields_in_the_way(comparison);
    if comparison.columns.len() < 2 {
        let what = match comparison.columns.first() {
            Some(column) => format!("there is only one column, {}", column.label),
            None => "no row is left after --filter".into(),
        };
        return format!(
            "nothing was compared: {what}; give another file, or --by node, device, backend, session or tag:KEY"
        );
    }
    if fields == [DISTURBED] {
        return "nothing was compared: other load disturbed the runs; measure again on a quiet machine (perwatt run --wait-quiet)".into();
    }
    match fields.is_empty() {
        false => format!(
            "nothing was compared: {} differ; see the table, or --allow-differ FIELD",
            fields.join(", ")
        ),
        true => {
            let reason = comparison.cells().find_map(|cell| match &cell.outcome {
                Outcome::NotComparable { reason, .. } => Some(reason.as_str()),
                _ => None,
            });
            let why = reason.unwrap_or("no row has a figure in the baseline and in another column");
            format!("nothing was compared: {why}")
        }
    }
}

fn exit_of(comparison: &Comparison, args: &CompareArgs) -> Exit {
    let exit = exit_of_skipped(&comparison.skipped, args.test.keep_going);
    if exit != Exit::Done {
        return exit;
    }
    let found = args.test.fail_on.iter().any(|what| match what {
        FailOn::Worse => comparison.count(Verdict::Worse) > 0,
        FailOn::Unclear => comparison.compared().any(|of| of.verdict.is_open()),
        FailOn::Na => comparison.count_na() + comparison.unmatched.len() > 0,
    });
    match found {
        true => Exit::Finding,
        false => Exit::Done,
    }
}
