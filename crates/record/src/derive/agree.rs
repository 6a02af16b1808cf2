//! Meters that contradict each other.

use perwatt_power::{Covers, MeterInfo};

use super::energy::covers;
use crate::schema::{Disagreement, Entry, Gpu, SummaryEnergy, Term};

/// Scale error allowed to a meter whose maker states none: the class of an
/// uncalibrated plug, and more than any maker of the others admits.
const UNSTATED_GAIN_REL: f64 = 0.1;

/// Every pair of meters that cannot both be right: two of one boundary that differ
/// by more than their uncertainties together, and an inner one that exceeds the
/// one around it by more than that.
pub fn disagreements(
    entry: &Entry,
    gpus: &[Gpu],
    meters: &[MeterInfo],
    figures: &[SummaryEnergy],
) -> Vec<Disagreement> {
    let known: Vec<(&SummaryEnergy, &MeterInfo, f64)> = figures
        .iter()
        .filter_map(|figure| {
            let meter = meters.get(figure.meter as usize)?;
            let power_w = figure.power_w.as_ref()?.median;
            covers(&meter.covers, entry, gpus).then_some((figure, meter, power_w))
        })
        .collect();
    let mut found = Vec::new();
    for (at, a) in known.iter().enumerate() {
        for b in &known[at + 1..] {
            let (inner, outer) = match a.1.boundary <= b.1.boundary {
                true => (a, b),
                false => (b, a),
            };
            let ratio = inner.2 / outer.2;
            let allowed = allowance(inner).hypot(allowance(outer));
            let same = inner.1.boundary == outer.1.boundary && inner.1.covers == outer.1.covers;
            let nested = inner.1.boundary < outer.1.boundary
                && (outer.1.covers == Covers::Machine || inner.1.covers == outer.1.covers);
            let wrong = match (same, nested) {
                (true, _) => (ratio - 1.0).abs() > allowed,
                (_, true) => ratio - 1.0 > allowed,
                _ => false,
            };
            if wrong {
                found.push(Disagreement {
                    inner: inner.0.meter,
                    outer: outer.0.meter,
                    ratio,
                    allowed,
                });
            }
        }
    }
    found
}

fn allowance((figure, meter, _): &(&SummaryEnergy, &MeterInfo, f64)) -> f64 {
    // Both meters watched the same runs, so how well runs agree is no excuse, nor
    // is how the work was counted.
    let terms = figure.uncertainty.as_ref().map(|u| &u.terms);
    let known = [Term::Edges, Term::Quantum, Term::Gain]
        .iter()
        .filter_map(|term| terms?.get(term))
        .fold(0.0, |sum: f64, term| sum.hypot(*term));
    match meter.gain_uncertainty_rel {
        Some(_) => known,
        None => known.hypot(UNSTATED_GAIN_REL),
    }
}
