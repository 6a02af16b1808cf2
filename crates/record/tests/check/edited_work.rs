//! Edits of what an honest record claims of its work: shares, proofs and counts.

use perwatt_record::schema::{Proof, Tolerance};

use crate::*;

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
