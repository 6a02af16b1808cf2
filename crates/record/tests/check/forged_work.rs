//! Work that somebody who knows the tool made up: after the edit, every figure is derived
//! again and the id and the seal are renewed. Each such record must still be refused, or
//! its check must state what a reader has to believe.

use perwatt_record::Record;
use perwatt_record::check::Outcome;
use perwatt_record::check::standing::{Standing, statements};
use perwatt_record::derive::Window;
use perwatt_record::schema::{Proof, Steady};

use crate::*;

/// Claims a thousand times the hashes at a difficulty of 64 bits, which needs no shares.
fn emptied(record: &mut Record) {
    for run in runs_of(record, HASHING) {
        more_steps(run, 1000);
        run.proof = Some(Proof::Shares {
            share_bits: 64,
            claimed_hashes: run.work.last().unwrap().1,
            shares: Vec::new(),
        });
    }
}

/// Claims a million times the products.
fn exaggerated(record: &mut Record) {
    runs_of(record, MATMUL).for_each(|run| more_steps(run, 1_000_000));
}

#[test]
fn an_emptied_proof_is_refused() {
    let detail = refused(PROOFS, emptied);
    assert!(detail.contains("64 leading zero bits"), "{detail}");
}

#[test]
fn harder_shares_than_the_protocol_has_are_unproven_and_then_refused() {
    // Of the 8,000 hashes of a run, about 125 are shares of 6 bits.
    for (bits, rule) in [(8, ENOUGH), (9, ENOUGH), (12, PROOFS), (40, PROOFS)] {
        let mut record = honest();
        for run in record.runs.iter_mut().filter(|run| run.entry == HASHING) {
            let id = &record.plan.entries[HASHING as usize].id;
            let (session, machine) = (&record.session.id, &record.machine.key);
            let binding =
                perwatt_record::proof::Binding::new(session, machine, id, run.round, bits);
            let started = record.session.segments[0].started_unix_s;
            let claimed_hashes = run.work.last().unwrap().1;
            run.proof = Some(Proof::Shares {
                share_bits: bits,
                claimed_hashes,
                shares: find_shares(&binding, started, bits, claimed_hashes),
            });
        }
        rederive(&mut record);
        record.seal().unwrap();
        let report = check_of(&record);
        let line = report.lines.iter().find(|line| line.rule == rule).unwrap();
        let row = &record.summary[HASHING as usize];
        assert!(!row.verified, "{bits}");
        match rule {
            ENOUGH => {
                assert!(report.unproven() && !report.failed() && !report.incomplete());
                assert!(row.unproven && row.verification.starts_with("unproven"));
                assert_eq!(line.outcome, Outcome::Open, "{report:#?}");
                let said = statements(&record);
                let row = said.iter().find(|s| s.text.contains("unproven")).unwrap();
                assert_eq!(row.standing, Standing::Trusted);
            }
            _ => assert_eq!(line.outcome, Outcome::Fail, "{bits}: {report:#?}"),
        }
    }
}

#[test]
fn more_products_than_any_machine_can_do_are_refused() {
    let detail = refused(CEILING, exaggerated);
    assert!(detail.contains("2 threads of its processor"), "{detail}");
}

#[test]
fn runs_that_are_called_crashed_show_wherever_the_row_is() {
    let (record, report) = forged(|record| {
        for run in runs_of(record, MATMUL).take(4) {
            run.status = crashed();
            run.proof = None;
        }
    });
    let row = &record.summary[MATMUL as usize];
    assert_eq!((row.runs_ok, row.runs_failed), (2, 4));
    assert!(!report.failed(), "{report:#?}");
    let said = statements(&record);
    assert!(said.iter().any(|s| s.text.contains("4 of 6 runs failed")));
}

#[test]
fn an_unknown_workload_is_not_verified() {
    let detail = refused(COUNTING, |record| {
        let entry = &mut record.plan.entries[MATMUL as usize];
        entry.workload.name = "fft/f32".into();
        entry.id = "fft/f32/square-64/cpu/embedded".into();
        entry.work_per_step = 1 << 60;
    });
    assert!(detail.contains("does not know"), "{detail}");
}

#[test]
fn repeats_that_the_workload_does_not_have_are_refused() {
    refused(COUNTING, |record| {
        let entry = &mut record.plan.entries[MATMUL as usize];
        let params = &mut entry.workload.params;
        params.insert("shape".into(), "64x64x64*1000".into());
        entry.work_per_step *= 1000;
    });
}

#[test]
fn products_of_which_only_the_last_was_checked_are_refused() {
    for none in [None, Some(0)] {
        let detail = refused(PROOFS, |record| {
            if let Some(Proof::Freivalds { probes, .. }) = &mut run_of(record, MATMUL).proof {
                *probes = none;
            }
        });
        assert!(detail.contains("stopped multiplying"), "{detail}");
    }
}

