//! One run: a fresh process doing one workload once, and what the meters read.

use std::collections::BTreeMap;

use perwatt_power::Grade;
use perwatt_power::state::ChannelFigures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CpuTime, EnergySeries, PoolJob, PoolShare, StateSeries, Tolerance, Uncertainty};

/// One run of one plan entry in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Index into `plan.entries`.
    pub entry: u32,
    /// From 0.
    pub round: u32,
    /// Position within the round, from 0.
    pub position: u32,
    /// Index into `session.segments`: whose clock origin the times count from.
    pub segment: u32,
    /// Process id of the worker; absent when none could be started.
    pub pid: Option<u32>,
    /// Start of the worker.
    pub started_ns: u64,
    /// Outcome.
    pub status: Status,
    /// The part of the series that counts.
    pub steady: Option<Steady>,
    /// Cumulative steps of work: `[t_ns, steps]`, times rising.
    pub work: Vec<(u64, u64)>,
    /// Readings of each meter during the run.
    pub energy: Vec<EnergySeries>,
    /// The state of the machine while the run lasted.
    #[serde(default)]
    pub state: Vec<StateSeries>,
    /// Settings that differed at its end from those of the segment's start.
    #[serde(default)]
    pub settings_changed: BTreeMap<String, String>,
    /// Check of the work.
    pub proof: Option<Proof>,
    /// Duration of the whole load by the GPU's own clock, warm-up included; absent for
    /// the CPU.
    #[serde(default)]
    pub device_time: Option<DeviceTime>,
    /// CPU time of the worker within the window, for runs on the CPU. Absent in files of
    /// minor version 4 and older, and where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_time: Option<CpuTime>,
    /// Remarks on this run.
    pub flags: Vec<Flag>,
    /// Derived from the series; absent when the run failed.
    pub measured: Option<Measured>,
}

/// Time on a GPU's own clock beside the host's. The figures of a run stand on the
/// host's clock, which misses nothing; the device's tells how much of it the
/// kernels themselves took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceTime {
    /// Kernels submitted one after another.
    pub dispatches: u64,
    /// From the first submission to the last completion, by the host's clock.
    pub wall_s: f64,
    /// All kernels together, by the device's clock; absent where it has none.
    pub kernel_s: Option<f64>,
    /// The longest dispatch but the first, by the host's clock.
    pub longest_s: f64,
}

/// Outcome of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Status {
    /// It ran, and its work was checked and found right.
    Ok,
    /// It gives no figure; shown as failed, never compared.
    Failed(Failure),
}

/// Failure of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The class of failure.
    pub kind: FailureKind,
    /// Description.
    pub message: String,
}

/// Classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The worker ended early, by itself or by a signal.
    Crashed,
    /// The worker stopped talking and was ended.
    Hung,
    /// The worker said that it could not do the work.
    Refused,
    /// The worker's messages made no sense.
    Protocol,
    /// The work was done but its result is wrong.
    Unverified,
    /// The driver gave the GPU up.
    DeviceLost,
    /// The GPU's memory did not suffice.
    OutOfMemory,
    /// Too little was recorded to derive a figure.
    TooShort,
}

/// The stretch of a run that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Steady {
    /// Warm-up ended here.
    pub from_ns: u64,
    /// The load was told to stop here; it ran past this moment.
    pub to_ns: u64,
    /// False when the rate had not settled within the longest warm-up.
    pub reached: bool,
}

/// Check of a run's work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "method")]
pub enum Proof {
    /// Nonces whose hash meets an easy target, on a header that is bound to this
    /// session and run. They prove the work, not the time it took.
    Shares {
        /// A share's hash has at least so many leading zero bits.
        share_bits: u32,
        /// Hashes that the worker says it decided, warm-up included.
        claimed_hashes: u64,
        /// The shares, in no particular order.
        shares: Vec<Share>,
    },
    /// Freivalds' test of the last product at full size.
    Freivalds {
        /// Random ±1 vectors tried.
        rounds: u32,
        /// Seed of those vectors.
        seed: u64,
        /// Largest error over its bound; at most 1 passes.
        max_ratio: f64,
        /// Products of the load before which an input was changed and after which the
        /// result had changed as it must. Absent in files of minor version 3 and
        /// older, and on GPUs, whose kernels count their workgroups instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        probes: Option<u64>,
        /// The rounding that the bound allows for. Absent for integers, which are exact,
        /// and in files of minor version 5 and older.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerance: Option<Tolerance>,
    },
    /// Shares that a miner found on work of perwatt's own pool. They are the work: each
    /// stands for the hashes expected at its difficulty.
    Pool {
        /// The jobs that the shares are of.
        jobs: Vec<PoolJob>,
        /// The shares that count, by their arrival.
        shares: Vec<PoolShare>,
        /// Number of submissions that do not count, by class: `late`, `stale`, `low`,
        /// `duplicate`, `malformed`, `unknown-job`, `bad-version`, `bad-time`.
        others: BTreeMap<String, u64>,
    },
    /// The shares of its members are the work of a sum of miners; it has none of its own.
    PoolSum,
    /// Every element of the arrays compared with the exact expected value.
    Exact {
        /// Elements compared.
        elements: u64,
    },
}

/// One share: `[version, time, extranonce, nonce]` of its header; all else
/// follows from the session and the run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Share(
    /// Header version, BIP 320 bits rolled.
    pub u32,
    /// Header time.
    pub u32,
    /// Extra nonce that the merkle root is derived from.
    pub u64,
    /// Nonce.
    pub u32,
);

