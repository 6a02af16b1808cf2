//! Comparison of matrix products with accelerators in the same number format. The maker's
//! peak and measurements by others, bursts and sustained, are kept apart.

use perwatt_record::work::{EnergyUnit, NotAi, Work};
use serde::Serialize;

use super::figure::{Figure, Measured};
use super::group::{Joules, Line};
use super::subject::Subject;
use super::{Answer, Options, ai, boundary, roof};
use crate::catalogue::{Accelerator, Format, Row};
use perwatt_table::{Evidence, Source};

/// A matrix product on a device, compared with accelerators.
#[derive(Debug, Clone, Serialize)]
pub struct Arithmetic {
    /// The measured device and workload.
    pub subject: Subject,
    /// Floating-point or integer operations per second.
    pub rate_per_s: Measured,
    /// Tokens per second if the model were its weights' products alone: an upper bound.
    /// Absent for products that are no layers of a model.
    pub tokens_per_s: Option<Measured>,
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
    /// Joules per 10^12 operations, likewise.
    pub j_per_tera: Measured,
    /// Tokens per joule if the model were its weights' products alone: an upper bound. Absent
    /// where the product is not all layers of a model.
    pub tokens_per_j: Option<Measured>,
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
    /// The fastest product that others measured on it, a burst: no joules go with it.
    pub burst: Answer<Side>,
    /// The rate that others measured on it over seconds, with its watts.
    pub sustained: Answer<Side>,
    /// Source of the measured rates.
    pub measured_source: Source,
}

/// One of the columns of an accelerator: never a mixture of them.
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
    /// Operations per joule: a peak over the board's nameplate power, a sustained rate over
    /// the watts that were measured with it.
    pub per_j: Answer<f64>,
    /// Ratio of the same to the device's, one for each boundary of the device's joules.
    pub over_device: Vec<Figure>,
}

/// The reason that a burst has no joules.
const BURST: &str = "a burst of milliseconds has no watts";

/// The catalogue's format for a row.
fn format_of(subject: &Subject) -> Answer<Format> {
    if let Some(why) = ai::reason(subject).filter(|why| *why != NotAi::Single) {
        return Answer::Not(why.in_place(&subject.device, false));
    }
    let workload = &subject.workload;
    let input = workload.work().and_then(Work::input);
    match input.and_then(Format::of) {
        Some(format) => Answer::Is(format),
        None => Answer::Not(format!(
            "the catalogue has no rates in the format of {workload}"
        )),
    }
}

pub(super) fn of(line: &Line, all: &[Line], options: &Options<'_>) -> Arithmetic {
    let format = format_of(&line.subject);
    let against = match &format {
        Answer::Is(format) => options
            .accelerators(*format)
            .into_iter()
            .map(|of| against(line, of, *format))
            .collect(),
        Answer::Not(_) => Vec::new(),
    };
    let tokens = line.key.tokens_per_unit();
    let energy = line.energies.iter().map(|energy| ArithmeticEnergy {
        joules: energy.joules.clone(),
        per_j: energy.sample.measured(energy.per_unit_j.under(1.0)),
        j_per_tera: (energy.sample).measured(energy.per_unit_j.times(EnergyUnit::TERA)),
        tokens_per_j: tokens.map(|tokens| energy.sample.measured(energy.per_unit_j.under(tokens))),
        note: boundary::beside_board(&energy.joules),
    });
    Arithmetic {
        subject: line.subject.clone(),
        rate_per_s: line.sample.measured(line.rate_per_s),
        tokens_per_s: tokens.map(|tokens| line.sample.measured(line.rate_per_s.times(tokens))),
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
    let side = |evidence, per_s: f64, per_j: Answer<f64>| Side {
        evidence,
        per_s,
        units: line.rate_per_s.under(per_s).figure(),
        over_device: match per_j {
            Answer::Is(per_j) => {
                let over = |energy: &super::group::Energy| energy.per_unit_j.times(per_j).figure();
                line.energies.iter().map(over).collect()
            }
            Answer::Not(_) => Vec::new(),
        },
        per_j,
    };
    let known = |per_j: Option<f64>, lacks: &str| match per_j {
        Some(per_j) => Answer::Is(per_j),
        None => Answer::Not(format!("the catalogue has no {lacks} of {name}")),
    };
    let source = of.provenance.as_source();
    Against {
        peak: match of.peak_per_s(format) {
            Some(per_s) => {
                let per_j = known(of.peak_per_j(format), "board power");
                Answer::Is(side(source.evidence, per_s, per_j))
            }
            None => Answer::Not(none("peak")),
        },
        burst: match of.burst_per_s(format) {
            Some(per_s) => {
                let per_j = Answer::Not(BURST.into());
                Answer::Is(side(Evidence::Measured, per_s, per_j))
            }
            None => Answer::Not(none("measured product")),
        },
        sustained: match of.sustained_per_s(format) {
            Some(per_s) => {
                let per_j = known(of.sustained_per_j(format), "watts of a sustained rate");
                Answer::Is(side(Evidence::Measured, per_s, per_j))
            }
            None => Answer::Not(none("sustained rate")),
        },
        measured_source: of.measured_source(),
        accelerator: name,
        source,
    }
}
