//! The same machines as real files. Zone names have colons, which Windows does
//! not allow in file names.
#![cfg(unix)]

mod common;

use common::{World, energy, kinds, machines};
use perwatt_power::{Boundary, Covers, Found, ReadError, Reason, Selection, System, detect};
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

#[test]
fn a_chip_behind_a_link_is_found_with_its_binary_file() {
    let tree = tempfile::tempdir().unwrap();
    let world = World::new();
    let device = "sys/devices/pci0000:00/0000:03:00.0";
    for (file, text) in [
        ("hwmon/hwmon4/name", "amdgpu\n"),
        ("hwmon/hwmon4/power1_average", "42000000\n"),
        ("uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n"),
    ] {
        world.text(format!("{device}/{file}"), text);
    }
    // Revision 1.3 with a power of 42 W and a counter; the bytes are not valid text.
    world.live_bytes(format!("{device}/gpu_metrics"), |_| {
        let mut bytes = vec![0xff; 120];
        bytes[..4].copy_from_slice(&[120, 0, 1, 3]);
        bytes[22..32].copy_from_slice(&[42, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        bytes
    });
    world.write_to(tree.path());
    std::fs::create_dir_all(tree.path().join("sys/class/hwmon")).unwrap();
    std::os::unix::fs::symlink(
        format!("../../../{device}/hwmon/hwmon4"),
        tree.path().join("sys/class/hwmon/hwmon4"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        "../..",
        tree.path().join(device).join("hwmon/hwmon4/device"),
    )
    .unwrap();

    let found = kinds::detect_in(&System::on_disk(tree.path()), "amdgpu");
    assert_eq!(
        kinds::ids(&found),
        (vec!["amdgpu:0"], vec!["amdgpu:0:energy"])
    );
    let mut power = kinds::available(found, "amdgpu:0");
    assert_eq!(power.read(), Ok(42.0));
    assert_eq!(power.info().covers, Covers::Pci("0000:03:00.0".into()));
    let found = kinds::detect_in(&System::on_disk(tree.path()), "amdgpu");
    let why = kinds::unavailable(found, "amdgpu:0:energy");
    assert!(why.detail.contains("stands still"), "{}", why.detail);
}
