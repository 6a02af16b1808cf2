//! At which price of power each use should stop, and over a series of prices how long
//! it does, what that saves and what it loses.

use serde::Serialize;

use crate::curtail::peaks::{PeakRule, avoided_peaks};
use crate::curtail::{self, Prices, UseError, ai_stop_cost};
use crate::flow::{Flow, Month};
use crate::inputs::{Inputs, PRICE_FILE};
use crate::keys;
use crate::line::{Line, Lines};
use crate::mining::fleet_there;
use crate::network::HOURS_PER_MONTH;
use crate::num::{Missing, Num};
use crate::settings::{PaidBy, Use};
use crate::uses::{fleet_newer, flow};

/// How many of the dearest hours are looked for, each in a month of its own: as many as
/// ERCOT charges transmission by.
const PEAKS: usize = 4;

/// When a use should stop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curtailed {
    /// Which use.
    pub kind: Use,
    /// Its name in tables.
    pub title: &'static str,
    /// Its figures.
    pub lines: Vec<Line>,
}

/// All uses, and what the prices cover.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curtailment {
    /// Days that the prices cover; absent without prices.
    pub covers_days: Option<f64>,
    /// Minutes of an interval.
    pub step_min: Option<f64>,
    /// Each use that can stop as a whole.
    pub uses: Vec<Curtailed>,
}

/// Every use of these but a mixed one, whose parts are uses of their own.
///
/// # Errors
/// [`UseError`]: figures that no market has.
pub fn curtailment(
    uses: &[Use],
    inputs: &Inputs,
    lines: &Lines,
    prices: Option<&Prices>,
) -> Result<Curtailment, UseError> {
    let alone = uses.iter().filter(|kind| **kind != Use::Mixed);
    let of = |kind: &Use| of(*kind, inputs, lines, prices);
    Ok(Curtailment {
        covers_days: prices.map(Prices::days),
        step_min: prices.map(|prices| prices.step_h() * 60.0),
        uses: alone.map(of).collect::<Result<_, _>>()?,
    })
}

/// What a MWh at the meter earns beyond all costs that stop with it, and what a stop
/// costs for each MW.
fn worth(kind: Use, inputs: &Inputs) -> Result<(Num, Num), Missing> {
    let opex = inputs.get(keys::MINING_OPEX_USD_PER_MWH);
    match kind {
        Use::KeepMining => Ok((
            fleet_there(inputs).value_usd_per_mwh(inputs, 0) - opex,
            Num::exact(0.0),
        )),
        Use::NewerAsics => {
            let fleet = fleet_newer(inputs);
            let first = fleet.from_month.value.floor() as usize;
            let value = fleet.value_usd_per_mwh(inputs, first) - opex;
            Ok((value.with(fleet.from_month), Num::exact(0.0)))
        }
        Use::Hosting if inputs.power_paid_by == PaidBy::Tenant => {
            Err("the tenant pays for power, and decides".into())
        }
        Use::Hosting | Use::GpuCloud | Use::Mixed => {
            let flow = flow(kind, inputs);
            let (revenue, hours) = first_month(&flow, inputs);
            if hours.value <= 0.0 {
                return Err(Missing {
                    why: "it does not run within the horizon",
                    deps: hours.deps,
                });
            }
            let per_mwh = revenue / hours;
            // Both grow alike with what is let.
            let per_mwh = match kind {
                Use::Hosting => per_mwh.without(&[inputs.get(keys::HOSTING_LEASED_SHARE)]),
                _ => per_mwh,
            };
            let per_h = revenue / HOURS_PER_MONTH;
            let restart = inputs.get(keys::CURTAILMENT_RESTART_H);
            let checkpoint = inputs.get(keys::CURTAILMENT_CHECKPOINT_H);
            let cost = ai_stop_cost(per_h.value, restart.value, checkpoint.value);
            let cost = cost.unwrap_or(f64::NAN);
            // Only what is lost besides the rent of the hours themselves.
            let stop_usd = per_h.map2(restart.with(checkpoint), |_, _| cost);
            Ok((per_mwh, stop_usd))
        }
    }
}

