//! The report of a site: all figures in one document.

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

/// The reason that a scenario with valid keys has no report.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SiteError {
    /// The prices of power or the earnings of a use are out of range.
    #[error("when a use should stop: {0}")]
    Stop(#[from] UseError),
    /// The hash rate that leaves the network, or attacks it, is out of range.
    #[error("hash rate that leaves the network: {0}; see security.* and site.gross_mw")]
    Security(#[from] SecurityError),
}

/// Options of the computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Seed of the draws.
    pub seed: u64,
    /// The number of draws; 0 for none.
    pub draws: u32,
    /// The use that the tornado is about; otherwise the best one other than keep mining.
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
    /// Its meaning.
    pub about: &'static str,
    /// Its range, as it is written.
    pub range: Option<[String; 2]>,
    /// The source of the range.
    pub range_source: String,
    /// The evidence for the value, its source and date.
    pub source: Source,
    /// The origin of the value.
    pub origin: Origin,
    /// True if any figure of the report rests on it.
    pub used: bool,
}

/// The report of a site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteReport {
    /// The settings that are not numbers.
    pub settings: Settings,
    /// The inputs, one for each parameter.
    pub inputs: Vec<Input>,
    /// Hashprice of the first month, $/PH/day.
    pub hashprice_usd_per_ph_day: f64,
    /// The outcome of each use.
    pub uses: Vec<Outcome>,
    /// The use that the tornado is about.
    pub answer: Use,
    /// The weakest evidence that the answer rests on.
    #[serde(rename = "answer_mark")]
    pub answer_evidence: Evidence,
    /// The parameters that move the answer, the strongest first.
    pub tornado: Vec<Swing>,
    /// The results of the draws, if there are any.
    pub monte_carlo: Option<Drawn>,
    /// The hashprices at which rigs break even.
    pub surface: Surface,
    /// The stops of each use.
    pub curtailment: Curtailment,
    /// The effect on the network of hash rate that leaves.
    pub network: [NetworkImpact; 2],
}

/// The report of a scenario, with power prices if it names a file of them.
///
/// # Errors
/// [`SiteError`]: figures beyond those of any market, or more hash rate than there is.
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
