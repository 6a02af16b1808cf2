//! Records made from an honest one by somebody who knows the tool: the edit, every
//! figure derived again, the id and the seal renewed. Each must still be refused, or
//! say what a reader has to believe.

mod common;

use common::*;
use perwatt_power::{Provenance, Quantity};
use perwatt_record::Record;
use perwatt_record::check::standing::{Standing, statements};
use perwatt_record::check::{Outcome, Report, fingerprints};
use perwatt_record::derive::Window;
use perwatt_record::schema::{
    EnergySeries, Failure, FailureKind, Proof, Run, Segment, Status, Steady, Unit,
};

const STRUCTURE: &str = "structure of the series";
const FACTS: &str = "facts held twice agree";
const SEQUENCE: &str = "one run at a time, in the order of the seed";
const COUNTING: &str = "work counted as defined";
const WINDOWS: &str = "every window the one that the protocol picks";
const PROOFS: &str = "every good run proven, shares re-hashed with sha2";
const FIGURES: &str = "figures of each run, re-derived";
const CEILING: &str = "no rate above what the hardware can do";
const ENOUGH: &str = "shares enough to prove the hashes";

/// The check of an honest record after an edit by a careful forger.
fn forged(edit: impl FnOnce(&mut Record)) -> (Record, Report) {
    let mut record = honest();
    edit(&mut record);
    recommit(&mut record);
    rederive(&mut record);
    record.seal().unwrap();
    let report = check_of(&record);
    (record, report)
}

/// Asserts that an edit breaks a rule, and returns the rule's detail.
fn refused(rule: &str, edit: impl FnOnce(&mut Record)) -> String {
    let (_, report) = forged(edit);
    let broken =
        |line: &&perwatt_record::check::Line| line.rule == rule && line.outcome == Outcome::Fail;
    let line = report.lines.iter().find(broken);
    line.unwrap_or_else(|| panic!("{rule:?} holds: {report:#?}"))
        .detail
        .clone()
}

/// Multiplies the steps of a run's series.
fn more_steps(run: &mut Run, factor: u64) {
    run.work.iter_mut().for_each(|(_, steps)| *steps *= factor);
}

/// Takes the hashing row out, so that nothing binds the id to work.
fn products_only(record: &mut Record) {
    record.plan.entries.remove(HASHING as usize);
    record.runs.retain(|run| run.entry == MATMUL);
    for run in &mut record.runs {
        (run.entry, run.position) = (0, 0);
    }
}

#[test]
fn an_emptied_proof_is_refused() {
    let detail = refused(PROOFS, |record| {
        for run in record.runs.iter_mut().filter(|run| run.entry == HASHING) {
            more_steps(run, 1000);
            run.proof = Some(Proof::Shares {
                share_bits: 64,
                claimed_hashes: run.work.last().unwrap().1,
                shares: Vec::new(),
            });
        }
    });
    assert!(detail.contains("64 leading zero bits"), "{detail}");
}

