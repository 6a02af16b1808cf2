//! Synthetic sessions and their energy gap.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::Path;

use perwatt_compare::intern::Interner;
use perwatt_compare::load::Loaded;
use perwatt_compare::session::Session;
use perwatt_gap::catalogue::Catalogue;
use perwatt_gap::energy::{EnergyGap, Options, gap};
use perwatt_record::fixture::{Made, MadeEntry, ten_around};
use perwatt_record::schema::Entry;

/// Ten runs of an entry around a rate, at a power.
pub fn of(entry: Entry, rate: f64, power_w: f64) -> MadeEntry {
    MadeEntry {
        entry,
        rates_per_s: ten_around(rate),
        power_w,
    }
}

/// A session of these entries, without a meter.
pub fn made(id: u64, entries: Vec<MadeEntry>) -> Made {
    let mut made = Made::one("made up", id, &[1.0]);
    made.entries = entries;
    made
}

/// Loads these sessions as if they had been read from a directory.
pub fn loaded(all: &[Made]) -> Loaded {
    let interner = Interner::default();
    let session = |made: &Made| Session::of(Path::new("x.json"), &made.record(), &interner);
    Loaded::of(all.iter().map(session).collect())
}

/// The gap of these sessions with options that differ from the defaults.
pub fn of_all(all: &[Made], change: impl FnOnce(&mut Options<'_>)) -> EnergyGap {
    of_loaded(&loaded(all), change)
}

/// The same, of sessions that are loaded.
pub fn of_loaded(all: &Loaded, change: impl FnOnce(&mut Options<'_>)) -> EnergyGap {
    let catalogue = Catalogue::builtin().unwrap();
    let mut options = Options::new(&catalogue, Some("S21 XP"), &[], &|_, _| None).unwrap();
    change(&mut options);
    gap(all, &options)
}

/// The gap of these sessions with the defaults.
pub fn plain(all: &[Made]) -> EnergyGap {
    of_all(all, |_| {})
}

/// Asserts that two figures are equal within 0.2 %, the spread of the runs.
pub fn near(found: f64, wanted: f64) {
    assert!((found / wanted - 1.0).abs() < 2e-3, "{found} {wanted}");
}
