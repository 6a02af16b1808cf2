//! The figures of a site, and the parameters that each rests on: those whose change
//! changes it.

use perwatt_table::Evidence;
use rayon::prelude::*;

use crate::curtail::Prices;
use crate::curtailment::{Curtailment, curtailment};
use crate::figure::Figures;
use crate::inputs::Inputs;
use crate::network_impact::{NetworkImpact, network_impact};
use crate::outcome::{Outcome, outcome};
use crate::parameter::Rule;
use crate::parameters::parameters;
use crate::prices::Curve;
use crate::report::SiteError;
use crate::scenario::Scenario;
use crate::settings::Use;
use crate::surface::{Surface, surface};
use crate::uses::flow;

/// The name of the file of power prices among the parameters.
const PRICE_FILE: &str = "curtailment.prices";

/// The figures of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The outcome of each use.
    pub uses: Vec<Outcome>,
    /// The stops of each use.
    pub curtailment: Curtailment,
    /// The effect on the network of hash rate that leaves.
    pub network: [NetworkImpact; 2],
    /// The hashprices at which rigs break even.
    pub surface: Surface,
}

/// The values of the figures, in groups: each use, each that may stop, each impact, and the
/// surface.
type Numbers = Vec<Vec<Option<f64>>>;

impl Findings {
    /// The figures of a scenario, with power prices if it names a file of them.
    ///
    /// # Errors
    /// [`SiteError`]: figures beyond those of any market, or more hash rate than there is.
    pub fn of(scenario: &Scenario, prices: Option<&Prices>) -> Result<Self, SiteError> {
        let curve = prices.and_then(Curve::of);
        let inputs = scenario.inputs(curve.as_ref());
        let uses = &scenario.settings.uses;
        let mut found = Self::at(&inputs, uses, prices, None)?;
        let before = found.numbers();
        let changed: Vec<Vec<Vec<bool>>> = parameters()
            .par_iter()
            .map(|parameter| {
                let mut inputs = inputs;
                let value = *(parameter.of)(&mut inputs.parameters);
                let mut changed = unchanged(&before);
                for other in others(parameter.rule, value) {
                    *(parameter.of)(&mut inputs.parameters) = other;
                    if let Ok(after) = Self::at(&inputs, uses, prices, Some(&found)) {
                        differ(&mut changed, &before, &after.numbers());
                    }
                }
                changed
            })
            .collect();
        for ((parameter, value), changed) in parameters().iter().zip(&scenario.values).zip(&changed)
        {
            found.rest_on(parameter.key, value.source.evidence, changed);
        }
        if let Some(prices) = prices.and_then(other_prices) {
            let curve = Curve::of(&prices);
            let inputs = scenario.inputs(curve.as_ref());
            let mut changed = unchanged(&before);
            if let Ok(after) = Self::at(&inputs, uses, Some(&prices), Some(&found)) {
                differ(&mut changed, &before, &after.numbers());
            }
            found.rest_on(PRICE_FILE, Evidence::Sourced, &changed);
        }
        Ok(found)
    }

    /// The figures, without the parameters that they rest on. Break-even prices that are
    /// `known` for other inputs are only checked: one that no longer holds gets an
    /// arbitrary other value.
    ///
    /// # Errors
    /// As [`Findings::of`].
    pub fn at(
        inputs: &Inputs,
        uses: &[Use],
        prices: Option<&Prices>,
        known: Option<&Self>,
    ) -> Result<Self, SiteError> {
        let sell = flow(Use::SellNow, inputs).npv_usd(inputs);
        let outcome = |(i, kind): (usize, &Use)| {
            let known = known.and_then(|known| known.uses.get(i));
            let known = known.map(|of| &of.figures.break_even);
            outcome(*kind, inputs, sell, known)
        };
        Ok(Self {
            uses: uses.iter().enumerate().map(outcome).collect(),
            curtailment: curtailment(uses, inputs, prices)?,
            network: network_impact(inputs)?,
            surface: surface(inputs),
        })
    }

