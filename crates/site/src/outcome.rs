//! What a use of the site comes to.

use serde::Serialize;

use crate::break_even;
use crate::cloud::accelerators;
use crate::flow::{Flow, Month};
use crate::inputs::Inputs;
use crate::keys;
use crate::line::{Line, Lines};
use crate::mining::fleet_there;
use crate::num::{Missing, Num};
use crate::settings::{PaidBy, Use};
use crate::uses::{fleet_newer, flow};

/// A use with its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Which.
    pub kind: Use,
    /// Its name in tables.
    pub title: &'static str,
    /// Its figures.
    pub lines: Vec<Line>,
    /// Present value by what it is for, $: what comes in above zero.
    pub waterfall: Vec<Bar>,
    /// Sum of all money up to the end of each month, $.
    pub cumulative_usd: Vec<f64>,
}

/// A step of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What it is for.
    pub label: &'static str,
    /// Present value, $.
    pub usd: f64,
}

impl Outcome {
    /// A figure by its id.
    pub fn value(&self, id: &str) -> Option<f64> {
        self.lines.iter().find(|line| line.id == id)?.value
    }
}

/// A use set against keeping the rigs that are there, whose flow is `keep`, for each MW.
pub fn outcome(kind: Use, inputs: &Inputs, lines: &Lines, keep: &Flow) -> Outcome {
    let per_mw = flow(kind, inputs);
    let flow = per_mw.times(inputs.get(keys::SITE_GROSS_MW));
    let present = flow.present(inputs);
    let mut all = size(kind, inputs, lines);
    all.extend(year(kind, &flow, &per_mw, inputs, lines));
    all.extend(money(kind, &flow, &per_mw, inputs, lines, keep));
    all.extend(break_evens(kind, &per_mw, inputs, lines));
    Outcome {
        kind,
        title: kind.title(),
        lines: all,
        waterfall: waterfall(&present),
        cumulative_usd: flow.cumulative_usd().iter().map(|sum| sum.value).collect(),
    }
}

fn size(kind: Use, inputs: &Inputs, lines: &Lines) -> Vec<Line> {
    let gross_mw = inputs.get(keys::SITE_GROSS_MW);
    let share = inputs.get(keys::MIXED_HOSTING_SHARE);
    let critical = |key: usize| gross_mw / inputs.get(key);
    let load = |mw| {
        lines.line(
            "critical_mw",
            "critical IT load",
            "MW",
            mw,
            "gross MW / PUE",
        )
    };
    let hashes = |th_s: Num| {
        let eh_s = th_s / 1e6 * gross_mw;
        lines.line(
            "hashrate",
            "hash rate",
            "EH/s",
            eh_s,
            "critical MW / (J/TH)",
        )
    };
    match kind {
        Use::KeepMining => {
            let fleet = fleet_there(inputs);
            vec![load(gross_mw / fleet.pue), hashes(fleet.hashrate_th_s())]
        }
        Use::NewerAsics => {
            let fleet = fleet_newer(inputs);
            vec![load(gross_mw / fleet.pue), hashes(fleet.hashrate_th_s())]
        }
        Use::Hosting => vec![load(critical(keys::HOSTING_PUE))],
        Use::GpuCloud => {
            let count = accelerators(inputs) * gross_mw;
            vec![
                load(critical(keys::CLOUD_PUE)),
                lines.line(
                    "accelerators",
                    "accelerators",
                    "",
                    count,
                    "critical MW / kW for each",
                ),
            ]
        }
        Use::Mixed => {
            let mining = gross_mw / inputs.get(keys::MINING_PUE) * (1.0 - share);
            let mw = critical(keys::HOSTING_PUE) * share + mining;
            let fleet = fleet_there(inputs);
            vec![load(mw), hashes(fleet.hashrate_th_s() * (1.0 - share))]
        }
    }
}

