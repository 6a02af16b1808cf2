//! Arrivals from miners, and the runs that a window of the clock cuts out of it.

use std::collections::{BTreeMap, BTreeSet};

use perwatt_host::clock;
use perwatt_record::derive;
use perwatt_record::pool;
use perwatt_record::schema::{
    Failure, FailureKind, PoolJob, PoolShare, Proof, Record, Run, Status,
};
use perwatt_stratum::share::Class;
use perwatt_stratum::{Event, Judged, What};

/// A gap without shares that an honest miner leaves with a chance of `exp(-20)` is no chance.
const SILENT_SHARES: f64 = 20.0;
/// A gap shorter than this is none, however many shares were due in it.
const SILENT_S: f64 = 30.0;

/// The jobs and submissions of each miner that has an entry, since the last window.
pub struct Arrivals {
    miners: Vec<Arrived>,
    /// Time 0 of the segment by the monotonic clock.
    origin_ns: u64,
    /// Time 0 of the pool's events in nanoseconds of the segment.
    offset_ns: i64,
}

struct Arrived {
    worker: String,
    difficulty: f64,
    /// The time of each job of this session, by its number.
    jobs: BTreeMap<u32, u32>,
    shares: Vec<PoolShare>,
    /// Class and arrival of submissions that do not count.
    others: Vec<(Class, u64)>,
    /// Its connections that are open.
    open: BTreeSet<u32>,
    /// Why the last of them ended; absent while one is open.
    left: Option<String>,
}

impl Arrivals {
    /// Nothing from the miners of this record yet, whose connections are open.
    pub fn new(record: &Record, epoch_ns: u64, origin_ns: u64) -> Self {
        let miners = record
            .plan
            .asics
            .iter()
            .filter(|asic| asic.members.is_empty());
        let miners = miners.map(|asic| Arrived {
            worker: pool::worker(&asic.name).to_owned(),
            difficulty: asic.difficulty,
            jobs: BTreeMap::new(),
            shares: Vec::new(),
            others: Vec::new(),
            open: BTreeSet::new(),
            left: None,
        });
        Self {
            miners: miners.collect(),
            origin_ns,
            offset_ns: epoch_ns as i64 - origin_ns as i64,
        }
    }

    fn t_ms(&self, time_s: f64) -> u64 {
        // The pool is older than the session: its first events are before time 0.
        let t_ns = self.offset_ns + (time_s * 1e9) as i64;
        t_ns.max(0) as u64 / 1_000_000
    }

    /// Takes an event; those of workers without an entry are left out.
    pub fn take(&mut self, event: Event) {
        let t_ms = self.t_ms(event.time_s);
        match event.what {
            What::Job(job) => {
                if let Some(miner) = self.find(&job.device) {
                    miner.jobs.insert(job.counter, job.ntime);
                    miner.open.insert(event.connection);
                    miner.left = None;
                }
            }
            What::Share { worker, judged } => {
                let t_ms = judged.share.map_or(t_ms, |share| self.t_ms(share.time_s));
                if let Some(miner) = self.find(&worker) {
                    miner.share(&judged, t_ms);
                }
            }
            What::Disconnected { reason } => {
                for miner in &mut self.miners {
                    if miner.open.remove(&event.connection) && miner.open.is_empty() {
                        miner.left = Some(reason.to_string());
                    }
                }
            }
            _ => {}
        }
    }

    fn find(&mut self, worker: &str) -> Option<&mut Arrived> {
        self.miners.iter_mut().find(|miner| miner.worker == worker)
    }

    /// Shares of each miner since a moment of the monotonic clock.
    pub fn since(&self, t_ns: u64) -> Vec<(String, u64)> {
        let t_ms = t_ns.saturating_sub(self.origin_ns) / 1_000_000;
        let count = |miner: &Arrived| miner.shares.iter().filter(|share| share.7 > t_ms).count();
        let each = self
            .miners
            .iter()
            .map(|miner| (miner.worker.clone(), count(miner) as u64));
        each.collect()
    }
}

