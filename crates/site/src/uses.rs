//! The uses of a site, month by month.

use crate::flow::{Flow, Month};
use crate::inputs::Inputs;
use crate::mining::{Fleet, existing_fleet, newer_fleet, overlap};
use crate::network::HOURS_PER_MONTH;
use crate::parameters::Parameters;
use crate::settings::{PaidBy, Use};

/// Months of a use over the horizon, for each MW at the meter: everything is proportional
/// to the size of the site.
pub fn flow(kind: Use, inputs: &Inputs) -> Flow {
    let parameters = &inputs.parameters;
    let months = |of: &dyn Fn(usize) -> Month| (0..inputs.months()).map(of).collect();
    match kind {
        Use::KeepMining => Flow {
            months: months(&|m| existing_fleet(inputs).month(inputs, m)),
            months_to_power: 0.0,
        },
        Use::NewerAsics => Flow {
            months: months(&|m| newer(inputs, m)),
            months_to_power: parameters.newer.months_to_power,
        },
        Use::Hosting => Flow {
            months: months(&|m| hosting(inputs, m)),
            months_to_power: parameters.hosting.months_to_power,
        },
        Use::GpuCloud => Flow {
            months: months(&|m| crate::cloud::month(inputs, m)),
            months_to_power: parameters.cloud.months_to_power,
        },
        Use::Mixed => {
            let share = parameters.mixed.hosting_share;
            let mining = Fleet {
                curtailed: true,
                ..existing_fleet(inputs)
            };
            Flow {
                months: months(&|m| {
                    hosting(inputs, m) * share + mining.month(inputs, m) * (1.0 - share)
                }),
                months_to_power: parameters.hosting.months_to_power,
            }
        }
    }
}

/// Resale value of the existing rigs, $ for each MW at the meter.
pub fn resale_usd(inputs: &Inputs) -> f64 {
    existing_fleet(inputs).hashrate_th_s() * inputs.parameters.mining.resale_usd_per_th
}

/// 1 in the month of the time `at`, 0 in all others.
pub fn once(month: usize, at: f64) -> f64 {
    f64::from(u8::from(at.floor() as usize == month))
}

/// The part of a construction cost that is spent in a month: spread evenly over the
/// construction, or all of it at once if that takes less than a month.
pub fn while_building(month: usize, months_to_power: f64) -> f64 {
    match months_to_power >= 1.0 {
        true => overlap(month, 0.0, months_to_power) / months_to_power,
        false => once(month, 0.0),
    }
}

/// A month with newer rigs. They are paid for when they are ordered; the old ones run until
/// the new ones do, and are sold then.
fn newer(inputs: &Inputs, m: usize) -> Month {
    let Parameters { newer, .. } = &inputs.parameters;
    let (new, old) = (newer_fleet(inputs), existing_fleet(inputs));
    let old = Fleet {
        until_month: old.until_month.min(new.from_month),
        ..old
    };
    let bought = new.hashrate_th_s() * newer.price_usd_per_th + newer.capex_usd_per_mw;
    let mut month = new.month(inputs, m);
    if (m as f64) < new.from_month {
        month = month + old.month(inputs, m);
    }
    month.capex_usd = bought * once(m, 0.0) - resale_usd(inputs) * once(m, new.from_month);
    month
}

/// Mining that goes on while a shell is built, and the sale of the rigs: at once if none of
/// them runs meanwhile, otherwise when it is built.
pub fn until_built(inputs: &Inputs, m: usize, months_to_power: f64) -> Month {
    let share = inputs.parameters.hosting.mining_during_build;
    let fleet = existing_fleet(inputs);
    let meanwhile = Fleet {
        until_month: fleet.until_month.min(months_to_power),
        ..fleet
    };
    let sold_at = if share > 0.0 { months_to_power } else { 0.0 };
    let mut month = match (m as f64) < months_to_power {
        true => meanwhile.month(inputs, m) * share,
        false => Month::default(),
    };
    month.capex_usd = -(resale_usd(inputs) * once(m, sold_at));
    month
}

/// A month of hosting: the shell is paid for while it is built, then let.
fn hosting(inputs: &Inputs, m: usize) -> Month {
    let Parameters { hosting, power, .. } = &inputs.parameters;
    let from = hosting.months_to_power;
    let months = inputs.months();
    let critical_mw = 1.0 / hosting.pue;
    let let_out = overlap(m, from, months as f64) * hosting.leased_share;
    let revenue_usd =
        critical_mw * 1000.0 * hosting.rent_usd_per_kw_month * let_out * inputs.scale.rent;
    let energy_mwh = hosting.load_share * HOURS_PER_MONTH * let_out;
    let price = inputs.flat_price() * inputs.power_growth(m) + power.adders_usd_per_mwh;
    let shell = critical_mw * hosting.capex_usd_per_mw;
    let at_end = f64::from(u8::from(m + 1 == months));
    let month = Month {
        revenue_usd,
        energy_mwh,
        power_usd: match inputs.power_paid_by {
            PaidBy::Tenant => 0.0,
            PaidBy::Landlord => energy_mwh * price,
        },
        credit_usd: 0.0,
        opex_usd: revenue_usd * (1.0 - hosting.noi_margin),
        capex_usd: shell * while_building(m, from) - shell * hosting.residual_share * at_end,
    };
    month + until_built(inputs, m, from)
}