fn year(kind: Use, flow: &Flow, per_mw: &Flow, inputs: &Inputs, lines: &Lines) -> Vec<Line> {
    let year = flow.first_year(inputs);
    let of = per_mw.first_year(inputs);
    let earned = of.revenue_usd / (of.energy_mwh * 1000.0);
    // Both grow alike with what is let.
    let earned = match kind {
        Use::Hosting => earned.without(&[inputs.get(keys::HOSTING_LEASED_SHARE)]),
        _ => earned,
    };
    let earned = match of.energy_mwh.value > 0.0 {
        true => Ok(earned),
        false => Err(Missing {
            why: "it does not run in its first year",
            deps: earned.deps,
        }),
    };
    vec![
        lines.line("revenue_usd", "revenue", "$/year", year.revenue_usd, "first twelve months that run; mining after the pool's fee"),
        lines.line("energy_mwh", "energy", "MWh/year", year.energy_mwh, "gross MW x hours that run"),
        lines.line("power_usd", "power paid", "$/year", year.power_usd, "MWh x (price + adders); none where the tenant pays"),
        lines.line("credit_usd", "credits", "$/year", year.credit_usd, "demand response: enrolled MW x $/MW-year; stopped MWh x their price under a fixed-price contract"),
        lines.line("opex_usd", "other cost", "$/year", year.opex_usd, "mining: MWh x $/MWh; hosting: rent x (1 - NOI margin); cloud: critical kW x $/kW-month"),
        lines.line("income_usd", "income", "$/year", year.income_usd(), "revenue + credits - power - other operating cost"),
        lines.line_or("earned_usd_per_kwh", "earned", "$/kWh", earned, "revenue / energy at the meter"),
    ]
}

fn money(
    kind: Use,
    flow: &Flow,
    per_mw: &Flow,
    inputs: &Inputs,
    lines: &Lines,
    keep: &Flow,
) -> Vec<Line> {
    let gross_mw = inputs.get(keys::SITE_GROSS_MW);
    let npv = flow.npv_usd(inputs);
    let payback = per_mw.payback_months(inputs);
    let mut all = vec![
        lines.line(
            "capex_usd",
            "capital",
            "$",
            flow.capex_usd(inputs),
            "what is bought until it runs, less what the rigs bring",
        ),
        lines.line(
            "months_to_power",
            "months to power",
            "",
            flow.months_to_power,
            "as given",
        ),
        lines.line_or(
            "payback_months",
            "payback",
            "months",
            payback,
            "month after which the sum of all money stays above zero, without interest",
        ),
        lines.line(
            "npv_usd",
            "NPV",
            "$",
            npv,
            "sum of each month's money / (1 + discount rate)^years",
        ),
    ];
    if kind != Use::KeepMining {
        all.push(lines.line(
            "npv_over_keep_usd",
            "NPV over keeping",
            "$",
            npv - keep.npv_usd(inputs) * gross_mw,
            "net present value less that of keep mining",
        ));
    }
    all
}

fn break_evens(kind: Use, per_mw: &Flow, inputs: &Inputs, lines: &Lines) -> Vec<Line> {
    let sold = break_even::sold(kind, inputs);
    let whole = match kind {
        Use::KeepMining => Err("nothing is spent but what running takes".into()),
        _ => break_even::npv_zero(kind, inputs, &sold),
    };
    let power = match (kind, inputs.power_paid_by) {
        (Use::Hosting, PaidBy::Tenant) => Err("the tenant pays for power".into()),
        (Use::Mixed, _) => Err("its parts stop at different prices: see theirs".into()),
        _ => break_even::power(kind, per_mw, inputs),
    };
    let mut all = vec![
        lines.line_or(
            "break_even_npv",
            sold.label,
            sold.unit,
            whole,
            "price, now, at which the net present value is zero",
        ),
        lines.line_or(
            "break_even_operating",
            "  running",
            sold.unit,
            break_even::operating(kind, per_mw, inputs),
            "price at which the first year's operating income is zero",
        ),
        lines.line_or(
            "break_even_power_usd_per_mwh",
            "break-even power",
            "$/MWh",
            power,
            "power price at which the first year's operating income is zero",
        ),
    ];
    if kind != Use::KeepMining {
        all.push(lines.line_or(
            "ties_hashprice",
            "ties with keep",
            "$/PH/day",
            break_even::ties_with_keeping(kind, inputs),
            "hashprice, now, at which keep mining has the same net present value",
        ));
    }
    all
}

fn waterfall(present: &Month) -> Vec<Bar> {
    let bar = |label, usd: Num| Bar {
        label,
        usd: usd.value,
    };
    vec![
        bar("revenue", present.revenue_usd),
        bar("credits", present.credit_usd),
        bar("power", -present.power_usd),
        bar("operating", -present.opex_usd),
        bar("capital", -present.capex_usd),
        bar("net present value", present.net_usd()),
    ]
}
