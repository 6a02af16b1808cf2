//! The state of synthetic machines, modelled on the files of the named drivers.

mod common;

use common::{File, World, system};
use perwatt_power::Covers;
use perwatt_power::state::{Gauge, Probe, probes};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;

/// The values of all channels by name.
fn values(probes: &mut [Box<dyn Probe>]) -> BTreeMap<String, Option<f64>> {
    let mut all = BTreeMap::new();
    for probe in probes {
        let read = probe.read();
        assert_eq!(read.len(), probe.channels().len());
        for (channel, value) in probe.channels().iter().zip(read) {
            assert!(
                all.insert(channel.id.clone(), value).is_none(),
                "{}",
                channel.id
            );
        }
    }
    all
}

fn open(world: &Arc<World>) -> Vec<Box<dyn Probe>> {
    probes(&system(world))
}

/// Two packages of two cores of two threads, as `coretemp`, `intel_pstate` and
/// `therm_throt` show a Xeon.
fn xeon() -> Arc<World> {
    let world = World::new();
    for package in 0..2 {
        let dir = format!("sys/class/hwmon/hwmon{package}");
        world.text(format!("{dir}/name"), "coretemp\n");
        world.text(
            format!("{dir}/temp1_label"),
            format!("Package id {package}\n"),
        );
        world.text(
            format!("{dir}/temp1_input"),
            format!("{}\n", 60_000 + package * 1000),
        );
        world.text(format!("{dir}/temp2_label"), "Core 0\n");
        world.text(format!("{dir}/temp2_input"), "58000\n");
        let zone = format!("sys/class/powercap/intel-rapl:{package}");
        world.text(format!("{zone}/name"), format!("package-{package}\n"));
        world.limit_w(&format!("intel-rapl:{package}"), 0, "long_term", 225.0);
        world.limit_w(&format!("intel-rapl:{package}"), 1, "short_term", 300.0);
    }
    world.text("sys/class/hwmon/hwmon2/name", "acpitz\n");
    world.text("sys/class/hwmon/hwmon2/temp1_input", "27800\n");
    for cpu in 0..8 {
        let dir = format!("sys/devices/system/cpu/cpu{cpu}");
        let (package, core) = (cpu % 4 / 2, cpu % 2);
        world.text(
            format!("{dir}/topology/physical_package_id"),
            format!("{package}\n"),
        );
        world.text(format!("{dir}/topology/core_id"), format!("{core}\n"));
        let throttle = format!("{dir}/thermal_throttle");
        world.text(
            format!("{throttle}/package_throttle_total_time_ms"),
            format!("{}\n", 100 * (package + 1)),
        );
        world.text(format!("{throttle}/package_throttle_count"), "4\n");
        world.text(format!("{throttle}/core_throttle_total_time_ms"), "1\n");
        world.text(format!("{throttle}/core_throttle_count"), "1\n");
        let policy = format!("sys/devices/system/cpu/cpufreq/policy{cpu}");
        world.text(
            format!("{policy}/scaling_cur_freq"),
            format!("{}\n", 2_000_000 + cpu * 100_000),
        );
        world.text(format!("{policy}/scaling_governor"), "powersave\n");
        world.text(
            format!("{policy}/energy_performance_preference"),
            "balance_performance\n",
        );
    }
    world.text("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    Arc::new(world)
}

#[test]
fn a_xeon_counts_each_package_and_core_once() {
    let world = xeon();
    let mut probes = open(&world);
    let values = values(&mut probes);
    let expected = [
        ("cpu/clock", 2.35e9),
        ("cpu/core-throttle-events", 4.0),
        ("cpu/core-throttled", 0.004),
        ("cpu/package-0-limit", 225.0),
        ("cpu/package-0-temp", 60.0),
        ("cpu/package-1-limit", 225.0),
        ("cpu/package-1-temp", 61.0),
        ("cpu/package-throttle-events", 8.0),
        ("cpu/package-throttled", 0.3),
    ];
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    assert_eq!(names, expected.map(|(name, _)| name));
    for (name, value) in expected {
        let found = values[name].unwrap();
        assert!((found / value - 1.0).abs() < 1e-12, "{name}: {found}");
    }
    let settings: BTreeMap<_, _> = probes[0].settings().into_iter().collect();
    assert_eq!(settings["cpu/governor"], "powersave");
    assert_eq!(settings["cpu/boost"], "on");
    assert_eq!(
        settings["cpu/energy-performance-preference"],
        "balance_performance"
    );
}

#[test]
fn governors_that_differ_are_all_named() {
    let world = xeon();
    world.text(
        "sys/devices/system/cpu/cpufreq/policy3/scaling_governor",
        "performance\n",
    );
    let settings: BTreeMap<_, _> = open(&world)[0].settings().into_iter().collect();
    assert_eq!(settings["cpu/governor"], "performance+powersave");
}

#[test]
fn amds_die_temperature_is_preferred_to_the_offset_one() {
    let tree = |labels: &[(&str, &str)]| {
        let world = World::new();
        world.text("sys/class/hwmon/hwmon5/name", "k10temp\n");
        for (i, (label, value)) in (1..).zip(labels) {
            world.text(format!("sys/class/hwmon/hwmon5/temp{i}_label"), *label);
            world.text(format!("sys/class/hwmon/hwmon5/temp{i}_input"), *value);
        }
        values(&mut open(&Arc::new(world)))["cpu/package-0-temp"]
    };
    assert_eq!(tree(&[("Tctl", "85000"), ("Tdie", "58000")]), Some(58.0));
    assert_eq!(tree(&[("Tctl", "85000"), ("Tccd1", "58000")]), Some(85.0));
}

/// An `amdgpu` card and an `xe` card, as their drivers show them, beside a
/// framebuffer that belongs to neither driver.
fn gpus() -> Arc<World> {
    let world = World::new();
    let amd = "sys/class/drm/card1/device";
    world.text(format!("{amd}/vendor"), "0x1002\n");
    world.text(
        format!("{amd}/uevent"),
        "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:0A:00.0\n",
    );
    world.text(format!("{amd}/mem_info_vram_used"), "1073741824\n");
    let hwmon = format!("{amd}/hwmon/hwmon3");
    for (i, label, value) in [
        (1, "edge", "51000"),
        (2, "junction", "63000"),
        (3, "mem", "60000"),
    ] {
        world.text(format!("{hwmon}/temp{i}_label"), label);
        world.text(format!("{hwmon}/temp{i}_input"), value);
    }
    world.text(format!("{hwmon}/freq1_input"), "2400000000\n");
    world.text(format!("{hwmon}/power1_cap"), "263000000\n");
    world.text(format!("{hwmon}/fan1_input"), "1200\n");

    let intel = "sys/class/drm/card0/device";
    world.text(format!("{intel}/vendor"), "0x8086\n");
    world.text(format!("{intel}/uevent"), "PCI_SLOT_NAME=0000:03:00.0\n");
    world.text(format!("{intel}/tile0/gt0/freq0/act_freq"), "2050\n");
    world.text(format!("{intel}/tile0/gt0/freq0/throttle/status"), "0\n");
    world.text(format!("{intel}/hwmon/hwmon7/power1_max"), "190000000\n");

    world.text("sys/class/drm/card2/device/vendor", "0x1a03\n");
    world.text("sys/class/drm/card1-DP-1/status", "connected\n");
    Arc::new(world)
}

#[test]
fn gpus_tell_of_themselves_by_their_pci_address() {
    let world = gpus();
    let mut probes = open(&world);
    let of: BTreeMap<String, Covers> = probes
        .iter()
        .flat_map(|probe| probe.channels())
        .map(|channel| (channel.id.clone(), channel.covers.clone()))
        .collect();
    assert_eq!(of["card1/edge-temp"], Covers::Pci("0000:0a:00.0".into()));
    assert_eq!(of["card0/clock"], Covers::Pci("0000:03:00.0".into()));
    let values = values(&mut probes);
    for (name, value) in [
        ("card0/clock", 2.05e9),
        ("card0/power-limit", 190.0),
        ("card0/throttle-events", 0.0),
        ("card1/edge-temp", 51.0),
        ("card1/junction-temp", 63.0),
        ("card1/mem-temp", 60.0),
        ("card1/shader-clock", 2.4e9),
        ("card1/power-limit", 263.0),
        ("card1/fan", 1200.0),
        ("card1/memory-used", 1_073_741_824.0),
    ] {
        let found = values[name].unwrap();
        assert!((found - value).abs() <= 1e-12 * value, "{name}: {found}");
    }
    assert_eq!(values.len(), 10);
}

#[test]
fn a_status_that_comes_and_goes_is_counted() {
    let world = gpus();
    let mut probes = open(&world);
    let status = "sys/class/drm/card0/device/tile0/gt0/freq0/throttle/status";
    let mut counts = Vec::new();
    for now in ["1", "1", "0", "1", "0"] {
        world.text(status, now);
        counts.push(values(&mut probes)["card0/throttle-events"].unwrap());
    }
    assert_eq!(counts, [1.0, 1.0, 1.0, 2.0, 2.0]);
}

#[test]
fn a_laptop_says_whether_it_is_plugged_in() {
    let world = Arc::new(World::new());
    let class = "sys/class/power_supply";
    world.text(format!("{class}/AC/type"), "Mains\n");
    world.text(format!("{class}/AC/online"), "1\n");
    world.text(format!("{class}/BAT0/type"), "Battery\n");
    world.text(format!("{class}/BAT0/status"), "Discharging\n");
    world.text(format!("{class}/mouse/type"), "Battery\n");
    world.text(format!("{class}/mouse/scope"), "Device\n");
    world.text(format!("{class}/mouse/status"), "Discharging\n");
    let mut probes = open(&world);
    assert_eq!(probes[0].channels()[0].gauge, Gauge::OnBattery);
    assert_eq!(values(&mut probes)["supply/battery"], Some(0.0));
    world.text(format!("{class}/AC/online"), "0\n");
    assert_eq!(values(&mut probes)["supply/battery"], Some(1.0));
}

#[test]
fn a_machine_that_tells_nothing_has_no_probe() {
    assert!(open(&Arc::new(World::new())).is_empty());
}

#[test]
fn what_cannot_be_is_no_reading_and_what_vanishes_does_no_harm() {
    let world = xeon();
    let mut probes = open(&world);
    let temp = "sys/class/hwmon/hwmon0/temp1_input";
    for nonsense in ["-273000", "255000", "", "hot", "9999999999999999999999"] {
        world.text(temp, nonsense);
        assert_eq!(
            values(&mut probes)["cpu/package-0-temp"],
            None,
            "{nonsense}"
        );
    }
    world.set(temp, File::Fails(ErrorKind::PermissionDenied));
    world.remove("sys/devices/system/cpu/cpu2/thermal_throttle/package_throttle_total_time_ms");
    let all = values(&mut probes);
    assert_eq!(all["cpu/package-0-temp"], None);
    // A sum of only some packages would look like a fall.
    assert_eq!(all["cpu/package-throttled"], None);
    assert!(all["cpu/package-1-temp"].is_some());
}
