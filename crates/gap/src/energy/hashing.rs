//! Comparison of hashes with an ASIC.

use perwatt_power::Boundary;
use perwatt_record::work::EnergyUnit;
use serde::Serialize;

use super::figure::{Figure, Measured};
use super::group::{Joules, Line};
use super::subject::Subject;
use super::{Options, boundary};
use crate::catalogue::Asic;

/// Watts in a megawatt.
const MEGA: f64 = 1e6;
/// Hashes in a terahash.
const HASHES_PER_TH: f64 = 1e12;
/// Hours in a year of 365 days.
const HOURS_PER_YEAR: f64 = 8760.0;

/// A device's hashes, compared with the chosen ASIC's.
#[derive(Debug, Clone, Serialize)]
pub struct Hashing {
    /// The measured device and workload.
    pub subject: Subject,
    /// Hashes per second.
    pub rate_h_per_s: Measured,
    /// The number of these devices that equals one ASIC in rate. Its interval includes the
    /// tolerance of the ASIC's rate.
    pub units: Figure,
    /// Its joules by boundary; empty where there are none.
    pub energy: Vec<HashEnergy>,
    /// The reason that there are no joules.
    pub no_energy: Option<String>,
    /// The share of the limit by the model of its arithmetic units.
    pub alu: super::Answer<super::roof::AluShare>,
}

/// A device's joules per hash, compared with the ASIC's.
#[derive(Debug, Clone, Serialize)]
pub struct HashEnergy {
    /// Boundary, device and meters of the joules.
    pub joules: Joules,
    /// Joules per terahash; its interval includes the meter's scale error.
    pub j_th: Measured,
    /// Ratio of the same to the ASIC's; its interval also includes the ASIC's tolerances.
    pub over_asic: Figure,
    /// Power of the number of devices that equals one ASIC in rate, megawatts.
    pub megawatts: Figure,
    /// Cost of their electricity in a year of 365 days without a pause, US dollars.
    pub usd_per_year: Figure,
    /// Note on the boundary, where it differs from the other side's.
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
    let metered = options.metered.as_ref();
    let at = metered.map_or(Boundary::Wall, |of| of.boundary);
    let each = line.energies.iter().map(|energy| {
        let j_th = energy.per_unit_j.times(EnergyUnit::TERA);
        let over = j_th
            .times(1.0 / asic.efficiency_j_th())
            .with(asic.tolerance.efficiency_rel());
        // The ASIC's terahashes per second times the device's joules per terahash.
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
            note: boundary::beside_asic(&energy.joules, at),
        }
    });
    each.collect()
}
