//! The state of synthetic machines, modelled on the files of the named drivers.

mod common;

use common::{World, system, zone_dir};
use perwatt_power::Covers;
use perwatt_power::state::{Gauge, Probe, probes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values of all channels by name.
fn values(probes: &mut [Box<dyn Probe>]) -> BTreeMap<String, Option<f64>> {
    let mut all = BTreeMap::new();
    for probe in probes {
        let read = probe.read();
        assert_eq!(read.len(), probe.channels().len());
        for (channel, value) in probe.channels().iter().zip(read) {
            let twin = all.insert(channel.id.clone(), value);
            assert!(twin.is_none(), "{}", channel.id);
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
        let files = [
            ("name", "coretemp"),
            ("temp1_label", &format!("Package id {package}")),
            ("temp1_input", &format!("6{package}000")),
            ("temp2_label", "Core 0"),
            ("temp2_input", "58000"),
        ];
        world.lines(format!("sys/class/hwmon/hwmon{package}"), &files);
        let zone = format!("intel-rapl:{package}");
        world.line(zone_dir(&zone).join("name"), format!("package-{package}"));
        world.limit_w(&zone, 0, "long_term", 225.0);
        world.limit_w(&zone, 1, "short_term", 300.0);
    }
    let board = [("name", "acpitz"), ("temp1_input", "27800")];
    world.lines("sys/class/hwmon/hwmon2", &board);
    for cpu in 0..8 {
        let dir = format!("sys/devices/system/cpu/cpu{cpu}");
        let (package, core) = (cpu % 4 / 2, cpu % 2);
        let topology = [
            ("physical_package_id", &*package.to_string()),
            ("core_id", &core.to_string()),
        ];
        world.lines(format!("{dir}/topology"), &topology);
        let throttle = [
            (
                "package_throttle_total_time_ms",
                &*format!("{}00", package + 1),
            ),
            ("package_throttle_count", "4"),
            ("core_throttle_total_time_ms", "1"),
            ("core_throttle_count", "1"),
        ];
        world.lines(format!("{dir}/thermal_throttle"), &throttle);
        let policy = [
            ("scaling_cur_freq", &*format!("2{cpu}00000")),
            ("scaling_governor", "powersave"),
            ("energy_performance_preference", "balance_performance"),
        ];
        world.lines(
            format!("sys/devices/system/cpu/cpufreq/policy{cpu}"),
            &policy,
        );
    }
    world.line("sys/devices/system/cpu/intel_pstate/no_turbo", 0);
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
    let preference = &settings["cpu/energy-performance-preference"];
    assert_eq!(preference, "balance_performance");
}

#[test]
fn governors_that_differ_are_all_named() {
    let world = xeon();
    let governor = "sys/devices/system/cpu/cpufreq/policy3/scaling_governor";
    world.line(governor, "performance");
    let settings: BTreeMap<_, _> = open(&world)[0].settings().into_iter().collect();
    assert_eq!(settings["cpu/governor"], "performance+powersave");
}

#[test]
fn amds_die_temperature_is_preferred_to_the_offset_one() {
    let tree = |labels: &[(&str, &str)]| {
        let world = World::new();
        world.line("sys/class/hwmon/hwmon5/name", "k10temp");
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
    let files = [
        ("vendor", "0x1002"),
        ("uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:0A:00.0"),
        ("mem_info_vram_used", "1073741824"),
    ];
    world.lines(amd, &files);
    let sensors = [
        ("temp1_label", "edge"),
        ("temp1_input", "51000"),
        ("temp2_label", "junction"),
        ("temp2_input", "63000"),
        ("temp3_label", "mem"),
        ("temp3_input", "60000"),
        ("freq1_input", "2400000000"),
        ("power1_cap", "263000000"),
        ("fan1_input", "1200"),
    ];
    world.lines(format!("{amd}/hwmon/hwmon3"), &sensors);
    let intel = [
        ("vendor", "0x8086"),
        ("uevent", "PCI_SLOT_NAME=0000:03:00.0"),
        ("tile0/gt0/freq0/act_freq", "2050"),
        ("tile0/gt0/freq0/throttle/status", "0"),
        ("hwmon/hwmon7/power1_max", "190000000"),
    ];
    world.lines("sys/class/drm/card0/device", &intel);
    world.line("sys/class/drm/card2/device/vendor", "0x1a03");
    world.line("sys/class/drm/card1-DP-1/status", "connected");
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
    let files = [
        ("AC/type", "Mains"),
        ("AC/online", "1"),
        ("BAT0/type", "Battery"),
        ("BAT0/status", "Discharging"),
        ("mouse/type", "Battery"),
        ("mouse/scope", "Device"),
        ("mouse/status", "Discharging"),
    ];
    world.lines(class, &files);
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
        let celsius = values(&mut probes)["cpu/package-0-temp"];
        assert_eq!(celsius, None, "{nonsense}");
    }
    world.deny(temp);
    world.remove("sys/devices/system/cpu/cpu2/thermal_throttle/package_throttle_total_time_ms");
    let all = values(&mut probes);
    assert_eq!(all["cpu/package-0-temp"], None);
    // A sum of only some packages would look like a fall.
    assert_eq!(all["cpu/package-throttled"], None);
    assert!(all["cpu/package-1-temp"].is_some());
}
