//! Runs that did not have their CPUs to themselves.

use super::series::seconds;
use crate::schema::{Flag, Record, Run, Status, Unit};

/// Least share of its CPUs that a worker gets on a quiet machine: interrupts, the kernel's
/// own threads and the session's readings take some tenths of a percent.
pub const SHARE_QUIET: f64 = 0.98;
/// Share below which a run says more about the other load than about the machine: five
/// times the loss of a quiet one, and several times the margin of a comparison.
pub const SHARE_DISTURBED: f64 = 0.90;
/// Most that a hypervisor takes of the time of busy CPUs on a quiet host: some ticks of other guests'
/// housekeeping.
pub const STOLEN_QUIET: f64 = 0.01;
/// Share taken by the hypervisor above which a run is disturbed.
pub const STOLEN_DISTURBED: f64 = 0.05;
/// Most that a quota stops a program within a window and is not worth a remark.
const THROTTLED_QUIET: f64 = 0.01;

/// Shares of a run's CPUs that its worker got, and that others took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CpuShare {
    /// Its CPU time over the time that it wanted; absent where that cannot be told.
    pub got: Option<f64>,
    /// Time that the hypervisor took, over the time in which CPUs had work; absent where
    /// unknown.
    pub stolen: Option<f64>,
    /// Time for which a quota stopped it, over the time of its CPUs; absent without one.
    pub throttled: Option<f64>,
}

impl CpuShare {
    /// The shares within a run's window; `None` where its CPU time is not known.
    pub fn of(record: &Record, run: &Run) -> Option<Self> {
        let (time, steady) = (run.cpu_time?, run.steady?);
        let cpus_s = f64::from(cpus(record)) * seconds(steady.from_ns, steady.to_ns);
        // Positive, and false for a number that is not one.
        let possible = cpus_s > 0.0 && time.worker_s >= 0.0;
        if !possible {
            return None;
        }
        let entry = record.plan.entries.get(run.entry as usize)?;
        // Threads of a product wait for each other, and a thread that waits for another one
        // needs no CPU. Those of a search never do.
        let wanted_s = match (time.waited_s, entry.unit) {
            (Some(waited_s), _) => Some((time.worker_s + waited_s).min(cpus_s)),
            (None, Unit::Hash) => Some(cpus_s),
            (None, _) => None,
        };
        let got = wanted_s.filter(|wanted_s| *wanted_s > 0.0);
        let of_cpus = |s: f64| s / cpus_s;
        Some(Self {
            got: got.map(|wanted_s| (time.worker_s / wanted_s).min(1.0)),
            stolen: time.stolen_s.map(|stolen_s| {
                // CPUs that have no work lose none, however many there are.
                let had_work_s = time.busy_s.unwrap_or(time.worker_s) + stolen_s;
                stolen_s / had_work_s.max(f64::MIN_POSITIVE)
            }),
            throttled: time.throttled_s.map(of_cpus),
        })
    }

    /// The flags that follow, the graver one alone.
    pub fn flag(&self) -> Option<Flag> {
        let got = self.got.unwrap_or(1.0);
        let stolen = self.stolen.unwrap_or(0.0);
        if got < SHARE_DISTURBED || stolen > STOLEN_DISTURBED {
            return Some(Flag::Disturbed);
        }
        let throttled = self.throttled.unwrap_or(0.0);
        (got < SHARE_QUIET || stolen > STOLEN_QUIET || throttled > THROTTLED_QUIET)
            .then_some(Flag::LackedCpu)
    }

    /// The share of its CPUs that a flagged run lacked, by which it may be slower; 0 for one
    /// that is not flagged.
    pub fn lacked(&self) -> f64 {
        if self.flag().is_none() {
            return 0.0;
        }
        // Threads that a quota stops wait, as far as the kernel counts that.
        let waited = 1.0 - self.got.unwrap_or(1.0);
        let taken = waited.max(self.throttled.unwrap_or(0.0)) + self.stolen.unwrap_or(0.0);
        taken.clamp(0.0, 0.9)
    }

    /// The reason that a run is disturbed, in words.
    fn reason(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        match (self.got, self.stolen) {
            (Some(got), _) if got < SHARE_DISTURBED => {
                format!("the worker got {} of its CPUs", percent(got))
            }
            (_, Some(stolen)) => {
                format!("the hypervisor took {} of its CPUs", percent(stolen))
            }
            (_, None) => "the worker did not get its CPUs".into(),
        }
    }
}

/// CPUs that the threads of a run can use at once.
fn cpus(record: &Record) -> u32 {
    let online = record.host.cpu.threads.unwrap_or(u32::MAX);
    record.threads.count.min(online).max(1)
}

/// The most CPU seconds that the threads of a session get in `time_s` seconds: a worker
/// has one more thread that does nothing but report, and CPU time is counted in ticks.
pub fn most_cpu_s(threads: u32, time_s: f64) -> f64 {
    const REPORTING: f64 = 0.01;
    const TICK_S: f64 = 0.01;
    f64::from(threads) * time_s * (1.0 + REPORTING) + TICK_S
}

/// True if other load disturbed this run.
pub fn is_disturbed(run: &Run) -> bool {
    run.flags.contains(&Flag::Disturbed)
}

/// The runs behind the figures of a row: those that are not disturbed; all of them where
/// every one is.
pub fn pooled<'a>(good: impl IntoIterator<Item = &'a Run>) -> Vec<&'a Run> {
    let (disturbed, quiet): (Vec<&Run>, Vec<&Run>) =
        good.into_iter().partition(|run| is_disturbed(run));
    match quiet.is_empty() {
        true => disturbed,
        false => quiet,
    }
}

/// The reason that all runs of an entry are disturbed, in words, of the run in the middle;
/// `None` if one is not disturbed.
pub fn why_disturbed(record: &Record, entry: u32) -> Option<String> {
    let runs = record.runs.iter().filter(|run| run.entry == entry);
    let good: Vec<&Run> = runs.filter(|run| run.status == Status::Ok).collect();
    if good.is_empty() || !good.iter().all(|run| is_disturbed(run)) {
        return None;
    }
    let shares = good.iter().filter_map(|run| CpuShare::of(record, run));
    let left = |share: &CpuShare| share.got.unwrap_or(1.0) - share.stolen.unwrap_or(0.0);
    let mut shares: Vec<CpuShare> = shares.collect();
    shares.sort_by(|a, b| left(a).total_cmp(&left(b)));
    let middle = shares.get(shares.len().saturating_sub(1) / 2)?;
    Some(format!("disturbed: {}", middle.reason()))
}
