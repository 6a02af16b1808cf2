//! RAPL by perf on synthetic units: files as `arch/x86/events/rapl.c` makes them,
//! counters that run at known power on a clock that the test moves.

mod common;

use common::kinds::{self, faults_cost_their_interval, ids, notes};
use common::says::{advised, fails, told};
use common::{World, excludes, system};
use perwatt_power::{Boundary, Covers, Found, PerfCounter, PerfCounters, Provenance, Quantity};
use perwatt_power::{Reason, Source, System, Unavailable};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// Joules per step: 2^-32, as the kernel writes it.
const SCALE: &str = "2.3283064365386962890625e-10";
const POWER: u32 = 9;
const POWER_CORE: u32 = 10;

/// The behaviour of a counter: its power in watts, or its failure.
#[derive(Clone, Copy, Debug)]
enum Does {
    Runs(f64),
    /// Always shows this many steps.
    Shows(u64),
    FailsToOpen(io::ErrorKind),
    FailsToRead(io::ErrorKind),
}

/// The behaviour of each counter, by unit, event and processor.
type Behaviour = Arc<Mutex<BTreeMap<(u32, u64, usize), Does>>>;

/// A driver with these counters; any other counter fails to open.
struct Perf {
    world: Arc<World>,
    does: Behaviour,
}

struct Counter {
    world: Arc<World>,
    does: Behaviour,
    key: (u32, u64, usize),
    opened_s: f64,
}

