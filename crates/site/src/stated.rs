//! Stated cases beside the draws: courses of price and hash rate, and deals of hosting.

use serde::Serialize;

use crate::inputs::Inputs;
use crate::offers::{DEALS, Offer, Term};
use crate::parameters::{index_of, parameters};
use crate::settings::Use;
use crate::uses::{annual_over_sell, flow};

/// A course of price, fees and hash rate: growth of the price of a bitcoin and of the hash
/// rate, and fees, each in the unit of its parameter. Growth is limited as ever.
const COURSES: [(&str, [f64; 3]); 3] = [
    ("flat", [0.0, 0.0, 0.087]),
    ("boom", [0.4, 0.5, 0.3]),
    ("collapse", [-0.4, -0.13, 0.03]),
];

/// The parameters that a course sets.
const SET: [&str; 3] = [
    "network.btc_growth_per_year",
    "network.hashrate_growth_per_year",
    "network.fees_btc_per_block",
];

/// A use in a stated case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Case {
    /// The use.
    pub kind: Use,
    /// Net present value, $.
    pub npv_usd: f64,
    /// Value over selling now as an annuity over its life, $/year.
    pub annual_over_sell_usd: f64,
}

/// The uses in a stated course.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// Its name.
    pub name: &'static str,
    /// The parameters that it sets.
    pub set: Vec<(&'static str, f64)>,
    /// Each use.
    pub uses: Vec<Case>,
}

/// Hosting at this site by a deal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DealCase {
    /// The name of the deal in scenarios.
    pub id: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// The day of its publication.
    pub date: &'static str,
    /// Its figures.
    pub terms: &'static [Term],
    /// Parameters that it does not publish.
    pub missing: &'static [&'static str],
    /// Hosting on these terms; absent if some are not published and the scenario, which
    /// takes another deal, does not state them.
    pub hosting: Option<Case>,
}

fn cases(uses: &[Use], inputs: &Inputs) -> Vec<Case> {
    let gross_mw = inputs.parameters.site.gross_mw;
    let all = uses.iter().zip(annual_over_sell(uses, inputs));
    all.map(|(kind, annual)| Case {
        kind: *kind,
        npv_usd: flow(*kind, inputs).npv_usd(inputs) * gross_mw,
        annual_over_sell_usd: annual,
    })
    .collect()
}

fn put(inputs: &mut Inputs, key: &str, value: f64) {
    if let Some(at) = index_of(key) {
        *(parameters()[at].of)(&mut inputs.parameters) = value;
    }
}

/// The uses in each stated course.
pub fn courses(uses: &[Use], inputs: &Inputs) -> Vec<Course> {
    let of = |(name, values): &(&'static str, [f64; 3])| {
        let mut inputs = *inputs;
        let set: Vec<(&str, f64)> = SET.into_iter().zip(*values).collect();
        for (key, value) in &set {
            put(&mut inputs, key, *value);
        }
        Course {
            name,
            uses: cases(uses, &inputs),
            set,
        }
    };
    COURSES.iter().map(of).collect()
}

/// Hosting at this site by each deal that is offered. What the deal named `chosen` does not
/// publish the scenario states.
pub fn deals(inputs: &Inputs, chosen: &str) -> Vec<DealCase> {
    let of = |deal: &Offer| {
        let mut inputs = *inputs;
        for term in deal.terms {
            put(&mut inputs, term.key, term.value);
        }
        let complete = deal.missing.is_empty() || deal.title == chosen;
        DealCase {
            id: deal.id,
            title: deal.title,
            date: deal.date,
            terms: deal.terms,
            missing: deal.missing,
            hosting: complete.then(|| cases(&[Use::Hosting], &inputs)[0]),
        }
    };
    DEALS.iter().map(of).collect()
}
