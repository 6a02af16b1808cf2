//! Prices at which a use breaks even, and at which it ties with keeping the rigs.

use crate::flow::Flow;
use crate::inputs::{Inputs, Tweak};
use crate::keys;
use crate::mining::fleet_there;
use crate::network::hashprice;
use crate::num::{Missing, Num};
use crate::settings::{PaidBy, Use};
use crate::uses::{fleet_newer, flow};

/// What a use sells.
#[derive(Debug, Clone, Copy)]
pub struct Sold {
    /// The name of the line that says where its price breaks even.
    pub label: &'static str,
    /// The price's unit.
    pub unit: &'static str,
    /// The price now.
    pub price: Num,
    /// A factor put on it.
    pub tweak: fn(f64) -> Tweak,
    /// What makes the price and cancels where it is solved for.
    pub made_of: [usize; 2],
}

/// What hashprice is proportional to.
const HASHPRICE: [usize; 2] = [keys::NETWORK_HASHRATE_EH_S, keys::NETWORK_BTC_PRICE_USD];

/// What a use sells; of a mixed one its hosting.
pub fn sold(kind: Use, inputs: &Inputs) -> Sold {
    match kind {
        Use::KeepMining | Use::NewerAsics => Sold {
            label: "break-even",
            unit: "$/PH/day",
            price: hashprice(inputs, 0),
            made_of: HASHPRICE,
            tweak: |hashprice| Tweak {
                hashprice,
                ..Tweak::default()
            },
        },
        Use::Hosting | Use::Mixed => Sold {
            label: "break-even",
            unit: "$/kW-month",
            price: inputs.get(keys::HOSTING_RENT_USD_PER_KW_MONTH),
            made_of: [keys::HOSTING_RENT_USD_PER_KW_MONTH; 2],
            tweak: |rent| Tweak {
                rent,
                ..Tweak::default()
            },
        },
        Use::GpuCloud => Sold {
            label: "break-even",
            unit: "$/GPU-h",
            price: inputs.get(keys::CLOUD_RENT_USD_PER_GPU_HOUR),
            made_of: [keys::CLOUD_RENT_USD_PER_GPU_HOUR; 2],
            tweak: |gpu_rent| Tweak {
                gpu_rent,
                ..Tweak::default()
            },
        },
    }
}

/// The price at which the first year's operating income is zero.
///
/// # Errors
/// Where there is none, in words.
pub fn operating(kind: Use, flow: &Flow, inputs: &Inputs) -> Result<Num, Missing> {
    let year = flow.first_year(inputs);
    let fleet = match kind {
        Use::KeepMining => fleet_there(inputs),
        Use::NewerAsics => fleet_newer(inputs),
        Use::Mixed => return Err("its parts sell different things: see theirs".into()),
        Use::Hosting => {
            if inputs.power_paid_by == PaidBy::Tenant {
                return Err(
                    "the tenant pays for power, and the rest is a share of the rent".into(),
                );
            }
            let kept = year.revenue_usd - year.opex_usd;
            let rent = inputs.get(keys::HOSTING_RENT_USD_PER_KW_MONTH);
            let leased = inputs.get(keys::HOSTING_LEASED_SHARE);
            return Ok((rent * year.power_usd / kept).without(&[rent, leased]));
        }
        Use::GpuCloud => {
            let costs = year.power_usd + year.opex_usd;
            let rent = inputs.get(keys::CLOUD_RENT_USD_PER_GPU_HOUR);
            return Ok((rent * costs / year.revenue_usd).without(&[rent]));
        }
    };
    // HP = cost per kWh x 24 e PUE / (1 - fee).
    let cost = inputs.flat_price()
        + inputs.get(keys::POWER_ADDERS_USD_PER_MWH)
        + inputs.get(keys::MINING_OPEX_USD_PER_MWH)
        - fleet.credit_usd_per_mwh(inputs);
    let fee = inputs.get(keys::MINING_POOL_FEE);
    Ok(cost / 1000.0 * 24.0 * fleet.efficiency_j_th * fleet.pue / (1.0 - fee))
}

/// The power price at which the first year's operating income is zero, $/MWh: for
/// rigs that of the first month.
///
/// # Errors
/// Where there is none, in words.
pub fn power(kind: Use, flow: &Flow, inputs: &Inputs) -> Result<Num, Missing> {
    let fleet = match kind {
        Use::KeepMining => fleet_there(inputs),
        Use::NewerAsics => fleet_newer(inputs),
        _ => return of_load(kind, flow, inputs),
    };
    let first = fleet.from_month.value.floor() as usize;
    let besides =
        inputs.get(keys::POWER_ADDERS_USD_PER_MWH) + inputs.get(keys::MINING_OPEX_USD_PER_MWH);
    let value = fleet.value_usd_per_mwh(inputs, first);
    Ok((value - besides + fleet.credit_usd_per_mwh(inputs)).with(fleet.from_month))
}

