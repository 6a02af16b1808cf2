//! The figures of a use of the site.

use perwatt_table::Evidence;
use serde::Serialize;

use crate::break_even;
use crate::cloud::accelerators;
use crate::figure::{Figure, as_lines, figures, filled};
use crate::flow::{Flow, Month};
use crate::inputs::Inputs;
use crate::mining::{Fleet, existing_fleet, newer_fleet};
use crate::settings::Use;
use crate::uses::flow;

/// A use with its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The use.
    pub kind: Use,
    /// Its name in tables.
    pub title: &'static str,
    /// Its figures.
    #[serde(rename = "lines", serialize_with = "as_lines")]
    pub figures: UseFigures,
    /// Present value by purpose, $: income is above zero.
    pub waterfall: Vec<Bar>,
    /// Net cash flow up to the end of each month, summed, $.
    pub cumulative_usd: Vec<f64>,
}

/// A step of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Its purpose.
    pub label: &'static str,
    /// Present value, $.
    pub usd: f64,
}

impl Outcome {
    /// Net present value, $; negative infinity if there is none.
    pub fn npv_usd(&self) -> f64 {
        self.figures
            .horizon
            .npv_usd
            .value
            .unwrap_or(f64::NEG_INFINITY)
    }

    /// Its value over selling now, $/year of its life; 0 for selling now.
    pub fn annual_over_sell_usd(&self) -> f64 {
        let annual = self.figures.horizon.annual_over_sell_usd.as_ref();
        annual.map_or(0.0, |of| of.value.unwrap_or(f64::NEG_INFINITY))
    }

    /// The weakest evidence that both of these values rest on; that of the net present value
    /// for selling now, with which the others are compared.
    pub fn evidence(&self) -> [Evidence; 2] {
        let horizon = &self.figures.horizon;
        let annual = horizon.annual_over_sell_usd.as_ref();
        [
            horizon.npv_usd.evidence,
            annual.unwrap_or(&horizon.npv_usd).evidence,
        ]
    }
}

figures! {
    /// The figures of a use.
    UseFigures {
        /// The size of the use on the site.
        size: Size,
        /// The first twelve months that run, or fewer if the horizon ends before.
        first_year: FirstYear,
        /// The totals over the horizon.
        horizon: Horizon,
        /// Prices at which it breaks even.
        break_even: BreakEven,
    }

    /// The size of a use on the site.
    Size {
        /// Critical IT load, MW.
        critical_mw: Figure,
        /// Hash rate; only for rigs.
        hashrate: Option<Figure>,
        /// Number of accelerators; only for a cloud.
        accelerators: Option<Figure>,
    }

    /// The first twelve months that run, or fewer if the horizon ends before.
    FirstYear {
        /// Revenue, after a pool's fee.
        revenue_usd: Figure,
        /// Energy at the meter.
        energy_mwh: Figure,
        /// Power that the site's owner pays.
        power_usd: Figure,
        /// Payment for being ready to stop, and for power that is sold back.
        credit_usd: Figure,
        /// Other cost of running.
        opex_usd: Figure,
        /// Operating income.
        income_usd: Figure,
        /// Revenue of a kWh at the meter.
        earned_usd_per_kwh: Figure,
    }

    /// The totals of all months over the horizon.
    Horizon {
        /// Purchases until it runs.
        capex_usd: Figure,
        /// Months from the decision until it runs.
        months_to_power: Figure,
        /// Months until the spending is recovered.
        payback_months: Figure,
        /// Net present value.
        npv_usd: Figure,
        /// The same less that of selling now; absent for selling now itself.
        npv_over_sell_usd: Option<Figure>,
        /// Years for which it occupies the site.
        life_years: Figure,
        /// The value over selling now as an annuity over its life; absent for selling now.
        annual_over_sell_usd: Option<Figure>,
    }

    /// Prices at which a use breaks even.
    BreakEven {
        /// Price of its product at which the net present value is zero.
        break_even_npv: Figure,
        /// Price of its product at which the first year's income is zero.
        break_even_operating: Figure,
        /// Power price at which the first year's income is zero.
        break_even_power_usd_per_mwh: Figure,
        /// Hashprice at which keep mining is worth as much; absent for keep mining itself and for
        /// a sale.
        ties_hashprice: Option<Figure>,
    }
}

/// The outcome of a use compared with selling the rigs now, which brings `sell` for each MW
/// at the meter. Break-even prices that are `known` for other inputs are only checked.
pub fn outcome(kind: Use, inputs: &Inputs, sell: f64, known: Option<&BreakEven>) -> Outcome {
    let per_mw = flow(kind, inputs);
    let flow = per_mw.times(inputs.parameters.site.gross_mw);
    Outcome {
        kind,
        title: kind.title(),
        figures: UseFigures {
            size: size(kind, inputs),
            first_year: first_year(&flow, &per_mw),
            horizon: horizon(kind, &flow, &per_mw, inputs, sell),
            break_even: break_evens(kind, &per_mw, inputs, known),
        },
        waterfall: waterfall(&flow.present(inputs)),
        cumulative_usd: flow.cumulative_usd(),
    }
}

