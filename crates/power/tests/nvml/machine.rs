//! Machines with the stand-in as driver; each has its own copy and its own answers.

use crate::common::kinds::{available, detect_in, unavailable};
use crate::common::{World, system};
use perwatt_power::state::{Probe, probes};
use perwatt_power::{Clock, Found, Source, System, Unavailable};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;

/// A clock that advances a little at each query.
pub struct Ticking(Mutex<f64>);

impl Clock for Ticking {
    fn now_s(&self) -> f64 {
        let mut now_s = self.0.lock().unwrap();
        *now_s += 5e-3;
        *now_s
    }
}

/// Compiles the stand-in; called once for each set of options.
fn build(options: &[&str], to: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nvml_stub.rs");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "cdylib"])
        .args(options)
        .arg(source)
        .arg("-o")
        .arg(to)
        .output()
        .expect("the compiler that built this test runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

fn library(with_energy: bool) -> &'static Path {
    static BUILT: [OnceLock<(TempDir, PathBuf)>; 2] = [OnceLock::new(), OnceLock::new()];
    let (_, path) = BUILT[usize::from(with_energy)].get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libnvml-stub.so");
        let options: &[&str] = match with_energy {
            true => &[],
            false => &["--cfg", "no_energy"],
        };
        build(options, &path);
        (dir, path)
    });
    path
}

/// A machine whose driver gives the answers in its control file.
pub struct Machine {
    _dir: TempDir,
    pub library: PathBuf,
    answers: Mutex<BTreeMap<String, String>>,
    pub clock: Arc<Ticking>,
}

impl Machine {
    /// A machine with its own copy of the library, so that tests do not share answers.
    pub fn new(with_energy: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libnvml-stub.so");
        std::fs::copy(library(with_energy), &path).unwrap();
        let machine = Self {
            _dir: dir,
            library: path,
            answers: Mutex::default(),
            clock: Arc::new(Ticking(Mutex::new(100.0))),
        };
        machine.set(&[("driver", "570.124.06"), ("library", "12.570.124.06")]);
        machine.set(&[("count", "1")]);
        machine
    }

    /// Writes answers; an empty value removes the key.
    pub fn set(&self, answers: &[(&str, &str)]) {
        let mut all = self.answers.lock().unwrap();
        for (key, value) in answers {
            match *value {
                "" => all.remove(*key),
                value => all.insert((*key).into(), value.into()),
            };
        }
        let text: String = all.iter().map(|(k, v)| format!("{k} {v}\n")).collect();
        // Written by a rename, so that the library never reads a partial file.
        let part = self.library.with_extension("part");
        std::fs::write(&part, text).unwrap();
        std::fs::rename(part, format!("{}.control", self.library.display())).unwrap();
    }

    /// Adds card `number` as an Ada GPU with all three readings.
    pub fn card(&self, number: u32, address: &str) {
        for (key, value) in [
            ("name", "NVIDIA GeForce RTX 4090"),
            ("pci", address),
            ("architecture", "8"),
            ("major", "8"),
            ("minor", "9"),
            ("energy", "5000000"),
            ("usage", "251000"),
            ("field.186", "250000"),
            ("field.185", "252000"),
            ("limit", "450000"),
            ("temperature", "64"),
            ("clock.1", "2520"),
            ("clock.2", "10501"),
            ("memory", "1073741824"),
            ("field.74", "1500000000"),
            ("field.75", "0"),
        ] {
            self.set(&[(&format!("{number}.{key}"), value)]);
        }
    }

    pub fn pass(&self, seconds: f64) {
        *self.clock.0.lock().unwrap() += seconds;
    }

    pub fn system(&self) -> System {
        let mut system = system(&Arc::new(World::new()));
        system.drivers.nvml_library = Some(self.library.clone());
        system.clock = self.clock.clone();
        system
    }

    pub fn detect(&self) -> Vec<Found> {
        detect_in(&self.system(), "nvml")
    }

    pub fn open(&self, id: &str) -> Box<dyn Source> {
        available(self.detect(), id)
    }

    pub fn refused(&self, id: &str) -> Unavailable {
        unavailable(self.detect(), id)
    }

    pub fn probe(&self) -> Box<dyn Probe> {
        probes(&self.system()).pop().unwrap()
    }
}

/// Modelled on a desktop with an Ada card.
pub fn ada() -> Machine {
    let machine = Machine::new(true);
    machine.card(0, "00000000:01:00.0");
    machine
}