/// The same of a load that does not stop.
fn of_load(kind: Use, flow: &Flow, inputs: &Inputs) -> Result<Num, Missing> {
    let year = flow.first_year(inputs);
    if year.energy_mwh.value <= 0.0 {
        return Err("it does not run in its first year".into());
    }
    let months = flow.first_months();
    let priced_mwh: Num = months
        .map(|m| flow.months[m].energy_mwh * inputs.power_growth(m))
        .sum();
    let adders = inputs.get(keys::POWER_ADDERS_USD_PER_MWH);
    let left = year.revenue_usd + year.credit_usd - year.opex_usd - year.energy_mwh * adders;
    let price = left / priced_mwh;
    Ok(match kind {
        Use::Hosting => price.without(&[inputs.get(keys::HOSTING_LEASED_SHARE)]),
        _ => price,
    })
}

/// The price of what is sold at which the net present value is zero.
///
/// # Errors
/// Where there is none, in words.
pub fn npv_zero(kind: Use, inputs: &Inputs, sold: &Sold) -> Result<Num, Missing> {
    let factor = solve(|factor| {
        let inputs = Inputs {
            tweak: (sold.tweak)(factor),
            ..*inputs
        };
        flow(kind, &inputs).npv_usd(&inputs)
    })?;
    Ok((factor * sold.price).without(&sold.made_of.map(|place| inputs.get(place))))
}

/// The hashprice at which a use is worth as much as keeping the rigs.
///
/// # Errors
/// Where there is none, in words.
pub fn ties_with_keeping(kind: Use, inputs: &Inputs) -> Result<Num, Missing> {
    let found = solve(|hashprice| {
        let inputs = Inputs {
            tweak: Tweak {
                hashprice,
                ..Tweak::default()
            },
            ..*inputs
        };
        let npv = |kind| flow(kind, &inputs).npv_usd(&inputs);
        let over = npv(Use::KeepMining) - npv(kind);
        // Better rigs gain more from a better hashprice than those that are there; all
        // other uses gain less.
        match kind {
            Use::NewerAsics => -over,
            _ => over,
        }
    });
    let cancels = HASHPRICE.map(|place| inputs.get(place));
    let factor = found.map_err(|missing| Missing {
        why: match missing.why {
            NONE_BELOW | NONE_ABOVE => "none: one is worth more at any hashprice",
            other => other,
        },
        deps: Num {
            value: 0.0,
            deps: missing.deps,
        }
        .without(&cancels)
        .deps,
    })?;
    Ok((factor * hashprice(inputs, 0)).without(&cancels))
}

/// Factors that are tried: down to a billionth and up to a billion times, as logarithms.
const FARTHEST_LN: f64 = 20.7;

const NONE_BELOW: &str = "none: it pays at a billionth of that too";
const NONE_ABOVE: &str = "none: it does not pay at a billion times as much";

/// The factor at which a function that grows with it crosses zero: the Illinois form of
/// regula falsi on a logarithmic scale (Dowell and Jarratt, BIT 11, 1971), with a
/// halving whenever that does not shrink the bracket enough.
fn solve(f: impl Fn(f64) -> Num) -> Result<Num, Missing> {
    let at = |x: f64| f(x.exp());
    // Outwards from 1, where most answers are near.
    let now = at(0.0);
    let deps = now.deps;
    let missing = |why| Err(Missing { why, deps });
    let outwards = |sign: f64| (0..6).map(move |i| sign * FARTHEST_LN / 32.0 * f64::from(1 << i));
    let (mut low, mut high) = (0.0, 0.0);
    let (mut f_low, mut f_high) = (now.value, now.value);
    if now.value > 0.0 {
        for x in outwards(-1.0) {
            (high, f_high) = (low, f_low);
            (low, f_low) = (x, at(x).value);
            if f_low <= 0.0 {
                break;
            }
        }
        if f_low > 0.0 {
            return missing(NONE_BELOW);
        }
    } else {
        for x in outwards(1.0) {
            (low, f_low) = (high, f_high);
            (high, f_high) = (x, at(x).value);
            if f_high > 0.0 {
                break;
            }
        }
    }
    // Written so that what is no number takes this way out too.
    if !(f_high > 0.0 && f_low.is_finite()) {
        return missing(NONE_ABOVE);
    }
    let mut width = high - low;
    for _ in 0..200 {
        if high - low < 1e-13 {
            break;
        }
        let secant = high - f_high * (high - low) / (f_high - f_low);
        let middle = match high - low > 0.5 * width || !(low < secant && secant < high) {
            true => (low + high) / 2.0,
            false => secant,
        };
        width = high - low;
        let found = at(middle).value;
        if found > 0.0 {
            (high, f_high) = (middle, found);
            f_low /= 2.0;
        } else {
            (low, f_low) = (middle, found);
            f_high /= 2.0;
        }
    }
    let value = high.exp();
    Ok(Num { value, deps })
}
