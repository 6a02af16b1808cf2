//! Hashes against an ASIC.

use perwatt_record::work::EnergyUnit;
use serde::Serialize;

use super::figure::{Figure, Measured};
use super::group::{Joules, Line, Subject};
use super::{Options, boundary};
use crate::catalogue::Asic;

/// Watts in a megawatt.
const MEGA: f64 = 1e6;
/// Hashes in a terahash.
const HASHES_PER_TH: f64 = 1e12;
/// Hours in a year of 365 days.
const HOURS_PER_YEAR: f64 = 8760.0;

/// A device's hashes against the chosen ASIC's.
#[derive(Debug, Clone, Serialize)]
pub struct Hashing {
    /// What was measured.
    pub subject: Subject,
    /// Hashes per second.
    pub rate_h_per_s: Measured,
    /// How many of these devices make one ASIC, by rate. Its interval holds the
    /// tolerance of the ASIC's rate.
    pub units: Figure,
    /// Its joules by each boundary; empty where there are none.
    pub energy: Vec<HashEnergy>,
    /// Why there are none.
    pub no_energy: Option<String>,
    /// How near it is to what the model of its arithmetic units allows.
    pub alu: super::Answer<super::roof::AluShare>,
}

/// A device's joules per hash against the ASIC's.
#[derive(Debug, Clone, Serialize)]
pub struct HashEnergy {
    /// Whose joules they are.
    pub joules: Joules,
    /// Joules per terahash; its interval holds the meter's scale.
    pub j_th: Measured,
    /// The same over the ASIC's; its interval holds the ASIC's tolerances too.
    pub over_asic: Figure,
    /// Power of as many devices as make one ASIC by rate, megawatts.
    pub megawatts: Figure,
    /// What their electricity costs in a year of 365 days without a pause, US dollars.
    pub usd_per_year: Figure,
    /// What a reader must know of the boundary.
    pub note: Option<String>,
}

pub(super) fn of(line: &Line, options: &Options<'_>) -> Hashing {
    let asic = &options.asic;
    let asic_h_per_s = asic.hashrate_th_s * HASHES_PER_TH;
    let units = line
        .rate_per_s
        .with(asic.tolerance.rate_rel())
        .under(asic_h_per_s);
    Hashing {
        subject: line.subject.clone(),
        rate_h_per_s: line.sample.measured(line.rate_per_s),
        units: units.figure(),
        energy: energies(line, asic, options),
        no_energy: line.no_energy.clone(),
        alu: super::roof::alu(line, options),
    }
}

fn energies(line: &Line, asic: &Asic, options: &Options<'_>) -> Vec<HashEnergy> {
    let each = line.energies.iter().map(|energy| {
        let j_th = energy.per_unit_j.times(EnergyUnit::TERA);
        let over = j_th
            .times(1.0 / asic.efficiency_j_th())
            .with(asic.tolerance.efficiency_rel());
        // As many terahashes a second as the ASIC's, at so many joules each.
        let megawatts = j_th
            .times(asic.hashrate_th_s / MEGA)
            .with(asic.tolerance.rate_rel());
        let usd = megawatts.times(HOURS_PER_YEAR * options.power_price.usd_per_mwh);
        HashEnergy {
            joules: energy.joules.clone(),
            j_th: energy.sample.measured(j_th),
            over_asic: over.figure(),
            megawatts: megawatts.figure(),
            usd_per_year: usd.figure(),
            note: boundary::beside_asic(&energy.joules),
        }
    });
    each.collect()
}