#[test]
fn harder_shares_than_the_protocol_has_are_unproven_and_then_refused() {
    // Of the 8,000 hashes of a run about 125 are shares of 6 bits.
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
fn more_products_than_any_machine_can_do_are_refused() {
    let detail = refused(CEILING, |record| {
        let of_row = record.runs.iter_mut().filter(|run| run.entry == MATMUL);
        of_row.for_each(|run| more_steps(run, 1_000_000));
    });
    assert!(detail.contains("2 threads of its processor"), "{detail}");
}

#[test]
fn runs_that_are_called_crashed_show_wherever_the_row_is() {
    let (record, report) = forged(|record| {
        let of_row = record.runs.iter_mut().filter(|run| run.entry == MATMUL);
        for run in of_row.take(4) {
            run.status = Status::Failed(Failure {
                kind: FailureKind::Crashed,
                message: "signal 9".into(),
            });
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
fn fewer_rounds_than_were_asked_for_are_refused() {
    let cut = |record: &mut Record| {
        record.config.rounds = 3;
        record.runs.truncate(6);
    };
    let detail = refused(FACTS, cut);
    assert!(detail.contains("suite quick has 6"), "{detail}");
    let detail = refused(FACTS, |record| {
        cut(record);
        record.session.argv.extend(["--rounds".into(), "6".into()]);
    });
    assert!(detail.contains("--rounds asked for 6"), "{detail}");
    // A command line that was edited too costs the forger all hashes.
    let asked = |record: &mut Record| record.session.argv.push("--rounds=3".into());
    refused(PROOFS, |record| {
        cut(record);
        asked(record);
    });
}

#[test]
fn a_row_taken_out_of_the_plan_is_refused() {
    // The seed orders two rows otherwise than one.
    refused(SEQUENCE, |record| {
        record.plan.entries.remove(MATMUL as usize);
        record.runs.retain(|run| run.entry == HASHING);
    });
}

#[test]
fn an_order_that_is_not_the_seeds_is_refused() {
    refused(SEQUENCE, |record| record.session.seed ^= 0xffff_0000);
    refused(SEQUENCE, |record| record.runs.swap(2, 3));
    refused(SEQUENCE, |record| {
        record.runs[2].position = 1;
        record.runs[3].position = 0;
    });
}

#[test]
fn copies_of_a_run_are_refused() {
    let detail = refused(SEQUENCE, |record| {
        products_only(record);
        let copy = record.runs[0].clone();
        for run in &mut record.runs[1..] {
            let later_ns = run.started_ns - copy.started_ns;
            let moved = copy.work.iter().map(|(t, steps)| (t + later_ns, *steps));
            run.work = moved.collect();
            run.steady = Window::of(&run.work, &record.config.protocol);
        }
    });
    assert!(detail.contains("one is a copy of the other"), "{detail}");
    // Of one meter's series alone, too.
    refused(SEQUENCE, |record| {
        products_only(record);
        let copy = record.runs[0].clone();
        let later_ns = record.runs[1].started_ns - copy.started_ns;
        let moved = copy.energy[1]
            .samples
            .iter()
            .map(|(t, w)| (t + later_ns, w * 0.9));
        record.runs[1].energy[1].samples = moved.collect();
    });
}

#[test]
fn runs_at_one_time_are_refused() {
    refused(SEQUENCE, |record| {
        for run in &mut record.runs {
            let at = run.started_ns;
            run.started_ns = 0;
            run.work.iter_mut().for_each(|(t, _)| *t -= at);
            for series in &mut run.energy {
                series.samples.iter_mut().for_each(|(t, _)| *t -= at);
            }
            run.steady = Window::of(&run.work, &record.config.protocol);
        }
    });
    refused(SEQUENCE, |record| {
        record.runs[3].started_ns = record.runs[2].started_ns + MS
    });
}

#[test]
fn clocks_that_contradict_each_other_are_refused() {
    let of =
        |edit: fn(&mut Segment)| refused(FACTS, |record| edit(&mut record.session.segments[0]));
    of(|segment| segment.started_utc = "2019-10-09T08:53:20Z".into());
    of(|segment| segment.started_unix_s += 60);
    of(|segment| segment.written_utc = "2025-10-09T08:53:10Z".into());
    // The series last 35 s.
    of(|segment| segment.written_utc = "2025-10-09T08:53:30Z".into());
    of(|segment| segment.started_utc = "yesterday".into());
}

#[test]
fn a_stated_power_is_the_one_that_was_stated() {
    let stated = |text: &'static str, sample_w: f64| {
        move |record: &mut Record| {
            let mut meter = meter("user-watts", Quantity::PowerW, Provenance::User);
            meter.description = text.into();
            record.meters.push(meter);
            record.session.argv.push("--watts=65".into());
            for run in &mut record.runs {
                run.energy.push(EnergySeries {
                    meter: 2,
                    samples: run.energy[1]
                        .samples
                        .iter()
                        .map(|(t, _)| (*t + 1, sample_w))
                        .collect(),
                    gaps: Vec::new(),
                });
            }
        }
    };
    let detail = refused(FACTS, stated("65 W, stated by the user", 0.65));
    assert!(detail.contains("0.65 W"), "{detail}");
    refused(FACTS, stated("66 W, stated by the user", 66.0));
    refused(FACTS, stated("a laboratory meter", 65.0));
    let (record, report) = forged(stated("65 W, stated by the user", 65.0));
    assert!(!broken(&report).contains(&FACTS), "{report:#?}");
    let said = statements(&record);
    let line = said.iter().find(|s| s.text.contains("user-watts")).unwrap();
    assert_eq!(line.standing, Standing::Trusted);
    assert!(line.text.contains("not measured"), "{}", line.text);
}

#[test]
fn another_machine_is_refused() {
    refused(FACTS, |record| {
        record.host.cpu.model = Some("Better CPU".into())
    });
    refused(FACTS, |record| record.machine.key = "0".repeat(64));
    refused(FACTS, |record| {
        record
            .machine
            .factors
            .insert("cpu.cores".into(), "2".into());
    });
    let mut record = honest();
    record.host.cpu.microcode = Some("0x1".into());
    record.seal().unwrap();
    // Not a factor of the key, but of what the session set out with.
    assert_eq!(broken(&check_of(&record)), [FACTS]);
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
fn a_device_that_the_plan_does_not_list_is_refused() {
    let detail = refused(FACTS, |record| {
        let entry = &mut record.plan.entries[MATMUL as usize];
        entry.device = "gpu:0".into();
        entry.id = "matmul/f32/square-64/gpu:0/embedded".into();
    });
    assert!(detail.contains("gpu:0"), "{detail}");
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
    // All hashes of a run, and their end, as they were: only when they were done.
    let moved = |early_steps: u64| {
        move |record: &mut Record| {
            for run in record.runs.iter_mut().filter(|run| run.entry == HASHING) {
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
        for run in record.runs.iter_mut().filter(|run| run.entry == HASHING) {
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
fn a_copy_with_a_sample_moved_is_still_one() {
    refused(SEQUENCE, |record| {
        products_only(record);
        let copy = record.runs[0].clone();
        let run = &mut record.runs[1];
        let later_ns = run.started_ns - copy.started_ns;
        run.work = copy.work.iter().map(|(t, n)| (t + later_ns, *n)).collect();
        run.work[20].0 += 1;
        run.work.remove(0);
        run.steady = Window::of(&run.work, &record.config.protocol);
    });
}

#[test]
fn segments_hide_nothing() {
    // A run in a segment of its own, at the time of another.
    let detail = refused(FACTS, |record| {
        let segment = record.session.segments[0].clone();
        record.session.segments.push(segment);
        record.runs.last_mut().unwrap().segment = 1;
    });
    assert!(detail.contains("before the one before it"), "{detail}");
    refused(SEQUENCE, |record| {
        let run = &record.runs[4];
        record.idle.push(perwatt_record::schema::Idle {
            segment: 0,
            after_runs: 5,
            started_ns: run.started_ns,
            ended_ns: run.started_ns + 500 * MS,
            energy: Vec::new(),
        });
    });
}

#[test]
fn a_shorter_warm_up_than_the_suites_is_refused() {
    refused(FACTS, |record| record.config.protocol.warmup_min_s = 0.0);
    refused(FACTS, |record| {
        record.config.protocol.steady_tolerance = 0.5
    });
    refused(FACTS, |record| record.config.protocol.window_s = 0.0);
}

#[test]
fn a_challenge_of_an_old_file_or_of_other_signs_is_refused() {
    for challenge in ["zz", "\u{1b}[31m", "AA112233445566778899aabbccddeeff", "00"] {
        refused(FACTS, |record| {
            record.session.challenge = Some(challenge.into())
        });
    }
    refused(FACTS, |record| {
        record.schema.minor = 3;
        record.session.challenge = Some("00112233445566778899aabbccddeeff".into());
    });
    refused(FACTS, |record| {
        record
            .session
            .argv
            .push("--challenge=ffffffffffffffffffffffffffffffff".into());
        record.session.challenge = Some("00112233445566778899aabbccddeeff".into());
    });
}

#[test]
fn reading_for_the_figures_holds_every_rule_that_it_can() {
    let brief = |record: &Record| {
        let bytes = record.to_bytes().unwrap();
        perwatt_record::brief::parse(std::path::Path::new("x.json"), &bytes).unwrap()
    };
    assert_eq!(brief(&honest()).contradiction, None);
    let (emptied, _) = forged(|record| {
        for run in record.runs.iter_mut().filter(|run| run.entry == HASHING) {
            more_steps(run, 1000);
            run.proof = Some(Proof::Shares {
                share_bits: 64,
                claimed_hashes: run.work.last().unwrap().1,
                shares: Vec::new(),
            });
        }
    });
    let said = brief(&emptied).contradiction.unwrap();
    assert!(said.contains("64 leading zero bits"), "{said}");
    let (above, _) = forged(|record| {
        let of_row = record.runs.iter_mut().filter(|run| run.entry == MATMUL);
        of_row.for_each(|run| more_steps(run, 1_000_000));
    });
    assert!(brief(&above).contradiction.is_some());
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
    // The series ends before a window that begins so late is over; a shorter one fits.
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
fn a_clone_under_another_date_has_the_same_fingerprints_and_no_proof() {
    let (clone, report) = forged(|record| {
        record.session.segments[0] = Segment {
            started_utc: "2025-10-10T08:53:20Z".into(),
            written_utc: "2025-10-10T08:54:20Z".into(),
            started_unix_s: record.session.segments[0].started_unix_s + 86_400,
            ..record.session.segments[0].clone()
        };
    });
    assert_ne!(clone.session.id, honest().session.id);
    assert!(broken(&report).contains(&PROOFS), "{report:#?}");
    let prints = |record: &Record| record.runs.iter().map(fingerprints).collect::<Vec<_>>();
    assert_eq!(prints(&clone), prints(&honest()));
    assert!(prints(&clone).iter().all(|prints| !prints.is_empty()));
}

#[test]
fn a_challenge_is_part_of_what_the_shares_prove() {
    let detail = refused(PROOFS, |record| {
        record.session.challenge = Some("00112233445566778899aabbccddeeff".into());
    });
    assert!(detail.contains("leading zero bits"), "{detail}");
    let mut record = honest();
    record.session.challenge = Some("00112233445566778899aabbccddeeff".into());
    record.seal().unwrap();
    assert!(broken(&check_of(&record)).contains(&FACTS));
}

#[test]
fn statements_say_what_is_proven_and_what_is_taken_on_trust() {
    let record = honest();
    assert!(!check_of(&record).failed());
    let said = statements(&record);
    let of = |standing| -> String {
        let texts = said.iter().filter(|s| s.standing == standing);
        texts.map(|s| format!("{}\n", s.text)).collect()
    };
    let proven = of(Standing::Proven);
    assert!(proven.contains("sha256d/cpu/portable: 4.8"), "{proven}");
    assert!(proven.contains("for this session and no other"), "{proven}");
    let trusted = of(Standing::Trusted);
    for part in [
        "matmul/f32/square-64/cpu/embedded",
        "how many times the work was done",
        "the time that the work took",
        "joules by counter",
        "joules by samples",
        "the machine",
    ] {
        assert!(trusted.contains(part), "{part}: {trusted}");
    }
    assert!(of(Standing::Consistent).contains("12 of 12 runs"));
    assert_eq!(record.plan.entries[MATMUL as usize].unit, Unit::Flop);
}
