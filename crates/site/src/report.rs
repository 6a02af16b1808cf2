//! The report of a site: all figures in one document.

use perwatt_table::{Evidence, Source};
use serde::Serialize;
use thiserror::Error;

use crate::curtail::{Prices, UseError};
use crate::curtailment::Curtailment;
use crate::figure::Figures;
use crate::findings::Findings;
use crate::monte_carlo::{Drawn, monte_carlo};
use crate::network;
use crate::network_impact::NetworkImpact;
use crate::outcome::Outcome;
use crate::parameter::{Parameter, write};
use crate::parameters::parameters;
use crate::prices::Curve;
use crate::scenario::{Origin, Scenario, Value};
use crate::security::SecurityError;
use crate::settings::{Contract, Settings, Use};
use crate::stated::{Course, DealCase, courses, deals};
use crate::summary::{Summary, best, summary};
use crate::surface::Surface;
use crate::tornado::{self, Swing, tornado};

/// The reason that a scenario with valid keys has no report.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SiteError {
    /// The prices of power or the earnings of a use are out of range.
    #[error("when a use should stop")]
    Stop(#[from] UseError),
    /// The hash rate that leaves the network, or attacks it, is out of range.
    #[error("hash rate that leaves the network (security.*)")]
    Security(#[from] SecurityError),
    /// The site has all of the network's hash rate, or more.
    #[error(
        "the site's rigs have {site_eh_s:.4} EH/s, and the network of which they are a part \
         {network_eh_s} EH/s: lower site.gross_mw, or correct network.hashrate_eh_s or \
         mining.efficiency_j_th"
    )]
    Site {
        /// Their hash rate.
        site_eh_s: f64,
        /// The network's.
        network_eh_s: f64,
    },
    /// The attacker has more hash rate than the network.
    #[error(
        "security.attacker_eh_s is {attacker_eh_s} EH/s, more than the network's {network_eh_s} \
         EH/s: lower it, or correct network.hashrate_eh_s"
    )]
    Attacker {
        /// The attacker's hash rate.
        attacker_eh_s: f64,
        /// The network's.
        network_eh_s: f64,
    },
}

/// Options of the computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Seed of the draws.
    pub seed: u64,
    /// The number of draws; 0 for none.
    pub draws: u32,
    /// The use that the tornado is about; otherwise the best one.
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
    /// The same as a number; a day as days since 1970-01-01.
    pub number: f64,
    /// Its unit.
    pub unit: &'static str,
    /// Its meaning.
    pub about: &'static str,
    /// Its range, as it is written.
    pub range: Option<[String; 2]>,
    /// The same as numbers.
    pub range_numbers: Option<[f64; 2]>,
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
    /// The verdict in a few figures.
    pub summary: Summary,
    /// The settings that are not numbers.
    pub settings: Settings,
    /// Prices of power, if the scenario names a file of them.
    pub prices: Option<Series>,
    /// The inputs, one for each parameter.
    pub inputs: Vec<Input>,
    /// Hashprice at the start, $/PH/day.
    pub hashprice_usd_per_ph_day: f64,
    /// The weakest evidence that it rests on.
    #[serde(rename = "hashprice_mark")]
    pub hashprice_evidence: Evidence,
    /// The outcome of each use.
    pub uses: Vec<Outcome>,
    /// The use that the tornado is about.
    pub answer: Use,
    /// How far its value lies above the best of the others, $/year.
    pub advantage_usd_per_year: f64,
    /// The weakest evidence that the answer rests on.
    #[serde(rename = "answer_mark")]
    pub answer_evidence: Evidence,
    /// The parameters that move the answer, the strongest first.
    pub tornado: Vec<Swing>,
    /// The uses in stated courses of price and hash rate.
    pub courses: Vec<Course>,
    /// Hosting by each deal that is offered; empty if nothing is let.
    pub deals: Vec<DealCase>,
    /// The results of the draws, if there are any.
    pub monte_carlo: Option<Drawn>,
    /// The hashprices at which rigs break even.
    pub surface: Surface,
    /// The stops of each use.
    pub curtailment: Curtailment,
    /// The effect on the network of hash rate that leaves.
    pub network: [NetworkImpact; 2],
}

