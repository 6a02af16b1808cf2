//! Detection of meters that contradict each other.

use perwatt_power::{Covers, MeterInfo};

use super::energy::covers;
use crate::schema::{Disagreement, Entry, Gpu, SummaryEnergy, Term};

/// Relative scale error of a meter whose maker states none: the class of an uncalibrated
/// plug, and more than any maker of the others admits.
const UNSTATED_GAIN_REL: f64 = 0.1;

/// Relative difference allowed between a counter and the sampled power of the same sensor:
/// a difference of more than 2 % means that one of them misses a part of the load.
const ONE_SENSOR_REL: f64 = 0.02;

/// Every pair of meters that cannot both be right: two with the same boundary that differ
/// by more than their combined uncertainty, or an inner one that exceeds the one around it
/// by more than that.
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
            let allowed = match one_sensor(inner.1, outer.1) {
                true => {
                    ONE_SENSOR_REL.hypot(allowance(inner, false).hypot(allowance(outer, false)))
                }
                false => allowance(inner, true).hypot(allowance(outer, true)),
            };
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

/// True if both are readings of one device's sensor (`nvml:0:energy` and `nvml:0:instant`,
/// `shelly=plug` and `shelly=plug:energy`), so that they share its scale error.
fn one_sensor(a: &MeterInfo, b: &MeterInfo) -> bool {
    let of = |whole: &str, part: &str| {
        part.strip_prefix(whole)
            .is_some_and(|rest| rest.starts_with(':'))
    };
    let device = |id: &str| id.rsplit_once(':').map(|(device, _)| device.to_owned());
    a.boundary == b.boundary
        && a.covers == b.covers
        && (of(&a.id, &b.id)
            || of(&b.id, &a.id)
            || device(&a.id).is_some_and(|d| d.contains(':') && Some(d) == device(&b.id)))
}

fn allowance((figure, meter, _): &(&SummaryEnergy, &MeterInfo, f64), with_gain: bool) -> f64 {
    // Both meters watched the same runs, so neither the repeatability of the runs nor the
    // count of work explains a difference.
    let terms = figure.uncertainty.as_ref().map(|u| &u.terms);
    let of = |term: Term| terms.and_then(|terms| terms.get(&term)).copied();
    let random = of(Term::Edges)
        .unwrap_or(0.0)
        .hypot(of(Term::Quantum).unwrap_or(0.0));
    match (with_gain, meter.gain_uncertainty_rel) {
        (false, _) => random,
        (true, Some(gain)) => random.hypot(gain),
        (true, None) => random.hypot(UNSTATED_GAIN_REL),
    }
}
