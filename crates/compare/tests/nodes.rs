//! Machines of one model, told apart or pooled as asked.

mod common;

use std::path::Path;

use common::with;
use perwatt_compare::intern::Interner;
use perwatt_compare::load::Group;
use perwatt_compare::session::Session;
use perwatt_compare::{By, Comparison, Input, Loaded, Options, compare, history, load};
use perwatt_record::Record;
use perwatt_record::fixture::noise::Noise;
use perwatt_record::fixture::{Made, counter};

/// One session on each of twelve identical nodes, which have these names and machine ids.
fn twelve(
    named: impl Fn(u64) -> Option<String>,
    specimen: impl Fn(u64) -> Option<String>,
) -> Vec<Record> {
    let mut noise = Noise(5);
    let session = |i: u64| {
        let mut made = Made::one("quick", i, &noise.rates(10, 4e11, 0.003));
        (made.node, made.specimen) = (named(i), specimen(i));
        made.started_unix_s += 60 * i as u32;
        made.record()
    };
    (0..12).map(session).collect()
}

fn name(i: u64) -> Option<String> {
    Some(format!("n{i:02}"))
}

/// As the host's hash of a machine id: other first digits on each machine.
fn id(i: u64) -> Option<String> {
    Some(format!("{i:08x}{:024x}", 7))
}

fn none(_: u64) -> Option<String> {
    None
}

fn one_directory(records: &[Record]) -> Loaded {
    let interner = Interner::default();
    let of = |record| Session::of(Path::new("x.json"), record, &interner);
    Loaded::of(records.iter().map(of).collect())
}

fn by(records: &[Record], by: By) -> Comparison {
    let options = with(|options| options.by = by);
    compare(&one_directory(records), &options).unwrap()
}

fn labels(comparison: &Comparison) -> Vec<&str> {
    let columns = comparison.columns.iter();
    columns.map(|column| column.label.as_str()).collect()
}

#[test]
fn twelve_identical_nodes_are_twelve_columns() {
    let names: Vec<String> = (0..12).filter_map(name).collect();
    for records in [
        twelve(name, id),
        twelve(name, none),
        twelve(name, |_| id(3)),
    ] {
        let keys = records.iter().map(|record| record.machine.key.as_str());
        assert!(keys.collect::<Vec<_>>().windows(2).all(|w| w[0] == w[1]));
        for how in [By::Input, By::Node, By::Session] {
            let comparison = by(&records, how.clone());
            assert_eq!(labels(&comparison), names, "{how}");
            assert!(comparison.columns.iter().all(|of| of.specimens.len() == 1));
            let notes = comparison.notes.join("; ");
            assert!(!notes.contains("one machine and"), "{how}: {notes}");
        }
    }
}

#[test]
fn without_names_their_machine_ids_tell_them_apart() {
    let comparison = by(&twelve(none, id), By::Input);
    let expected: Vec<String> = (0..12).map(|i| format!("quick #{i:08x}")).collect();
    assert_eq!(labels(&comparison), expected);
}

#[test]
fn they_are_one_model_or_one_label_as_asked() {
    let mut records = twelve(name, id);
    let comparison = by(&records, By::Model);
    assert_eq!(labels(&comparison), ["Example CPU, 8 cores"]);
    let column = &comparison.columns[0];
    assert_eq!(
        (column.sessions, column.nodes.len(), column.specimens.len()),
        (12, 12, 12)
    );
    for record in &mut records[6..] {
        record.session.label = "after".into();
    }
    assert_eq!(labels(&by(&records, By::Label)), ["quick", "after"]);
}

#[test]
fn each_has_its_own_history_and_none_of_them_is_a_change() {
    let mut records = twelve(name, id);
    // A second session of each node.
    for mut record in twelve(name, id) {
        record.session.id = format!("{}-2", record.session.id);
        records.push(record);
    }
    let history = history(&one_directory(&records), &Options::default()).unwrap();
    assert_eq!(history.machines.len(), 12);
    for (machine, i) in history.machines.iter().zip(0..) {
        assert_eq!(
            (machine.node.clone(), Some(machine.specimen.clone())),
            (name(i), id(i))
        );
        assert_eq!(machine.rows[0].points.len(), 2);
    }
}