impl SiteReport {
    /// The price of power with its adders at the start, $/MWh; of a load that never stops,
    /// where each hour has its own.
    pub fn power_price(&self) -> Option<(f64, Source)> {
        let input = |key: &str| self.inputs.iter().find(|input| input.key == key);
        let of_file = self.settings.prices.as_ref().zip(self.prices.as_ref());
        let (mut usd, mut source) = match of_file {
            Some((file, series)) if file.contract == Contract::Index => {
                let prices = &series.usd_per_mwh;
                let source = Source {
                    evidence: Evidence::Sourced,
                    text: format!("mean of {}", file.path),
                    date: None,
                };
                (prices.iter().sum::<f64>() / prices.len() as f64, source)
            }
            _ => {
                let input = input("power.price_usd_per_mwh")?;
                (input.number, input.source.clone())
            }
        };
        if let Some(adders) = input("power.adders_usd_per_mwh").filter(|of| of.number > 0.0) {
            usd += adders.number;
            source.evidence = source.evidence.max(adders.source.evidence);
        }
        Some((usd, source))
    }
}

/// Prices of power in consecutive intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The beginning of the first interval, in local time.
    pub first: String,
    /// The beginning of the last interval, in local time.
    pub last: String,
    /// The length of an interval, in hours.
    pub step_h: f64,
    /// The prices, $/MWh.
    pub usd_per_mwh: Vec<f64>,
}

impl Series {
    fn of(prices: &Prices) -> Self {
        let at = |index| prices.start(index).unwrap_or_default();
        Self {
            first: at(0),
            last: at(prices.intervals() - 1),
            step_h: prices.step_h(),
            usd_per_mwh: prices.usd_per_mwh().to_vec(),
        }
    }
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
    let curve = prices.and_then(Curve::of);
    let inputs = scenario.inputs(curve.as_ref());
    let found = Findings::of(scenario, prices)?;
    let answer = options.answer.unwrap_or_else(|| best(&found.uses));
    let uses = &scenario.settings.uses;
    let values = &scenario.values;
    // How far one use lies above another rests on both.
    let weakest = found.uses.iter().map(|of| of.evidence()[1]).max();
    let used: Vec<&str> = found
        .groups()
        .flat_map(Figures::list)
        .flat_map(|named| named.figure.from.iter().copied())
        // No figure rests on it but the draws.
        .chain((options.draws > 0).then_some("network.correlation"))
        .collect();
    let drawn = (options.draws > 0)
        .then(|| monte_carlo(uses, &inputs, values, options.seed, options.draws));
    let swings = tornado(answer, uses, &inputs, values);
    let best = best(&found.uses);
    let turns = match answer == best {
        true => swings.clone(),
        false => tornado(best, uses, &inputs, values),
    };
    let lets = uses.contains(&Use::Hosting) || uses.contains(&Use::Mixed);
    let listed = parameters().iter().zip(values);
    Ok(SiteReport {
        summary: summary(&found.uses, &inputs, values, drawn.as_ref(), &turns),
        prices: prices.map(Series::of),
        settings: scenario.settings.clone(),
        inputs: listed.map(|(of, value)| input(of, value, &used)).collect(),
        hashprice_usd_per_ph_day: found.surface.now,
        hashprice_evidence: network::evidence(values),
        answer,
        advantage_usd_per_year: tornado::answer(answer, uses, &inputs),
        answer_evidence: weakest.unwrap_or(Evidence::Exact),
        tornado: swings,
        courses: courses(uses, &inputs),
        deals: if lets {
            deals(&inputs, scenario.settings.hosting_deal)
        } else {
            Vec::new()
        },
        monte_carlo: drawn,
        surface: found.surface,
        curtailment: found.curtailment,
        network: found.network,
        uses: found.uses,
    })
}

fn input(parameter: &Parameter, value: &Value, used: &[&str]) -> Input {
    let written = |value| write(parameter.rule, value);
    Input {
        key: parameter.key,
        value: written(value.value),
        number: value.value,
        unit: parameter.unit,
        about: parameter.about,
        range: value.range.map(|ends| ends.map(written)),
        range_numbers: value.range,
        range_source: value.range_source.clone(),
        source: value.source.clone(),
        origin: value.origin.clone(),
        used: used.contains(&parameter.key),
    }
}
