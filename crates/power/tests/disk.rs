//! The same machines as real files. Zone names have colons, which Windows does
//! not allow in file names.
#![cfg(unix)]

mod common;

use common::says::{fails, has};
use common::{World, energy, kinds, machines};
use perwatt_power::{Boundary, Covers, Found, Reason, System};
use std::os::unix::fs::symlink;
use std::path::Path;

fn rapl(root: &Path) -> Found {
    kinds::detect_in(&System::on_disk(root), "rapl").swap_remove(0)
}

#[test]
fn a_tree_on_disk_is_read_through_its_life() {
    let tree = tempfile::tempdir().unwrap();
    machines::intel_server().write_to(tree.path());
    let mut source = kinds::available(vec![rapl(tree.path())], "rapl");
    assert_eq!(source.info().boundary, Boundary::PackageDram);
    let period_s = source.info().update_period_s;
    assert_eq!(period_s, None, "files on a disk stand still");
    let start_j = source.read().unwrap();

    let counter = tree.path().join(energy("intel-rapl:0"));
    let text = std::fs::read_to_string(&counter).unwrap();
    let value_uj: u64 = text.trim().parse().unwrap();
    std::fs::write(&counter, format!("{}\n", value_uj + 2_000_000)).unwrap();
    assert!((source.read().unwrap() - start_j - 2.0).abs() < 1e-9);

    std::fs::write(&counter, "garbage\n").unwrap();
    fails(source.as_mut(), "malformed");
    std::fs::write(&counter, [0xff, 0xfe]).unwrap();
    fails(source.as_mut(), "io");
    std::fs::remove_file(&counter).unwrap();
    fails(source.as_mut(), "vanished");
    std::fs::create_dir(&counter).unwrap();
    fails(source.as_mut(), "io");
}

#[test]
fn a_directory_in_the_counters_place_is_malformed() {
    let tree = tempfile::tempdir().unwrap();
    let world = machines::intel_server();
    world.deny(energy("intel-rapl:1"));
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
    let files = [
        ("hwmon/hwmon4/name", "amdgpu"),
        ("hwmon/hwmon4/power1_average", "42000000"),
        ("uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0"),
    ];
    world.lines(device, &files);
    // Revision 1.3 with a power of 42 W and a counter; the bytes are not valid text.
    world.live_bytes(format!("{device}/gpu_metrics"), |_| {
        let mut bytes = vec![0xff; 120];
        bytes[..4].copy_from_slice(&[120, 0, 1, 3]);
        bytes[22..32].copy_from_slice(&[42, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        bytes
    });
    world.write_to(tree.path());
    let chips = tree.path().join("sys/class/hwmon");
    std::fs::create_dir_all(&chips).unwrap();
    let chip = format!("../../../{device}/hwmon/hwmon4");
    symlink(chip, chips.join("hwmon4")).unwrap();
    symlink("../..", chips.join("hwmon4/device")).unwrap();

    let found = kinds::detect_in(&System::on_disk(tree.path()), "amdgpu");
    let (open, closed) = kinds::ids(&found);
    assert_eq!((open, closed), (vec!["amdgpu:0"], vec!["amdgpu:0:energy"]));
    let mut power = kinds::available(found, "amdgpu:0");
    assert_eq!(power.read(), Ok(42.0));
    assert_eq!(power.info().covers, Covers::Pci("0000:03:00.0".into()));
    let found = kinds::detect_in(&System::on_disk(tree.path()), "amdgpu");
    let why = kinds::unavailable(found, "amdgpu:0:energy");
    has(&why.detail, &["stands still"]);
}