impl Arrived {
    fn share(&mut self, judged: &Judged, t_ms: u64) {
        let of_session = judged.share.and_then(|share| {
            let ntime = self.jobs.get(&share.job)?;
            Some((share, PoolJob(share.job, *ntime)))
        });
        let same = judged
            .difficulty
            .is_some_and(|of| of.value() == self.difficulty);
        match (judged.class, of_session) {
            (Class::Ok, Some((share, job))) if same => {
                self.shares.push(pool::archived(&share, job, t_ms));
            }
            // A job of before this session.
            (Class::Ok, _) => self.others.push((Class::Stale, t_ms)),
            (class, _) => self.others.push((class, t_ms)),
        }
    }
}

/// A window: the moments at which the shares of each entry are counted.
pub struct Window {
    /// Its beginning by the monotonic clock.
    pub started_ns: u64,
    samples: Vec<Vec<u64>>,
}

impl Window {
    /// Begins one now.
    pub fn begin(entries: usize) -> Self {
        Self {
            started_ns: clock::monotonic_ns(),
            samples: vec![Vec::new(); entries],
        }
    }

    /// Marks a moment for each entry, each by its own look at the clock.
    pub fn sample(&mut self) {
        for samples in &mut self.samples {
            samples.push(clock::monotonic_ns());
        }
    }

    /// True if the last moment of each entry is this long after its first.
    pub fn is_full(&self, length_ns: u64) -> bool {
        let long = |samples: &Vec<u64>| match (samples.first(), samples.last()) {
            (Some(first), Some(last)) => last - first >= length_ns,
            _ => false,
        };
        self.samples.iter().all(long)
    }

    /// Cuts the runs of all entries out of what arrived, and drops it.
    pub fn runs(&self, record: &Record, arrivals: &mut Arrivals, origin_ns: u64) -> Vec<Run> {
        let mut miners = arrivals.miners.iter_mut();
        let mut all: Vec<(u64, u64)> = Vec::new();
        let least = record.plan.asics.iter().map(|asic| asic.difficulty);
        let least = least.fold(f64::INFINITY, f64::min);
        let mut runs = Vec::with_capacity(self.samples.len());
        for (entry, samples) in (0..).zip(&self.samples) {
            let times: Vec<u64> = samples
                .iter()
                .map(|t| t.saturating_sub(origin_ns))
                .collect();
            // Miners have their entries in this order, and the sum follows them.
            let (steps, proof, left) = match miners.next() {
                Some(miner) => {
                    let ratio = (miner.difficulty / least) as u64;
                    let (proof, left) = miner.cut(&times);
                    let Proof::Pool { shares, .. } = &proof else {
                        continue;
                    };
                    all.extend(shares.iter().map(|share| (share.7, ratio)));
                    let steps = shares.iter().map(|share| (share.7, 1)).collect();
                    (steps, proof, left)
                }
                None => {
                    all.sort_unstable();
                    (std::mem::take(&mut all), Proof::PoolSum, None)
                }
            };
            let mut run = Run {
                entry,
                round: 0,
                position: 0,
                segment: 0,
                pid: None,
                started_ns: self.started_ns.saturating_sub(origin_ns),
                status: Status::Ok,
                steady: None,
                work: series(&times, &steps),
                energy: Vec::new(),
                state: Vec::new(),
                settings_changed: BTreeMap::new(),
                proof: Some(proof),
                device_time: None,
                cpu_time: None,
                flags: Vec::new(),
                measured: None,
            };
            run.steady = derive::Window::of(&run.work, &record.config.protocol);
            if let Some(message) = ended_early(&run.work, &steps, left) {
                let last_ms = steps.last().map_or(0, |(t_ms, _)| *t_ms);
                run.work
                    .retain(|(t_ns, _)| t_ns / 1_000_000 <= last_ms.saturating_add(1000));
                run.status = Status::Failed(Failure {
                    kind: FailureKind::Crashed,
                    message,
                });
                run.steady = None;
            }
            runs.push(run);
        }
        runs
    }
}

