//! Synthetic records, loaded for comparisons.
#![allow(dead_code)]

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::{Checked, Group};
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
            directory: true,
            sessions: (first..sessions.len()).collect(),
        });
    }
    Loaded {
        groups: found,
        sessions,
        selfchecks,
        skipped: Vec::new(),
        checked: Checked::InFull,
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

/// Seeded noise: the same in every run of the tests (SplitMix64, Box and Muller).
pub struct Noise(pub u64);

impl Noise {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.unit(), self.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Rates around `centre` with this relative scatter.
    pub fn rates(&mut self, count: usize, centre: f64, scatter: f64) -> Vec<f64> {
        (0..count)
            .map(|_| centre * (scatter * self.normal()).exp())
            .collect()
    }
}
