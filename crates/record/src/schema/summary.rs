//! Derived rows: one for each plan entry.

use perwatt_power::Grade;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disagreement, IdlePower, Uncertainty};

/// Derived figures of one plan entry over its good runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Index into `plan.entries`.
    pub entry: u32,
    /// Runs that gave a figure.
    pub runs_ok: u32,
    /// Runs that did not.
    pub runs_failed: u32,
    /// Of `runs_ok`, those that other load disturbed. The figures are of the others; where
    /// there are no others, they are of these, and are not compared. Absent in files of
    /// minor version 4 and older.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub runs_disturbed: u32,
    /// True if the work of every run in this row passed its check and, for hashes,
    /// the shares of all runs together agree with the claimed hashes.
    pub verified: bool,
    /// True where nothing is wrong and the runs are too short to prove anything: too
    /// few shares are expected of the claimed hashes. Absent in files of minor version
    /// 3 and older.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
    /// Result of the check, in words.
    pub verification: String,
    /// Units per second; absent when no run gave a figure.
    pub rate_per_s: Option<Interval>,
    /// Median over runs of the rate in the first second over the sustained rate;
    /// absent where no run was watched for long enough before its window.
    #[serde(default)]
    pub cold_over_sustained: Option<f64>,
    /// One for each meter.
    pub energy: Vec<SummaryEnergy>,
    /// Meters that contradict each other in this row.
    #[serde(default)]
    pub disagreements: Vec<Disagreement>,
}

impl Summary {
    /// Runs behind the figures.
    pub fn runs_pooled(&self) -> u32 {
        match self.all_disturbed() {
            true => self.runs_ok,
            false => self.runs_ok.saturating_sub(self.runs_disturbed),
        }
    }

    /// True if other load disturbed every run that gave a figure.
    pub fn all_disturbed(&self) -> bool {
        self.runs_ok > 0 && self.runs_disturbed >= self.runs_ok
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A median over runs and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Median over runs; of counted work, the work of all windows over their time.
    pub median: f64,
    /// Smallest run.
    pub min: f64,
    /// Largest run.
    pub max: f64,
    /// Lower end of the order-statistic interval of the median; absent with fewer than 6
    /// runs. Of counted work whose windows differ no more than chance has it, the exact
    /// Poisson interval of all events.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The interval's exact coverage, at least 0.95.
    pub confidence: Option<f64>,
    /// Interquartile range over the median.
    pub relative_spread: f64,
}

/// Energy of one plan entry by one meter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryEnergy {
    /// Index into `meters`.
    pub meter: u32,
    /// Runs that this meter covered.
    pub runs: u32,
    /// Joules per unit of work.
    pub energy_per_unit_j: Option<Interval>,
    /// Watts.
    pub power_w: Option<Interval>,
    /// Seconds that the meter covered, all runs together.
    #[serde(default)]
    pub time_s: f64,
    /// Different readings, all runs together.
    #[serde(default)]
    pub updates: u64,
    /// Grade of the figure, from A to E: the worst of its runs, or over all runs together
    /// where the meter's `look_back_s` is absent. Absent in files of minor version 1 and
    /// older, as is all that follows.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// Uncertainty of the joules per unit, the spread over runs included.
    #[serde(default)]
    pub uncertainty: Option<Uncertainty>,
    /// The idle machine's power; absent where it was not measured.
    #[serde(default)]
    pub idle: Option<IdlePower>,
    /// Joules per unit of work above idle. The headline is the gross figure.
    #[serde(default)]
    pub net_energy_per_unit_j: Option<Interval>,
    /// Its uncertainty, relative, at coverage factor 2.
    #[serde(default)]
    pub net_relative_uncertainty: Option<f64>,
    /// Length of a window with an error of at most `config.protocol.energy_error_rel`
    /// from its edges; absent if the windows were that long.
    #[serde(default)]
    pub needed_window_s: Option<f64>,
}