#[test]
fn work_moved_from_the_warm_up_into_the_window_is_refused_or_told() {
    // Keeps the hashes of a run and its end, and changes only the times of the work.
    let moved = |early_steps: u64| {
        move |record: &mut Record| {
            for run in runs_of(record, HASHING) {
                let steady = run.steady.unwrap();
                let all = run.work.last().unwrap().1;
                for (t, steps) in &mut run.work {
                    *steps = match (*t <= steady.from_ns, *t < steady.to_ns) {
                        (true, _) => (*t - run.started_ns) / MS / 50 * early_steps,
                        (_, true) => *steps,
                        _ => all,
                    };
                }
            }
        }
    };
    let (record, report) = forged(moved(1));
    assert!(!broken(&report).contains(&PROOFS), "{report:#?}");
    let said = statements(&record);
    let proven = said.iter().find(|s| s.standing == Standing::Proven);
    let text = &proven.unwrap().text;
    assert!(text.contains("whole runs, warm-up included"), "{text}");
    let detail = refused(PROOFS, |record| {
        record.config.protocol.window_s = 0.1;
        record.session.argv.push("--seconds=0.1".into());
        for run in runs_of(record, HASHING) {
            let (all, from_ns) = (run.work.last().unwrap().1, run.steady.unwrap().from_ns);
            for (i, (t, steps)) in (0..).zip(&mut run.work) {
                *steps = if *t <= from_ns { i } else { all };
            }
        }
        for run in &mut record.runs {
            run.steady = Window::of(&run.work, &record.config.protocol);
        }
    });
    assert!(
        detail.contains("times the rate of the whole run"),
        "{detail}"
    );
}

#[test]
fn warnings_cannot_be_taken_off() {
    // A rate that rises until the longest warm-up is over.
    let unsettled = |record: &mut Record| {
        let run = run_of(record, MATMUL);
        let mut steps = 0;
        for (i, sample) in (0..).zip(&mut run.work) {
            steps += 10 + i;
            sample.1 = steps;
        }
    };
    let mut record = honest();
    unsettled(&mut record);
    let work = run_of(&mut record, MATMUL).work.clone();
    let picked = Window::of(&work, &record.config.protocol);
    // The series ends before a window that begins this late is over; a shorter one fits.
    assert!(picked.is_none());
    let detail = refused(FIGURES, |record| {
        unsettled(record);
        record.config.protocol.window_s = 0.25;
        for run in &mut record.runs {
            run.steady = Window::of(&run.work, &record.config.protocol);
        }
    });
    assert!(detail.contains("NotSteady"), "{detail}");
}

#[test]
fn reading_for_the_figures_holds_every_rule_that_it_can() {
    let brief = |record: &Record| {
        let bytes = record.to_bytes().unwrap();
        perwatt_record::light::parse(std::path::Path::new("x.json"), &bytes).unwrap()
    };
    assert_eq!(brief(&honest()).contradiction, None);
    let (emptied, _) = forged(emptied);
    let said = brief(&emptied).contradiction.unwrap();
    assert!(said.contains("64 leading zero bits"), "{said}");
    let (above, _) = forged(exaggerated);
    assert!(brief(&above).contradiction.is_some());
}

#[test]
fn a_favourable_window_is_refused() {
    refused(WINDOWS, |record| {
        let run = run_of(record, MATMUL);
        run.steady = Some(Steady {
            from_ns: run.work[20].0,
            to_ns: run.work[21].0,
            reached: true,
        });
    });
    refused(WINDOWS, |record| {
        let run = run_of(record, MATMUL);
        run.steady.as_mut().unwrap().reached = false;
    });
}

#[test]
fn a_faster_clock_is_refused() {
    for divisor in [2, 1000] {
        let detail = refused(WINDOWS, |record| {
            for run in &mut record.runs {
                run.started_ns /= divisor;
                run.work.iter_mut().for_each(|(t, _)| *t /= divisor);
                for series in &mut run.energy {
                    series.samples.iter_mut().for_each(|(t, _)| *t /= divisor);
                }
                let steady = run.steady.as_mut().unwrap();
                steady.from_ns /= divisor;
                steady.to_ns /= divisor;
            }
        });
        assert!(detail.contains("no window of 1 s"), "{detail}");
    }
}

#[test]
fn windows_of_another_protocol_are_refused() {
    refused(WINDOWS, |record| record.config.protocol.window_s = 60.0);
}

#[test]
fn a_counter_never_falls() {
    let detail = refused(STRUCTURE, |record| {
        let samples = &mut run_of(record, MATMUL).energy[0].samples;
        samples[20..]
            .iter_mut()
            .for_each(|(_, joules)| *joules *= 0.5);
    });
    assert!(detail.contains("never falls"), "{detail}");
    for impossible in [-1.0, 1e16] {
        refused(STRUCTURE, |record| {
            run_of(record, MATMUL).energy[1].samples[20].1 = impossible;
        });
    }
}
