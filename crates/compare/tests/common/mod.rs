//! Synthetic records, loaded for comparisons.
#![allow(dead_code)]

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::Group;
use perwatt_compare::model::{Cell, Outcome};
use perwatt_compare::session::Session;
use perwatt_compare::{Comparison, Loaded, Options, compare};
use perwatt_record::Record;
use perwatt_record::fixture::Made;

/// Loads each record as an input of its own, as files are.
pub fn loaded(records: &[Record]) -> Loaded {
    groups(&records.iter().map(std::slice::from_ref).collect::<Vec<_>>())
}

/// Loads each slice of records as a labelled directory.
pub fn groups(groups: &[&[Record]]) -> Loaded {
    let interner = Interner::default();
    let mut sessions = Vec::new();
    let mut selfchecks = Vec::new();
    let mut found = Vec::new();
    for (i, records) in groups.iter().enumerate() {
        let first = sessions.len();
        for record in *records {
            let session = Session::of(Path::new("x.json"), record, &interner);
            if session.selfcheck {
                selfchecks.push(session);
            } else {
                sessions.push(session);
            }
        }
        let labels = ["A", "B", "C", "D", "E", "F"];
        found.push(Group {
            label: Some(labels[i].into()),
            title: None,
            directory: true,
            sessions: (first..sessions.len()).collect(),
        });
    }
    Loaded {
        groups: found,
        selfchecks,
        ..Loaded::of(sessions)
    }
}

/// The default options, changed.
pub fn with(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    change(&mut options);
    options
}

/// The outcome of a cell that was compared.
#[track_caller]
pub fn outcome(cell: &Cell) -> &perwatt_compare::model::Compared {
    match &cell.outcome {
        Outcome::Compared(compared) => compared,
        other => panic!("{other:?}"),
    }
}

/// Rates that rise by `step` of `first` from run to run.
pub fn rising(count: u32, first: f64, step: f64) -> Vec<f64> {
    (0..count)
        .map(|i| first * (1.0 + step * f64::from(i)))
        .collect()
}

pub fn compared(records: &[Record], options: &Options) -> Comparison {
    compare(&loaded(records), options).unwrap()
}

/// The only cell beside the baseline's in the only row.
pub fn only_cell(comparison: &Comparison) -> &Cell {
    let cells: Vec<&Cell> = comparison
        .cells()
        .filter(|cell| !matches!(cell.outcome, Outcome::Base))
        .collect();
    assert_eq!(cells.len(), 1, "{comparison:#?}");
    cells[0]
}

pub fn two(a: &[f64], b: &[f64]) -> [Record; 2] {
    [Made::one("a", 1, a).record(), Made::one("b", 2, b).record()]
}
