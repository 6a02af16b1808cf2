//! Plans, times, machines and meters that somebody who knows the tool made up, as in
//! [`crate::forged_work`].

use perwatt_power::{Provenance, Quantity};
use perwatt_record::Record;
use perwatt_record::check::fingerprints;
use perwatt_record::check::standing::{Standing, statements};
use perwatt_record::derive::Window;
use perwatt_record::schema::{EnergySeries, Segment, Unit};

use crate::*;

/// Removes the hashing row, so that the id is not bound to any work.
fn products_only(record: &mut Record) {
    record.plan.entries.remove(HASHING as usize);
    record.runs.retain(|run| run.entry == MATMUL);
    for run in &mut record.runs {
        (run.entry, run.position) = (0, 0);
    }
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
    // If the command line is edited too, the forger must compute all hashes again.
    let asked = |record: &mut Record| record.session.argv.push("--rounds=3".into());
    refused(PROOFS, |record| {
        cut(record);
        asked(record);
    });
}

#[test]
fn a_row_taken_out_of_the_plan_is_refused() {
    // The seed orders two rows differently from one.
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
    // The same holds for a copy of one meter's series only.
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
                let samples = run.energy[1].samples.iter();
                let samples = samples.map(|(t, _)| (*t + 1, sample_w)).collect();
                run.energy.push(EnergySeries::new(2, samples));
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
    // Not a factor of the machine's key, but part of the facts that the id commits to.
    assert_eq!(broken(&check_of(&record)), [FACTS]);
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

#[test]
fn tags_and_prices_are_part_of_what_a_session_set_out_with() {
    let tagged = |record: &mut Record| {
        record.session.tags.insert("site".into(), "oslo".into());
    };
    let edits: [fn(&mut Record); 3] = [
        tagged,
        |record| record.session.price_usd = Some(2500.0),
        |record| record.session.rent_usd_per_h = Some(2.0),
    ];
    // The hashes of the original are bound to another id.
    for edit in edits {
        refused(PROOFS, edit);
    }
    let run = |record: &mut Record, arg: &str| record.session.argv.push(arg.into());
    let detail = refused(FACTS, |record| run(record, "--tag=site=oslo"));
    assert!(detail.contains("session.tags differ on site"), "{detail}");
    let detail = refused(FACTS, |record| run(record, "--price-usd=5"));
    assert!(
        detail.contains("nothing, and --price-usd stated 5"),
        "{detail}"
    );
    let detail = refused(FACTS, |record| {
        record.session.tags.insert("Site".into(), "oslo".into());
    });
    assert!(
        detail.contains("session.tags: \"Site\" is no key"),
        "{detail}"
    );
    let detail = refused(FACTS, |record| record.session.price_usd = Some(-1.0));
    assert!(detail.contains("session.price_usd is -1"), "{detail}");
}

#[test]
fn a_node_is_part_of_what_a_session_set_out_with() {
    let named = |record: &mut Record| record.session.node = Some("n01".into());
    // The hashes of the original are bound to another id.
    refused(PROOFS, named);
    let asked = |record: &mut Record| record.session.argv.push("--node=n01".into());
    let detail = refused(FACTS, asked);
    assert!(detail.contains("--node asked for n01"), "{detail}");
    let detail = refused(FACTS, |record| record.session.node = Some("a\nb".into()));
    assert!(detail.contains("control character"), "{detail}");
}
