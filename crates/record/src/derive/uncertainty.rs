//! Uncertainty of a joule figure and its largest term.
//!
//! Every term is relative and at coverage factor 2 (about 95 %). Terms add in quadrature. A
//! scale error is the same in every run, so repetition does not reduce it.

use perwatt_power::{MeterInfo, Quantity};
use perwatt_stats as stats;

use super::Stretch;
use super::factors::{EDGES, K};
use crate::schema::{Interval, Term, Uncertainty};

/// Relative error by the edges of a stretch: of sampled power whose look-back is known, by
/// how much its readings vary.
pub fn edges_rel(stretch: &Stretch) -> f64 {
    let late = || K * EDGES * stretch.edge_period_s / stretch.time_s;
    stretch.sampling_error_rel.unwrap_or_else(late)
}

/// Relative error by the resolution of the meter, where it is known.
pub fn quantum_rel(meter: &MeterInfo, stretch: &Stretch) -> Option<f64> {
    match meter.quantity {
        Quantity::EnergyJ => meter
            .quantum_j
            .map(|quantum| K * EDGES * quantum / stretch.energy_j),
        // A steady load is rounded in the same way every time, so averaging does not help.
        Quantity::PowerW => meter
            .quantum_w
            .map(|quantum| K * quantum / 12f64.sqrt() * stretch.time_s / stretch.energy_j),
    }
}

/// Uncertainty of one run.
pub fn of_run(meter: &MeterInfo, stretch: &Stretch, work_cv: f64, work_gap_s: f64) -> Uncertainty {
    let mut terms = vec![
        (Term::Edges, edges_rel(stretch)),
        (
            // Work between two reports is taken as even; its unevenness is estimated from
            // the variation of the reported rates.
            Term::Work,
            K * EDGES * work_cv * work_gap_s / stretch.time_s,
        ),
    ];
    terms.extend(quantum_rel(meter, stretch).map(|error| (Term::Quantum, error)));
    terms.extend(meter.gain_uncertainty_rel.map(|gain| (Term::Gain, gain)));
    let mut unknown = Vec::new();
    if !stretch.edge_known {
        unknown.push(Term::Edges);
    }
    if meter.gain_uncertainty_rel.is_none() {
        unknown.push(Term::Gain);
    }
    combine(terms, unknown)
}

/// Adds a term to the uncertainty of a run.
pub fn add(uncertainty: &mut Option<Uncertainty>, term: Term, relative: f64) {
    if let Some(known) = uncertainty.take() {
        let mut terms: Vec<_> = known.terms.into_iter().collect();
        terms.push((term, relative));
        *uncertainty = Some(combine(terms, known.unknown));
    }
}

/// Uncertainty of a row: the median of each term over its runs, and their repeatability.
pub fn of_row(runs: &[&Uncertainty], repeat: Option<&Interval>, count: usize) -> Uncertainty {
    let mut terms = Vec::new();
    for term in [Term::Edges, Term::Work, Term::Quantum, Term::Gain] {
        let values: Vec<f64> = runs
            .iter()
            .filter_map(|run| run.terms.get(&term).copied())
            .collect();
        terms.extend(stats::median(&values).map(|value| (term, value)));
    }
    let mut unknown: Vec<Term> = runs
        .first()
        .map_or_else(Vec::new, |run| run.unknown.clone());
    let counting: Vec<f64> = runs
        .iter()
        .filter_map(|run| run.terms.get(&Term::Counting).copied())
        .collect();
    let counting = stats::median(&counting).map(|one| one / (count as f64).sqrt());
    terms.extend(counting.map(|value| (Term::Counting, value)));
    match repeat.and_then(|interval| repeatability(interval, count)) {
        // The scatter of counts is part of that of runs.
        Some(value) => {
            let rest = value.powi(2) - counting.unwrap_or(0.0).powi(2);
            let value = if counting.is_some() {
                rest.max(0.0).sqrt()
            } else {
                value
            };
            terms.push((Term::Repeat, value));
        }
        None => unknown.push(Term::Repeat),
    }
    combine(terms, unknown)
}

/// Repeatability of the median: half of its interval, or an estimate from the spread if
/// there are too few runs for an interval. `None` for a single run.
fn repeatability(interval: &Interval, count: usize) -> Option<f64> {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => Some((high - low) / 2.0 / interval.median),
        _ if count > 1 => Some(K * stats::median_error(interval.relative_spread, count)),
        _ => None,
    }
}

/// Adds terms in quadrature and finds the largest one.
fn combine(terms: Vec<(Term, f64)>, unknown: Vec<Term>) -> Uncertainty {
    let relative = stats::in_quadrature(terms.iter().map(|(_, value)| *value));
    let dominant = terms
        .iter()
        .filter(|(_, value)| *value > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(term, _)| *term);
    Uncertainty {
        relative,
        dominant,
        terms: terms.into_iter().collect(),
        unknown,
    }
}
