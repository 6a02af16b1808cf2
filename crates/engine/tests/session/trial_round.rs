//! The trial round before a session.

use std::sync::atomic::AtomicBool;

use perwatt_engine::plan::MeterNote;
use perwatt_engine::session::{NewSession, Observer, trial_round};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, Run};

use crate::fixture::*;
use crate::meters::counter;

trials![
    every_entry_runs_once,
    an_interrupt_ends_it,
    its_notes_are_kept
];

/// Counts runs, and interrupts in the first of them where that is wanted.
struct Counter<'a> {
    interrupt: &'a AtomicBool,
    wanted: bool,
    trials: usize,
    runs: usize,
}

impl Observer for Counter<'_> {
    fn trial_started(&mut self, record: &Record) {
        assert_eq!(record.config.rounds, 1);
        self.trials += 1;
    }

    fn run_started(&mut self, _entry: &Entry, _round: u32) {
        let order = std::sync::atomic::Ordering::Relaxed;
        self.interrupt.store(self.wanted, order);
    }

    fn run_ended(&mut self, _entry: &Entry, _run: &Run) {
        self.runs += 1;
    }
}

fn planned() -> NewSession {
    let mut new = new_session(vec![multiplying("well"), hashing("well")], 4);
    let protocol = &mut new.planned.config.protocol;
    new.planned.trial = Some(protocol.clone());
    protocol.idle_s = 60.0;
    assert!(new.planned.config.rounds > 1);
    new.planned = new.planned.trial_round().unwrap();
    assert_eq!(new.planned.trial_round(), None);
    new.instruments.meters = vec![counter("counter")];
    new
}

/// The record of a trial round, its numbers of beginnings and of runs.
fn tried(interrupted: bool) -> (Option<Record>, [usize; 2]) {
    let interrupt = AtomicBool::new(false);
    let mut counter = Counter {
        interrupt: &interrupt,
        wanted: interrupted,
        trials: 0,
        runs: 0,
    };
    let record = trial_round(planned(), &command("well"), &mut counter, &interrupt).unwrap();
    (record, [counter.trials, counter.runs])
}

fn every_entry_runs_once() {
    let (record, counts) = tried(false);
    let record = record.unwrap();
    assert_eq!(counts, [1, 2]);
    assert!(all_ran(&record) && record.idle.is_empty());
    let mut entries: Vec<u32> = record.runs.iter().map(|run| run.entry).collect();
    entries.sort_unstable();
    assert_eq!(entries, [0, 1]);
    let measured = record.runs.iter().map(|run| run.measured.as_ref().unwrap());
    assert!(measured.clone().all(|measured| measured.energy.len() == 1));
}

fn an_interrupt_ends_it() {
    let (record, counts) = tried(true);
    assert!(record.is_none());
    assert_eq!(counts, [1, 0]);
}

/// What is said of an error that was asked for stands in the record of the meter.
fn its_notes_are_kept() {
    let mut new = new_session(vec![multiplying("well")], 1);
    new.instruments.meters = vec![counter("counter"), counter("other")];
    let note = MeterNote::NoPromise {
        meter: "counter".into(),
        asked: 0.005,
        why: "it stands still".into(),
    };
    let of_user = MeterNote::Unknown {
        meter: "other".into(),
    };
    new.planned.notes = vec![note, of_user];
    let record = well(new);
    let notes: Vec<&[String]> = record.meters.iter().map(|m| &m.notes[..]).collect();
    let kept = "--energy-error 0.5 cannot be promised for counter: it stands still";
    assert_eq!(notes, [&[kept.to_owned()][..], &[]]);
}
