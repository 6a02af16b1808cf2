//! Comparison of matrix products with accelerators in the same number format. The maker's
//! peak and measurements by others are kept apart.

use perwatt_record::work::{Named, Work};
use serde::Serialize;

use super::figure::{Figure, Measured};
use super::group::{Joules, Line};
use super::subject::Subject;
use super::{Answer, Options, boundary, roof};
use crate::catalogue::{Accelerator, Format, Row};
use perwatt_table::{Evidence, Source};

/// A matrix product on a device, compared with accelerators.
#[derive(Debug, Clone, Serialize)]
pub struct Arithmetic {
    /// The measured device and workload.
    pub subject: Subject,
    /// Floating-point or integer operations per second.
    pub rate_per_s: Measured,
    /// Its joules by boundary; empty where there are none.
    pub energy: Vec<ArithmeticEnergy>,
    /// The reason that there are no joules.
    pub no_energy: Option<String>,
    /// The format that it is compared in, or the reason that it has none.
    pub format: Answer<Format>,
    /// One comparison for each accelerator.
    pub against: Vec<Against>,
    /// The share of the device's own roofline.
    pub roofline: Answer<roof::RooflineShare>,
    /// The share of the maker's peak for the device.
    pub alu: Answer<roof::AluShare>,
}

/// Operations per joule of a device.
#[derive(Debug, Clone, Serialize)]
pub struct ArithmeticEnergy {
    /// Boundary, device and meters of the joules.
    pub joules: Joules,
    /// Operations per joule; its interval includes the meter's scale error.
    pub per_j: Measured,
    /// Note on the boundary, where it differs from the other side's.
    pub note: Option<String>,
}

/// A comparison of an accelerator with a device.
#[derive(Debug, Clone, Serialize)]
pub struct Against {
    /// Maker and model.
    pub accelerator: String,
    /// Source of its figures.
    pub source: Source,
    /// The maker's peak.
    pub peak: Answer<Side>,
    /// The largest product that others measured on it.
    pub measured: Answer<Side>,
}

/// One of the two columns of an accelerator: never a mixture of both.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// The evidence for its rate.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
    /// Operations per second.
    pub per_s: f64,
    /// Ratio of the same to the device's: the number of these devices that equals one
    /// accelerator.
    pub units: Figure,
    /// Operations per joule: the rate over the board's nameplate power, which was not
    /// measured together with the rate.
    pub per_j: Answer<f64>,
    /// Ratio of the same to the device's, one for each boundary of the device's joules.
    pub over_device: Vec<Figure>,
}

/// The catalogue's format for a workload.
fn format_of(workload: &Named) -> Answer<Format> {
    let input = workload.work().and_then(Work::input);
    match input.and_then(Format::of) {
        Some(format) => Answer::Is(format),
        None => Answer::Not(format!(
            "the catalogue has no rates in the format of {workload}"
        )),
    }
}

pub(super) fn of(line: &Line, all: &[Line], options: &Options<'_>) -> Arithmetic {
    let format = format_of(&line.subject.workload);
    let against = match &format {
        Answer::Is(format) => options
            .accelerators(*format)
            .into_iter()
            .map(|of| against(line, of, *format))
            .collect(),
        Answer::Not(_) => Vec::new(),
    };
    let energy = line.energies.iter().map(|energy| ArithmeticEnergy {
        joules: energy.joules.clone(),
        per_j: energy.sample.measured(energy.per_unit_j.under(1.0)),
        note: boundary::beside_board(&energy.joules),
    });
    Arithmetic {
        subject: line.subject.clone(),
        rate_per_s: line.sample.measured(line.rate_per_s),
        energy: energy.collect(),
        no_energy: line.no_energy.clone(),
        format,
        against,
        roofline: roof::roofline(line, all),
        alu: roof::alu(line, options),
    }
}

fn against(line: &Line, of: &Accelerator, format: Format) -> Against {
    let name = of.full_name();
    let none = |what: &str| {
        let word = format.word();
        format!("the catalogue has no {what} of {name} in {word}")
    };
    let side = |evidence, per_s: f64, per_j: Option<f64>| Side {
        evidence,
        per_s,
        units: line.rate_per_s.under(per_s).figure(),
        over_device: match per_j {
            Some(per_j) => {
                let over = |energy: &super::group::Energy| energy.per_unit_j.times(per_j).figure();
                line.energies.iter().map(over).collect()
            }
            None => Vec::new(),
        },
        per_j: match per_j {
            Some(per_j) => Answer::Is(per_j),
            None => Answer::Not(format!("the catalogue has no board power of {name}")),
        },
    };
    let source = of.provenance.as_source();
    Against {
        peak: match of.peak_per_s(format) {
            Some(per_s) => Answer::Is(side(source.evidence, per_s, of.peak_per_j(format))),
            None => Answer::Not(none("peak")),
        },
        measured: match of.measured_per_s(format) {
            Some(per_s) => Answer::Is(side(Evidence::Measured, per_s, of.measured_per_j(format))),
            None => Answer::Not(none("measured product")),
        },
        accelerator: name,
        source,
    }
}