#[test]
fn a_node_that_was_named_later_is_still_one_machine() {
    let mut records = twelve(none, |_| id(1));
    records.truncate(2);
    records[1].session.node = name(1);
    let loaded = one_directory(&records);
    assert_eq!(loaded.sessions[0].specimen, loaded.sessions[1].specimen);
    let comparison = compare(&loaded, &Options::default()).unwrap();
    assert_eq!(labels(&comparison), ["n01"]);
}

#[test]
fn meters_of_two_nodes_are_two_meters() {
    let session = |i: u64, node: u64| {
        let mut made = Made::one("x", i, &[4e11; 10]);
        made.specimen = id(node);
        made.meter = Some(counter("rapl", Some(0.03)));
        made.record()
    };
    let widening = |nodes: [u64; 2]| {
        let records = [session(1, nodes[0]), session(2, nodes[1])];
        let options = with(|options| options.by = By::Session);
        let comparison = compare(&one_directory(&records), &options).unwrap();
        let widened = comparison.compared().map(|of| of.meters_rel);
        widened.fold(0.0, f64::max)
    };
    assert_eq!(widening([1, 1]), 0.0);
    assert!((widening([1, 2]) - 0.0609).abs() < 1e-6, "1.03 × 1.03");
}

#[test]
fn one_machine_is_said_only_of_one_specimen() {
    let note = |specimens: [Option<String>; 2]| {
        let records = specimens.into_iter().zip(1..).map(|(specimen, i)| {
            let mut made = Made::one("x", i, &[4e11; 10]);
            made.specimen = specimen;
            made.record()
        });
        let records: Vec<Record> = records.collect();
        by(&records, By::Session).notes.join("; ")
    };
    assert!(note([id(1), id(1)]).contains("are one machine and nothing"));
    assert!(!note([id(1), id(2)]).contains("are one m"));
    let old = note([None, None]);
    assert!(old.contains("of one model, perhaps one machine"), "{old}");
}

/// Several directories keep their names, and their nodes have columns beside them.
#[test]
fn directories_name_their_columns() {
    let dir = tempfile::tempdir().unwrap();
    let records = twelve(name, id);
    for (folder, members) in [("before", &records[..1]), ("after", &records[1..3])] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        for (record, i) in members.iter().zip(0..) {
            let path = dir.path().join(folder).join(format!("{i}.json"));
            std::fs::write(path, record.to_bytes().unwrap()).unwrap();
        }
    }
    let input = |folder: &str| Input {
        label: None,
        path: dir.path().join(folder),
    };
    let of = |inputs: &[Input]| {
        let loaded = load(inputs, true).unwrap();
        assert!(loaded.skipped.is_empty(), "{:?}", loaded.skipped);
        compare(&loaded, &Options::default()).unwrap()
    };
    let both = of(&[input("before"), input("after")]);
    assert_eq!(labels(&both), ["before", "after n01", "after n02"]);
    assert_eq!(labels(&of(&[input("after")])), ["n01", "n02"]);
    let named = Input {
        label: Some("new".into()),
        ..input("after")
    };
    assert_eq!(labels(&of(&[input("before"), named])), ["n00", "new"]);
}

/// A label keeps its sessions in one column, whatever their nodes.
#[test]
fn a_labelled_directory_is_one_column() {
    let loaded = one_directory(&twelve(name, id));
    let loaded = Loaded {
        groups: vec![Group {
            label: Some("rack".into()),
            ..loaded.groups[0].clone()
        }],
        ..loaded
    };
    let comparison = compare(&loaded, &Options::default()).unwrap();
    assert_eq!(labels(&comparison), ["rack"]);
    assert_eq!(comparison.columns[0].nodes.len(), 12);
}
