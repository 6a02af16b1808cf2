//! Everything there is to say of a site, as one document.

use perwatt_table::{Evidence, Source};
use serde::Serialize;
use thiserror::Error;

use crate::curtail::{Prices, UseError};
use crate::curtailment::Curtailment;
use crate::figure::Figures;
use crate::findings::Findings;
use crate::monte_carlo::{Drawn, monte_carlo};
use crate::network_impact::NetworkImpact;
use crate::outcome::Outcome;
use crate::parameter::{Parameter, write};
use crate::parameters::parameters;
use crate::prices::Curve;
use crate::scenario::{Origin, Scenario, Value};
use crate::security::SecurityError;
use crate::settings::{Settings, Use};
use crate::surface::Surface;
use crate::tornado::{Swing, tornado};

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
    /// The weakest evidence that the answer rests on.
    #[serde(rename = "answer_mark")]
    pub answer_evidence: Evidence,
    /// What moves it, the strongest first.
    pub tornado: Vec<Swing>,
    /// Intervals, where draws were asked for.
    pub monte_carlo: Option<Drawn>,
    /// Where rigs break even.
    pub surface: Surface,
    /// When each use should stop.
    pub curtailment: Curtailment,
    /// The network without hash rate that leaves.
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
    let curve = prices.and_then(|prices| Curve::new(prices.usd_per_mwh()));
    let inputs = scenario.inputs(curve.as_ref());
    let found = Findings::of(scenario, prices)?;
    let answer = options.answer.unwrap_or_else(|| best(&found.uses));
    let outcome = found.uses.iter().find(|of| of.kind == answer);
    let uses = &scenario.settings.uses;
    let values = &scenario.values;
    let used: Vec<&str> = found
        .groups()
        .flat_map(Figures::list)
        .flat_map(|named| named.figure.from.iter().copied())
        .collect();
    let listed = parameters().iter().zip(values);
    Ok(SiteReport {
        settings: scenario.settings.clone(),
        inputs: listed.map(|(of, value)| input(of, value, &used)).collect(),
        hashprice_usd_per_ph_day: found.surface.now,
        answer,
        answer_evidence: outcome.map_or(Evidence::Exact, |of| of.answer().evidence),
        tornado: tornado(answer, &inputs, values),
        monte_carlo: (options.draws > 0)
            .then(|| monte_carlo(uses, &inputs, values, options.seed, options.draws)),
        surface: found.surface,
        curtailment: found.curtailment,
        network: found.network,
        uses: found.uses,
    })
}

fn best(uses: &[Outcome]) -> Use {
    uses.iter()
        .filter(|outcome| outcome.kind != Use::KeepMining)
        .max_by(|a, b| a.npv_usd().total_cmp(&b.npv_usd()))
        .map_or(Use::KeepMining, |outcome| outcome.kind)
}

fn input(parameter: &Parameter, value: &Value, used: &[&str]) -> Input {
    let written = |value| write(parameter.rule, value);
    Input {
        key: parameter.key,
        value: written(value.value),
        unit: parameter.unit,
        about: parameter.about,
        range: value.range.map(|ends| ends.map(written)),
        range_source: value.range_source.clone(),
        source: value.source.clone(),
        origin: value.origin.clone(),
        used: used.contains(&parameter.key),
    }
}
