//! Accelerators that the site's owner buys, rents out, sells when they are old, and
//! replaces.

use crate::flow::Month;
use crate::inputs::Inputs;
use crate::keys;
use crate::mining::overlap;
use crate::network::HOURS_PER_MONTH;
use crate::num::Num;
use crate::uses::{until_built, while_building};

/// How many there are for each MW at the meter.
pub fn accelerators(inputs: &Inputs) -> Num {
    1000.0 / inputs.get(keys::CLOUD_PUE) / inputs.get(keys::CLOUD_KW_PER_GPU)
}

/// A month of it, for each MW at the meter.
pub fn month(inputs: &Inputs, m: usize) -> Month {
    let months = inputs.months() as f64;
    let from = inputs.get(keys::CLOUD_MONTHS_TO_POWER);
    let life = inputs.get(keys::CLOUD_LIFE_YEARS) * 12.0;
    let refresh = inputs.get(keys::CLOUD_REFRESH);
    let end = Num::exact(months).with(inputs.get(keys::FINANCE_HORIZON_YEARS));
    let until = match refresh.value > 0.0 {
        true => end.with(refresh),
        false => end.min(from + life).with(refresh),
    };
    // Within the first generation it does not matter what comes after it.
    let active = match m as f64 + 1.0 <= (from + life).value {
        true => overlap(m, from, end),
        false => overlap(m, from, until),
    };
    let critical_mw = 1.0 / inputs.get(keys::CLOUD_PUE);
    let count = accelerators(inputs);

    // Age in the middle of the month, of whichever generation runs then.
    let age = from.map(|from| (m as f64 + 0.5 - from).max(0.0));
    let age = match age.value < life.value {
        true => age,
        false => age.map2(life, f64::rem_euclid),
    };
    let kept = 1.0 - inputs.get(keys::CLOUD_RENT_DECLINE_PER_YEAR);
    let rent = inputs.get(keys::CLOUD_RENT_USD_PER_GPU_HOUR) * kept.powf(age / 12.0);
    let revenue_usd = count
        * rent
        * inputs.get(keys::CLOUD_SOLD_SHARE)
        * HOURS_PER_MONTH
        * active
        * inputs.tweak.gpu_rent;
    let energy_mwh = HOURS_PER_MONTH * active;
    let price =
        inputs.flat_price() * inputs.power_growth(m) + inputs.get(keys::POWER_ADDERS_USD_PER_MWH);
    let month = Month {
        revenue_usd,
        energy_mwh,
        power_usd: energy_mwh * price,
        credit_usd: Num::exact(0.0),
        opex_usd: critical_mw * 1000.0 * inputs.get(keys::CLOUD_OPEX_USD_PER_KW_MONTH) * active,
        capex_usd: critical_mw * inputs.get(keys::CLOUD_CAPEX_USD_PER_MW) * while_building(m, from)
            + count
                * inputs.get(keys::CLOUD_PRICE_USD_PER_GPU)
                * traded(inputs, m, from, life, until),
    };
    month.plus(&until_built(inputs, m, from))
}

/// Generations bought less generations sold in a month, each at what it is worth, in
/// prices of a new one.
fn traded(inputs: &Inputs, m: usize, from: Num, life: Num, until: Num) -> Num {
    let residual = inputs.get(keys::CLOUD_RESIDUAL_36_MONTHS);
    let worth = |age: Num| residual.powf(age / 36.0);
    let horizon = inputs.months() as f64;
    // Generation k runs from `from + k life`, to that of the next or the end.
    let begins = |month: f64| move |from: f64, life: f64| ((month - from) / life).ceil().max(0.0);
    let last = (m as f64 + 1.0).min(horizon);
    let started = from.map2(life, begins(last)) - from.map2(life, begins(m as f64));
    let first = in_month(from, m);
    if until.value < horizon {
        // One generation alone: bought in its month, sold in its last.
        let sold = in_month(until, m);
        return match sold.value > 0.0 {
            true => first - sold * worth(life),
            false => first,
        };
    }
    // All but the first stand in for one that is sold at the end of its life.
    let sold = started - first;
    let mut sum = match sold.value > 0.0 {
        true => started.with(until) - sold * worth(life),
        false => first,
    };
    if m as f64 + 1.0 >= horizon {
        let age = from.map2(life, |from, life| match horizon - from {
            left if left <= 0.0 => 0.0,
            left => match left.rem_euclid(life) {
                0.0 => life,
                age => age,
            },
        });
        let there = from.map(|from| f64::from(u8::from(from < horizon)));
        sum = sum - worth(age) * there;
    }
    sum
}

/// 1 where a time lies within a month, else 0.
fn in_month(time: Num, m: usize) -> Num {
    time.map(|time| f64::from(u8::from(time >= m as f64 && time < m as f64 + 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{index_of, parameters};
    use crate::settings::PaidBy;

    fn trades(set: &[(&str, f64)]) -> Vec<f64> {
        let mut values: Vec<f64> = parameters()
            .iter()
            .map(|p| p.default.as_ref().map_or(0.1, |given| given.value))
            .collect();
        for (key, value) in set {
            values[index_of(key).unwrap()] = *value;
        }
        let inputs = Inputs {
            values: &values,
            power_paid_by: PaidBy::Tenant,
            prices: None,
            tweak: Default::default(),
        };
        let from = inputs.get(keys::CLOUD_MONTHS_TO_POWER);
        let life = inputs.get(keys::CLOUD_LIFE_YEARS) * 12.0;
        let end = inputs.months() as f64;
        let until = match inputs.get(keys::CLOUD_REFRESH).value > 0.0 {
            true => end,
            false => end.min((from + life).value),
        };
        (0..inputs.months())
            .map(|m| traded(&inputs, m, from, life, until.into()).value)
            .collect()
    }

    #[test]
    fn generations_follow_each_other_and_the_last_is_sold() {
        let found = trades(&[
            ("finance.horizon_years", 8.0),
            ("cloud.months_to_power", 12.0),
            ("cloud.life_years", 3.0),
            ("cloud.residual_36_months", 0.3),
        ]);
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
        let found = trades(&[
            ("finance.horizon_years", 8.0),
            ("cloud.months_to_power", 6.5),
            ("cloud.life_years", 2.0),
            ("cloud.residual_36_months", 0.3),
            ("cloud.refresh", 0.0),
        ]);
        let sum: f64 = found.iter().sum();
        assert!((sum - (1.0 - 0.3_f64.powf(2.0 / 3.0))).abs() < 1e-12);
        assert_eq!(found[6], 1.0);
        assert!(found[30] < 0.0);
    }

    #[test]
    fn nothing_is_bought_where_the_horizon_ends_first() {
        let found = trades(&[
            ("finance.horizon_years", 1.0),
            ("cloud.months_to_power", 24.0),
        ]);
        assert!(found.iter().all(|n| *n == 0.0), "{found:?}");
    }
}
