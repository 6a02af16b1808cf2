//! All that one reading of a miner brought, and the guard of its units.

use crate::claim::{Claim, Provenance, Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The hashes that a share of difficulty 1 stands for on average: 2^256 / (target + 1),
/// which is slightly more than 2^32.
pub const HASHES_PER_DIFFICULTY: f64 = 4_295_032_833.0;

/// How far a rate may be from the one it is judged by.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 0.2..=5.0;

/// A figure taken sooner than this after the start belongs to the ramp, in seconds.
const RAMP_S: f64 = 120.0;

/// Most claims and most notes of one report; a machine has fewer than a hundred.
const MOST: usize = 200;

/// What the machine says it is. Serial numbers, MAC addresses, pool users and network names
/// are never read.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Eq, Default, Debug)]
pub struct Identity {
    /// The model of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The name of the firmware.
    pub firmware: String,
    /// The version of the firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The claims of one machine at one time.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Default, Debug)]
pub struct Report {
    /// The interface that answered, such as `luxos`; see [`crate::kinds`].
    pub api: String,
    /// What the machine says it is.
    pub identity: Identity,
    /// What it claims.
    pub claims: Vec<Claim>,
    /// What could not be read, and which replies were malformed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Report {
    /// The claims about a quantity.
    pub fn about(&self, quantity: Quantity) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |c| c.quantity == quantity)
    }

    /// The first figure claimed for a quantity.
    pub fn first(&self, quantity: Quantity) -> Option<f64> {
        self.about(quantity).find_map(|claim| claim.value)
    }

    /// The best claim about the present power: measured at the wall before measured behind the
    /// power supply, before one of unknown origin, a model, and a nameplate.
    pub fn power(&self) -> Option<&Claim> {
        self.about(Quantity::Power)
            .min_by_key(|claim| match claim.provenance {
                Provenance::SensorAc => 0,
                Provenance::SensorDc => 1,
                Provenance::Unknown => 2,
                Provenance::Model => 3,
                Provenance::Nameplate => 4,
            })
    }

    /// The rate that follows from the machine's own counters of accepted shares, in hashes
    /// per second: a claim like the others, but one which a pool can count for itself.
    pub fn rate_by_own_shares_h_per_s(&self) -> Option<f64> {
        let uptime_s = self.first(Quantity::Uptime).filter(|s| *s > 0.0)?;
        let difficulty = self.first(Quantity::DifficultyAccepted)?;
        Some(difficulty * HASHES_PER_DIFFICULTY / uptime_s)
    }

    /// Flags each rate that is less than 0.2 or more than 5 times the rate by shares, or,
    /// where that is `None`, the machine's own nominal rate. A rate of zero is that of a
    /// machine at rest, not of a wrong unit.
    ///
    /// Firmware mixes GH/s, MH/s and TH/s; an error of a factor of 1000 is found so.
    pub fn judge_units(&mut self, by_shares_h_per_s: Option<f64>) {
        let nominal = || {
            self.about(Quantity::RateNominal)
                .filter_map(|claim| claim.value)
                .find(|rate| *rate > 0.0)
        };
        let rate = by_shares_h_per_s
            .filter(|rate| *rate > 0.0)
            .or_else(nominal);
        for claim in &mut self.claims {
            claim.unit_doubtful = match (claim.value, rate) {
                (Some(value), Some(rate)) if claim.quantity.is_rate() && value != 0.0 => {
                    !PLAUSIBLE.contains(&(value / rate))
                }
                _ => false,
            };
        }
    }

    pub(crate) fn push(&mut self, claim: Claim) {
        if self.claims.len() < MOST {
            self.claims.push(claim);
        }
    }

    /// Adds a remark about the reading.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.notes.len() < MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Remarks that hold for all firmware.
    pub(crate) fn finish(&mut self) {
        if let Some(uptime_s) = self.first(Quantity::Uptime)
            && uptime_s < RAMP_S
        {
            let remark = format!("{uptime_s:.0} s after the start");
            for claim in &mut self.claims {
                if matches!(
                    claim.quantity,
                    Quantity::RateNow | Quantity::RateAverage | Quantity::Power
                ) {
                    claim.remark(&remark);
                }
            }
        }
        self.judge_units(None);
    }
}
