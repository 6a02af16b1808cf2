//! Edits of an honest record's series, figures and runs, with and without a new seal.

use perwatt_record::check::Outcome;
use perwatt_record::schema::{Failure, FailureKind, Proof, Share, Status};

use crate::*;

#[test]
fn an_honest_record_passes_every_rule() {
    let report = check_of(&honest());
    assert!(
        report
            .lines
            .iter()
            .all(|line| line.outcome == Outcome::Pass),
        "{report:#?}"
    );
    assert!(!report.failed() && !report.incomplete());
    let row = &honest().summary[0];
    assert_eq!((row.runs_ok, row.runs_failed, row.verified), (6, 0, true));
    assert_eq!(row.energy.len(), 2);
    assert!(row.rate_per_s.as_ref().unwrap().low.is_some());
}

#[test]
fn an_incomplete_record_is_open_and_not_broken() {
    for runs in [0, 1, 5, 11] {
        let report = check_of(&incomplete(runs));
        assert!(!report.failed(), "{report:#?}");
        assert!(report.incomplete());
        assert_eq!(rules_of(&report, Outcome::Open), [COMPLETE]);
    }
}

#[test]
fn a_run_that_failed_otherwise_does_not_break_the_record() {
    let mut record = honest();
    let run = run_of(&mut record, MATMUL);
    run.status = crashed();
    run.measured = None;
    run.proof = None;
    record.summary = perwatt_record::derive::summarise(&record);
    record.seal().unwrap();
    let report = check_of(&record);
    assert!(!report.failed(), "{report:#?}");
    assert_eq!(
        (record.summary[1].runs_ok, record.summary[1].runs_failed),
        (5, 1)
    );
}

#[test]
fn a_run_that_failed_its_own_check_breaks_the_record() {
    rejects(perwatt_record::check::FAILED_CHECKS, |r| {
        let run = run_of(r, MATMUL);
        run.status = Status::Failed(Failure {
            kind: FailureKind::Unverified,
            message: "wrong".into(),
        });
        run.measured = None;
        r.summary = perwatt_record::derive::summarise(r);
    });
}

#[test]
fn a_failed_run_with_a_figure_is_rejected() {
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).status = crashed();
    });
}

#[test]
fn the_work_series_cannot_be_raised() {
    rejects(FIGURES, |r| {
        run_of(r, MATMUL)
            .work
            .iter_mut()
            .skip(11)
            .for_each(|w| w.1 *= 2)
    });
    rejects(FIGURES, |r| run_of(r, HASHING).work[30].1 += 1);
    rejects(STRUCTURE, |r| run_of(r, HASHING).work[12].1 = LARGEST);
    rejects(STRUCTURE, |r| run_of(r, HASHING).work[12].0 = 0);
    rejects(STRUCTURE, |r| run_of(r, HASHING).work.swap(3, 4));
}

#[test]
fn figures_cannot_be_edited() {
    rejects(FIGURES, |r| {
        run_of(r, HASHING).measured.as_mut().unwrap().rate_per_s *= 1.01
    });
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).measured.as_mut().unwrap().energy[0].energy_j *= 0.99
    });
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).measured.as_mut().unwrap().energy[1].power_w += 1e-3
    });
    rejects(FIGURES, |r| run_of(r, MATMUL).measured = None);
    rejects(FIGURES, |r| run_of(r, MATMUL).steady = None);
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).steady.as_mut().unwrap().from_ns += 60 * MS
    });
}

#[test]
fn the_summary_cannot_be_edited() {
    rejects(SUMMARY, |r| {
        r.summary[0].rate_per_s.as_mut().unwrap().median *= 1.01
    });
    rejects(SUMMARY, |r| {
        r.summary[0].rate_per_s.as_mut().unwrap().low = None
    });
    rejects(SUMMARY, |r| {
        let energy = &mut r.summary[1].energy[0];
        energy.energy_per_unit_j.as_mut().unwrap().high = Some(1e-30);
    });
    rejects(SUMMARY, |r| r.summary[1].runs_ok += 1);
    rejects(SUMMARY, |r| r.summary[1].verification = "all fine".into());
    rejects(SUMMARY, |r| r.summary[1].verified = false);
    rejects(SUMMARY, |r| drop(r.summary.pop()));
    rejects(SUMMARY, |r| {
        let row = r.summary[0].clone();
        r.summary.push(row);
    });
}