fn size(kind: Use, inputs: &Inputs) -> Size {
    let parameters = &inputs.parameters;
    let gross_mw = parameters.site.gross_mw;
    let share = parameters.mixed.hosting_share;
    let hosted_mw = gross_mw / parameters.hosting.pue;
    let mined_mw = |fleet: &Fleet| gross_mw / fleet.pue;
    let eh_s = |fleet: &Fleet| fleet.hashrate_th_s() / 1e6 * gross_mw;
    let (critical_mw, hashrate_eh_s, count) = match kind {
        Use::KeepMining => {
            let fleet = existing_fleet(inputs);
            (mined_mw(&fleet), Some(eh_s(&fleet)), None)
        }
        Use::NewerAsics => {
            let fleet = newer_fleet(inputs);
            (mined_mw(&fleet), Some(eh_s(&fleet)), None)
        }
        Use::SellNow => (0.0, None, None),
        Use::Hosting => (hosted_mw, None, None),
        Use::GpuCloud => {
            let count = accelerators(inputs) * gross_mw;
            (gross_mw / parameters.cloud.pue, None, Some(count))
        }
        Use::Mixed => {
            let fleet = existing_fleet(inputs);
            let mw = hosted_mw * share + mined_mw(&fleet) * (1.0 - share);
            let eh_s = fleet.hashrate_th_s() * (1.0 - share) / 1e6 * gross_mw;
            (mw, Some(eh_s), None)
        }
    };
    Size {
        critical_mw: Figure::new("critical IT load", "MW", critical_mw, "gross MW / PUE"),
        hashrate: hashrate_eh_s
            .map(|eh_s| Figure::new("hash rate", "EH/s", eh_s, "critical MW / (J/TH)")),
        accelerators: count
            .map(|count| Figure::new("accelerators", "", count, "critical MW / kW for each")),
    }
}

fn first_year(flow: &Flow, per_mw: &Flow) -> FirstYear {
    let year = flow.first_year();
    let of = per_mw.first_year();
    let earned = match of.energy_mwh > 0.0 {
        true => Ok(of.revenue_usd / (of.energy_mwh * 1000.0)),
        false => Err("it does not run in its first year"),
    };
    filled!(FirstYear {
        revenue_usd: "revenue" "$/year" "first twelve months that run; mining after the pool's fee"
            = year.revenue_usd,
        energy_mwh: "energy" "MWh/year" "gross MW x hours that run" = year.energy_mwh,
        power_usd: "power paid" "$/year" "MWh x (price + adders); with hourly prices rigs stop in those that cost more than they earn; none where the tenant pays"
            = year.power_usd,
        credit_usd: "credits" "$/year" "demand response: enrolled MW x $/MW-year; stopped MWh x their price under a fixed-price contract"
            = year.credit_usd,
        opex_usd: "other cost" "$/year" "mining: MWh x $/MWh, of which a share goes on while rigs stop, and restarts; hosting: rent x (1 - NOI margin) and SLA credits; cloud: critical kW x $/kW-month + a share of revenue"
            = year.opex_usd,
        income_usd: "income" "$/year" "revenue + credits - power - other operating cost" = year.income_usd(),
        earned_usd_per_kwh: "earned" "$/kWh" "revenue / energy at the meter" = earned,
    })
}

fn horizon(kind: Use, flow: &Flow, per_mw: &Flow, inputs: &Inputs, sell: f64) -> Horizon {
    let npv = flow.npv_usd(inputs);
    let sell = sell * inputs.parameters.site.gross_mw;
    let over = (kind != Use::SellNow).then_some(npv - sell);
    filled!(Horizon {
        capex_usd: "capital" "$" "what is bought until it runs, less what the rigs bring" = flow.capex_usd(),
        months_to_power: "months to power" "" "as given" = flow.months_to_power,
        payback_months: "payback" "months" "month after which the sum of all money stays above zero, without interest"
            = per_mw.payback_months(),
        npv_usd: "NPV" "$" "sum of each month's money / (1 + discount rate)^years" = npv,
        life_years: "life" "years" "until its rigs, its lease or its cards end, at most the horizon"
            = flow.life_years,
        .. npv_over_sell_usd: over.map(|over| Figure::new(
            "NPV over selling", "$", over, "net present value less that of selling the rigs now",
        )),
        .. annual_over_sell_usd: over.map(|_| Figure::new(
            "over selling", "$/year", flow.annual_over_usd(sell, inputs),
            "NPV over selling x r / (1 - (1 + r)^-life): uses of unequal lives compare by it",
        )),
    })
}

fn break_evens(kind: Use, per_mw: &Flow, inputs: &Inputs, known: Option<&BreakEven>) -> BreakEven {
    let unit = break_even::sold(kind, inputs).unit;
    let tie = known.map(|of| of.ties_hashprice.as_ref()?.value);
    filled!(BreakEven {
        break_even_npv: "break-even" unit "price, now, at which the net present value is zero"
            = break_even::npv_zero(kind, inputs, known.map(|of| of.break_even_npv.value)),
        break_even_operating: "running" unit "price at which the first year's operating income is zero"
            = break_even::operating(kind, per_mw, inputs); as_detail,
        break_even_power_usd_per_mwh: "break-even power" "$/MWh" "power price at which the first year's operating income is zero"
            = break_even::power(kind, per_mw, inputs),
        .. ties_hashprice: (!matches!(kind, Use::KeepMining | Use::SellNow)).then(|| Figure::new(
            "ties keep", "$/PH/day", break_even::ties_with_keeping(kind, inputs, tie),
            "hashprice, now, at which keep mining has the same net present value",
        )),
    })
}

fn waterfall(present: &Month) -> Vec<Bar> {
    let bar = |label, usd| Bar { label, usd };
    vec![
        bar("revenue", present.revenue_usd),
        bar("credits", present.credit_usd),
        bar("power", -present.power_usd),
        bar("operating", -present.opex_usd),
        bar("capital", -present.capex_usd),
        bar("net present value", present.net_usd()),
    ]
}
