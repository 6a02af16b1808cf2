//! Figures with different keys are not compared, and the reason is named.

mod common;

use common::{compared, groups, loaded, only_cell, outcome, rising, two, with};
use perwatt_compare::inference::Basis;
use perwatt_compare::key::Field;
use perwatt_compare::model::Outcome;
use perwatt_compare::{By, Comparison, Loaded, Options, Remedy, Verdict, compare};
use perwatt_record::Record;
use perwatt_record::fixture::changes::{CHANGES, Change};
use perwatt_record::fixture::{Made, counter, derive_again};
use perwatt_record::schema::{Failure, FailureKind, Status, Unit};

fn pair() -> [Record; 2] {
    [1, 2].map(|id| {
        let mut made = Made::one("x", id, &[4e11; 8]);
        made.meter = Some(counter("rapl", None));
        made.record()
    })
}

/// The comparison of records that were changed.
fn again(records: &mut [Record]) -> Comparison {
    records.iter_mut().for_each(derive_again);
    compared(records, &Options::default())
}

/// Fields named by cells that cannot be compared.
fn named(comparison: &Comparison) -> Vec<String> {
    let mut fields: Vec<String> = comparison
        .cells()
        .filter_map(|cell| match &cell.outcome {
            Outcome::NotComparable { fields, .. } => Some(fields),
            _ => None,
        })
        .flatten()
        .map(|difference| difference.field.clone())
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// Further changes, which only an unsound record can hold: fields that follow from the
/// workload.
const UNSOUND: [(&str, bool, Change); 4] = [
    ("unit", false, |r| r.plan.entries[0].unit = Unit::Op),
    ("workload.name", false, |r| {
        r.plan.entries[0].workload.name = "matmul/f16".into();
    }),
    ("workload.version", false, |r| {
        r.plan.entries[0].workload.version = 2;
    }),
    ("work_per_step", false, |r| {
        r.plan.entries[0].work_per_step *= 2;
    }),
];

/// One change for each field of the key that can differ between records; the flag is true
/// if only joules have the field.
fn changes() -> impl Iterator<Item = (&'static str, bool, Change)> {
    UNSOUND.into_iter().chain(CHANGES)
}

#[test]
fn each_field_of_the_key_alone_forbids_the_comparison_and_is_named() {
    for (field, joules_only, change) in changes() {
        let mut records = pair();
        change(&mut records[1]);
        let comparison = again(&mut records);
        assert_eq!(named(&comparison), [field], "{comparison:#?}");
        let left = comparison.compared().count();
        assert_eq!(left, usize::from(joules_only), "{field}");
    }
    // The other fields are the same in every record of a machine: the metric, the replicate
    // and the baseline.
    let tried: Vec<&str> = changes().map(|(field, ..)| field).collect();
    let fixed = Field::FIXED.iter().map(ToString::to_string);
    let untried = fixed.filter(|field| !tried.contains(&field.as_str()));
    let untried: Vec<String> = untried.collect();
    assert_eq!(untried, ["metric", "protocol.replicate", "energy.baseline"]);
}

#[test]
fn a_field_may_be_allowed_to_differ_and_the_result_says_so() {
    for (field, _, change) in changes() {
        let mut records = pair();
        change(&mut records[1]);
        derive_again(&mut records[1]);
        let options = with(|options| options.allow_differ = vec![field.into()]);
        let comparison = compared(&records, &options);
        assert!(comparison.compared().count() > 0, "{field}");
        let said = &comparison.not_like_for_like[0];
        assert!(said.starts_with(field), "{comparison:#?}");
    }
    let window = with(|options| options.allow_differ = vec!["protocol.window_s".into()]);
    assert!(compared(&pair(), &window).not_like_for_like.is_empty());
    let unknown = with(|options| options.allow_differ = vec!["verified".into()]);
    assert!(compare(&loaded(&pair()), &unknown).is_err());
}

#[test]
fn unverified_rows_and_rows_without_a_figure_are_not_compared() {
    let mut records = two(&[4e11; 8], &[4e11; 8]);
    let failed = |kind| {
        let message = "a message".into();
        Status::Failed(Failure { kind, message })
    };
    for run in &mut records[1].runs {
        run.status = failed(FailureKind::Unverified);
    }
    assert_eq!(named(&again(&mut records)), ["verified"]);

    let mut records = two(&[4e11; 8], &[4e11; 8]);
    records[0].runs[0].proof = None;
    assert_eq!(named(&again(&mut records)), ["verified"]);

    // One failed run of eight is named and left out.
    let mut records = two(&[4e11; 8], &[4e11; 8]);
    records[1].runs[3].status = failed(FailureKind::Crashed);
    let comparison = again(&mut records);
    let cell = only_cell(&comparison);
    assert_eq!(cell.figure.as_ref().unwrap().values.len(), 7);
    assert!(cell.notes.iter().any(|note| note.contains("1 run failed")));
}

#[test]
fn the_same_session_on_both_sides_is_no_comparison() {
    let record = Made::one("a", 1, &[4e11; 8]).record();
    let comparison = compared(&[record.clone(), record], &Options::default());
    assert_eq!(comparison.compared().count(), 0);
    let Outcome::NotComparable { reason, .. } = &only_cell(&comparison).outcome else {
        panic!("{comparison:#?}");
    };
    assert!(reason.contains("same runs"), "{reason}");
}

#[test]
fn a_session_in_two_inputs_counts_once_in_a_column() {
    let record = Made::one("a", 1, &[4e11; 8]).record();
    let mut other = Made::one("b", 2, &[5e11; 8]);
    other.cpu = "Other CPU".into();
    let records = [record.clone(), record, other.record()];
    let comparison = compared(&records, &with(|options| options.by = By::Node));
    assert_eq!(comparison.columns.len(), 2);
    let base = &comparison.tables[0].rows[0].cells[0];
    assert_eq!(base.figure.as_ref().unwrap().values.len(), 8);
}

#[test]
fn zero_joules_are_no_figure() {
    let mut records = pair();
    for run in &mut records[1].runs {
        for (_, value) in &mut run.energy[0].samples {
            *value = 0.0;
        }
    }
    derive_again(&mut records[1]);
    let energy = perwatt_compare::Filter::parse("metric=energy").unwrap();
    let options = with(|options| options.filters.push(energy));
    let comparison = compared(&records, &options);
    assert_eq!(comparison.compared().count(), 0, "{comparison:#?}");
}

#[test]
fn rows_pair_by_key_whatever_their_order_and_leftovers_are_listed() {
    let mut made = Made::one("a", 1, &[4e11; 8]);
    let mut other = made.entries[0].clone();
    other.entry.id = "matmul/f32/wide/cpu/embedded".into();
    other
        .entry
        .workload
        .params
        .insert("shape".into(), "512x4096x4096".into());
    other.rates_per_s = vec![9e11; 8];
    made.entries.push(other.clone());
    let a = made.record();
    let mut turned = made.clone();
    turned.id = 2;
    turned.entries.reverse();
    let b = turned.record();
    let comparison = compared(&[a.clone(), b], &Options::default());
    assert_eq!(comparison.count(Verdict::SameHere), 2);
    assert_eq!(comparison.tables[0].geomean_rows, 2);
    let mean = comparison.tables[0].geomeans[1].unwrap();
    assert!((mean - 1.0).abs() < 1e-6);

    // One side lacks a row: it is listed, and left out of the mean.
    let lone = Made::one("b", 3, &[4e11; 8]).record();
    let comparison = compared(&[a, lone], &Options::default());
    assert_eq!(comparison.compared().count(), 1);
    assert_eq!(comparison.unmatched.len(), 1);
    assert_eq!(comparison.unmatched[0].name, "matmul/f32/wide");
    assert_eq!(comparison.unmatched[0].columns, ["A"]);
}

#[test]
fn several_sessions_are_the_replicates_of_their_side() {
    let session = |id: u64, centre| Made::one("x", id, &rising(8, centre, 0.001)).record();
    // The sessions of B differ by 8 %, so a difference of 6 % is not significant.
    let a = [session(1, 4e11)];
    let b = [session(2, 4.08e11), session(3, 4.4e11)];
    let comparison = compare(&groups(&[&a, &b]), &Options::default()).unwrap();
    let c = outcome(only_cell(&comparison));
    assert!((c.noise.unwrap() - 4.4 / 4.08 + 1.0).abs() < 1e-3, "{c:?}");
    assert!(c.noise_reason.as_ref().unwrap().contains("sessions of B"));
    assert_eq!((c.verdict, c.basis), (Verdict::Unclear, Basis::Runs));

    // Six sessions on each side.
    let many = |first: u64, centre| -> Vec<Record> {
        let centres = rising(6, centre, 0.002).into_iter();
        (first..)
            .zip(centres)
            .map(|(id, centre)| session(id, centre))
            .collect()
    };
    let sides = groups(&[&many(10, 4e11), &many(20, 5e11)]);
    let comparison = compare(&sides, &Options::default()).unwrap();
    let cell = only_cell(&comparison);
    assert_eq!(cell.figure.as_ref().unwrap().values.len(), 6);
    assert_eq!(outcome(cell).verdict, Verdict::Better);
    assert_eq!(outcome(cell).basis, Basis::Sessions);

    // One session a side says nothing about others, until enough others lie beside them.
    let mut lone = groups(&[&[session(1, 4e11)], &[session(2, 5e11)]]);
    let of =
        |lone: &Loaded| outcome(only_cell(&compare(lone, &Options::default()).unwrap())).clone();
    let here = of(&lone);
    assert_eq!(
        (here.verdict, here.basis),
        (Verdict::BetterHere, Basis::Runs)
    );
    assert_eq!(
        here.remedy,
        Some(Remedy::AtLeastSessions {
            sessions: 3,
            missing: [2, 2]
        })
    );
    lone.beside = groups(&[&many(30, 4e11), &many(40, 4e11), &many(50, 4e11)]).sessions;
    assert_eq!(of(&lone).verdict, Verdict::Better);
    // Sessions of other machines, and with other software, say nothing of these.
    for session in &mut lone.beside {
        session.specimen = "another machine".into();
    }
    assert_eq!(of(&lone).verdict, Verdict::BetterHere);
}

#[test]
fn backends_that_took_turns_are_compared_in_pairs() {
    // Sessions scatter by 20 %; within each, one backend is 5 % faster.
    let records: Vec<Record> = [4e11, 5e11, 4.4e11, 4.6e11]
        .into_iter()
        .zip(1..)
        .map(|(centre, id)| {
            let mut made = Made::one("x", id, &rising(8, centre, 0.0001));
            let mut fast = made.entries[0].clone();
            fast.entry.backend = "cblas".into();
            fast.entry.id = "matmul/f32/square-2048/cpu/cblas".into();
            fast.rates_per_s = rising(8, 1.05 * centre, 0.0002);
            made.entries.push(fast);
            made.record()
        })
        .collect();
    let by_backend = with(|options| options.by = By::Backend);
    let comparison = compare(&groups(&[&records]), &by_backend).unwrap();
    let found = outcome(only_cell(&comparison));
    assert_eq!(found.verdict, Verdict::Better, "{found:?}");
    assert!((found.ratio - 1.05).abs() < 1e-3);
}

#[test]
fn the_measured_noise_is_to_be_exceeded_by_a_difference_and_makes_nothing_equal() {
    let drifting: Vec<f64> = (0..20)
        .map(|i| if i < 10 { 4e11 } else { 4.3e11 } * (1.0 + 1e-4 * f64::from(i)))
        .collect();
    let mut selfcheck = Made::one("selfcheck", 5, &drifting).record();
    selfcheck.config.selfcheck = true;
    derive_again(&mut selfcheck);
    let a = Made::one("a", 1, &[4e11; 8]).record();
    let b = Made::one("b", 2, &[4.2e11; 8]).record();
    let comparison = compare(&groups(&[&[a, selfcheck], &[b]]), &Options::default()).unwrap();
    let c = outcome(only_cell(&comparison));
    assert!(c.noise.unwrap() > 0.07, "{c:?}");
    assert_eq!(c.margin, 0.02);
    let reason = c.noise_reason.as_ref().unwrap();
    assert!(reason.contains("differs from itself"), "{reason}");
    assert_eq!(c.verdict, Verdict::Unclear);
}

#[test]
fn places_are_no_finer_than_the_runs_allow() {
    let record = |(id, centre)| Made::one("x", id, &rising(10, centre, 0.002)).record();
    let records = [(1, 5e11), (2, 4e11), (3, 4.01e11), (4, 1e11)].map(record);
    let comparison = compared(&records, &Options::default());
    let places: Vec<[usize; 2]> = comparison.cells().map(|cell| cell.rank.unwrap()).collect();
    assert_eq!(places, [[1, 1], [2, 3], [2, 3], [4, 4]]);
}

#[test]
fn columns_can_be_devices_and_backends() {
    let mut made = Made::one("x", 1, &[4e11; 8]);
    let mut fast = made.entries[0].clone();
    fast.entry.backend = "cblas".into();
    fast.entry.id = "matmul/f32/square-2048/cpu/cblas".into();
    fast.rates_per_s = vec![8e11; 8];
    made.entries.push(fast.clone());
    let record = made.record();
    let by_backend = with(|options| options.by = By::Backend);
    let comparison = compared(std::slice::from_ref(&record), &by_backend);
    let labels = comparison.columns.iter().map(|c| c.label.as_str());
    assert_eq!(labels.collect::<Vec<_>>(), ["embedded", "cblas"]);
    assert_eq!(comparison.count(Verdict::BetterHere), 1);

    // By input, the best backend represents each side.
    let other = Made::one("y", 2, &[8e11; 8]).record();
    let comparison = compared(&[record, other], &Options::default());
    assert_eq!(comparison.count(Verdict::SameHere), 1);
    let base = &comparison.tables[0].rows[0].cells[0];
    assert_eq!(base.figure.as_ref().unwrap().backend, "cblas");
    assert!(base.notes.contains(&"best of 2 backends".to_owned()));
}

#[test]
fn one_machine_with_several_settings_changed_is_no_proof_of_any() {
    let mut records = two(&[4e11; 8], &[5e11; 8]);
    records[1].host.cpu.governor = Some("performance".into());
    records[1].tool.version = "0.2.0".into();
    let comparison = again(&mut records);
    let fields = comparison.differs.iter().map(|d| d.field.as_str());
    assert_eq!(fields.collect::<Vec<_>>(), ["cpu.governor", "tool.version"]);
    let is_said = |note: &String| note.contains("cannot be attributed to one of them");
    assert!(
        comparison.notes.iter().any(is_said),
        "{:?}",
        comparison.notes
    );
}