#[test]
fn energy_cannot_be_edited() {
    // A counter's figures depend on its first and last tick in the window, those of the
    // power meter on every sample in it.
    rejects(FIGURES, |r| {
        let run = run_of(r, MATMUL);
        let at = run.measured.as_ref().unwrap().energy[0].end_ns;
        let samples = &mut run.energy[0].samples;
        samples
            .iter_mut()
            .filter(|(t, _)| *t >= at)
            .for_each(|s| s.1 -= 1.0);
    });
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).energy[1].samples[20].1 -= 1.0
    });
    rejects(FIGURES, |r| run_of(r, MATMUL).energy[0].meter = 1);
    rejects(FIGURES, |r| {
        run_of(r, MATMUL).energy.remove(0);
    });
    rejects(STRUCTURE, |r| run_of(r, MATMUL).energy[0].meter = 7);
    rejects(STRUCTURE, |r| {
        run_of(r, MATMUL).energy[1].samples.swap(20, 21)
    });
    rejects(STRUCTURE, |r| run_of(r, MATMUL).energy[0].samples[20].0 = 0);
    rejects(FIGURES, |r| r.meters.swap(0, 1));
}

#[test]
fn runs_cannot_be_added_moved_or_removed() {
    rejects(STRUCTURE, |r| {
        let run = r.runs[0].clone();
        r.runs.push(run);
    });
    rejects(COMPLETE, |r| drop(r.runs.pop()));
    rejects(SUMMARY, |r| drop(r.runs.pop()));
    rejects(COMPLETE, |r| r.runs.clear());
    rejects(STRUCTURE, |r| r.runs[0].entry = 2);
    rejects(STRUCTURE, |r| r.runs[0].entry = u32::MAX);
    rejects(STRUCTURE, |r| r.runs[0].round = ROUNDS);
    rejects(STRUCTURE, |r| r.runs[0].segment = 1);
    rejects(STRUCTURE, |r| r.runs[3].started_ns += 500 * MS);
    rejects(COMPLETE, |r| r.config.rounds += 1);
    rejects(STRUCTURE, |r| r.config.rounds -= 1);
    rejects(STRUCTURE, |r| r.session.segments.clear());
    rejects(STRUCTURE, |r| drop(r.plan.entries.pop()));
}

#[test]
fn calling_an_incomplete_record_complete_is_noticed() {
    let mut record = incomplete(7);
    record.complete = true;
    record.seal().unwrap();
    assert_eq!(broken(&check_of(&record)), [COMPLETE]);
}

#[test]
fn no_protocol_is_impossible() {
    for bad in [-1.0, 1e300] {
        rejects(COUNTING, |r| r.config.protocol.stall_timeout_s = bad);
        rejects(COUNTING, |r| r.config.protocol.window_s = bad);
    }
}

#[test]
fn absurd_numbers_are_reported_and_do_not_panic() {
    rejects(PROOFS, |r| {
        for run in runs_of(r, HASHING) {
            let Some(Proof::Shares { claimed_hashes, .. }) = &mut run.proof else {
                continue;
            };
            *claimed_hashes = LARGEST;
            run.work.last_mut().unwrap().1 = LARGEST;
        }
    });
    rejects(SUMMARY, |r| {
        for run in runs_of(r, MATMUL) {
            run.proof = Some(Proof::Exact { elements: LARGEST });
        }
    });
    rejects(FIGURES, |r| {
        for run in &mut r.runs {
            run.steady.as_mut().unwrap().to_ns = LARGEST;
            run.work.reverse();
            run.energy
                .iter_mut()
                .for_each(|series| series.samples.reverse());
        }
    });
    rejects(FIGURES, |r| {
        let samples = &mut run_of(r, MATMUL).energy[1].samples;
        samples.iter_mut().for_each(|s| s.1 = f64::MAX);
    });
    rejects(PROOFS, |r| {
        shares_of(r)[0] = Share(u32::MAX, u32::MAX, LARGEST, u32::MAX)
    });
    rejects(COMPLETE, |r| r.config.rounds = u32::MAX);
}
