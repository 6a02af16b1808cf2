//! Prices at which a use breaks even, and at which it ties with keeping the rigs.

use crate::flow::Flow;
use crate::inputs::{Inputs, PriceScale};
use crate::mining::{existing_fleet, fixed_usd_per_mwh, newer_fleet};
use crate::network::{hashprice, now};
use crate::parameters::Parameters;
use crate::settings::{PaidBy, Use};
use crate::uses::flow;

/// A price, or the reason that there is none.
pub type Found = Result<f64, &'static str>;

/// The product of a use.
#[derive(Debug, Clone, Copy)]
pub struct Sold {
    /// The key of the price in a scenario.
    pub key: &'static str,
    /// The price's unit.
    pub unit: &'static str,
    /// The price now.
    pub price: f64,
    /// Builds the price scale of a factor on that price.
    pub scale: fn(f64) -> PriceScale,
}

/// The product of a use and its price; for a mixed use, those of its hosting.
pub fn sold(kind: Use, inputs: &Inputs) -> Sold {
    match kind {
        Use::KeepMining | Use::SellNow | Use::NewerAsics => Sold {
            key: "network.hashprice_usd_per_ph_day",
            unit: "$/PH/day",
            price: now(inputs),
            scale: |hashprice| PriceScale {
                hashprice,
                ..PriceScale::default()
            },
        },
        Use::Hosting | Use::Mixed => Sold {
            key: "hosting.rent_usd_per_kw_month",
            unit: "$/kW-month",
            price: inputs.parameters.hosting.rent_usd_per_kw_month,
            scale: |rent| PriceScale {
                rent,
                ..PriceScale::default()
            },
        },
        Use::GpuCloud => Sold {
            key: "cloud.rent_usd_per_gpu_hour",
            unit: "$/GPU-h",
            price: inputs.parameters.cloud.rent_usd_per_gpu_hour,
            scale: |gpu_rent| PriceScale {
                gpu_rent,
                ..PriceScale::default()
            },
        },
    }
}

/// The price at which the first year's operating income is zero.
///
/// # Errors
/// The reason, if there is no such price.
pub fn operating(kind: Use, flow: &Flow, inputs: &Inputs) -> Found {
    let Parameters { cloud, hosting, .. } = &inputs.parameters;
    let year = flow.first_year();
    let fleet = match kind {
        Use::KeepMining => existing_fleet(inputs),
        Use::NewerAsics => newer_fleet(inputs),
        Use::SellNow => return Err("nothing runs"),
        Use::Mixed => return Err("its parts sell different things: see theirs"),
        Use::Hosting if inputs.power_paid_by == PaidBy::Tenant => {
            return Err("the tenant pays for power, and the rest is a share of the rent");
        }
        Use::Hosting => {
            let kept = year.revenue_usd - year.opex_usd;
            return Ok(hosting.rent_usd_per_kw_month * year.power_usd / kept);
        }
        Use::GpuCloud => {
            let of_revenue = cloud.opex_share * year.revenue_usd;
            let costs = year.power_usd + year.opex_usd - of_revenue;
            let kept = year.revenue_usd - of_revenue;
            return Ok(cloud.rent_usd_per_gpu_hour * costs / kept);
        }
    };
    // What a MWh for which the rigs are ready leaves at a hashprice, after all costs.
    let left = |usd: f64| {
        let value = fleet.value_usd_per_mwh(inputs, usd);
        fleet.ready_mwh(inputs, value, 1.0).income_usd() - fixed_usd_per_mwh(inputs)
    };
    solve(left)
}

/// The power price at which the first year's operating income is zero, $/MWh. For rigs it
/// is that of the first month.
///
/// # Errors
/// The reason, if there is no such price.
pub fn power(kind: Use, flow: &Flow, inputs: &Inputs) -> Found {
    let fleet = match kind {
        Use::KeepMining => existing_fleet(inputs),
        Use::NewerAsics => newer_fleet(inputs),
        Use::Hosting if inputs.power_paid_by == PaidBy::Tenant => {
            return Err("the tenant pays for power");
        }
        Use::SellNow => return Err("nothing runs"),
        Use::Mixed => return Err("its parts stop at different prices: see theirs"),
        Use::Hosting | Use::GpuCloud => return of_load(flow, inputs),
    };
    let Parameters { mining, power, .. } = &inputs.parameters;
    let first = fleet.from_month.floor() as usize;
    let besides = power.adders_usd_per_mwh + mining.opex_usd_per_mwh;
    let value = fleet.value_usd_per_mwh(inputs, hashprice(inputs, first));
    Ok(value - besides + fleet.credit_usd_per_mwh(inputs))
}

