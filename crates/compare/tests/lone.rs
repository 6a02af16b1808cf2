//! Reports on rows without a counterpart and on columns of one session.

mod common;

use common::{compared, groups};
use perwatt_compare::{Comparison, Options, compare};
use perwatt_record::Record;
use perwatt_record::fixture::{Made, MadeEntry, derive_again};

/// A session of products of these shapes.
fn session(id: u64, shapes: &[&str]) -> Record {
    let mut made = Made::one("x", id, &[4e11; 8]);
    let first = made.entries.remove(0);
    let of = |shape: &&str| {
        let mut entry = first.entry.clone();
        entry.id = format!("matmul/f32/{shape}/cpu/embedded");
        let params = &mut entry.workload.params;
        params.insert("shape".into(), (*shape).into());
        MadeEntry {
            entry,
            ..first.clone()
        }
    };
    made.entries = shapes.iter().map(of).collect();
    if shapes.len() > 9 {
        // With many rows one run each is enough.
        let entries = made.entries.iter_mut();
        entries.for_each(|e| e.rates_per_s.truncate(1));
    }
    made.record()
}

fn fields(comparison: &Comparison, row: usize) -> Vec<[&str; 3]> {
    let nearest = comparison.unmatched[row].nearest.as_ref().unwrap();
    let text = |value: &'_ Option<String>| -> &'static str {
        String::leak(value.clone().unwrap_or_default())
    };
    let fields = nearest.fields.iter();
    fields
        .map(|d| [&*d.field, text(&d.base), text(&d.other)])
        .collect()
}

#[test]
fn a_lone_row_names_the_fields_that_keep_the_nearest_from_it() {
    let shapes = ["64x64x64", "128x128x128", "256x256x256"];
    let records = [session(1, &shapes[..1]), session(2, &shapes)];
    let comparison = compared(&records, &Options::default());
    let names: Vec<&str> = comparison.unmatched.iter().map(|row| &*row.name).collect();
    assert_eq!(names, ["matmul/f32/128x128x128", "matmul/f32/256x256x256"]);
    for (row, shape) in shapes[1..].iter().enumerate() {
        let nearest = comparison.unmatched[row].nearest.as_ref().unwrap();
        let is_of = [&*nearest.column, &*nearest.name];
        assert_eq!(is_of, ["A", "matmul/f32/64x64x64"]);
        let differs = ["workload.params.shape", "64x64x64", shape];
        assert_eq!(fields(&comparison, row), [differs]);
    }
}

#[test]
fn a_row_on_another_device_says_that_the_device_differs() {
    let mut on_gpu = session(2, &["64x64x64"]);
    on_gpu.plan.entries[0].device = "gpu:0".into();
    derive_again(&mut on_gpu);
    let comparison = compared(&[session(1, &["64x64x64"]), on_gpu], &Options::default());
    assert_eq!(comparison.unmatched.len(), 2);
    assert_eq!(fields(&comparison, 0), [["device", "gpu:0", "cpu"]]);
    assert_eq!(fields(&comparison, 1), [["device", "cpu", "gpu:0"]]);
}

#[test]
fn a_workload_that_no_other_column_has_is_near_to_nothing() {
    let mut other = session(2, &["64x64x64", "128x128x128"]);
    other.plan.entries[1].workload.name = "gemv/f16".into();
    derive_again(&mut other);
    let comparison = compared(&[session(1, &["64x64x64"]), other], &Options::default());
    assert_eq!(comparison.unmatched.len(), 1);
    assert!(comparison.unmatched[0].nearest.is_none());
}

#[test]
fn thousands_of_lone_rows_each_still_find_what_is_near() {
    let shapes =
        |from: usize| -> Vec<String> { (from..from + 520).map(|n| format!("{n}x64x64")).collect() };
    let sides = [shapes(1), shapes(10_000)];
    let records: Vec<Record> = (1..)
        .zip(&sides)
        .map(|(id, shapes)| session(id, &shapes.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect();
    let comparison = compared(&records, &Options::default());
    assert_eq!(comparison.unmatched.len(), 1040);
    assert!(comparison.unmatched.iter().all(|row| row.nearest.is_some()));
}

/// Notes about columns or rows of one session.
fn on_one_session(comparison: &Comparison) -> Vec<&String> {
    let notes = comparison.notes.iter();
    notes.filter(|note| note.contains("one session")).collect()
}

#[test]
fn one_session_is_said_of_columns_and_rows_that_rest_on_one() {
    let many = |first: u64, shapes: &[&str]| -> Vec<Record> {
        (first..first + 3)
            .map(|id| session(id, &shapes[..if id == first { shapes.len() } else { 1 }]))
            .collect()
    };
    let shapes = ["64x64x64", "128x128x128"];
    let (a, b) = (many(1, &shapes), many(11, &shapes));
    let comparison = compare(&groups(&[&a, &b]), &Options::default()).unwrap();
    let notes = on_one_session(&comparison);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let said = "rows that rest on one session, 1 of 2 in A, 1 of 2 in B:";
    assert!(notes[0].starts_with(said), "{notes:?}");

    // All rows rest on several sessions: there is no note.
    let (a, b) = (many(1, &shapes[..1]), many(11, &shapes[..1]));
    let comparison = compare(&groups(&[&a, &b]), &Options::default()).unwrap();
    assert!(on_one_session(&comparison).is_empty());

    let one = [session(21, &shapes)];
    let comparison = compare(&groups(&[&a, &one]), &Options::default()).unwrap();
    assert!(on_one_session(&comparison)[0].starts_with("one session in B:"));
    let other = [session(22, &shapes)];
    let comparison = compare(&groups(&[&other, &one]), &Options::default()).unwrap();
    assert!(on_one_session(&comparison)[0].starts_with("one session in every column:"));
}
