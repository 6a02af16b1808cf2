//! The verdict in a few figures, for an answer of one screen.

use perwatt_table::Evidence;
use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::{Inputs, PriceScale};
use crate::monte_carlo::Drawn;
use crate::network;
use crate::outcome::Outcome;
use crate::parameter::Value;
use crate::parameters::index_of;
use crate::settings::Use;
use crate::tornado::{Swing, answer, crossing};

/// The share of draws in which a use must be best for a verdict.
pub const CLEAR: f64 = 2.0 / 3.0;

/// The largest change of a price that is searched for a turn: this factor up and down.
const FARTHEST: f64 = 20.0;

/// What the site should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Keep mining.
    Keep,
    /// Sell the rigs now.
    Sell,
    /// Buy newer rigs.
    Newer,
    /// Let a shell.
    Host,
    /// Rent out accelerators.
    Cloud,
    /// Let a part, and mine with the rest.
    Mixed,
    /// No use wins a clear majority of the draws, or another is best at the values given.
    Unclear,
}

impl Verdict {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "KEEP",
            Self::Sell => "SELL",
            Self::Newer => "NEWER",
            Self::Host => "HOST",
            Self::Cloud => "CLOUD",
            Self::Mixed => "MIXED",
            Self::Unclear => "UNCLEAR",
        }
    }
}

impl From<Use> for Verdict {
    fn from(kind: Use) -> Self {
        match kind {
            Use::KeepMining => Self::Keep,
            Use::SellNow => Self::Sell,
            Use::NewerAsics => Self::Newer,
            Use::Hosting => Self::Host,
            Use::GpuCloud => Self::Cloud,
            Use::Mixed => Self::Mixed,
        }
    }
}

/// The verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The word.
    pub verdict: Verdict,
    /// The share of draws in which the use that is best most often is; absent without draws.
    pub confidence: Option<f64>,
    /// The use that is best most often, or without draws at the values given.
    pub likeliest: Use,
    /// The use that is best at the values given.
    pub best: Use,
    /// Each use.
    pub uses: Vec<UseSummary>,
    /// Parameters that change which use is best at the values given, each within its range.
    pub turns: Vec<Turn>,
}

/// A use in a few figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UseSummary {
    /// The use.
    pub kind: Use,
    /// Net present value, $.
    pub npv_usd: f64,
    /// The weakest evidence that it rests on.
    #[serde(rename = "npv_mark")]
    pub npv_evidence: Evidence,
    /// Value over selling now as an annuity over its life, $/year: what uses compare by.
    pub annual_over_sell_usd: f64,
    /// The weakest evidence that it rests on.
    #[serde(rename = "annual_over_sell_mark")]
    pub annual_over_sell_evidence: Evidence,
    /// The share of draws in which it is best; absent without draws.
    pub best_share: Option<f64>,
    /// The price of its product at which it becomes best, or ceases to be; absent if no
    /// price within a factor of 20 does.
    pub turn: Option<Turn>,
}

/// A value of an input at which the answer changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// The input.
    pub key: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its value now.
    pub now: f64,
    /// The weakest evidence that it rests on.
    #[serde(rename = "now_mark")]
    pub now_evidence: Evidence,
    /// Its value at which the answer changes.
    pub at: f64,
    /// The weakest evidence that it rests on: that of the values of all uses.
    #[serde(rename = "at_mark")]
    pub at_evidence: Evidence,
}

/// The summary of these outcomes, draws and swings of the best use.
pub fn summary(
    outcomes: &[Outcome],
    inputs: &Inputs,
    values: &[Value],
    drawn: Option<&Drawn>,
    swings: &[Swing],
) -> Summary {
    let uses: Vec<Use> = outcomes.iter().map(|of| of.kind).collect();
    let drawn = drawn.map_or(&[][..], |drawn| &drawn.uses);
    let share = |kind: Use| Some(drawn.iter().find(|of| of.kind == kind)?.best);
    let best = best(outcomes);
    let most = drawn.iter().max_by(|a, b| a.best.total_cmp(&b.best));
    let likeliest = most.map_or(best, |of| of.kind);
    let confidence = share(likeliest);
    let clear = likeliest == best && confidence.is_none_or(|share| share >= CLEAR);
    let weakest = outcomes.iter().map(|of| of.evidence()[1]).max();
    let at_evidence = weakest.unwrap_or(Evidence::Exact);
    let turned = swings.iter().filter_map(|swing| {
        let of = &values[index_of(swing.key)?];
        Some(Turn {
            key: swing.key,
            unit: swing.unit,
            now: of.value,
            now_evidence: of.source.evidence,
            at: swing.turns_at?,
            at_evidence,
        })
    });
    Summary {
        verdict: if clear { best.into() } else { Verdict::Unclear },
        confidence,
        likeliest,
        best,
        uses: outcomes
            .par_iter()
            .map(|of| UseSummary {
                kind: of.kind,
                npv_usd: of.npv_usd(),
                npv_evidence: of.evidence()[0],
                annual_over_sell_usd: of.annual_over_sell_usd(),
                annual_over_sell_evidence: of.evidence()[1],
                best_share: share(of.kind),
                turn: turn(of.kind, &uses, inputs, values, at_evidence),
            })
            .collect(),
        turns: turned.collect(),
    }
}

/// The use that is worth most at the values given.
pub fn best(outcomes: &[Outcome]) -> Use {
    outcomes
        .iter()
        .max_by(|a, b| {
            a.annual_over_sell_usd()
                .total_cmp(&b.annual_over_sell_usd())
        })
        .map_or(Use::KeepMining, |of| of.kind)
}

/// The nearest price of a use's product at which it becomes best, or ceases to be.
fn turn(
    kind: Use,
    uses: &[Use],
    inputs: &Inputs,
    values: &[Value],
    at_evidence: Evidence,
) -> Option<Turn> {
    let sold = crate::break_even::sold(kind, inputs);
    let wins = |ln: f64| {
        let scale: PriceScale = (sold.scale)(ln.exp());
        answer(kind, uses, &Inputs { scale, ..*inputs }) > 0.0
    };
    let now = wins(0.0);
    let step = FARTHEST.ln() / 30.0;
    let near = (1..=30).flat_map(|i| [1.0, -1.0].map(|sign| sign * step * f64::from(i)));
    let there = near.into_iter().find(|ln| wins(*ln) != now)?;
    let before = there - step * there.signum();
    let at = crossing(before, there, |ln| wins(ln) == now);
    Some(Turn {
        key: sold.key,
        unit: sold.unit,
        now: sold.price,
        // What is no parameter is the hashprice.
        now_evidence: index_of(sold.key)
            .map_or_else(|| network::evidence(values), |i| values[i].source.evidence),
        at: sold.price * at.exp(),
        at_evidence,
    })
}
