//! A miner that perwatt measured, in place of a row of the catalogue.

use perwatt_power::{Boundary, MeterInfo};
use perwatt_record::check::check;
use perwatt_record::file::Loaded;
use perwatt_record::schema::{Interval, SummaryEnergy};
use perwatt_record::work::EnergyUnit;
use perwatt_record::{Record, pool};
use serde::Serialize;
use thiserror::Error;

use super::row::{Basis, Origin, Provenance};
use super::{Asic, Tolerance};

/// Reasons for which a record is no ASIC to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RivalError {
    /// Other devices than miners were measured.
    #[error(
        "{file} is no session of miners; --asic takes a model of the catalogue or a record of perwatt asic"
    )]
    NotMiners {
        /// The file.
        file: String,
    },
    /// The record fails its check.
    #[error("{file} is not verified: {why}; restore it from a copy or measure again")]
    NotVerified {
        /// The file.
        file: String,
        /// The rule that it breaks.
        why: String,
    },
    /// No verified miner has joules.
    #[error(
        "{file} has no joules of a verified miner, so there is no J/TH to compare with; measure again with perwatt asic --meter METER, or state the power with --watts N"
    )]
    NoJoules {
        /// The file.
        file: String,
    },
}

/// What the joules of a measured ASIC are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metered {
    /// The part of it whose joules they are.
    pub boundary: Boundary,
    /// Id of the meter.
    pub meter: String,
    /// True if the meter estimates rather than measures.
    pub estimate: bool,
    /// The number of windows.
    pub windows: u32,
    /// True if the interval of its J/TH leaves out terms whose size is not known.
    pub terms_unknown: bool,
}

/// A measured miner as a row of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredAsic {
    /// The row; its tolerances are the uncertainties of the measurement.
    pub asic: Asic,
    /// Its meter.
    pub metered: Metered,
}

/// A row of a record with joules.
struct Found<'a> {
    device: &'a str,
    rate_h_per_s: &'a Interval,
    energy: &'a SummaryEnergy,
    j_per_h: f64,
    meter: &'a MeterInfo,
}

impl MeasuredAsic {
    /// The miner of a record with the fewest joules per hash, at the boundary nearest the
    /// wall; the sum of all miners where only that has joules.
    ///
    /// # Errors
    /// [`RivalError`]: the record fails its check, or has no joules of a miner.
    pub fn of(loaded: &Loaded, file: &str) -> Result<Self, RivalError> {
        let record = &loaded.record;
        let file = file.to_owned();
        if pool::title(record).is_none() {
            return Err(RivalError::NotMiners { file });
        }
        if let Some(why) = check(loaded).first_broken() {
            return Err(RivalError::NotVerified { file, why });
        }
        let least = |a: &Found<'_>, b: &Found<'_>| {
            let sum = |of: &Found<'_>| of.device == pool::ALL;
            (sum(a).cmp(&sum(b))).then(a.j_per_h.total_cmp(&b.j_per_h))
        };
        match found(record).min_by(least) {
            Some(of) => Ok(row(record, &of, file)),
            None => Err(RivalError::NoJoules { file }),
        }
    }
}

/// The verified rows that have joules.
fn found(record: &Record) -> impl Iterator<Item = Found<'_>> {
    let verified = record.summary.iter().filter(|row| row.verified);
    verified.filter_map(|row| {
        let entry = record.plan.entries.get(row.entry as usize)?;
        let each = row.energy.iter().filter_map(|energy| {
            Some(Found {
                device: &entry.device,
                rate_h_per_s: row.rate_per_s.as_ref().filter(|rate| rate.median > 0.0)?,
                energy,
                j_per_h: energy.energy_per_unit_j.as_ref()?.median,
                meter: record.meters.get(energy.meter as usize)?,
            })
        });
        let rank = |of: &Found<'_>| {
            let boundary = of.meter.boundary;
            (boundary.at_wall(), boundary.covers_whole_machine())
        };
        let positive = each.filter(|of| of.j_per_h > 0.0 && of.j_per_h.is_finite());
        // Of equals the first.
        positive.reduce(|kept, next| {
            if rank(&next) > rank(&kept) {
                next
            } else {
                kept
            }
        })
    })
}

fn row(record: &Record, of: &Found<'_>, file: String) -> MeasuredAsic {
    let rate = of.rate_h_per_s;
    let half = rate.high.unwrap_or(rate.max) - rate.low.unwrap_or(rate.min);
    let uncertainty = of.energy.uncertainty.as_ref();
    let estimate = of.meter.provenance.is_estimate();
    let model = pool::model(record, of.device);
    let hashrate_th_s = rate.median / EnergyUnit::TERA;
    let (confidence, basis) = match estimate {
        true => ("estimate", Basis::Estimate),
        false => ("measured", Basis::Measured),
    };
    let started = record.session.segments.first();
    let date = started.and_then(|segment| segment.started_utc.get(..10));
    MeasuredAsic {
        asic: Asic {
            stated_hashrate_rel: None,
            stated_power_rel: None,
            vendor: String::new(),
            model: match of.device {
                pool::ALL => model.clone(),
                device => format!("miner {}", pool::worker(device)),
            },
            release: String::new(),
            hashrate_th_s,
            power_w: of.j_per_h * EnergyUnit::TERA * hashrate_th_s,
            efficiency_quoted_j_th: None,
            cooling: String::new(),
            network_share: None,
            network_share_source: String::new(),
            network_share_date: String::new(),
            price_usd: None,
            price_source: String::new(),
            price_date: String::new(),
            tolerance: Tolerance::expanded(
                half / 2.0 / rate.median,
                uncertainty.map_or(0.0, |of| of.relative),
            ),
            provenance: Provenance {
                confidence,
                basis,
                source: format!("{model}, by its shares and {} in {file}", of.meter.id),
                date: date.map(str::to_owned),
                notes: String::new(),
                origin: Origin::File(file),
            },
        },
        metered: Metered {
            boundary: of.meter.boundary,
            meter: of.meter.id.clone(),
            estimate,
            windows: of.energy.runs,
            terms_unknown: uncertainty.is_none_or(|of| !of.unknown.is_empty()),
        },
    }
}