/// The break-even power price of a load that does not stop, $/MWh.
fn of_load(flow: &Flow, inputs: &Inputs) -> Found {
    let year = flow.first_year();
    if year.energy_mwh <= 0.0 {
        return Err("it does not run in its first year");
    }
    let months = flow.first_months();
    let priced_mwh = months.fold(0.0, |sum, m| {
        sum + flow.months[m].energy_mwh * inputs.power_growth(m)
    });
    let adders = inputs.parameters.power.adders_usd_per_mwh;
    let left = year.revenue_usd + year.credit_usd - year.opex_usd - year.energy_mwh * adders;
    Ok(left / priced_mwh)
}

/// The price of the product at which the net present value is zero. A `known` price is only
/// checked.
///
/// # Errors
/// The reason, if there is no such price.
pub fn npv_zero(kind: Use, inputs: &Inputs, known: Option<Known>) -> Found {
    if matches!(kind, Use::KeepMining | Use::SellNow) {
        return Err("nothing is spent but what running takes");
    }
    let sold = sold(kind, inputs);
    let npv = |factor| {
        let inputs = Inputs {
            scale: (sold.scale)(factor),
            ..*inputs
        };
        flow(kind, &inputs).npv_usd(&inputs)
    };
    price(sold.price, npv, known)
}

/// The hashprice at which a use is worth as much as keeping the rigs. A `known` hashprice
/// is only checked.
///
/// # Errors
/// The reason, if there is no such price.
pub fn ties_with_keeping(kind: Use, inputs: &Inputs, known: Option<Known>) -> Found {
    let over_keep = |hashprice| {
        let inputs = Inputs {
            scale: PriceScale {
                hashprice,
                ..PriceScale::default()
            },
            ..*inputs
        };
        let npv = |kind| flow(kind, &inputs).npv_usd(&inputs);
        let over = npv(Use::KeepMining) - npv(kind);
        // Newer rigs gain more from a higher hashprice than the existing ones; all other
        // uses gain less.
        match kind {
            Use::NewerAsics => -over,
            _ => over,
        }
    };
    price(now(inputs), over_keep, known).map_err(|why| match why {
        NONE_BELOW | NONE_ABOVE => "none: one is worth more at any hashprice",
        other => other,
    })
}

/// The price found for other inputs, or `None` if there was none.
pub type Known = Option<f64>;

/// The price: `now` times the factor at which `f`, which increases with the factor, crosses
/// zero. A known price is returned if it still holds, otherwise an arbitrary other number.
fn price(now: f64, f: impl Fn(f64) -> f64, known: Option<Known>) -> Found {
    match known {
        None => solve(f).map(|factor| factor * now),
        Some(Some(price)) => {
            let at = |change: f64| f(price / now * (1.0 + change));
            let holds = at(-SAME) <= 0.0 && at(SAME) > 0.0;
            Ok(if holds { price } else { 0.0 })
        }
        Some(None) if f((-FARTHEST_LN).exp()) > 0.0 => Err(NONE_BELOW),
        Some(None) if f(FARTHEST_LN.exp()) > 0.0 => Ok(0.0),
        Some(None) => Err(NONE_ABOVE),
    }
}

/// Relative difference below which two prices are the same.
const SAME: f64 = 1e-10;

/// Natural logarithm of the largest factor searched: from a billionth to a billion.
const FARTHEST_LN: f64 = 20.7;

const NONE_BELOW: &str = "none: it pays at a billionth of that too";
const NONE_ABOVE: &str = "none: it does not pay at a billion times as much";

/// The factor at which an increasing function crosses zero: the Illinois form of regula
/// falsi on a logarithmic scale (Dowell and Jarratt, BIT 11, 1971), with a bisection
/// whenever that does not shrink the bracket enough.
fn solve(f: impl Fn(f64) -> f64) -> Found {
    let at = |x: f64| f(x.exp());
    // Brackets outwards from a factor of 1, because most answers are near it.
    let now = at(0.0);
    let outwards = |sign: f64| (0..6).map(move |i| sign * FARTHEST_LN / 32.0 * f64::from(1 << i));
    let (mut low, mut high) = (0.0, 0.0);
    let (mut f_low, mut f_high) = (now, now);
    if now > 0.0 {
        for x in outwards(-1.0) {
            (high, f_high) = (low, f_low);
            (low, f_low) = (x, at(x));
            if f_low <= 0.0 {
                break;
            }
        }
        if f_low > 0.0 {
            return Err(NONE_BELOW);
        }
    } else {
        for x in outwards(1.0) {
            (low, f_low) = (high, f_high);
            (high, f_high) = (x, at(x));
            if f_high > 0.0 {
                break;
            }
        }
    }
    // Negated so that NaN takes this branch too.
    if !(f_high > 0.0 && f_low.is_finite()) {
        return Err(NONE_ABOVE);
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
        let found = at(middle);
        if found > 0.0 {
            (high, f_high) = (middle, found);
            f_low /= 2.0;
        } else {
            (low, f_low) = (middle, found);
            f_high /= 2.0;
        }
    }
    Ok(high.exp())
}
