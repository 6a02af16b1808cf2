//! Rigs: their earnings in a month, and their stops.

use crate::flow::Month;
use crate::inputs::Inputs;
use crate::network::{HOURS_PER_MONTH, Path};
use crate::parameters::Parameters;
use crate::prices::Cut;
use crate::settings::Contract;

/// Lengths of a stop, in hours, for which a threshold is tried: a price so far above the
/// earnings that a stop of that length pays for itself.
const STOPS_H: [f64; 7] = [24.0, 12.0, 6.0, 4.0, 3.0, 2.0, 1.0];

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
}

/// The existing rigs of the site.
pub fn existing_fleet(inputs: &Inputs) -> Fleet {
    let mining = &inputs.parameters.mining;
    Fleet {
        efficiency_j_th: mining.efficiency_j_th,
        pue: mining.pue,
        from_month: 0.0,
        until_month: mining.life_years * 12.0,
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

    /// Earnings of a MWh at the meter at a hashprice, after the pool's fee, $/MWh:
    /// hashprice (1 − fee) / (24 e PUE), in $/kWh, times 1000.
    pub fn value_usd_per_mwh(&self, inputs: &Inputs, hashprice: f64) -> f64 {
        let fee = inputs.parameters.mining.pool_fee;
        hashprice * (1.0 - fee) * 1000.0 / (24.0 * self.efficiency_j_th * self.pue)
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

    /// Cash flow of all months, for each MW at the meter. A part of the costs goes on while
    /// the rigs stop, for as long as a notice lasts.
    pub fn months(&self, inputs: &Inputs, path: &Path) -> Vec<Month> {
        let mining = &inputs.parameters.mining;
        let mut idle = 0.0;
        let of = |m: usize| {
            let active = overlap(m, self.from_month, self.until_month);
            let ready_mwh = mining.uptime * HOURS_PER_MONTH * active;
            let value = self.value_usd_per_mwh(inputs, path.hashprice[m]);
            let per_mwh = self.ready_mwh(inputs, value, inputs.power_growth(m));
            let mut month = per_mwh * ready_mwh;
            idle = if month.energy_mwh > 0.0 {
                0.0
            } else {
                idle + active
            };
            if idle <= mining.notice_months {
                month.opex_usd += ready_mwh * fixed_usd_per_mwh(inputs);
            }
            month
        };
        (0..inputs.months()).map(of).collect()
    }

    /// Cost of a stop with its restart, $ for each MW: wear, and power without revenue.
    pub fn stop_usd(&self, inputs: &Inputs, value_usd_per_mwh: f64) -> f64 {
        let mining = &inputs.parameters.mining;
        mining.stop_usd_per_mw + mining.restart_h * value_usd_per_mwh
    }

    /// Cash flow of a MWh for which the rigs are ready, without the costs that go on while
    /// they stop. Where power has a price in each interval they stop above the threshold
    /// that is best among those tried, which takes the cost of stops into account;
    /// otherwise while they lose money.
    pub fn ready_mwh(&self, inputs: &Inputs, value: f64, growth: f64) -> Month {
        let Parameters { mining, power, .. } = &inputs.parameters;
        let opex = mining.opex_usd_per_mwh - fixed_usd_per_mwh(inputs);
        let credit = self.credit_usd_per_mwh(inputs);
        // What a MWh leaves before its power.
        let left = value + credit - power.adders_usd_per_mwh - opex;
        let at = |cut: Cut| {
            let (bought_usd, sold_usd) = match inputs.prices {
                Some((_, Contract::Fixed)) => (
                    power.price_usd_per_mwh * growth,
                    (1.0 - cut.running) * cut.mean_stopped * growth,
                ),
                _ => (cut.running * cut.mean_running * growth, 0.0),
            };
            Month {
                revenue_usd: cut.running * value,
                energy_mwh: cut.running,
                power_usd: bought_usd + cut.running * power.adders_usd_per_mwh,
                credit_usd: cut.running * credit + sold_usd,
                opex_usd: cut.running * opex + cut.stops_per_h * self.stop_usd(inputs, value),
                capex_usd: 0.0,
            }
        };
        let Some((curve, _)) = inputs.prices else {
            return at(Cut::flat(inputs.flat_price(), left / growth));
        };
        let per_h = self.stop_usd(inputs, value);
        let beyond = STOPS_H.iter().map(|hours| left + per_h / hours);
        let thresholds = [f64::NEG_INFINITY, left, f64::INFINITY]
            .into_iter()
            .chain(beyond);
        let months = thresholds.map(|price| at(curve.cut(price / growth)));
        months.fold(
            Month {
                opex_usd: f64::INFINITY,
                ..Month::default()
            },
            |best, month| match month.income_usd() > best.income_usd() {
                true => month,
                false => best,
            },
        )
    }
}

/// Costs of a MWh besides power that go on while the rigs stop, $.
pub fn fixed_usd_per_mwh(inputs: &Inputs) -> f64 {
    let mining = &inputs.parameters.mining;
    mining.opex_usd_per_mwh * mining.opex_fixed_share
}
