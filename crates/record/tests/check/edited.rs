//! Edits of an honest record, with and without a new seal.

use perwatt_record::Record;
use perwatt_record::check::Outcome;
use perwatt_record::schema::{Failure, FailureKind, Proof, Share, Status, Tolerance};

use crate::*;

/// The largest `u64` that a double equals.
const LARGEST: u64 = u64::MAX << 11;

/// Asserts that an edit fails as it is, and that it still breaks `rule` after the editor
/// seals the record again.
fn rejects(rule: &str, edit: impl Fn(&mut Record)) {
    let mut record = honest();
    edit(&mut record);
    assert_ne!(record, honest(), "the edit changes nothing");
    assert!(
        broken(&check_of(&record)).contains(&DIGEST),
        "the seal does not notice"
    );

    record.seal().unwrap();
    let report = check_of(&record);
    assert!(report.failed(), "accepted after sealing again: {report:#?}");
    assert!(
        broken(&report).contains(&rule),
        "{rule:?} holds: {report:#?}"
    );
    assert!(!report.incomplete());
}

/// Like [`rejects`], for an editor who also derives every figure again.
fn rejects_rederived(rule: &str, edit: impl Fn(&mut Record)) {
    let mut record = honest();
    edit(&mut record);
    rederive(&mut record);
    record.seal().unwrap();
    let report = check_of(&record);
    assert!(
        broken(&report).contains(&rule),
        "{rule:?} holds: {report:#?}"
    );
}

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
fn shares_cannot_be_edited() {
    rejects(PROOFS, |r| shares_of(r)[0].3 ^= 1);
    rejects(PROOFS, |r| shares_of(r)[0].2 += 1);
    rejects(PROOFS, |r| shares_of(r)[0].1 += 1_000_000);
    rejects(PROOFS, |r| shares_of(r)[0].0 ^= 1);
    rejects(PROOFS, |r| {
        let share = shares_of(r)[0];
        shares_of(r).push(share);
    });
    rejects(PROOFS, |r| {
        let keep = shares_of(r).len() / 3;
        shares_of(r).truncate(keep);
    });
    rejects(PROOFS, |r| shares_of(r).clear());
}

#[test]
fn shares_serve_their_own_session_entry_and_round_only() {
    rejects(PROOFS, |r| r.session.id = "f".repeat(32));
    rejects(PROOFS, |r| r.machine.key = "0".repeat(64));
    rejects(PROOFS, |r| {
        r.plan.entries[0].id = "sha256d/cpu/x86-sha".into()
    });
    rejects(PROOFS, |r| {
        let other = r
            .runs
            .iter()
            .rfind(|run| run.entry == HASHING)
            .unwrap()
            .proof
            .clone();
        run_of(r, HASHING).proof = other;
    });
}

#[test]
fn claims_cannot_be_raised() {
    rejects(PROOFS, |r| *claimed_of(r) += 1);
    rejects(PROOFS, |r| *claimed_of(r) *= 2);
    rejects(PROOFS, |r| *claimed_of(r) = LARGEST);
    rejects_rederived(PROOFS, |r| {
        *claimed_of(r) *= 2;
        more_steps(run_of(r, HASHING), 2);
    });
    rejects_rederived(PROOFS, |r| {
        more_steps(run_of(r, HASHING), 2);
    });
}

#[test]
fn easier_or_harder_shares_than_were_sought_are_noticed() {
    for bits in [0, 5, 7, 64, u32::MAX] {
        rejects(PROOFS, |r| {
            let Some(Proof::Shares { share_bits, .. }) = &mut run_of(r, HASHING).proof else {
                panic!("no shares")
            };
            *share_bits = bits;
        });
    }
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
fn proofs_cannot_be_left_out_or_weakened() {
    rejects(PROOFS, |r| run_of(r, HASHING).proof = None);
    rejects(PROOFS, |r| run_of(r, MATMUL).proof = None);
    // A proof of another kind, one beyond the bound, and one of no round.
    for (entry, rounds, max_ratio) in [(HASHING, 10, 0.1), (MATMUL, 10, 1.01), (MATMUL, 0, 0.0)] {
        rejects(PROOFS, |r| {
            run_of(r, entry).proof = Some(Proof::Freivalds {
                rounds,
                seed: 0,
                max_ratio,
                probes: Some(1),
                tolerance: None,
            });
        });
    }
}

#[test]
fn a_product_on_the_cpu_has_the_tight_tolerance() {
    let with = |model: &'static str, unit_roundoff| {
        move |r: &mut Record| {
            if let Some(Proof::Freivalds { tolerance, .. }) = &mut run_of(r, MATMUL).proof {
                *tolerance = Some(Tolerance {
                    model: model.into(),
                    unit_roundoff,
                });
            }
        }
    };
    let f32_roundoff = 2_f64.powi(-24);
    let mut right = honest();
    with("nearest", f32_roundoff)(&mut right);
    rederive(&mut right);
    right.seal().unwrap();
    assert!(broken(&check_of(&right)).is_empty());
    rejects(PROOFS, with("truncating", f32_roundoff));
    rejects(PROOFS, with("short-sums", 2_f64.powi(-14)));
    rejects(PROOFS, with("nearest", 2_f64.powi(-11)));
    rejects(PROOFS, with("nearest", -1.0));
    let mut later = honest();
    with("stochastic", f32_roundoff)(&mut later);
    let detail = format!("{:?}", check_of(&later));
    assert!(
        detail.contains("cannot be checked by this version"),
        "{detail}"
    );
}

#[test]
fn work_counts_as_its_workload_defines() {
    rejects_rederived(COUNTING, |r| r.plan.entries[0].work_per_step = 1000);
    rejects_rederived(COUNTING, |r| r.plan.entries[0].work_per_step = LARGEST);
    rejects_rederived(COUNTING, |r| r.plan.entries[1].work_per_step += 1);
    rejects_rederived(COUNTING, |r| {
        r.plan.entries[1]
            .workload
            .params
            .insert("shape".into(), "64x64x65".into());
    });
    rejects_rederived(COUNTING, |r| {
        r.plan.entries[1]
            .workload
            .params
            .insert("shape".into(), "9999999999x9999999999x2".into());
    });
    rejects_rederived(COUNTING, |r| r.plan.entries[1].backend = "cblas".into());
}

#[test]
fn no_protocol_is_impossible() {
    for bad in [-1.0, 1e300] {
        rejects(COUNTING, |r| r.config.protocol.stall_timeout_s = bad);
        rejects(COUNTING, |r| r.config.protocol.window_s = bad);
    }
}

#[test]
fn hashes_cannot_pass_for_another_unit() {
    rejects_rederived(COUNTING, |r| {
        r.plan.entries[0].unit = perwatt_record::schema::Unit::Byte;
        for run in runs_of(r, HASHING) {
            run.proof = Some(Proof::Exact { elements: 1 });
        }
    });
}

#[test]
fn two_entries_cannot_share_their_shares() {
    rejects_rederived(COUNTING, |r| {
        r.plan.entries[1] = r.plan.entries[0].clone();
        let hashing: Vec<_> = r
            .runs
            .iter()
            .filter(|run| run.entry == HASHING)
            .cloned()
            .collect();
        for mut run in hashing {
            run.entry = 1;
            let to = r
                .runs
                .iter()
                .position(|x| x.entry == 1 && x.round == run.round)
                .unwrap();
            r.runs[to] = run;
        }
    });
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
