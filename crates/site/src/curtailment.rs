//! The power price above which each use should stop and, over a series of prices, the time
//! stopped, the savings and the losses.

use serde::Serialize;

use crate::break_even::Found;
use crate::curtail::peaks::{PeakRule, avoided_peaks};
use crate::curtail::{self, Prices, UseError, ai_stop_cost};
use crate::figure::{Figure, as_lines, figures, filled};
use crate::inputs::Inputs;
use crate::mining::{Fleet, existing_fleet, fixed_usd_per_mwh, newer_fleet};
use crate::network::{HOURS_PER_MONTH, hashprice};
use crate::parameters::Parameters;
use crate::settings::Use;
use crate::uses::flow;

/// The number of most expensive hours sought, each in a month of its own: as many as ERCOT
/// charges transmission by.
const PEAKS: usize = 4;

/// The stops of a use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curtailed {
    /// The use.
    pub kind: Use,
    /// Its name in tables.
    pub title: &'static str,
    /// Its figures.
    #[serde(rename = "lines", serialize_with = "as_lines")]
    pub figures: StopFigures,
}

/// The stops of all uses, and the extent of the prices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curtailment {
    /// Days that the prices cover; absent without prices.
    pub covers_days: Option<f64>,
    /// The length of an interval, in minutes; absent without prices.
    pub step_min: Option<f64>,
    /// Each use that can stop as a whole.
    pub uses: Vec<Curtailed>,
}

impl Curtailment {
    /// The days of prices, where fewer than a year's stand for every year.
    pub fn extrapolated_days(&self) -> Option<f64> {
        self.covers_days.filter(|days| *days < 365.0)
    }
}

figures! {
    /// The stopping price and the stops of a use.
    StopFigures {
        /// The power price above which it should stop.
        stop_above: Figure,
        /// The cost of a stop.
        stop_cost: Figure,
        /// The cost of an hour in which a tenant has no power; absent where nothing is let.
        sla_breach: Option<Figure>,
        /// The best plan of stops; absent without prices.
        plan: Option<PlanFigures>,
    }

    /// The best plan of stops over a series of prices.
    PlanFigures {
        /// Hours stopped.
        hours_stopped: Figure,
        /// The share of hours stopped.
        share_stopped: Figure,
        /// The number of stops.
        stops: Figure,
        /// Mean price of power while it runs.
        mean_price_running: Figure,
        /// The value of power not bought, or sold.
        avoided_usd: Figure,
        /// Revenue lost.
        lost_usd: Figure,
        /// The cost of lost work and restarts.
        restarts_usd: Figure,
        /// Gain by stopping.
        gain_usd: Figure,
        /// The number of most expensive hours in which it is stopped.
        peaks_missed: Figure,
        /// The number of most expensive hours found.
        peaks: Figure,
    }
}

/// The stops of all `uses` except a mixed one, whose parts are uses of their own, and a
/// sale.
///
/// # Errors
/// [`UseError`]: figures beyond those of any market.
pub fn curtailment(
    uses: &[Use],
    inputs: &Inputs,
    prices: Option<&Prices>,
) -> Result<Curtailment, UseError> {
    let whole = uses
        .iter()
        .filter(|kind| !matches!(kind, Use::Mixed | Use::SellNow));
    let of = |kind: &Use| {
        Ok(Curtailed {
            kind: *kind,
            title: kind.title(),
            figures: figures_of(*kind, inputs, prices)?,
        })
    };
    Ok(Curtailment {
        covers_days: prices.map(Prices::days),
        step_min: prices.map(|prices| prices.step_h() * 60.0),
        uses: whole.map(of).collect::<Result<_, _>>()?,
    })
}

/// The earnings of running, and the cost of a stop.
struct Worth {
    /// Earnings of a MWh at the meter, less all costs that stop with it, $.
    per_mwh_usd: f64,
    /// Cost of a stop for each MW, $.
    stop_usd: f64,
}

