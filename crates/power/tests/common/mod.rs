//! Synthetic machines: powercap trees as kernels show them, with counters that run
//! at known power on a clock that the test moves.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod kinds;
pub mod machines;
pub mod says;

use perwatt_power::{Clock, Drivers, FileTree, MeterInfo, System};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A 32-bit counter that steps every millisecond, as RAPL does.
#[derive(Clone, Debug)]
pub struct Counter {
    pub unit_uj: f64,
    pub start_uj: f64,
    pub power_w: f64,
    pub tick_s: f64,
    pub range_uj: u64,
}

impl Counter {
    /// The line that the kernel shows at `t_s`: whole units, modulo 2^32, scaled
    /// and truncated.
    fn text(&self, t_s: f64) -> String {
        let ticks_s = (t_s / self.tick_s).floor() * self.tick_s;
        let units = ((self.start_uj + self.power_w * ticks_s * 1e6) / self.unit_uj) as u64;
        let steps = (self.range_uj as f64 / self.unit_uj).round() as u64 + 1;
        format!("{}\n", ((units % steps) as f64 * self.unit_uj) as u64)
    }
}

#[derive(Clone, Debug)]
pub enum File {
    Text(String),
    Counter(Counter),
    Fails(io::ErrorKind),
    Live(Live),
}

/// The content of a file as a function of the time in seconds.
#[derive(Clone)]
pub struct Live(pub Arc<dyn Fn(f64) -> Vec<u8> + Send + Sync>);

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

/// A tree of files in memory, and its time.
#[derive(Default)]
pub struct World {
    files: Mutex<BTreeMap<PathBuf, File>>,
    time_s: Mutex<f64>,
    /// Time that one file access takes, in seconds, so that polling makes time pass.
    pub read_cost_s: f64,
}

impl World {
    pub fn new() -> Self {
        Self {
            read_cost_s: 5e-6,
            ..Self::default()
        }
    }

    pub fn set(&self, path: impl AsRef<Path>, file: File) {
        let mut files = self.files.lock().unwrap();
        files.insert(path.as_ref().into(), file);
    }

    /// Makes every access to the file fail.
    pub fn fail(&self, path: impl AsRef<Path>, kind: io::ErrorKind) {
        self.set(path, File::Fails(kind));
    }

    pub fn deny(&self, path: impl AsRef<Path>) {
        self.fail(path, io::ErrorKind::PermissionDenied);
    }

    pub fn text(&self, path: impl AsRef<Path>, text: impl Into<String>) {
        self.set(path, File::Text(text.into()));
    }

    /// Adds a file of one line.
    pub fn line(&self, path: impl AsRef<Path>, line: impl std::fmt::Display) {
        self.text(path, format!("{line}\n"));
    }

    /// Adds files of one line each to a directory.
    pub fn lines(&self, dir: impl AsRef<Path>, files: &[(&str, &str)]) {
        for (file, line) in files {
            self.line(dir.as_ref().join(file), line);
        }
    }

    /// Adds a graphics card of a PCI vendor to the bus, without a driver.
    pub fn display(&self, address: &str, vendor: &str) {
        let device = format!("sys/bus/pci/devices/{address}");
        self.lines(device, &[("vendor", vendor), ("class", "0x030000")]);
    }

    /// Adds a file whose text depends on the time.
    pub fn live(
        &self,
        path: impl AsRef<Path>,
        text: impl Fn(f64) -> String + Send + Sync + 'static,
    ) {
        self.live_bytes(path, move |t_s| text(t_s).into_bytes());
    }

    /// Adds a file whose bytes depend on the time.
    pub fn live_bytes(
        &self,
        path: impl AsRef<Path>,
        bytes: impl Fn(f64) -> Vec<u8> + Send + Sync + 'static,
    ) {
        self.set(path, File::Live(Live(Arc::new(bytes))));
    }

    pub fn now_s(&self) -> f64 {
        *self.time_s.lock().unwrap()
    }

    pub fn remove(&self, path: impl AsRef<Path>) {
        self.files.lock().unwrap().remove(path.as_ref());
    }

    pub fn pass(&self, seconds: f64) {
        *self.time_s.lock().unwrap() += seconds;
    }

    pub fn with_counter(&self, zone: &str, change: impl FnOnce(&mut Counter)) {
        let mut files = self.files.lock().unwrap();
        match files.get_mut(&energy(zone)) {
            Some(File::Counter(counter)) => change(counter),
            other => panic!("{zone} has no running counter but {other:?}"),
        }
    }

    /// Adds a zone with a running counter.
    pub fn zone(&self, id: &str, name: &str, counter: Counter) {
        let dir = zone_dir(id);
        self.lines(&dir, &[("name", name), ("enabled", "1")]);
        self.line(dir.join("max_energy_range_uj"), counter.range_uj);
        self.set(dir.join("energy_uj"), File::Counter(counter));
    }

    pub fn limit_w(&self, id: &str, index: usize, name: &str, watts: f64) {
        let dir = zone_dir(id);
        let limit = dir.join(format!("constraint_{index}_power_limit_uw"));
        self.line(limit, (watts * 1e6) as u64);
        self.line(dir.join(format!("constraint_{index}_name")), name);
    }

    pub fn cpu(&self, vendor: &str, flags: &str) {
        self.text(
            "proc/cpuinfo",
            format!("processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: {flags}\n"),
        );
    }

    /// Writes the tree in its present state below `root`.
    pub fn write_to(&self, root: &Path) {
        let now_s = self.now_s();
        for (path, file) in self.files.lock().unwrap().iter() {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match file {
                File::Text(text) => std::fs::write(path, text).unwrap(),
                File::Counter(counter) => std::fs::write(path, counter.text(now_s)).unwrap(),
                File::Fails(_) => std::fs::create_dir(path).unwrap(),
                File::Live(live) => std::fs::write(path, (live.0)(now_s)).unwrap(),
            }
        }
    }
}

pub fn zone_dir(id: &str) -> PathBuf {
    Path::new("sys/class/powercap").join(id)
}

pub fn energy(id: &str) -> PathBuf {
    zone_dir(id).join("energy_uj")
}

/// Files and clock of one world, which share its time.
struct Shared(Arc<World>);

impl FileTree for Shared {
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.pass(self.0.read_cost_s);
        let now_s = self.0.now_s();
        match self.0.files.lock().unwrap().get(path) {
            Some(File::Text(text)) => Ok(text.clone().into_bytes()),
            Some(File::Counter(counter)) => Ok(counter.text(now_s).into()),
            Some(File::Live(live)) => Ok((live.0)(now_s)),
            Some(File::Fails(kind)) => Err((*kind).into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let files = self.0.files.lock().unwrap();
        if let Some(File::Fails(kind)) = files.get(path) {
            return Err((*kind).into());
        }
        let mut names: Vec<String> = files
            .keys()
            .filter_map(|p| p.strip_prefix(path).ok()?.components().next())
            .map(|c| c.as_os_str().to_str().unwrap().to_owned())
            .collect();
        names.dedup();
        if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names)
    }
}

impl Clock for Shared {
    fn now_s(&self) -> f64 {
        self.0.now_s()
    }
}

pub fn system(world: &Arc<World>) -> System {
    System {
        files: Arc::new(Shared(world.clone())),
        clock: Arc::new(Shared(world.clone())),
        live: false,
        drivers: Drivers::default(),
    }
}

/// Returns true if an excluded domain starts with `domain` and contains `reason`.
pub fn excludes(info: &MeterInfo, domain: &str, reason: &str) -> bool {
    info.excluded_domains
        .iter()
        .any(|e| e.starts_with(domain) && e.contains(reason))
}
