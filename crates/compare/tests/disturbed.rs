//! Sessions on a busy machine beside sessions on a quiet one.

mod common;

use common::{compared, groups, outcome};
use perwatt_compare::model::Outcome;
use perwatt_compare::{Comparison, Options, Verdict, compare, history};
use perwatt_record::Record;
use perwatt_record::fixture::busy::share_cpus;
use perwatt_record::fixture::noise::Noise;
use perwatt_record::fixture::{Made, counter};

const CENTRE: f64 = 4e11;

/// A session of which every run from round `from` on got this share of its CPUs, and was
/// as much slower.
fn session(noise: &mut Noise, id: u64, share: f64, from: u32) -> Record {
    let mut rates = noise.rates(8, CENTRE, 0.002);
    for rate in &mut rates[from as usize..] {
        *rate *= share;
    }
    let mut made = Made::one("x", id, &rates);
    made.started_unix_s += 86_400 * id as u32;
    made.meter = Some(counter("rapl", None));
    let mut record = made.record();
    share_cpus(&mut record, 1.0, |run| run.round < from);
    share_cpus(&mut record, share, |run| run.round >= from);
    record
}

fn changes(comparison: &Comparison) -> usize {
    [
        Verdict::Better,
        Verdict::Worse,
        Verdict::BetterHere,
        Verdict::WorseHere,
    ]
    .map(|verdict| comparison.count(verdict))
    .iter()
    .sum()
}

fn reasons(comparison: &Comparison) -> Vec<String> {
    let reason = |outcome: &Outcome| match outcome {
        Outcome::NotComparable { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    comparison
        .cells()
        .filter_map(|cell| reason(&cell.outcome))
        .collect()
}

#[test]
fn a_quiet_session_against_a_busy_one_is_never_better_or_worse() {
    let mut noise = Noise(5);
    for share in [0.3, 0.52, 0.8, 0.89, 0.91, 0.95, 0.975, 0.99] {
        for sessions in [1, 3] {
            let mut side = |first: u64, share: f64| -> Vec<Record> {
                let ids = first..first + sessions;
                ids.map(|id| session(&mut noise, id, share, 0)).collect()
            };
            let (quiet, busy) = (side(1, 1.0), side(11, share));
            for sides in [[&quiet[..], &busy], [&busy, &quiet]] {
                let found = compare(&groups(&sides), &Options::default()).unwrap();
                assert_eq!(changes(&found), 0, "{share} {sessions}");
                let barred = reasons(&found);
                // The rate and the joules; where the baseline is busy, its own cells too.
                assert_eq!(!barred.is_empty(), share < 0.9, "{share}: {barred:?}");
                assert!(barred.len().is_multiple_of(2), "{barred:?}");
                let percent = 100.0 * share;
                let says = format!("disturbed: the worker got {percent:.0} % of its CPUs");
                assert!(barred.iter().all(|why| why.ends_with(&says)), "{barred:?}");
            }
        }
    }
}

#[test]
fn disturbed_runs_of_a_session_are_left_out_and_counted() {
    let mut noise = Noise(6);
    let (quiet, partly) = (
        session(&mut noise, 1, 1.0, 0),
        session(&mut noise, 2, 0.5, 5),
    );
    let found = compared(&[quiet, partly], &Options::default());
    assert_eq!(changes(&found), 0);
    assert_eq!(reasons(&found), [""; 0]);
    let cells: Vec<_> = found.cells().collect();
    let busy = cells.iter().filter(|cell| {
        let mut notes = cell.notes.iter();
        notes.any(|note| note == "3 runs disturbed by other load and left out")
    });
    assert_eq!(busy.count(), 2, "rate and joules: {cells:?}");
}

#[test]
fn a_busy_session_is_not_pooled_with_quiet_ones() {
    let mut noise = Noise(7);
    let mut quiet: Vec<Record> = (1..4).map(|id| session(&mut noise, id, 1.0, 0)).collect();
    let base: Vec<Record> = (11..14).map(|id| session(&mut noise, id, 1.0, 0)).collect();
    let alone = compare(&groups(&[&base, &quiet]), &Options::default()).unwrap();
    quiet.push(session(&mut noise, 4, 0.5, 0));
    let with_busy = compare(&groups(&[&base, &quiet]), &Options::default()).unwrap();
    let rate = |found: &Comparison| found.tables[0].rows[0].cells[1].clone();
    let (alone, with_busy) = (rate(&alone), rate(&with_busy));
    assert_eq!(outcome(&alone).ratio, outcome(&with_busy).ratio);
    let left_out = "a session left out: disturbed: the worker got 50 % of its CPUs";
    assert!(
        with_busy.notes.iter().any(|note| note == left_out),
        "{:?}",
        with_busy.notes
    );
}

#[test]
fn a_history_steps_over_busy_sessions() {
    let mut noise = Noise(8);
    let shares = [1.0, 1.0, 1.0, 0.5, 1.0, 0.93, 1.0];
    let records: Vec<Record> = (1..)
        .zip(shares)
        .map(|(id, share)| session(&mut noise, id, share, 0))
        .collect();
    let found = history(&common::loaded(&records[..6]), &Options::default()).unwrap();
    let changed = found.steps().filter(|step| step.verdict.is_difference());
    assert_eq!(changed.count(), 0);
    for row in found.machines.iter().flat_map(|machine| &machine.rows) {
        let busy = &row.points[3];
        assert!(busy.figure.is_none() && busy.step.is_none());
        assert_eq!(busy.notes, ["disturbed: the worker got 50 % of its CPUs"]);
        assert!(
            row.points[5].step.is_some(),
            "a run with 93 % of its CPUs counts"
        );
    }
}

#[test]
fn a_busy_side_widens_what_a_difference_must_exceed() {
    let mut noise = Noise(9);
    let quiet = session(&mut noise, 1, 1.0, 0);
    let busy = session(&mut noise, 2, 0.95, 0);
    let found = compare(&groups(&[&[quiet], &[busy]]), &Options::default()).unwrap();
    let cell = &found.tables[0].rows[0].cells[1];
    let judged = outcome(cell);
    let why = judged.noise_reason.as_deref().unwrap_or_default();
    assert_eq!(why, "a run of B lacked 5.0 % of its CPUs");
}
