//! Accelerators that the site's owner buys, rents out, sells when they are old, and
//! replaces.

use crate::flow::Month;
use crate::inputs::Inputs;
use crate::mining::overlap;
use crate::network::HOURS_PER_MONTH;
use crate::parameters::Parameters;
use crate::uses::shell;

/// The number of accelerators for each MW at the meter.
pub fn accelerators(inputs: &Inputs) -> f64 {
    let cloud = &inputs.parameters.cloud;
    1000.0 / cloud.pue / cloud.kw_per_gpu
}

/// Cash flow of a month, for each MW at the meter.
pub fn month(inputs: &Inputs, m: usize) -> Month {
    let Parameters { cloud, power, .. } = &inputs.parameters;
    let from = cloud.months_to_power;
    let life = cloud.life_years * 12.0;
    let until = last_month(inputs);
    let active = overlap(m, from, until);
    let critical_mw = 1.0 / cloud.pue;
    let count = accelerators(inputs);

    // Age of the running generation in the middle of the month, in months.
    let age = (m as f64 + 0.5 - from).max(0.0).rem_euclid(life);
    let kept = 1.0 - cloud.rent_decline_per_year;
    let rent = cloud.rent_usd_per_gpu_hour * kept.powf(age / 12.0);
    let energy_mwh = HOURS_PER_MONTH * active;
    let price = inputs.flat_price() * inputs.power_growth(m) + power.adders_usd_per_mwh;
    let hours = cloud.sold_share * HOURS_PER_MONTH * active;
    let revenue_usd = count * rent * hours * inputs.scale.gpu_rent;
    Month {
        revenue_usd,
        energy_mwh,
        power_usd: energy_mwh * price,
        credit_usd: 0.0,
        opex_usd: critical_mw * 1000.0 * cloud.opex_usd_per_kw_month * active
            + revenue_usd * cloud.opex_share,
        capex_usd: critical_mw
            * cloud.capex_usd_per_mw
            * shell(m, from, until, cloud.residual_share)
            + count * cloud.price_usd_per_gpu * traded(inputs, m),
    }
}

/// Months from the decision until the last accelerator is sold: the horizon, or one life if
/// none is replaced.
pub fn last_month(inputs: &Inputs) -> f64 {
    let cloud = &inputs.parameters.cloud;
    let horizon = inputs.months() as f64;
    match cloud.refresh > 0.0 {
        true => horizon,
        false => horizon.min(cloud.months_to_power + cloud.life_years * 12.0),
    }
}

/// Generations bought less generations sold in a month, each at its value relative to a new
/// one.
fn traded(inputs: &Inputs, m: usize) -> f64 {
    let cloud = &inputs.parameters.cloud;
    let from = cloud.months_to_power;
    let life = cloud.life_years * 12.0;
    let until = last_month(inputs);
    let worth = |age: f64| cloud.residual_36_months.powf(age / 36.0);
    let horizon = inputs.months() as f64;
    let first = in_month(from, m);
    if until < horizon {
        // A single generation: bought in its first month, sold in its last.
        return first - in_month(until, m) * worth(life);
    }
    // Generation k runs from `from + k life` until the next one starts or the horizon ends.
    let begun = |month: f64| ((month - from) / life).ceil().max(0.0);
    let started = begun((m as f64 + 1.0).min(horizon)) - begun(m as f64);
    // Each one but the first replaces one that is sold at the end of its life.
    let mut sum = started - (started - first) * worth(life);
    if m as f64 + 1.0 >= horizon && from < horizon {
        let age = match (horizon - from).rem_euclid(life) {
            0.0 => life,
            age => age,
        };
        sum -= worth(age);
    }
    sum
}

/// 1 if `time` lies within month `m`, else 0.
fn in_month(time: f64, m: usize) -> f64 {
    f64::from(u8::from(time >= m as f64 && time < m as f64 + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::{Cloud, parameters};
    use crate::settings::PaidBy;

    fn trades(horizon_years: f64, set: impl Fn(&mut Cloud)) -> Vec<f64> {
        let mut values = Parameters::default();
        for parameter in parameters() {
            *(parameter.of)(&mut values) = parameter.default.as_ref().map_or(0.1, |d| d.value);
        }
        values.finance.horizon_years = horizon_years;
        set(&mut values.cloud);
        let inputs = Inputs {
            parameters: values,
            power_paid_by: PaidBy::Tenant,
            prices: None,
            scale: Default::default(),
        };
        (0..inputs.months()).map(|m| traded(&inputs, m)).collect()
    }

    #[test]
    fn generations_follow_each_other_and_the_last_is_sold() {
        let found = trades(8.0, |cloud| {
            cloud.months_to_power = 12.0;
            cloud.life_years = 3.0;
            cloud.residual_36_months = 0.3;
        });
        let traded: Vec<(usize, f64)> = found
            .iter()
            .enumerate()
            .filter(|(_, n)| **n != 0.0)
            .map(|(m, n)| (m, *n))
            .collect();
        assert_eq!(traded.len(), 4, "{traded:?}");
        assert_eq!(traded[0], (12, 1.0));
        assert_eq!(traded[1], (48, 0.7));
        assert_eq!(traded[2], (84, 0.7));
        // A year old at the end of the eighth.
        assert_eq!(traded[3].0, 95);
        assert!((traded[3].1 + 0.3_f64.powf(1.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn one_generation_alone_is_bought_and_sold() {
        let found = trades(8.0, |cloud| {
            cloud.months_to_power = 6.5;
            cloud.life_years = 2.0;
            cloud.residual_36_months = 0.3;
            cloud.refresh = 0.0;
        });
        let sum: f64 = found.iter().sum();
        assert!((sum - (1.0 - 0.3_f64.powf(2.0 / 3.0))).abs() < 1e-12);
        assert_eq!(found[6], 1.0);
        assert!(found[30] < 0.0);
    }

    #[test]
    fn nothing_is_bought_where_the_horizon_ends_first() {
        let found = trades(1.0, |cloud| cloud.months_to_power = 24.0);
        assert!(found.iter().all(|n| *n == 0.0), "{found:?}");
    }
}
