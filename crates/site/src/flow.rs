//! Money, month by month, and what follows from it: the first year, present value,
//! payback.

use crate::inputs::{Inputs, years};
use crate::keys;
use crate::num::{Missing, Num};

/// What comes in and goes out in a month, in dollars, and the energy at the meter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Month {
    /// For what is sold, after a pool's fee.
    pub revenue_usd: Num,
    /// MWh at the meter.
    pub energy_mwh: Num,
    /// For the energy that the site's owner pays.
    pub power_usd: Num,
    /// For being ready to stop, and for power that is sold back.
    pub credit_usd: Num,
    /// For everything else that runs.
    pub opex_usd: Num,
    /// Bought, less what is sold of what was there.
    pub capex_usd: Num,
}

impl Month {
    /// Nothing.
    pub const NONE: Self = Self {
        revenue_usd: Num::exact(0.0),
        energy_mwh: Num::exact(0.0),
        power_usd: Num::exact(0.0),
        credit_usd: Num::exact(0.0),
        opex_usd: Num::exact(0.0),
        capex_usd: Num::exact(0.0),
    };

    /// What is earned by running.
    pub fn income_usd(&self) -> Num {
        self.revenue_usd + self.credit_usd - self.power_usd - self.opex_usd
    }

    /// What is left.
    pub fn net_usd(&self) -> Num {
        self.income_usd() - self.capex_usd
    }

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            revenue_usd: self.revenue_usd + other.revenue_usd,
            energy_mwh: self.energy_mwh + other.energy_mwh,
            power_usd: self.power_usd + other.power_usd,
            credit_usd: self.credit_usd + other.credit_usd,
            opex_usd: self.opex_usd + other.opex_usd,
            capex_usd: self.capex_usd + other.capex_usd,
        }
    }

    /// A part of it.
    pub fn times(&self, share: Num) -> Self {
        Self {
            revenue_usd: self.revenue_usd * share,
            energy_mwh: self.energy_mwh * share,
            power_usd: self.power_usd * share,
            credit_usd: self.credit_usd * share,
            opex_usd: self.opex_usd * share,
            capex_usd: self.capex_usd * share,
        }
    }
}

/// A use of the site through the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Every month.
    pub months: Vec<Month>,
    /// Months from the decision until it runs.
    pub months_to_power: Num,
}

impl Flow {
    /// The first twelve whole months after it runs, as far as the horizon has them.
    pub fn first_months(&self) -> std::ops::Range<usize> {
        let n = self.months.len();
        let first = (self.months_to_power.value.ceil() as usize).min(n);
        first..(first + 12).min(n)
    }

    /// The first twelve whole months after it runs, summed; fewer where the horizon ends
    /// before.
    pub fn first_year(&self, inputs: &Inputs) -> Month {
        let one = Num::exact(1.0)
            .with(self.months_to_power)
            .with(inputs.get(keys::FINANCE_HORIZON_YEARS));
        self.months[self.first_months()]
            .iter()
            .fold(Month::NONE, |sum, month| sum.plus(month))
            .times(one)
    }

    /// What is bought until it runs, less what is sold of what was there, $.
    pub fn capex_usd(&self, inputs: &Inputs) -> Num {
        let last = self.months_to_power.value.floor() as usize;
        let of = self.months.iter().take(last + 1);
        let sum: Num = of.map(|month| month.capex_usd).sum();
        match sum == Num::exact(0.0) {
            true => sum,
            false => sum
                .with(self.months_to_power)
                .with(inputs.get(keys::FINANCE_HORIZON_YEARS)),
        }
    }

    /// The same flow of a larger site.
    pub fn times(&self, size: Num) -> Self {
        Self {
            months: self.months.iter().map(|month| month.times(size)).collect(),
            months_to_power: self.months_to_power,
        }
    }

    /// Present value of everything, in dollars of the day of the decision, months paid
    /// at their middle: Σ month / (1 + r)^years.
    pub fn present(&self, inputs: &Inputs) -> Month {
        let rate = inputs.get(keys::FINANCE_DISCOUNT_RATE) + 1.0;
        let horizon = inputs.get(keys::FINANCE_HORIZON_YEARS);
        let months = self.months.iter().enumerate();
        months.fold(Month::NONE, |sum, (m, month)| {
            let discount = (1.0 / rate.powf(years(m).into())).with(horizon);
            sum.plus(&month.times(discount))
        })
    }

