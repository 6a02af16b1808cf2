//! Rigs: their earnings in a month, and their stops.

use crate::flow::Month;
use crate::inputs::{Inputs, years};
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
    /// rigs stop, until the fleet is closed.
    pub fn months(&self, inputs: &Inputs, path: &Path) -> Vec<Month> {
        let ready_mwh = inputs.parameters.mining.uptime * HOURS_PER_MONTH;
        let of = |m: usize| {
            let value = self.value_usd_per_mwh(inputs, path.hashprice[m]);
            let growth = inputs.power_growth(m);
            let mut open = self.ready_mwh(inputs, value, growth);
            open.opex_usd += fixed_usd_per_mwh(inputs);
            let closed = self.stopped_mwh(inputs, value, growth);
            [open, closed].map(|month| month * ready_mwh)
        };
        let last = (self.until_month.ceil() as usize).min(inputs.months());
        let mut months: Vec<[Month; 2]> = (0..last).map(of).collect();
        months.resize(inputs.months(), Default::default());
        let closing = self.closing(inputs, &months);
        let of = |(m, [open, closed]): (usize, &[Month; 2])| {
            let open = *open * overlap(m, self.from_month, closing);
            open + *closed * overlap(m, closing, self.until_month)
        };
        months.iter().enumerate().map(of).collect()
    }

    /// The time, in months, at which the fleet is closed: the one that leaves the most, with
    /// all prices known in advance and no sooner than a notice after its start. So a fleet
    /// is never worth more if something is dearer. `months` are those of an open and of a
    /// closed fleet.
    fn closing(&self, inputs: &Inputs, months: &[[Month; 2]]) -> f64 {
        let Parameters {
            finance, mining, ..
        } = &inputs.parameters;
        let soonest = (self.from_month + mining.notice_months).min(self.until_month);
        let mut best = (soonest, 0.0);
        // What closing later than that adds.
        let mut more_usd = 0.0;
        for (m, [open, closed]) in months.iter().enumerate().skip(soonest as usize) {
            let part = overlap(m, soonest, self.until_month);
            let usd = (open.income_usd() - closed.income_usd()) * part;
            more_usd += usd / (finance.discount_rate + 1.0).powf(years(m));
            if more_usd >= best.1 {
                best = (self.until_month.min(m as f64 + 1.0), more_usd);
            }
        }
        best.0
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
        let left = self.left_usd_per_mwh(inputs, value);
        let at = |price: f64| self.below_mwh(inputs, value, growth, price);
        if inputs.prices.is_none() {
            return at(left);
        }
        let per_h = self.stop_usd(inputs, value);
        let beyond = STOPS_H.iter().map(|hours| left + per_h / hours);
        let months = [left, f64::INFINITY].into_iter().chain(beyond).map(at);
        let stopped = self.stopped_mwh(inputs, value, growth);
        months.fold(stopped, |best, month| {
            match month.income_usd() > best.income_usd() {
                true => month,
                false => best,
            }
        })
    }

    /// The same if they do not run at all: power of a fixed-price contract is sold.
    fn stopped_mwh(&self, inputs: &Inputs, value: f64, growth: f64) -> Month {
        self.below_mwh(inputs, value, growth, f64::NEG_INFINITY)
    }

    /// What a MWh leaves before its power, $.
    fn left_usd_per_mwh(&self, inputs: &Inputs, value: f64) -> f64 {
        let Parameters { mining, power, .. } = &inputs.parameters;
        let opex = mining.opex_usd_per_mwh - fixed_usd_per_mwh(inputs);
        value + self.credit_usd_per_mwh(inputs) - power.adders_usd_per_mwh - opex
    }

    /// Cash flow of a MWh for which the rigs are ready if they run below a price of power.
    fn below_mwh(&self, inputs: &Inputs, value: f64, growth: f64, price: f64) -> Month {
        let Parameters { mining, power, .. } = &inputs.parameters;
        let opex = mining.opex_usd_per_mwh - fixed_usd_per_mwh(inputs);
        let cut = match inputs.prices {
            Some((curve, _)) => curve.cut(price / growth),
            None => Cut::flat(inputs.flat_price(), price / growth),
        };
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
            credit_usd: cut.running * self.credit_usd_per_mwh(inputs) + sold_usd,
            opex_usd: cut.running * opex + cut.stops_per_h * self.stop_usd(inputs, value),
            capex_usd: 0.0,
        }
    }
}

/// Costs of a MWh besides power that go on while the rigs stop, $.
pub fn fixed_usd_per_mwh(inputs: &Inputs) -> f64 {
    let mining = &inputs.parameters.mining;
    mining.opex_usd_per_mwh * mining.opex_fixed_share
}