fn worth(kind: Use, inputs: &Inputs) -> Result<Worth, &'static str> {
    let Parameters {
        cloud, curtailment, ..
    } = &inputs.parameters;
    let rigs = |fleet: Fleet| {
        let first = fleet.from_month.floor() as usize;
        let value = fleet.value_usd_per_mwh(inputs, hashprice(inputs, first));
        let stays = fixed_usd_per_mwh(inputs);
        Ok(Worth {
            per_mwh_usd: value - (inputs.parameters.mining.opex_usd_per_mwh - stays),
            stop_usd: fleet.stop_usd(inputs, value),
        })
    };
    match kind {
        Use::KeepMining => rigs(existing_fleet(inputs)),
        Use::NewerAsics => rigs(newer_fleet(inputs)),
        Use::Hosting => Err("the tenant decides: under its SLA the landlord may not stop it"),
        Use::SellNow | Use::Mixed => Err("it does not stop as a whole"),
        Use::GpuCloud => {
            let flow = flow(kind, inputs);
            let first = flow.months.get(flow.first_months().start);
            let month = first.copied().unwrap_or_default();
            if month.energy_mwh <= 0.0 {
                return Err("it does not run within the horizon");
            }
            // Sales and software go with revenue.
            let share = 1.0 - cloud.opex_share;
            let per_h = month.revenue_usd * share / HOURS_PER_MONTH;
            let cost = ai_stop_cost(per_h, curtailment.restart_h, curtailment.checkpoint_h);
            Ok(Worth {
                per_mwh_usd: month.revenue_usd * share / month.energy_mwh,
                // Only the loss besides the rent of the stopped hours.
                stop_usd: cost.unwrap_or(f64::NAN),
            })
        }
    }
}

fn figures_of(
    kind: Use,
    inputs: &Inputs,
    prices: Option<&Prices>,
) -> Result<StopFigures, UseError> {
    let adders = inputs.parameters.power.adders_usd_per_mwh;
    let worth = worth(kind, inputs);
    let of = |part: fn(&Worth) -> f64| -> Found { worth.as_ref().map(part).map_err(|why| *why) };
    let above = of(|worth| worth.per_mwh_usd).map(|value| value - adders);
    let hosting = &inputs.parameters.hosting;
    let rent = hosting.rent_usd_per_kw_month * 1000.0 / hosting.pue / HOURS_PER_MONTH;
    let breach = rent * hosting.sla_credit_h;
    let plan = match (&worth, prices) {
        (Ok(worth), Some(prices)) => Some(plan(worth, inputs, prices)?),
        _ => None,
    };
    Ok(filled!(StopFigures {
        stop_above: "stops above" "$/MWh" "what a MWh at the meter earns, less costs that stop with it and adders"
            = above,
        stop_cost: "cost of a stop" "$/MW" "rigs: wear + restart hours x what they earn; cloud: rent x (restart + half of the time between checkpoints)"
            = of(|worth| worth.stop_usd),
        .. sla_breach: (kind == Use::Hosting).then(|| Figure::new(
            "an hour without power costs", "$/MW", breach,
            "rent of a MW at the meter for an hour x hours of rent credited",
        )),
        .. plan: plan,
    }))
}

fn plan(worth: &Worth, inputs: &Inputs, prices: &Prices) -> Result<PlanFigures, UseError> {
    let of = curtail::Use {
        value_usd_per_mwh: worth.per_mwh_usd,
        adders_usd_per_mwh: inputs.parameters.power.adders_usd_per_mwh,
        stop_cost_usd_per_mw: worth.stop_usd,
        min_stop_h: 0.0,
    };
    let (plan, report) = curtail::report(prices, &of)?;
    let mw = inputs.parameters.site.gross_mw;
    let peaks = avoided_peaks(prices, &plan, PEAKS, PeakRule::DistinctMonths);
    let mean = report.mean_price_running_usd_per_mwh;
    Ok(filled!(PlanFigures {
        hours_stopped: "hours stopped" "h" "the plan that gains most, prices known in advance"
            = report.hours_stopped,
        share_stopped: "share of hours" "%" "hours stopped / hours" = 100.0 * report.share_stopped,
        stops: "stops" "" "runs of intervals that are stopped" = report.stops as f64,
        mean_price_running: "mean price while it runs" "$/MWh" "mean of the intervals that are not stopped"
            = mean.ok_or("it never runs"),
        avoided_usd: "power not bought, or sold" "$" "MW x sum of the prices of stopped hours"
            = report.avoided_usd_per_mw * mw,
        lost_usd: "revenue lost" "$" "MW x stopped hours x what a MWh earns"
            = report.revenue_lost_usd_per_mw * mw,
        restarts_usd: "lost work and restarts" "$" "MW x stops x cost of a stop"
            = report.stop_costs_usd_per_mw * mw,
        gain_usd: "gained by stopping" "$" "what is not bought, less both losses"
            = report.net_gain_usd_per_mw * mw,
        peaks_missed: "dearest hours that it misses" "" "by price; the grid's own peaks are set by load"
            = peaks.avoided as f64,
        peaks: "of so many, one a month" "" "4 at most, fewer where the prices cover fewer months"
            = peaks.peaks.len() as f64; as_detail,
    }))
}