    /// Net present value, $.
    pub fn npv_usd(&self, inputs: &Inputs) -> Num {
        self.present(inputs).net_usd()
    }

    /// The sum of all months up to each, $.
    pub fn cumulative_usd(&self) -> Vec<Num> {
        let sums = self.months.iter().scan(Num::exact(0.0), |sum, month| {
            *sum = *sum + month.net_usd();
            Some(*sum)
        });
        sums.collect()
    }

    /// Months from the decision until what was spent has come back for good, without
    /// interest; zero where nothing was spent.
    ///
    /// # Errors
    /// Where it never comes back within the horizon.
    pub fn payback_months(&self, inputs: &Inputs) -> Result<Num, Missing> {
        let spent: Num = self.months.iter().map(|month| month.capex_usd).sum();
        if spent == Num::exact(0.0) {
            return Ok(spent);
        }
        let sums = self.cumulative_usd();
        let all = sums.iter().copied().sum::<Num>();
        let all = all.with(inputs.get(keys::FINANCE_HORIZON_YEARS));
        let Some(last_below) = sums.iter().rposition(|sum| sum.value < 0.0) else {
            return Ok(Num::exact(0.0).with(all));
        };
        let before = sums[last_below];
        let Some(after) = sums.get(last_below + 1) else {
            return Err(Missing {
                why: "not within the horizon",
                deps: all.deps,
            });
        };
        let part = -before / (*after - before);
        Ok((part + (last_below as f64 + 1.0)).with(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::parameters;
    use crate::settings::PaidBy;

    fn flow(net: &[f64]) -> Flow {
        let month = |net: &f64| Month {
            revenue_usd: Num::exact(net.max(0.0)),
            capex_usd: Num::exact((-net).max(0.0)),
            ..Month::NONE
        };
        Flow {
            months: net.iter().map(month).collect(),
            months_to_power: Num::exact(1.0),
        }
    }

    fn with_inputs<T>(rate: f64, f: impl FnOnce(&Inputs) -> T) -> T {
        let values: Vec<f64> = parameters()
            .iter()
            .map(|p| match p.key.as_str() {
                "finance.discount_rate" => rate,
                _ => p.default.as_ref().map_or(0.0, |given| given.value),
            })
            .collect();
        f(&Inputs {
            values: &values,
            power_paid_by: PaidBy::Tenant,
            prices: None,
            tweak: Default::default(),
        })
    }

    #[test]
    fn money_comes_back_part_way_through_a_month() {
        with_inputs(0.1, |inputs| {
            let months = |net: &[f64]| flow(net).payback_months(inputs).ok().map(|n| n.value);
            assert_eq!(months(&[-100.0, 40.0, 40.0, 40.0]), Some(3.5));
            assert_eq!(months(&[-100.0, 40.0]), None);
            assert_eq!(months(&[5.0, 5.0]), Some(0.0));
            // Spent again later: it has to come back for good.
            assert_eq!(months(&[-10.0, 20.0, -20.0, 20.0]), Some(3.5));
        });
    }

    #[test]
    fn present_value_by_hand() {
        with_inputs(0.21, |inputs| {
            let npv = flow(&[-100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 121.0]).npv_usd(inputs);
            let by_hand = -100.0 / 1.21_f64.powf(0.5 / 12.0) + 121.0 / 1.21_f64.powf(6.5 / 12.0);
            assert!((npv.value - by_hand).abs() < 1e-9);
        });
    }

    #[test]
    fn the_first_year_begins_when_it_runs() {
        let flow = flow(&[-5.0, 1.0, 1.0, 1.0]);
        let (year, capex) = with_inputs(0.1, |inputs| {
            (flow.first_year(inputs), flow.capex_usd(inputs))
        });
        assert_eq!(year.revenue_usd.value, 3.0);
        assert_eq!(capex.value, 5.0);
    }
}
