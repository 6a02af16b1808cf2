//! CPU times of runs: what follows from them, and what a check makes of made-up ones.

use std::path::Path;

use perwatt_record::check::check;
use perwatt_record::derive::{CpuShare, why_disturbed};
use perwatt_record::file::parse;
use perwatt_record::fixture::busy::{change, share_cpus};
use perwatt_record::fixture::{Made, derive_again, hashes};
use perwatt_record::schema::{CpuTime, Flag};
use perwatt_record::{Record, light};

const RATES: [f64; 4] = [4e11, 4.1e11, 3.9e11, 4e11];

fn record() -> Record {
    Made::one("x", 7, &RATES).record()
}

/// The first broken rule of the sealed record, in the full check and in the fast one.
fn broken(record: &Record) -> Option<String> {
    let bytes = record.to_bytes().unwrap();
    let path = Path::new("x.json");
    let full = check(&parse(path, &bytes).unwrap()).first_broken();
    let fast = light::parse(path, &bytes).unwrap().contradiction;
    assert_eq!(full.is_some(), fast.is_some(), "{full:?} {fast:?}");
    full
}

fn time(worker_s: f64) -> CpuTime {
    CpuTime {
        worker_s,
        waited_s: None,
        stolen_s: None,
        busy_s: None,
        throttled_s: None,
    }
}

#[test]
fn flags_follow_from_the_share_of_cpus_and_from_what_was_stolen() {
    // Windows of 1 s on 8 CPUs.
    let of = |worker_s: f64, waited_s, stolen_s, throttled_s| CpuTime {
        worker_s,
        waited_s,
        stolen_s,
        busy_s: Some(8.0),
        throttled_s,
    };
    for (cpu_time, got, flag) in [
        (of(7.99, Some(0.0), Some(0.0), None), Some(1.0), None),
        // Threads that wait for each other need no CPU.
        (of(4.0, Some(0.01), None, None), Some(4.0 / 4.01), None),
        (
            of(7.6, Some(0.4), None, None),
            Some(0.95),
            Some(Flag::LackedCpu),
        ),
        (
            of(7.0, Some(1.0), None, None),
            Some(0.875),
            Some(Flag::Disturbed),
        ),
        // More threads than CPUs wait for their own kind: only what the CPUs could have
        // given counts.
        (of(7.9, Some(40.0), None, None), Some(0.9875), None),
        (of(7.9, None, None, None), None, None),
        (
            of(7.9, Some(0.0), Some(0.2), None),
            Some(1.0),
            Some(Flag::LackedCpu),
        ),
        (
            of(7.9, Some(0.0), Some(0.5), None),
            Some(1.0),
            Some(Flag::Disturbed),
        ),
        (of(7.9, Some(0.0), None, Some(0.01)), Some(1.0), None),
        (
            of(7.9, Some(0.0), None, Some(0.2)),
            Some(1.0),
            Some(Flag::LackedCpu),
        ),
        (of(-1.0, Some(0.0), None, None), None, None),
        (of(f64::NAN, Some(0.0), None, None), None, None),
    ] {
        let mut record = record();
        let steady = record.runs[0].steady.as_mut().unwrap();
        steady.to_ns = steady.from_ns + 1_000_000_000;
        record.runs[0].cpu_time = Some(cpu_time);
        let share = CpuShare::of(&record, &record.runs[0]);
        let found = share.and_then(|share| share.got);
        assert_eq!(found.is_some(), got.is_some(), "{cpu_time:?}");
        assert!(
            found.is_none_or(|f| (f - got.unwrap()).abs() < 1e-9),
            "{cpu_time:?} {found:?}"
        );
        assert_eq!(share.and_then(|share| share.flag()), flag, "{cpu_time:?}");
    }
    // The threads of a search never wait for each other.
    let mut record = record();
    record.plan.entries = vec![hashes("cpu", "x")];
    let steady = record.runs[0].steady.as_mut().unwrap();
    steady.to_ns = steady.from_ns + 1_000_000_000;
    record.runs[0].cpu_time = Some(time(4.0));
    let share = CpuShare::of(&record, &record.runs[0]).unwrap();
    assert_eq!(
        (share.got, share.flag()),
        (Some(0.5), Some(Flag::Disturbed))
    );
}

