//! The meters' own threads. Every source is read at its own interval, and each reading is
//! stamped at the middle of its read. Sources that are quick to read share one thread;
//! those that may take long have their own, so that a slow network delays no counter. At
//! the end the session does not wait for a reading that hangs: its thread is abandoned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use perwatt_host::{clock, lock};
use perwatt_power::{MeterInfo, Source, bounds};
use perwatt_record::schema::{EnergySeries, Gap};

/// The meters of a session, being read.
pub struct Meters {
    infos: Vec<MeterInfo>,
    series: Arc<Mutex<Vec<Series>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Longest time between two checks for the end.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Longest wait at the end for readings that are in progress.
const STOP_TIMEOUT: Duration = Duration::from_millis(250);

#[derive(Default, Clone)]
struct Series {
    samples: Vec<(u64, f64)>,
    gaps: Vec<FailedReads>,
}

/// Consecutive readings that failed for the same reason.
#[derive(Clone)]
struct FailedReads {
    t_ns: u64,
    reason: String,
    count: u32,
}

impl Meters {
    /// Starts reading.
    pub fn start(sources: Vec<Box<dyn Source>>) -> Self {
        let described = sources
            .iter()
            .map(|source| source.info().clone().looking_back(source.pace()));
        let infos = described.collect();
        let series = Arc::new(Mutex::new(vec![Series::default(); sources.len()]));
        let stop = Arc::new(AtomicBool::new(false));
        let (slow, quick): (Vec<_>, Vec<_>) = sources
            .into_iter()
            .enumerate()
            .partition(|(_, source)| source.pace().blocking);
        let mut groups: Vec<Vec<_>> = slow.into_iter().map(|one| vec![one]).collect();
        if !quick.is_empty() {
            groups.push(quick);
        }
        let mut threads = Vec::new();
        for group in groups {
            let all: Vec<usize> = group.iter().map(|(index, _)| *index).collect();
            let (shared, ended) = (Arc::clone(&series), Arc::clone(&stop));
            match Builder::new().spawn(move || read_all(group, &shared, &ended)) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    let why = format!("no thread can be started to read it: {error}");
                    let now_ns = clock::monotonic_ns();
                    for index in all {
                        lock(&series)[index].fail(now_ns, why.clone());
                    }
                }
            }
        }
        Self {
            infos,
            series,
            stop,
            threads,
        }
    }

    /// The meters that are read.
    pub fn infos(&self) -> &[MeterInfo] {
        &self.infos
    }

    /// Returns the readings from `from_ns` to now, in time since `origin_ns`, and discards
    /// all readings up to now except the last sample of each meter.
    pub fn take(&self, from_ns: u64, origin_ns: u64) -> Vec<EnergySeries> {
        let mut series = lock(&self.series);
        let mut taken = Vec::with_capacity(series.len());
        for (index, all) in series.iter_mut().enumerate() {
            let relative = |t: u64| t.saturating_sub(origin_ns);
            let samples = all.samples.iter().filter(|(t, _)| *t >= from_ns);
            let gaps = all.gaps.iter().filter(|gap| gap.t_ns >= from_ns);
            taken.push(EnergySeries {
                meter: index as u32,
                samples: samples.map(|(t, value)| (relative(*t), *value)).collect(),
                gaps: gaps
                    .map(|gap| Gap {
                        t_ns: relative(gap.t_ns),
                        reason: gap.reason.clone(),
                        count: gap.count,
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
        let began = Instant::now();
        while self.threads.iter().any(|thread| !thread.is_finished())
            && began.elapsed() < STOP_TIMEOUT
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        for thread in self.threads.drain(..).filter(JoinHandle::is_finished) {
            // A source that panicked has stopped reading; its series simply ends.
            let _ = thread.join();
        }
    }
}

/// Reads these sources until told to stop.
fn read_all(
    mut sources: Vec<(usize, Box<dyn Source>)>,
    series: &Mutex<Vec<Series>>,
    stop: &AtomicBool,
) {
    let interval = |source: &dyn Source| {
        let pace_s = source.pace().interval_s;
        let wanted_s = source
            .max_read_interval_s()
            .map_or(pace_s, |most| most.min(pace_s));
        Duration::try_from_secs_f64(wanted_s).unwrap_or(POLL_INTERVAL)
    };
    // `None` once a source has panicked: its further readings would be unreliable.
    let mut due: Vec<Option<Instant>> = vec![Some(Instant::now()); sources.len()];
    while !stop.load(Ordering::Relaxed) {
        for ((index, source), slot) in sources.iter_mut().zip(&mut due) {
            let now = Instant::now();
            let Some(due) = slot.as_mut().filter(|due| **due <= now) else {
                continue;
            };
            // Missed readings are not made up for.
            *due = (*due + interval(source.as_ref())).max(now);
            let before = clock::monotonic_ns();
            let reading = catch_unwind(AssertUnwindSafe(|| source.read()));
            let t_ns = before + (clock::monotonic_ns() - before) / 2;
            // Told to stop during the read: the session may be over, and another may have
            // begun.
            if stop.load(Ordering::Relaxed) {
                return;
            }
            match reading {
                Ok(reading) => {
                    // The plausibility limits apply here too: readings that are kept are
                    // written, and must be readable again.
                    let info = source.info();
                    let reading = reading.and_then(|v| bounds::reading(&info.id, info.quantity, v));
                    lock(series)[*index].push(t_ns, reading);
                }
                Err(_) => {
                    *slot = None;
                    let why = "the meter's reader failed inside and is not asked again";
                    lock(series)[*index].fail(t_ns, why.into());
                }
            }
        }
        let next = due.iter().flatten().min();
        let next = next.map_or(POLL_INTERVAL, |due| {
            due.saturating_duration_since(Instant::now())
        });
        std::thread::sleep(next.min(POLL_INTERVAL));
    }
}

impl Series {
    fn push(&mut self, t_ns: u64, reading: Result<f64, perwatt_power::ReadError>) {
        match reading {
            Ok(value) => self.samples.push((t_ns, value)),
            Err(error) => self.fail(t_ns, error.to_string()),
        }
    }

    /// Records a failed reading. Where a meter fails all the time, the first and the last
    /// of consecutive failures are enough: no figure spans the time between them.
    fn fail(&mut self, t_ns: u64, reason: String) {
        let since_ns = self.samples.last().map_or(0, |(t, _)| *t);
        if let [.., first, last] = &mut self.gaps[..]
            && first.t_ns > since_ns
            && first.reason == reason
            && last.reason == reason
        {
            last.t_ns = t_ns;
            last.count = last.count.saturating_add(1);
            return;
        }
        self.gaps.push(FailedReads {
            t_ns,
            reason,
            count: 1,
        });
    }
}