/// Revenue and MWh of the first whole month that runs.
fn first_month(flow: &Flow, inputs: &Inputs) -> (Num, Num) {
    let horizon = inputs.get(keys::FINANCE_HORIZON_YEARS);
    let month = flow.months.get(flow.first_months().start);
    let month = month.unwrap_or(&Month::NONE);
    (
        month.revenue_usd.with(horizon),
        month.energy_mwh.with(horizon),
    )
}

fn of(
    kind: Use,
    inputs: &Inputs,
    lines: &Lines,
    prices: Option<&Prices>,
) -> Result<Curtailed, UseError> {
    let curtailed = |lines| Curtailed {
        kind,
        title: kind.title(),
        lines,
    };
    let adders = inputs.get(keys::POWER_ADDERS_USD_PER_MWH);
    let (value, stop_usd) = match worth(kind, inputs) {
        Ok(worth) => worth,
        Err(missing) => {
            let none = |(id, label, unit, formula): Named| {
                lines.line_or(id, label, unit, Err(missing), formula)
            };
            return Ok(curtailed(vec![none(STOP_ABOVE), none(STOP_COST)]));
        }
    };
    let above = value - adders;
    let there =
        |(id, label, unit, formula): Named, number| lines.line(id, label, unit, number, formula);
    let mut all = vec![there(STOP_ABOVE, above), there(STOP_COST, stop_usd)];
    let Some(prices) = prices else {
        return Ok(curtailed(all));
    };
    let of = curtail::Use {
        value_usd_per_mwh: value.value,
        adders_usd_per_mwh: adders.value,
        stop_cost_usd_per_mw: stop_usd.value,
        min_stop_h: 0.0,
    };
    let (plan, report) = curtail::report(prices, &of)?;
    let rests = value.with(adders).with(stop_usd).deps | PRICE_FILE;
    let number = |value| Num { value, deps: rests };
    let mw = inputs.get(keys::SITE_GROSS_MW);
    let peaks = avoided_peaks(prices, &plan, PEAKS, PeakRule::DistinctMonths);
    let mean = report.mean_price_running_usd_per_mwh.map(number);
    all.extend([
        lines.line(
            "hours_stopped",
            "hours stopped",
            "h",
            number(report.hours_stopped),
            "the plan that gains most, prices known in advance",
        ),
        lines.line(
            "share_stopped",
            "share of hours",
            "%",
            number(100.0 * report.share_stopped),
            "hours stopped / hours",
        ),
        lines.line(
            "stops",
            "stops",
            "",
            number(report.stops as f64),
            "runs of intervals that are stopped",
        ),
        lines.line_or(
            "mean_price_running",
            "mean price while it runs",
            "$/MWh",
            mean.ok_or("it never runs".into()),
            "mean of the intervals that are not stopped",
        ),
        lines.line(
            "avoided_usd",
            "power not bought, or sold",
            "$",
            number(report.avoided_usd_per_mw) * mw,
            "MW x sum of the prices of stopped hours",
        ),
        lines.line(
            "lost_usd",
            "revenue lost",
            "$",
            number(report.revenue_lost_usd_per_mw) * mw,
            "MW x stopped hours x what a MWh earns",
        ),
        lines.line(
            "restarts_usd",
            "lost work and restarts",
            "$",
            number(report.stop_costs_usd_per_mw) * mw,
            "MW x stops x cost of a stop",
        ),
        lines.line(
            "gain_usd",
            "gained by stopping",
            "$",
            number(report.net_gain_usd_per_mw) * mw,
            "what is not bought, less both losses",
        ),
        lines.line(
            "peaks_missed",
            "dearest hours that it misses",
            "",
            number(peaks.avoided as f64),
            "by price; the grid's own peaks are set by load",
        ),
        lines.line(
            "peaks",
            "  of so many, one a month",
            "",
            Num {
                value: peaks.peaks.len() as f64,
                deps: PRICE_FILE,
            },
            "4 at most, fewer where the prices cover fewer months",
        ),
    ]);
    Ok(curtailed(all))
}

/// Id, label, unit and formula of a line.
type Named = (&'static str, &'static str, &'static str, &'static str);

const STOP_ABOVE: Named = (
    "stop_above",
    "stops above",
    "$/MWh",
    "what a MWh at the meter earns, less costs that stop with it and adders",
);

const STOP_COST: Named = (
    "stop_cost",
    "cost of a stop",
    "$/MW",
    "rent x (restart + half of the time between checkpoints); none for rigs, which have no state",
);