impl PerfCounters for Perf {
    fn open(&self, unit: u32, config: u64, cpu: usize) -> io::Result<Box<dyn PerfCounter>> {
        let key = (unit, config, cpu);
        match self.does.lock().unwrap().get(&key) {
            Some(Does::FailsToOpen(kind)) => Err((*kind).into()),
            Some(_) => Ok(Box::new(Counter {
                world: self.world.clone(),
                does: self.does.clone(),
                opened_s: self.world.now_s(),
                key,
            })),
            None => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

impl PerfCounter for Counter {
    fn read(&mut self) -> io::Result<u64> {
        self.world.pass(5e-6);
        match self.does.lock().unwrap()[&self.key] {
            Does::Runs(watts) => {
                let ticks_s = ((self.world.now_s() - self.opened_s) * 1e3).floor() * 1e-3;
                Ok((watts * ticks_s * 2f64.powi(32)) as u64)
            }
            Does::Shows(steps) => Ok(steps),
            Does::FailsToOpen(kind) | Does::FailsToRead(kind) => Err(kind.into()),
        }
    }
}

/// A machine with the unit `power`.
struct Machine {
    world: Arc<World>,
    does: Behaviour,
}

const PKG: u64 = 2;
const RAM: u64 = 3;
const PSYS: u64 = 5;
const CORES: u64 = 1;

impl Machine {
    fn new(vendor: &str, cpumask: &str, events: &[(&str, u64)]) -> Self {
        let machine = Self {
            world: Arc::new(World::new()),
            does: Arc::default(),
        };
        machine.world.cpu(vendor, "fpu");
        machine.unit("power", POWER, cpumask, events);
        machine
    }

    fn file(&self, unit: &str, file: &str, line: &str) {
        let dir = format!("sys/bus/event_source/devices/{unit}");
        self.world.lines(dir, &[(file, line)]);
    }

    fn unit(&self, unit: &str, unit_type: u32, cpumask: &str, events: &[(&str, u64)]) {
        self.file(unit, "type", &unit_type.to_string());
        self.file(unit, "cpumask", cpumask);
        self.file(unit, "format/event", "config:0-7");
        for (name, config) in events {
            let event = format!("events/{name}");
            self.file(unit, &event, &format!("event={config:#04x}"));
            self.file(unit, &format!("{event}.scale"), SCALE);
            self.file(unit, &format!("{event}.unit"), "Joules");
        }
    }

    fn does(&self, unit: u32, config: u64, cpu: usize, does: Does) {
        self.does.lock().unwrap().insert((unit, config, cpu), does);
    }

    fn socket(&self, cpu: usize, socket: u32, die: u32) {
        for (file, number) in [("physical_package_id", socket), ("die_id", die)] {
            let path = format!("sys/devices/system/cpu/cpu{cpu}/topology/{file}");
            self.world.line(path, number);
        }
    }

    fn system(&self) -> System {
        let mut system = system(&self.world);
        system.drivers.perf = Some(Arc::new(Perf {
            world: self.world.clone(),
            does: self.does.clone(),
        }));
        system
    }

    fn detect(&self) -> Vec<Found> {
        kinds::detect_in(&self.system(), "rapl-perf")
    }

    fn open(&self, id: &str) -> Box<dyn Source> {
        kinds::available(self.detect(), id)
    }

    fn refused(&self, id: &str) -> Unavailable {
        kinds::unavailable(self.detect(), id)
    }
}

/// Modelled on a two-socket Ice Lake-SP server.
fn server() -> Machine {
    let events = [("energy-pkg", PKG), ("energy-ram", RAM)];
    let machine = Machine::new("GenuineIntel", "0,28", &events);
    for (cpu, socket) in [(0, 0), (28, 1)] {
        machine.socket(cpu, socket, 0);
        machine.does(POWER, PKG, cpu, Does::Runs(200.0));
        machine.does(POWER, RAM, cpu, Does::Runs(25.0));
    }
    machine
}

/// Modelled on a client with all events except memory.
fn client() -> Machine {
    let events = [
        ("energy-pkg", PKG),
        ("energy-psys", PSYS),
        ("energy-cores", CORES),
        ("energy-gpu", 4),
    ];
    let machine = Machine::new("GenuineIntel", "0", &events);
    machine.socket(0, 0, 0);
    machine.does(POWER, PKG, 0, Does::Runs(30.0));
    machine.does(POWER, PSYS, 0, Does::Runs(45.0));
    machine
}

#[test]
fn packages_and_memory_are_a_sum() {
    let machine = server();
    let mut source = machine.open("rapl-perf");
    let info = source.info().clone();
    assert_eq!(info.boundary, Boundary::PackageDram);
    assert_eq!(info.covers, Covers::Cpu);
    assert_eq!(info.provenance, Provenance::Counter);
    assert_eq!(info.quantity, Quantity::EnergyJ);
    assert_eq!(info.domains.len(), 4);
    assert!((info.update_period_s.unwrap() - 1e-3).abs() < 1e-4);
    assert_eq!(info.gain_uncertainty_rel, Some(0.03));
    assert_eq!(source.max_read_interval_s(), None, "the kernel follows it");
    let start_j = source.read().unwrap();
    machine.world.pass(3600.0);
    let joules = source.read().unwrap() - start_j;
    assert!((joules / (450.0 * 3600.0) - 1.0).abs() < 1e-4, "{joules}");
}

#[test]
fn what_overlaps_is_never_added() {
    let machine = client();
    let found = machine.detect();
    assert_eq!(ids(&found), (vec!["rapl-perf", "rapl-perf:psys"], vec![]));
    let mut package = machine.open("rapl-perf");
    assert_eq!(package.info().boundary, Boundary::Package);
    for part in ["energy-cores", "energy-gpu"] {
        assert!(excludes(package.info(), part, "contained"), "{part}");
    }
    assert!(excludes(package.info(), "energy-psys", "contains"));
    let mut psys = machine.open("rapl-perf:psys");
    assert_eq!(psys.info().boundary, Boundary::Platform);
    assert_eq!(psys.info().gain_uncertainty_rel, None);
    let start_j = (package.read().unwrap(), psys.read().unwrap());
    machine.world.pass(10.0);
    assert!((package.read().unwrap() - start_j.0 - 300.0).abs() < 0.1);
    assert!((psys.read().unwrap() - start_j.1 - 450.0).abs() < 0.1);
}

#[test]
fn dies_that_show_one_socket_counter_are_counted_once() {
    // Modelled on a Zen 2 under a kernel that lists one processor per die.
    let zen = Machine::new("AuthenticAMD", "0,8,64", &[("energy-pkg", PKG)]);
    for (cpu, socket, die) in [(0, 0, 0), (8, 0, 1), (64, 1, 0)] {
        zen.socket(cpu, socket, die);
        zen.does(POWER, PKG, cpu, Does::Runs(180.0));
    }
    let source = zen.open("rapl-perf");
    assert_eq!(source.info().domains.len(), 2);
    let mirror = "energy-pkg on cpu 8";
    assert!(excludes(source.info(), mirror, "as on cpu 0"));
    assert_eq!(source.info().gain_uncertainty_rel, Some(0.08));
    // Modelled on a Cascade Lake-AP, whose dies have a counter each.
    let intel = Machine::new("GenuineIntel", "0,24", &[("energy-pkg", PKG)]);
    for (cpu, die) in [(0, 0), (24, 1)] {
        intel.socket(cpu, 0, die);
        intel.does(POWER, PKG, cpu, Does::Runs(150.0));
    }
    assert_eq!(intel.open("rapl-perf").info().domains.len(), 2);
}

#[test]
fn amd_cores_are_a_source_of_their_own() {
    let machine = Machine::new("AuthenticAMD", "0", &[("energy-pkg", PKG)]);
    machine.does(POWER, PKG, 0, Does::Runs(100.0));
    machine.unit("power_core", POWER_CORE, "0-3", &[("energy-core", 1)]);
    for cpu in 0..4 {
        machine.does(POWER_CORE, 1, cpu, Does::Runs(5.0));
    }
    let mut cores = machine.open("rapl-perf:cores");
    assert_eq!(cores.info().boundary, Boundary::Die);
    assert_eq!(cores.info().domains.len(), 4);
    assert!(
        cores.pace().interval_s >= 1.0,
        "each reading costs the cores"
    );
    let start_j = cores.read().unwrap();
    machine.world.pass(10.0);
    assert!((cores.read().unwrap() - start_j - 200.0).abs() < 0.1);
    // A core in deep sleep may use no energy.
    machine.does(POWER_CORE, 1, 3, Does::Shows(0));
    let mut cores = machine.open("rapl-perf:cores");
    for _ in 0..3 {
        machine.world.pass(1.5);
        cores.read().unwrap();
    }
}

#[test]
fn memory_that_does_not_count_is_left_out() {
    let machine = server();
    machine.does(POWER, RAM, 28, Does::Shows(0));
    let source = machine.open("rapl-perf");
    assert_eq!(source.info().boundary, Boundary::Package);
    assert!(excludes(source.info(), "energy-ram", "does not move"));
    assert!(notes(source.info(), "memory is not covered"));
}

#[test]
fn a_wrong_unit_or_scale_is_refused() {
    for (file, text, said) in [
        ("energy-pkg.unit", "Watts", "\"Watts\", not Joules"),
        ("energy-pkg.scale", "0", "not a scale"),
        ("energy-pkg.scale", "nan", "not a scale"),
        ("energy-pkg.scale", "1e30", "not a scale"),
        ("energy-pkg", "event=0x102", "not an event"),
        ("energy-pkg", "umask=0x02", "not an event"),
    ] {
        let machine = server();
        machine.file("power", &format!("events/{file}"), text);
        told(machine.refused("rapl-perf"), Reason::Malformed, said);
    }
    for (file, text) in [("type", "x"), ("cpumask", "all")] {
        let machine = server();
        machine.file("power", file, text);
        assert_eq!(machine.refused("rapl-perf").reason, Reason::Malformed);
    }
}

#[test]
fn permission_denied_comes_with_its_commands() {
    let machine = server();
    let world = &machine.world;
    world.line("proc/sys/kernel/perf_event_paranoid", 2);
    let denied = Does::FailsToOpen(io::ErrorKind::PermissionDenied);
    machine.does(POWER, PKG, 0, denied);
    let why = machine.refused("rapl-perf");
    let why = told(why, Reason::NotPermitted, "perf_event_paranoid is 2");
    let fix = why.fix.unwrap();
    assert!(fix.starts_with("sudo sysctl kernel.perf_event_paranoid=0"));
    assert!(fix.contains("setcap cap_perfmon=ep"), "{fix}");
}

#[test]
fn a_counter_that_stands_still_is_not_a_source() {
    // Modelled on a virtual machine that shows only psys, at 0.
    let machine = Machine::new("GenuineIntel", "0", &[("energy-psys", PSYS)]);
    machine.world.cpu("GenuineIntel", "fpu hypervisor");
    machine.does(POWER, PSYS, 0, Does::Shows(0));
    let found = machine.detect();
    assert_eq!(ids(&found), (vec![], vec!["rapl-perf"]), "one answer");
    let why = kinds::unavailable(found, "rapl-perf");
    let why = told(why, Reason::VirtualMachine, "no energy-pkg");
    assert!(why.detail.contains("stands still"), "{}", why.detail);
}

#[test]
fn no_unit_is_explained() {
    let world = World::new();
    world.cpu("AuthenticAMD", "fpu");
    let why = kinds::refused(&Arc::new(world), "rapl-perf");
    advised(why, Reason::Absent, "sudo modprobe rapl");

    let world = World::new();
    world.cpu("AuthenticAMD", "fpu hypervisor");
    let why = kinds::refused(&Arc::new(world), "rapl-perf");
    assert_eq!(why.reason, Reason::VirtualMachine);

    // A recorded tree has files and no counters.
    let why = kinds::refused(&server().world, "rapl-perf");
    told(why, Reason::Absent, "recorded tree");
}

#[test]
fn faults_while_it_runs_cost_their_interval_only() {
    let machine = client();
    let mut source = machine.open("rapl-perf");
    let package = |does| machine.does(POWER, PKG, 0, does);
    let denied = io::ErrorKind::PermissionDenied;
    let faults = [
        (Does::Shows(1), "went-backwards"),
        (Does::Shows(u64::MAX), "implausible"),
        (Does::FailsToRead(io::ErrorKind::NotFound), "vanished"),
        (Does::FailsToRead(denied), "permission-lost"),
        (Does::FailsToRead(io::ErrorKind::UnexpectedEof), "io"),
    ];
    let mend = || package(Does::Runs(30.0));
    faults_cost_their_interval(source.as_mut(), 30.0, &machine.world, faults, package, mend);

    package(Does::Shows(1 << 40));
    let _ = source.read();
    machine.world.pass(1.5);
    fails(source.as_mut(), "frozen");
}
