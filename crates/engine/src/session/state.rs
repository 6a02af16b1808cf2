//! The state of the machine, read in a thread of its own during runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use perwatt_host::{clock, lock};
use perwatt_power::state::{Channel, Probe};
use perwatt_record::schema::StateSeries;

/// Time between two readings: temperatures change within seconds, and a sysfs read costs a
/// few microseconds of one CPU.
const PERIOD: Duration = Duration::from_millis(500);

/// The probes of a session and their readings.
pub struct StateWatch {
    channels: Vec<Channel>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    stop: AtomicBool,
}

#[derive(Default)]
struct Seen {
    /// Time, and the value of every channel.
    samples: Vec<(u64, Vec<Option<f64>>)>,
    settings: BTreeMap<String, String>,
}

impl StateWatch {
    /// Starts watching.
    pub fn start(mut probes: Vec<Box<dyn Probe>>) -> Self {
        let channels = probes
            .iter()
            .flat_map(|probe| probe.channels().iter().cloned())
            .collect();
        let shared = Arc::new(Shared::default());
        // The first reading is taken before anything starts.
        lock(&shared.seen).look(&mut probes);
        let nothing = probes.is_empty();
        let start = || {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().spawn(move || {
                while !shared.stop.load(Ordering::Relaxed) {
                    std::thread::sleep(PERIOD);
                    let mut look = Seen::default();
                    look.look(&mut probes);
                    let mut seen = lock(&shared.seen);
                    seen.samples.append(&mut look.samples);
                    seen.settings = look.settings;
                }
            })
        };
        // Without a thread the channels stay empty, like those that cannot be read.
        let thread = match nothing {
            true => None,
            false => start().ok(),
        };
        Self {
            channels,
            shared,
            thread,
        }
    }

    /// The channels that are read.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The current settings.
    pub fn settings(&self) -> BTreeMap<String, String> {
        lock(&self.shared.seen).settings.clone()
    }

    /// Returns the readings from `from_ns` to now, in time since `origin_ns`, and discards
    /// them.
    pub fn take(&self, from_ns: u64, origin_ns: u64) -> Vec<StateSeries> {
        let samples = std::mem::take(&mut lock(&self.shared.seen).samples);
        (0..self.channels.len())
            .map(|channel| StateSeries {
                channel: channel as u32,
                samples: samples
                    .iter()
                    .filter(|(t, _)| *t >= from_ns)
                    .filter_map(|(t, values)| {
                        let value = values.get(channel).copied().flatten();
                        Some((t.saturating_sub(origin_ns), value?))
                    })
                    .collect(),
            })
            .collect()
    }
}

impl Drop for StateWatch {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A probe that panicked has stopped reading; its series simply ends.
            let _ = thread.join();
        }
    }
}

impl Seen {
    fn look(&mut self, probes: &mut [Box<dyn Probe>]) {
        let before = clock::monotonic_ns();
        let mut values = Vec::new();
        for probe in probes.iter_mut() {
            let mut read = probe.read();
            // A probe that returns too few values must not shift the channels of the next.
            read.resize(probe.channels().len(), None);
            values.extend(
                read.into_iter()
                    .map(|value| value.filter(|v| v.is_finite())),
            );
        }
        let t_ns = before + (clock::monotonic_ns() - before) / 2;
        self.samples.push((t_ns, values));
        self.settings = probes
            .iter_mut()
            .flat_map(|probe| probe.settings())
            .collect();
    }
}