#[test]
fn disturbed_runs_are_left_out_of_the_figures_of_their_row() {
    let quiet = record();
    let mut busy = record();
    share_cpus(&mut busy, 0.99, |run| run.round != 2);
    share_cpus(&mut busy, 0.5, |run| run.round == 2);
    assert_eq!(broken(&busy), None);
    let row = &busy.summary[0];
    assert_eq!(
        (row.runs_ok, row.runs_disturbed, row.runs_pooled()),
        (4, 1, 3)
    );
    assert!(row.verified && !row.all_disturbed());
    let rate = row.rate_per_s.as_ref().unwrap();
    let all = quiet.summary[0].rate_per_s.as_ref().unwrap();
    assert!(
        rate.min > 1.02 * all.min,
        "the slowest run was the disturbed one"
    );
    assert_eq!(why_disturbed(&busy, 0), None);
}

#[test]
fn a_row_of_disturbed_runs_keeps_its_figure_and_says_why_it_stands_alone() {
    let mut busy = record();
    share_cpus(&mut busy, 0.52, |run| run.round > 1);
    share_cpus(&mut busy, 0.8, |run| run.round == 1);
    share_cpus(&mut busy, 0.3, |run| run.round == 0);
    assert_eq!(broken(&busy), None);
    let row = &busy.summary[0];
    assert!(row.all_disturbed() && row.verified);
    assert_eq!((row.runs_disturbed, row.runs_pooled()), (4, 4));
    let rate = row.rate_per_s.as_ref().unwrap();
    let all = record().summary[0].rate_per_s.clone().unwrap();
    assert!((rate.median / all.median - 1.0).abs() < 1e-9);
    let why = why_disturbed(&busy, 0).unwrap();
    assert_eq!(why, "disturbed: the worker got 52 % of its CPUs");

    let mut stolen = record();
    change(
        &mut stolen,
        |_| true,
        |window_s| CpuTime {
            stolen_s: Some(1.2 * window_s),
            busy_s: Some(8.8 * window_s),
            ..time(7.0 * window_s)
        },
    );
    let why = why_disturbed(&stolen, 0).unwrap();
    assert_eq!(why, "disturbed: the hypervisor took 12 % of its CPUs");
}

#[test]
fn a_check_refuses_impossible_cpu_times_and_flags_that_do_not_follow() {
    type Change = fn(&mut Record);
    let cases: [(&str, Change); 6] = [
        ("get at most", |r| r.runs[1].cpu_time = Some(time(9.0))),
        ("which no window has", |r| {
            r.runs[1].cpu_time = Some(time(-1.0))
        }),
        ("which no window has", |r| {
            r.runs[1].cpu_time = Some(CpuTime {
                waited_s: Some(1e10),
                ..time(1.0)
            });
        }),
        // A run that is too slow for somebody's liking.
        ("has Disturbed", |r| r.runs[1].flags.push(Flag::Disturbed)),
        ("has LackedCpu", |r| r.runs[1].flags.push(Flag::LackedCpu)),
        ("lacks Disturbed", |r| {
            r.runs[1].cpu_time = Some(CpuTime {
                waited_s: Some(4.0),
                ..time(4.0)
            });
        }),
    ];
    for (part, change) in cases {
        let mut record = record();
        share_cpus(&mut record, 0.99, |_| true);
        assert_eq!(broken(&record), None);
        change(&mut record);
        derive_again(&mut record);
        let found = broken(&record).unwrap_or_default();
        assert!(found.contains(part), "{part}: {found}");
    }
}
