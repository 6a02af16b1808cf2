//! Monthly cash flow, and the figures derived from it: the first year, present value,
//! payback.

use std::iter::Sum;
use std::ops::{Add, Mul, Range};

use crate::inputs::{Inputs, years};

/// The cash flow of a month, in dollars, and the energy at the meter.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Month {
    /// Revenue, after a pool's fee.
    pub revenue_usd: f64,
    /// Energy at the meter, in MWh.
    pub energy_mwh: f64,
    /// Cost of the energy that the site's owner pays for.
    pub power_usd: f64,
    /// Payment for being ready to stop, and for power that is sold back.
    pub credit_usd: f64,
    /// Other operating costs.
    pub opex_usd: f64,
    /// Purchases, less the sale of equipment that was there.
    pub capex_usd: f64,
}

impl Month {
    /// Operating income: revenue and credits, less the costs of running.
    pub fn income_usd(&self) -> f64 {
        self.revenue_usd + self.credit_usd - self.power_usd - self.opex_usd
    }

    /// Income less capital.
    pub fn net_usd(&self) -> f64 {
        self.income_usd() - self.capex_usd
    }
}

impl Add for Month {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            revenue_usd: self.revenue_usd + other.revenue_usd,
            energy_mwh: self.energy_mwh + other.energy_mwh,
            power_usd: self.power_usd + other.power_usd,
            credit_usd: self.credit_usd + other.credit_usd,
            opex_usd: self.opex_usd + other.opex_usd,
            capex_usd: self.capex_usd + other.capex_usd,
        }
    }
}

impl Mul<f64> for Month {
    type Output = Self;

    fn mul(self, share: f64) -> Self {
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

impl Sum for Month {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// The cash flow of a use of the site over the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// One entry for each month.
    pub months: Vec<Month>,
    /// Months from the decision until it runs.
    pub months_to_power: f64,
    /// Years for which it occupies the site: until its rigs, its lease or its cards end.
    pub life_years: f64,
}

impl Flow {
    /// The first twelve whole months after it runs; fewer if the horizon ends before.
    pub fn first_months(&self) -> Range<usize> {
        let n = self.months.len();
        let first = (self.months_to_power.ceil() as usize).min(n);
        first..(first + 12).min(n)
    }

    /// The first twelve whole months after it runs, summed; fewer if the horizon ends
    /// before.
    pub fn first_year(&self) -> Month {
        self.months[self.first_months()].iter().copied().sum()
    }

    /// Purchases until it runs, less the sale of equipment that was there, $.
    pub fn capex_usd(&self) -> f64 {
        let last = self.months_to_power.floor() as usize;
        let until = self.months.iter().take(last + 1);
        until.fold(0.0, |sum, month| sum + month.capex_usd)
    }

    /// The flow of a site that is `size` times as large.
    pub fn times(&self, size: f64) -> Self {
        Self {
            months: self.months.iter().map(|month| *month * size).collect(),
            ..*self
        }
    }

    /// Present value of each item, in dollars of the day of the decision, with each month
    /// paid at its middle: Σ month / (1 + r)^years.
    pub fn present(&self, inputs: &Inputs) -> Month {
        let rate = inputs.parameters.finance.discount_rate;
        let months = self.months.iter().enumerate();
        months
            .map(|(m, month)| *month * (1.0 / (rate + 1.0).powf(years(m))))
            .sum()
    }

    /// Net present value, $.
    pub fn npv_usd(&self, inputs: &Inputs) -> f64 {
        self.present(inputs).net_usd()
    }

    /// The net present value less another, as an annuity over the life of the use, $/year:
    /// over · r / (1 − (1 + r)^−years), or over / years without interest.
    pub fn annual_over_usd(&self, other_npv_usd: f64, inputs: &Inputs) -> f64 {
        let rate = inputs.parameters.finance.discount_rate;
        let annuity = match rate > 0.0 {
            true => rate / (1.0 - (rate + 1.0).powf(-self.life_years)),
            false => 1.0 / self.life_years,
        };
        (self.npv_usd(inputs) - other_npv_usd) * annuity
    }

    /// The net cash flow up to and including each month, summed, $.
    pub fn cumulative_usd(&self) -> Vec<f64> {
        let sums = self.months.iter().scan(0.0, |sum, month| {
            *sum += month.net_usd();
            Some(*sum)
        });
        sums.collect()
    }

    /// Months from the decision until the spending is recovered for good, without interest;
    /// zero if nothing was spent.
    ///
    /// # Errors
    /// The reason, if it is not recovered within the horizon.
    pub fn payback_months(&self) -> Result<f64, &'static str> {
        if self.months.iter().all(|month| month.capex_usd == 0.0) {
            return Ok(0.0);
        }
        let sums = self.cumulative_usd();
        let Some(last_below) = sums.iter().rposition(|sum| *sum < 0.0) else {
            return Ok(0.0);
        };
        let before = sums[last_below];
        let after = sums.get(last_below + 1).ok_or("not within the horizon")?;
        let part = -before / (after - before);
        Ok(part + (last_below as f64 + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;
    use crate::settings::PaidBy;

    fn flow(net: &[f64]) -> Flow {
        let month = |net: &f64| Month {
            revenue_usd: net.max(0.0),
            capex_usd: (-net).max(0.0),
            ..Month::default()
        };
        Flow {
            months: net.iter().map(month).collect(),
            months_to_power: 1.0,
            life_years: 2.0,
        }
    }

    #[test]
    fn money_comes_back_part_way_through_a_month() {
        let months = |net: &[f64]| flow(net).payback_months().ok();
        assert_eq!(months(&[-100.0, 40.0, 40.0, 40.0]), Some(3.5));
        assert_eq!(months(&[-100.0, 40.0]), None);
        assert_eq!(months(&[5.0, 5.0]), Some(0.0));
        // Spent again later: it has to come back for good.
        assert_eq!(months(&[-10.0, 20.0, -20.0, 20.0]), Some(3.5));
    }

    #[test]
    fn present_value_by_hand() {
        let mut parameters = Parameters::default();
        parameters.finance.discount_rate = 0.21;
        let inputs = Inputs {
            parameters,
            power_paid_by: PaidBy::Tenant,
            prices: None,
            scale: Default::default(),
        };
        let npv = flow(&[-100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 121.0]).npv_usd(&inputs);
        let by_hand = -100.0 / 1.21_f64.powf(0.5 / 12.0) + 121.0 / 1.21_f64.powf(6.5 / 12.0);
        assert!((npv - by_hand).abs() < 1e-9);
        // Its two yearly payments have the same present value.
        let annual = flow(&[-100.0]).annual_over_usd(-300.0, &inputs);
        let over = 300.0 - 100.0 / 1.21_f64.powf(0.5 / 12.0);
        assert!((annual * (1.0 / 1.21 + 1.0 / 1.4641) - over).abs() < 1e-9);
    }

    #[test]
    fn the_first_year_begins_when_it_runs() {
        let flow = flow(&[-5.0, 1.0, 1.0, 1.0]);
        assert_eq!(flow.first_year().revenue_usd, 3.0);
        assert_eq!(flow.capex_usd(), 5.0);
    }
}
