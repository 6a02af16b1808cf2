//! Everything there is to say of a site, as one document.

use serde::Serialize;
use thiserror::Error;

use crate::curtail::{Prices, UseError};
use crate::curtailment::{Curtailment, curtailment};
use crate::inputs::{Inputs, Tweak};
use crate::line::Lines;
use crate::monte_carlo::{Drawn, monte_carlo};
use crate::network_impact::{NetworkImpact, network_impact};
use crate::outcome::{Outcome, outcome};
use crate::parameter::parameters;
use crate::prices::Curve;
use crate::scenario::{Origin, Scenario, Value, written};
use crate::security::SecurityError;
use crate::settings::{PaidBy, Settings, Use};
use crate::surface::{Surface, surface};
use crate::tornado::{Swing, tornado};
use crate::uses::flow;
use perwatt_table::{Evidence, Source};

/// Why there is no report of a scenario whose keys are all sound.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SiteError {
    /// Prices of power and what a use earns.
    #[error("when a use should stop: {0}")]
    Stop(#[from] UseError),
    /// What leaves the network, or attacks it.
    #[error("what leaves the network: {0}; see security.* and site.gross_mw")]
    Security(#[from] SecurityError),
}

/// What is to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Seed of the draws.
    pub seed: u64,
    /// How many draws; 0 for none.
    pub draws: u32,
    /// The use whose answer the tornado is of; otherwise the best that is not keep
    /// mining.
    pub answer: Option<Use>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            draws: 10_000,
            answer: None,
        }
    }
}

/// A parameter as a report lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// Its key.
    pub key: &'static str,
    /// Its value, as it is written.
    pub value: String,
    /// Its unit.
    pub unit: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Its range, as it is written.
    pub range: Option<[String; 2]>,
    /// Where the range is from.
    pub range_source: String,
    /// What it rests on.
    pub source: Source,
    /// Who gave it.
    pub origin: Origin,
    /// Whether any figure of the report rests on it.
    pub used: bool,
}

/// A site and all that follows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteReport {
    /// What is no number.
    pub settings: Settings,
    /// What was put in.
    pub inputs: Vec<Input>,
    /// Hashprice of the first month, $/PH/day.
    pub hashprice_usd_per_ph_day: f64,
    /// Each use.
    pub uses: Vec<Outcome>,
    /// The use whose answer the tornado is of.
    pub answer: Use,
    /// The weakest that the answer rests on.
    pub answer_mark: Evidence,
    /// What moves it, the strongest first.
    pub tornado: Vec<Swing>,
    /// Intervals, where draws were asked for.
    pub monte_carlo: Option<Drawn>,
    /// Where rigs break even.
    pub surface: Surface,
    /// When each use should stop.
    pub curtailment: Curtailment,
    /// What it does to the network.
    pub network: [NetworkImpact; 2],
}

/// The report of a scenario, with power prices if it names a file of them.
///
/// # Errors
/// [`SiteError`]: figures that no market has, or more than there is.
pub fn report(
    scenario: &Scenario,
    prices: Option<&Prices>,
    options: &Options,
) -> Result<SiteReport, SiteError> {
    let values = numbers(scenario);
    let curve = prices.and_then(|prices| Curve::new(prices.usd_per_mwh()));
    let inputs = inputs(scenario, curve.as_ref(), &values);
    let uses = outcomes(scenario, curve.as_ref());
    let answer = options.answer.unwrap_or_else(|| best(&uses));
    let npv = |kind| flow(kind, &inputs).npv_usd(&inputs);
    let lines = Lines {
        values: &scenario.values,
    };
    let answer_mark = lines.mark((npv(answer) - npv(Use::KeepMining)).deps);
    let tornado = tornado(answer, &inputs, &scenario.values);
    let monte_carlo = (options.draws > 0).then(|| {
        monte_carlo(
            &scenario.settings.uses,
            &inputs,
            &scenario.values,
            options.seed,
            options.draws,
        )
    });
    let (curtailment, network) = around(scenario, prices)?;
    let used: Vec<&str> = uses
        .iter()
        .flat_map(|outcome| &outcome.lines)
        .chain(curtailment.uses.iter().flat_map(|of| &of.lines))
        .chain(network.iter().flat_map(|of| &of.leaving))
        .chain(
            network
                .iter()
                .flat_map(|of| of.states.iter().map(|states| &states.all_off)),
        )
        .flat_map(|line| line.from.iter().copied())
        .collect();
    let listed = scenario.values.iter().enumerate();
    Ok(SiteReport {
        settings: scenario.settings.clone(),
        inputs: listed.map(|(i, value)| input(i, value, &used)).collect(),
        hashprice_usd_per_ph_day: crate::network::hashprice(&inputs, 0).value,
        answer,
        answer_mark,
        tornado,
        monte_carlo,
        surface: surface(&inputs, &lines),
        curtailment,
        network,
        uses,
    })
}

/// Each use of a scenario, alone.
pub fn outcomes(scenario: &Scenario, prices: Option<&Curve>) -> Vec<Outcome> {
    let values = numbers(scenario);
    let inputs = inputs(scenario, prices, &values);
    let lines = Lines {
        values: &scenario.values,
    };
    let keep = flow(Use::KeepMining, &inputs);
    let uses = scenario.settings.uses.iter();
    uses.map(|kind| outcome(*kind, &inputs, &lines, &keep))
        .collect()
}

/// What is around the uses: when each should stop, and what leaves the network.
///
/// # Errors
/// [`SiteError`]: figures that no market has, or more than there is.
pub fn around(
    scenario: &Scenario,
    prices: Option<&Prices>,
) -> Result<(Curtailment, [NetworkImpact; 2]), SiteError> {
    let values = numbers(scenario);
    let curve = prices.and_then(|prices| Curve::new(prices.usd_per_mwh()));
    let inputs = inputs(scenario, curve.as_ref(), &values);
    let lines = Lines {
        values: &scenario.values,
    };
    let curtailment = curtailment(&scenario.settings.uses, &inputs, &lines, prices)?;
    Ok((curtailment, network_impact(&inputs, &lines)?))
}

fn numbers(scenario: &Scenario) -> Vec<f64> {
    scenario.values.iter().map(|value| value.value).collect()
}

fn inputs<'a>(scenario: &Scenario, prices: Option<&'a Curve>, values: &'a [f64]) -> Inputs<'a> {
    let contract = scenario.settings.prices.as_ref().map(|file| file.contract);
    Inputs {
        values,
        power_paid_by: scenario.settings.power_paid_by.unwrap_or(PaidBy::Tenant),
        prices: prices.zip(contract),
        tweak: Tweak::default(),
    }
}

fn best(uses: &[Outcome]) -> Use {
    let npv = |outcome: &&Outcome| outcome.value("npv_usd").unwrap_or(f64::NEG_INFINITY);
    uses.iter()
        .filter(|outcome| outcome.kind != Use::KeepMining)
        .max_by(|a, b| npv(a).total_cmp(&npv(b)))
        .map_or(Use::KeepMining, |outcome| outcome.kind)
}

fn input(index: usize, value: &Value, used: &[&str]) -> Input {
    let parameter = &parameters()[index];
    let key = parameter.key.as_str();
    Input {
        key,
        value: written(index, value.value),
        unit: &parameter.unit,
        about: &parameter.about,
        range: value.range.map(|ends| ends.map(|end| written(index, end))),
        range_source: value.range_source.clone(),
        source: value.source.clone(),
        origin: value.origin.clone(),
        used: used.contains(&key),
    }
}
