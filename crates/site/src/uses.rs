//! The uses of a site, month by month.

use crate::flow::{Flow, Month};
use crate::inputs::Inputs;
use crate::keys;
use crate::mining::{Fleet, fleet_there, overlap};
use crate::network::HOURS_PER_MONTH;
use crate::num::Num;
use crate::settings::{PaidBy, Use};

/// Months of a use through the horizon, for each MW at the meter: everything grows with
/// the site.
pub fn flow(kind: Use, inputs: &Inputs) -> Flow {
    let months = |of: &dyn Fn(usize) -> Month| (0..inputs.months()).map(of).collect();
    match kind {
        Use::KeepMining => {
            let there = fleet_there(inputs);
            Flow {
                months: months(&|m| there.month(inputs, m)),
                months_to_power: Num::exact(0.0),
            }
        }
        Use::NewerAsics => {
            let from = inputs.get(keys::NEWER_MONTHS_TO_POWER);
            Flow {
                months: months(&|m| newer(inputs, m)),
                months_to_power: from,
            }
        }
        Use::Hosting => Flow {
            months: months(&|m| hosting(inputs, m)),
            months_to_power: inputs.get(keys::HOSTING_MONTHS_TO_POWER),
        },
        Use::GpuCloud => Flow {
            months: months(&|m| crate::cloud::month(inputs, m)),
            months_to_power: inputs.get(keys::CLOUD_MONTHS_TO_POWER),
        },
        Use::Mixed => {
            let share = inputs.get(keys::MIXED_HOSTING_SHARE);
            let there = Fleet {
                curtailed: true,
                ..fleet_there(inputs)
            };
            Flow {
                months: months(&|m| {
                    let mined = there.month(inputs, m).times(1.0 - share);
                    hosting(inputs, m).times(share).plus(&mined)
                }),
                months_to_power: inputs.get(keys::HOSTING_MONTHS_TO_POWER),
            }
        }
    }
}

/// The newer fleet.
pub fn fleet_newer(inputs: &Inputs) -> Fleet {
    let from = inputs.get(keys::NEWER_MONTHS_TO_POWER);
    Fleet {
        efficiency_j_th: inputs.get(keys::NEWER_EFFICIENCY_J_TH),
        pue: inputs.get(keys::NEWER_PUE),
        from_month: from,
        until_month: from + inputs.get(keys::NEWER_LIFE_YEARS) * 12.0,
        curtailed: false,
    }
}

/// What the rigs that are there bring, $ for each MW at the meter.
pub fn resale_usd(inputs: &Inputs) -> Num {
    fleet_there(inputs).hashrate_th_s() * inputs.get(keys::MINING_RESALE_USD_PER_TH)
}

/// 1 in the month in which something happens, 0 in all others.
pub fn once(month: usize, at: Num) -> Num {
    at.map(|at| f64::from(u8::from(at.floor() as usize == month)))
}

/// A part of what is spent evenly while something is built: all of it at once where
/// that takes no month.
pub fn while_building(month: usize, months_to_power: Num) -> Num {
    match months_to_power.value >= 1.0 {
        true => overlap(month, Num::exact(0.0), months_to_power) / months_to_power,
        false => once(month, Num::exact(0.0)).with(months_to_power),
    }
}

/// New rigs are paid when they are ordered; the old ones run until those do, and are
/// sold then.
fn newer(inputs: &Inputs, m: usize) -> Month {
    let (new, old) = (fleet_newer(inputs), fleet_there(inputs));
    let old = Fleet {
        until_month: old.until_month.min(new.from_month),
        ..old
    };
    let bought = new.hashrate_th_s() * inputs.get(keys::NEWER_PRICE_USD_PER_TH)
        + inputs.get(keys::NEWER_CAPEX_USD_PER_MW);
    let mut month = new.month(inputs, m);
    if (m as f64) < new.from_month.value {
        month = month.plus(&old.month(inputs, m));
    }
    month.capex_usd =
        bought * once(m, Num::exact(0.0)) - resale_usd(inputs) * once(m, new.from_month);
    month
}

/// What goes on while a shell is built, and the sale of the rigs: at once where none
/// of them runs meanwhile, else when it is built.
pub fn until_built(inputs: &Inputs, m: usize, months_to_power: Num) -> Month {
    let share = inputs.get(keys::HOSTING_MINING_DURING_BUILD);
    let there = fleet_there(inputs);
    let meanwhile = Fleet {
        until_month: there.until_month.min(months_to_power),
        ..there
    };
    let sold = match share.value > 0.0 {
        true => once(m, months_to_power),
        false => once(m, Num::exact(0.0)).with(share),
    };
    let mut month = match (m as f64) < months_to_power.value {
        true => meanwhile.month(inputs, m).times(share),
        false => Month::NONE,
    };
    month.capex_usd = -(resale_usd(inputs) * sold);
    month
}

/// The shell is paid while it is built, then let.
fn hosting(inputs: &Inputs, m: usize) -> Month {
    let from = inputs.get(keys::HOSTING_MONTHS_TO_POWER);
    let months = inputs.months();
    let critical_mw = 1.0 / inputs.get(keys::HOSTING_PUE);
    let let_out =
        overlap(m, from, Num::exact(months as f64)) * inputs.get(keys::HOSTING_LEASED_SHARE);
    let revenue_usd = critical_mw
        * 1000.0
        * inputs.get(keys::HOSTING_RENT_USD_PER_KW_MONTH)
        * let_out
        * inputs.tweak.rent;
    let energy_mwh = inputs.get(keys::HOSTING_LOAD_SHARE) * HOURS_PER_MONTH * let_out;
    let price =
        inputs.flat_price() * inputs.power_growth(m) + inputs.get(keys::POWER_ADDERS_USD_PER_MWH);
    let shell = critical_mw * inputs.get(keys::HOSTING_CAPEX_USD_PER_MW);
    let left = shell * inputs.get(keys::HOSTING_RESIDUAL_SHARE) * at_end(inputs, m);
    let until = until_built(inputs, m, from);
    let month = Month {
        revenue_usd,
        energy_mwh,
        power_usd: match inputs.power_paid_by {
            PaidBy::Tenant => Num::exact(0.0),
            PaidBy::Landlord => energy_mwh * price,
        },
        credit_usd: Num::exact(0.0),
        opex_usd: revenue_usd * (1.0 - inputs.get(keys::HOSTING_NOI_MARGIN)),
        capex_usd: shell * while_building(m, from) - left,
    };
    month.plus(&until)
}

/// 1 in the last month.
pub fn at_end(inputs: &Inputs, m: usize) -> Num {
    match m + 1 == inputs.months() {
        true => Num::exact(1.0).with(inputs.get(keys::FINANCE_HORIZON_YEARS)),
        false => Num::exact(0.0),
    }
}