/// Something a reader should know about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The rate had not settled when the longest warm-up was over.
    NotSteady,
    /// A meter failed to read during the run.
    MeterGap,
    /// The array was less than four times the last-level cache.
    SmallArray,
    /// The window is shorter than was asked for.
    ShortWindow,
    /// The GPU's kernels took more than 5 % more or less time by its own clock
    /// than the load did by the host's.
    ClocksDiffer,
    /// The device was slowed by heat or by its power limit during the window. The
    /// figure is that of the throttled machine, and is kept.
    Throttled,
    /// Its clock fell by more than 3 % within the window, under a constant load.
    ClockFell,
    /// The machine ran from its battery.
    OnBattery,
    /// The worker got less than 98 % of its CPUs, or the hypervisor took more than 1 % of
    /// them, or a control group's quota stopped it.
    LackedCpu,
    /// The worker got less than 90 % of its CPUs, or the hypervisor took more than 5 % of
    /// them: the figure says more about the other load than about the machine. It is shown
    /// and not pooled with others.
    Disturbed,
}

impl Flag {
    /// Those that concern a run's rate, in the order in which tables name them. Disturbed
    /// runs are left out of a rate, and counted.
    pub const OF_RATES: [Self; 8] = [
        Self::LackedCpu,
        Self::NotSteady,
        Self::SmallArray,
        Self::ClocksDiffer,
        Self::Throttled,
        Self::ClockFell,
        Self::OnBattery,
        Self::ShortWindow,
    ];

    /// Remark on a row of which one or more runs have this flag.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotSteady => {
                "not steady: in one run or more the rate had not settled when the longest warm-up ended"
            }
            Self::MeterGap => "some readings of a meter failed",
            Self::SmallArray => {
                "arrays smaller than four times the last-level cache, or its size unknown: the cache may have served part of the traffic"
            }
            Self::ShortWindow => "the measured window is shorter than asked for",
            Self::ClocksDiffer => {
                "the GPU's own clock and the host's differ by more than 5 % over the load; the figure stands on the host's"
            }
            Self::Throttled => {
                "throttled: in one run or more heat or a power limit slowed the device while it was measured; the figure is what it gives then"
            }
            Self::ClockFell => {
                "the clock fell by more than 3 % within the window of one run or more"
            }
            Self::OnBattery => "the machine ran from its battery",
            Self::LackedCpu => {
                "busy machine: in one run or more the worker did not have its CPUs to itself"
            }
            Self::Disturbed => {
                "disturbed: in one run or more other load took the CPUs that it needed"
            }
        }
    }
}

/// Derived figures of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// First work sample inside the steady stretch.
    pub start_ns: u64,
    /// Last work sample inside it.
    pub end_ns: u64,
    /// Between the two.
    pub time_s: f64,
    /// Steps done between the two.
    pub steps: u64,
    /// Steps times work per step.
    pub work: f64,
    /// Work over time, units per second: the sustained rate.
    pub rate_per_s: f64,
    /// The interval of the rate by the number of events that were counted, where work is
    /// counted by chance events: shares of a miner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// The rate of the first second of work, before the machine was warm; absent
    /// where the window began sooner.
    #[serde(default)]
    pub cold: Option<Cold>,
    /// Each channel of the machine's state within the window.
    #[serde(default)]
    pub state: Vec<StateFigures>,
    /// One for each meter that covered the run without a gap.
    pub energy: Vec<MeasuredEnergy>,
}

/// A rate that rests on a count of chance events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// Events counted.
    pub events: u64,
    /// Lower end of the exact 95 % Poisson interval (Garwood) of the rate.
    pub low_per_s: f64,
    /// Upper end.
    pub high_per_s: f64,
}

/// The rate of a machine that has just begun.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cold {
    /// Seconds since the first report of work.
    pub time_s: f64,
    /// Units per second within them.
    pub rate_per_s: f64,
}

/// One channel of the machine's state within the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateFigures {
    /// Index into `channels`.
    pub channel: u32,
    /// In the unit of its gauge.
    pub figures: ChannelFigures,
}

/// Derived energy of one run by one meter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasuredEnergy {
    /// Index into `meters`.
    pub meter: u32,
    /// The meter's tick that starts its window.
    pub start_ns: u64,
    /// The meter's tick that ends it.
    pub end_ns: u64,
    /// Between the two.
    pub time_s: f64,
    /// Joules between the two.
    pub energy_j: f64,
    /// Work between the two, interpolated between work samples.
    pub work: f64,
    /// Joules over work.
    pub energy_per_unit_j: f64,
    /// Joules over time.
    pub power_w: f64,
    /// Different readings that the figure rests on.
    #[serde(default)]
    pub updates: u64,
    /// Largest delay of a reading at an edge of the window, in seconds; 0 where the
    /// power is stated. Absent in files of minor version 1 and older, as is all
    /// that follows.
    #[serde(default)]
    pub edge_period_s: Option<f64>,
    /// Readings that failed within the window that was asked for. The figure spans
    /// none of them.
    #[serde(default)]
    pub gaps: u32,
    /// Grade of this figure, from A to E.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// Uncertainty, the spread over runs left out.
    #[serde(default)]
    pub uncertainty: Option<Uncertainty>,
}
