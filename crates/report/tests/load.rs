//! Tables of a record whose runs had other load beside them.

use perwatt_record::Record;
use perwatt_record::fixture::busy::share_cpus;
use perwatt_record::fixture::{Made, MadeEntry, derive_again, hashes};
use perwatt_record::schema::Trial;
use perwatt_report::doc::Row;
use perwatt_report::views::session;

/// The notes on the only row of rates.
fn notes(record: &Record) -> Vec<String> {
    let rows = session::rates(record).rows.into_iter();
    let cells = rows.flat_map(|row| match row {
        Row::Cells { cells, .. } => cells,
        _ => Vec::new(),
    });
    cells.flat_map(|cell| cell.notes).collect()
}

fn record() -> Record {
    Made::one("x", 1, &[4e11; 6]).record()
}

#[test]
fn a_quiet_session_is_not_remarked_on() {
    let mut quiet = record();
    let before = notes(&quiet);
    share_cpus(&mut quiet, 0.995, |_| true);
    assert_eq!(notes(&quiet), before);
}

#[test]
fn a_busy_session_says_so() {
    for (share, from, said) in [
        (
            0.95,
            0,
            "busy machine: in one run or more the worker did not have its CPUs",
        ),
        (
            0.52,
            0,
            "disturbed: the worker got 52 % of its CPUs; the figure is shown, and never",
        ),
        (
            0.52,
            4,
            "2 of 6 runs disturbed by other load; the figure is of the other 4",
        ),
    ] {
        let mut busy = record();
        share_cpus(&mut busy, share, |run| run.round >= from);
        let notes = notes(&busy);
        let count = notes.iter().filter(|note| note.starts_with(said)).count();
        assert_eq!(count, 1, "{share}: {notes:?}");
    }
}

#[test]
fn a_rate_far_below_the_trial_of_one_thread_is_named() {
    let mut made = Made::one("x", 1, &[]);
    made.entries = vec![MadeEntry {
        entry: hashes("cpu", "portable"),
        rates_per_s: vec![4e7; 6],
        power_w: 10.0,
    }];
    // Eight threads, on eight cores or on four.
    for (trial, cores, said) in [
        (0.9e7, Some(8), None),
        (
            1.1e7,
            Some(8),
            Some("8 threads on 8 cores ran at 45 % of 8 times"),
        ),
        (1.1e7, Some(4), None),
        (
            2.5e7,
            Some(4),
            Some("8 threads on 4 cores ran at 40 % of 4 times"),
        ),
        (9e7, Some(1), None),
        (1.1e7, None, Some("8 threads on 8 cores")),
    ] {
        let mut record = made.record();
        record.host.cpu.cores = cores;
        record.plan.trials.push(Trial {
            workload: "sha256d".into(),
            device: "cpu".into(),
            backend: "portable".into(),
            rate_per_s: trial,
            chosen: true,
        });
        derive_again(&mut record);
        let notes = notes(&record);
        let found = notes
            .iter()
            .find(|note| note.contains("the trial of one thread"));
        assert_eq!(
            found.is_some(),
            said.is_some(),
            "{trial} {cores:?}: {notes:?}"
        );
        if let (Some(found), Some(said)) = (found, said) {
            assert!(found.starts_with(said), "{found}");
        }
    }
}