    /// All figures, in groups whose order does not depend on their values.
    pub fn groups(&self) -> impl Iterator<Item = &dyn Figures> {
        let uses = self.uses.iter().map(|of| &of.figures as &dyn Figures);
        let stops = self
            .curtailment
            .uses
            .iter()
            .map(|of| &of.figures as &dyn Figures);
        let network = self.network.iter().map(|of| of as &dyn Figures);
        uses.chain(stops).chain(network)
    }

    fn groups_mut(&mut self) -> impl Iterator<Item = &mut dyn Figures> {
        let uses = self
            .uses
            .iter_mut()
            .map(|of| &mut of.figures as &mut dyn Figures);
        let stops = self
            .curtailment
            .uses
            .iter_mut()
            .map(|of| &mut of.figures as &mut dyn Figures);
        let network = self.network.iter_mut().map(|of| of as &mut dyn Figures);
        uses.chain(stops).chain(network)
    }

    fn numbers(&self) -> Numbers {
        let of = |group: &dyn Figures| {
            group
                .list()
                .iter()
                .map(|named| named.figure.value)
                .collect()
        };
        let surface = self
            .surface
            .hashprice
            .iter()
            .flatten()
            .chain([&self.surface.now]);
        let surface = surface.map(|value| Some(*value)).collect();
        self.groups().map(of).chain([surface]).collect()
    }

    /// Records in the figures that changed that they rest on a parameter.
    fn rest_on(&mut self, key: &'static str, evidence: Evidence, changed: &[Vec<bool>]) {
        for (group, changed) in self.groups_mut().zip(changed) {
            let mut figures = Vec::new();
            group.each(&mut figures);
            for (figure, _) in figures
                .into_iter()
                .zip(changed)
                .filter(|(_, changed)| **changed)
            {
                figure.from.push(key);
                figure.evidence = figure.evidence.max(evidence);
            }
        }
        if changed.last().is_some_and(|cells| cells.contains(&true)) {
            self.surface.evidence = self.surface.evidence.max(evidence);
        }
    }
}

fn unchanged(numbers: &Numbers) -> Vec<Vec<bool>> {
    numbers
        .iter()
        .map(|group| vec![false; group.len()])
        .collect()
}

/// Marks the numbers that differ. A number that no longer exists differs.
fn differ(changed: &mut [Vec<bool>], before: &Numbers, after: &Numbers) {
    for ((changed, before), after) in changed.iter_mut().zip(before).zip(after) {
        for (i, changed) in changed.iter_mut().enumerate() {
            *changed |= !same(before[i], after.get(i).copied().flatten());
        }
    }
}

/// True if two numbers agree up to rounding, which remains where parameters cancel.
fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-11 * a.abs(),
        (a, b) => a == b,
    }
}

/// Other values that the rule allows, near and far: a parameter may matter only beyond some
/// threshold.
fn others(rule: Rule, value: f64) -> Vec<f64> {
    let all = match rule {
        // Four years hold a halving.
        Rule::Date => vec![value - 1461.0, value - 500.0, value + 500.0, value + 1461.0],
        Rule::Count => vec![value + 1.0],
        Rule::Growth => vec![
            value + 0.3,
            value - 0.3,
            3.0 * value,
            value + 5.0,
            value - 0.9,
        ],
        _ => [0.005, 0.03, 0.1, 0.2, 0.9, 1.07, 3.0, 20.0]
            .map(|factor| value * factor)
            .into_iter()
            .chain([value + 0.3, value + 60.0, value + 300.0, 0.0, 1.0])
            .collect(),
    };
    let allowed = |other: &f64| rule.fault(*other).is_none() && *other != value;
    all.into_iter().filter(allowed).collect()
}

/// Prices of the first half of the time, each a tenth higher.
fn other_prices(prices: &Prices) -> Option<Prices> {
    let half = prices.intervals().div_ceil(2);
    let other = prices.usd_per_mwh()[..half].iter().map(|price| price * 1.1);
    Prices::new(prices.start_s(0), prices.step_s(), 0, other.collect()).ok()
}