impl Arrived {
    /// Takes the shares between the first and the last of these moments out, and forgets all
    /// before the last.
    fn cut(&mut self, times_ns: &[u64]) -> (Proof, Option<String>) {
        let ms = |t: Option<&u64>| t.map_or(0, |t| t / 1_000_000);
        let (from_ms, to_ms) = (ms(times_ns.first()), ms(times_ns.last()));
        let within = |t_ms: u64| t_ms > from_ms && t_ms <= to_ms;
        let mut shares: Vec<PoolShare> = self.shares.extract_if(.., |of| of.7 <= to_ms).collect();
        shares.retain(|share| within(share.7));
        shares.sort_by_key(|share| share.7);
        let mut others = BTreeMap::new();
        for (class, t_ms) in self.others.extract_if(.., |(_, t_ms)| *t_ms <= to_ms) {
            if within(t_ms) {
                *others.entry(class.name().to_owned()).or_insert(0) += 1;
            }
        }
        let named: BTreeSet<u32> = shares.iter().map(|share| share.0).collect();
        let jobs = self
            .jobs
            .iter()
            .filter(|(counter, _)| named.contains(counter));
        let jobs = jobs
            .map(|(counter, ntime)| PoolJob(*counter, *ntime))
            .collect();
        let proof = Proof::Pool {
            jobs,
            shares,
            others,
        };
        (proof, self.left.clone())
    }
}

/// The work series at these moments.
fn series(times_ns: &[u64], steps: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let (mut next, mut done) = (steps.iter().peekable(), 0);
    let at = |t_ns: &u64| {
        while let Some((_, step)) = next.next_if(|(t_ms, _)| *t_ms <= t_ns / 1_000_000) {
            done += step;
        }
        (*t_ns, done)
    };
    times_ns.iter().map(at).collect()
}

/// The reason that a window is not a whole one: its miner had left at its end, or had fallen
/// silent for longer than chance has it.
fn ended_early(work: &[(u64, u64)], steps: &[(u64, u64)], left: Option<String>) -> Option<String> {
    let (&(from_ns, _), &(to_ns, _)) = (work.first()?, work.last()?);
    let last_ms = steps.last().map_or(from_ns / 1_000_000, |(t_ms, _)| *t_ms);
    let silent_s = (to_ns / 1_000_000).saturating_sub(last_ms) as f64 * 1e-3;
    let before_s = last_ms.saturating_sub(from_ns / 1_000_000) as f64 * 1e-3;
    let due = silent_s * steps.len() as f64 / before_s.max(1e-3);
    let why = match left {
        Some(reason) => format!("the miner had left at the end of the window: {reason}"),
        None if steps.is_empty() => {
            "no share arrived in this window: the miner found none, or works elsewhere".into()
        }
        None if due > SILENT_SHARES && silent_s > SILENT_S => {
            "the miner fell silent within the window, as after a loss of power".into()
        }
        None => return None,
    };
    Some(format!(
        "{why}. Its last share came {silent_s:.0} s before the end; the {} shares until then are kept",
        steps.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn a_window_without_its_miner_says_so() {
        let work: Vec<(u64, u64)> = (0..=600).map(|s| (s * S, s)).collect();
        let shares = |until_s: u64| (1..until_s).map(|s| (s * 1000, 1)).collect::<Vec<_>>();
        let said = |shares: &[(u64, u64)], left: Option<&str>| {
            ended_early(&work, shares, left.map(str::to_owned))
        };
        assert_eq!(said(&shares(600), None), None);
        // Ten seconds without a share happen.
        assert_eq!(said(&shares(590), None), None);
        let silent = said(&shares(400), None).unwrap();
        assert!(
            silent.contains("fell silent") && silent.contains("201 s before"),
            "{silent}"
        );
        assert!(
            said(&shares(600), Some("closed"))
                .unwrap()
                .contains("had left")
        );
        assert!(said(&[], None).unwrap().starts_with("no share arrived"));
        // A slow miner whose shares are a minute apart is not silent.
        let slow: Vec<(u64, u64)> = (1..10).map(|s| (s * 60_000, 1)).collect();
        assert_eq!(said(&slow, None), None);
    }

    #[test]
    fn the_series_counts_shares_up_to_each_moment() {
        let steps = [(1500, 1), (1501, 2), (2500, 1)];
        let times = [
            1_000 * 1_000_000,
            1_501 * 1_000_000 - 1,
            1_501 * 1_000_000,
            3 * S,
        ];
        let counted: Vec<u64> = series(&times, &steps).iter().map(|(_, n)| *n).collect();
        assert_eq!(counted, [0, 1, 3, 4]);
    }
}
