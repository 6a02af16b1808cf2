//! The meters' own thread: every source read at a steady pace, each reading
//! stamped at the middle of its read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use perwatt_host::clock;
use perwatt_power::{MeterInfo, Source};
use perwatt_record::schema::{EnergySeries, Gap};

/// Twenty readings a second: a millisecond counter is cut within 0.1 % of a
/// one-second window, and reading it costs nothing that shows.
const PERIOD: Duration = Duration::from_millis(50);

/// The meters of a session, being read.
pub struct Meters {
    infos: Vec<MeterInfo>,
    series: Arc<Mutex<Vec<Series>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default, Clone)]
struct Series {
    samples: Vec<(u64, f64)>,
    gaps: Vec<(u64, String)>,
}

impl Meters {
    /// Starts reading.
    pub fn start(mut sources: Vec<Box<dyn Source>>) -> Self {
        let infos = sources.iter().map(|source| source.info().clone()).collect();
        let series = Arc::new(Mutex::new(vec![Series::default(); sources.len()]));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = (!sources.is_empty()).then(|| {
            let (series, stop) = (Arc::clone(&series), Arc::clone(&stop));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    for (index, source) in sources.iter_mut().enumerate() {
                        let before = clock::monotonic_ns();
                        let reading = source.read();
                        let t_ns = before + (clock::monotonic_ns() - before) / 2;
                        let mut series = lock(&series);
                        match reading {
                            Ok(value) if value.is_finite() => {
                                series[index].samples.push((t_ns, value));
                            }
                            Ok(value) => {
                                series[index]
                                    .gaps
                                    .push((t_ns, format!("the meter said {value}")));
                            }
                            Err(error) => series[index].gaps.push((t_ns, error.to_string())),
                        }
                    }
                    std::thread::sleep(PERIOD);
                }
            })
        });
        Self {
            infos,
            series,
            stop,
            thread,
        }
    }

    /// What is read.
    pub fn infos(&self) -> &[MeterInfo] {
        &self.infos
    }

    /// Hands out what was read from `from_ns` to now, in time since `origin_ns`,
    /// and forgets everything up to now but the last sample of each.
    pub fn take(&self, from_ns: u64, origin_ns: u64) -> Vec<EnergySeries> {
        let mut series = lock(&self.series);
        let mut taken = Vec::with_capacity(series.len());
        for (index, all) in series.iter_mut().enumerate() {
            let relative = |t: u64| t.saturating_sub(origin_ns);
            let samples = all.samples.iter().filter(|(t, _)| *t >= from_ns);
            let gaps = all.gaps.iter().filter(|(t, _)| *t >= from_ns);
            taken.push(EnergySeries {
                meter: index as u32,
                samples: samples.map(|(t, value)| (relative(*t), *value)).collect(),
                gaps: gaps
                    .map(|(t, why)| Gap {
                        t_ns: relative(*t),
                        reason: why.clone(),
                    })
                    .collect(),
            });
            let last = all.samples.len().saturating_sub(1);
            all.samples.drain(..last);
            all.gaps.clear();
        }
        taken
    }
}

impl Drop for Meters {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A source that panicked has stopped reading; its series just ends.
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
