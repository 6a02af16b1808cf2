//! The same machines as real files. Zone names have colons, which Windows does
//! not allow in file names.
#![cfg(unix)]

mod common;

use common::{energy, machines};
use perwatt_power::{Boundary, Found, ReadError, Reason, Selection, detect};
use std::path::Path;

fn rapl(root: &Path) -> Found {
    let selection = Selection {
        sysfs_root: root.into(),
        meters: Some(vec!["rapl".into()]),
        ..Selection::default()
    };
    detect(&selection).unwrap().swap_remove(0)
}

#[test]
fn a_tree_on_disk_is_read_through_its_life() {
    let tree = tempfile::tempdir().unwrap();
    machines::intel_server().write_to(tree.path());
    let Found::Available(mut source) = rapl(tree.path()) else {
        panic!("not available");
    };
    assert_eq!(source.info().boundary, Boundary::PackageDram);
    assert_eq!(
        source.info().update_period_s,
        None,
        "files on a disk stand still"
    );
    let start_j = source.read().unwrap();

    let counter = tree.path().join(energy("intel-rapl:0"));
    let value_uj: u64 = std::fs::read_to_string(&counter)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    std::fs::write(&counter, format!("{}\n", value_uj + 2_000_000)).unwrap();
    assert!((source.read().unwrap() - start_j - 2.0).abs() < 1e-9);

    std::fs::write(&counter, "garbage\n").unwrap();
    assert!(matches!(source.read(), Err(ReadError::Malformed { .. })));
    std::fs::write(&counter, [0xff, 0xfe]).unwrap();
    assert!(matches!(source.read(), Err(ReadError::Io { .. })));
    std::fs::remove_file(&counter).unwrap();
    assert!(matches!(source.read(), Err(ReadError::Vanished { .. })));
    std::fs::create_dir(&counter).unwrap();
    assert!(matches!(source.read(), Err(ReadError::Io { .. })));
}

#[test]
fn a_directory_in_the_counters_place_is_malformed() {
    let tree = tempfile::tempdir().unwrap();
    let world = machines::intel_server();
    world.set(
        energy("intel-rapl:1"),
        common::File::Fails(std::io::ErrorKind::Other),
    );
    world.write_to(tree.path());
    let Found::Unavailable(why) = rapl(tree.path()) else {
        panic!("half a server is not a server");
    };
    assert_eq!(why.reason, Reason::Malformed);
    assert!(why.detail.starts_with("package-1"), "{}", why.detail);
}
