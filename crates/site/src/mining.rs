//! Rigs: their earnings in a month, and their stops.

use crate::flow::Month;
use crate::inputs::Inputs;
use crate::network::{HOURS_PER_MONTH, hashprice};
use crate::parameters::Parameters;
use crate::prices::Curve;
use crate::settings::Contract;

/// A fleet of one kind of rig, for each MW at the meter.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    /// Efficiency, J/TH.
    pub efficiency_j_th: f64,
    /// Power at the meter over power of the rigs.
    pub pue: f64,
    /// Months after the decision at which it starts.
    pub from_month: f64,
    /// Months after the decision at which it ends.
    pub until_month: f64,
    /// True if it stops by the price of each interval, if there are such prices.
    pub curtailed: bool,
}

/// The existing rigs of the site.
pub fn existing_fleet(inputs: &Inputs) -> Fleet {
    let mining = &inputs.parameters.mining;
    Fleet {
        efficiency_j_th: mining.efficiency_j_th,
        pue: mining.pue,
        from_month: 0.0,
        until_month: mining.life_years * 12.0,
        curtailed: false,
    }
}

/// The newer rigs.
pub fn newer_fleet(inputs: &Inputs) -> Fleet {
    let newer = &inputs.parameters.newer;
    Fleet {
        efficiency_j_th: newer.efficiency_j_th,
        pue: newer.pue,
        from_month: newer.months_to_power,
        until_month: newer.months_to_power + newer.life_years * 12.0,
        curtailed: false,
    }
}

/// The part of a month, 0 to 1, that lies between the times `from` and `until`, in months.
pub fn overlap(month: usize, from: f64, until: f64) -> f64 {
    let (first, last) = (month as f64, month as f64 + 1.0);
    (until.min(last) - from.max(first)).max(0.0)
}

impl Fleet {
    /// Hash rate when all of it runs, TH/s for each MW at the meter: power of the rigs
    /// over J/TH.
    pub fn hashrate_th_s(&self) -> f64 {
        1e6 / (self.pue * self.efficiency_j_th)
    }

    /// Earnings of a MWh at the meter in a month, after the pool's fee, $/MWh:
    /// hashprice (1 − fee) / (24 e PUE), in $/kWh, times 1000.
    pub fn value_usd_per_mwh(&self, inputs: &Inputs, month: usize) -> f64 {
        let fee = inputs.parameters.mining.pool_fee;
        hashprice(inputs, month) * (1.0 - fee) * 1000.0 / (24.0 * self.efficiency_j_th * self.pue)
    }

    /// Payment for being ready to stop, $ for each MWh if it runs all the time that it can.
    pub fn credit_usd_per_mwh(&self, inputs: &Inputs) -> f64 {
        let Parameters {
            demand_response,
            mining,
            ..
        } = &inputs.parameters;
        demand_response.enrolled_share * demand_response.usd_per_mw_year
            / (12.0 * HOURS_PER_MONTH * mining.uptime)
    }

    /// Cash flow of a month, for each MW at the meter. The fleet runs only while its
    /// earnings, with the payment for being ready, exceed its costs.
    pub fn month(&self, inputs: &Inputs, month: usize) -> Month {
        let Parameters { mining, power, .. } = &inputs.parameters;
        let active = overlap(month, self.from_month, self.until_month);
        let ready_mwh = mining.uptime * HOURS_PER_MONTH * active;
        let credit = self.credit_usd_per_mwh(inputs);
        let credit_usd = ready_mwh * credit;
        let value = self.value_usd_per_mwh(inputs, month);
        let besides = power.adders_usd_per_mwh + mining.opex_usd_per_mwh;
        if let Some((curve, contract)) = inputs.prices.filter(|_| self.curtailed) {
            let growth = inputs.power_growth(month);
            let by = ByPrice {
                curve,
                contract,
                growth,
            };
            let mut found = by.month(inputs, ready_mwh, value, besides);
            found.credit_usd += credit_usd;
            return found;
        }
        let price = inputs.flat_price() * inputs.power_growth(month);
        // If its earnings do not cover all of its costs, it stops for the month.
        let left = value - price - besides + credit;
        if left > 0.0 {
            Month {
                revenue_usd: ready_mwh * value,
                energy_mwh: ready_mwh,
                power_usd: ready_mwh * (price + power.adders_usd_per_mwh),
                credit_usd,
                opex_usd: ready_mwh * mining.opex_usd_per_mwh,
                capex_usd: 0.0,
            }
        } else {
            Month::default()
        }
    }
}

/// A load that stops in every interval in which it would lose money.
struct ByPrice<'a> {
    curve: &'a Curve,
    contract: Contract,
    growth: f64,
}

impl ByPrice<'_> {
    fn month(&self, inputs: &Inputs, ready_mwh: f64, value: f64, besides: f64) -> Month {
        let Parameters { mining, power, .. } = &inputs.parameters;
        let cut = self.curve.cut((value - besides) / self.growth);
        let running_mwh = ready_mwh * cut.running;
        let stopped_mwh = ready_mwh * (1.0 - cut.running);
        let (power_usd, credit_usd) = match self.contract {
            Contract::Index => (running_mwh * cut.mean_running * self.growth, 0.0),
            Contract::Fixed => (
                ready_mwh * inputs.flat_price() * self.growth,
                stopped_mwh * cut.mean_stopped * self.growth,
            ),
        };
        Month {
            revenue_usd: running_mwh * value,
            energy_mwh: running_mwh,
            power_usd: power_usd + running_mwh * power.adders_usd_per_mwh,
            credit_usd,
            opex_usd: running_mwh * mining.opex_usd_per_mwh,
            capex_usd: 0.0,
        }
    }
}
