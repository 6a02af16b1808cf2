//! The uses of a site, month by month.

use crate::flow::{Flow, Month};
use crate::inputs::Inputs;
use crate::mining::{Fleet, existing_fleet, newer_fleet, overlap};
use crate::network::{HOURS_PER_MONTH, Path, path};
use crate::parameters::Parameters;
use crate::settings::{PaidBy, Use};

/// Months of a use over the horizon, for each MW at the meter: everything is proportional
/// to the size of the site.
pub fn flow(kind: Use, inputs: &Inputs) -> Flow {
    let Parameters {
        cloud,
        hosting,
        mixed,
        newer,
        ..
    } = &inputs.parameters;
    let n = inputs.months();
    let path = || path(inputs, n);
    let end = n as f64;
    let (months, months_to_power, until) = match kind {
        Use::KeepMining => {
            let fleet = existing_fleet(inputs);
            (fleet.months(inputs, &path()), 0.0, fleet.until_month)
        }
        Use::SellNow => {
            let sold = |m| Month {
                capex_usd: -sold_usd(inputs, m, 0.0),
                ..Month::default()
            };
            ((0..n).map(sold).collect(), 0.0, end)
        }
        Use::NewerAsics => {
            let until = newer_fleet(inputs).until_month;
            (self::newer(inputs, &path()), newer.months_to_power, until)
        }
        Use::Hosting => {
            let from = hosting.months_to_power;
            (self::hosting(inputs, &path()), from, let_until(inputs))
        }
        Use::GpuCloud => {
            let from = cloud.months_to_power;
            let months = (0..n).map(|m| crate::cloud::month(inputs, m));
            let until = crate::cloud::last_month(inputs);
            (sum(months, until_built(inputs, &path(), from)), from, until)
        }
        Use::Mixed => {
            let share = mixed.hosting_share;
            let path = path();
            let fleet = existing_fleet(inputs);
            let mined = fleet.months(inputs, &path).into_iter();
            let mined = mined.map(|month| month * (1.0 - share));
            let hosted = self::hosting(inputs, &path).into_iter();
            let hosted = hosted.map(|month| month * share).collect();
            // The parts that are there: the later end of both.
            let let_until = if share > 0.0 { let_until(inputs) } else { 0.0 };
            let rigs_until = if share < 1.0 { fleet.until_month } else { 0.0 };
            (
                sum(mined, hosted),
                hosting.months_to_power,
                let_until.max(rigs_until),
            )
        }
    };
    Flow {
        months,
        months_to_power,
        life_years: until.min(end) / 12.0,
    }
}

fn sum(a: impl Iterator<Item = Month>, b: Vec<Month>) -> Vec<Month> {
    a.zip(b).map(|(a, b)| a + b).collect()
}

/// The value over selling now of each of these uses, as an annuity over its life, $/year for
/// the whole site. Uses of unequal lives are compared by it; selling now has none.
pub fn annual_over_sell(uses: &[Use], inputs: &Inputs) -> Vec<f64> {
    let gross_mw = inputs.parameters.site.gross_mw;
    let sell = flow(Use::SellNow, inputs).npv_usd(inputs);
    let of = |kind: &Use| match kind {
        Use::SellNow => 0.0,
        _ => flow(*kind, inputs).annual_over_usd(sell, inputs) * gross_mw,
    };
    uses.iter().map(of).collect()
}

/// How far the value of a use lies above the best of the others, $/year, by the values of
/// all `uses`; above selling now if there is no other.
pub fn advantage(kind: Use, uses: &[Use], annual: &[f64]) -> f64 {
    let of = uses.iter().zip(annual);
    let own = of
        .clone()
        .find(|(of, _)| **of == kind)
        .map_or(0.0, |(_, usd)| *usd);
    let others = of.filter(|(of, _)| **of != kind).map(|(_, usd)| *usd);
    own - others.reduce(f64::max).unwrap_or(0.0)
}

/// Resale value of the existing rigs, $ for each MW at the meter.
pub fn resale_usd(inputs: &Inputs) -> f64 {
    existing_fleet(inputs).hashrate_th_s() * inputs.parameters.mining.resale_usd_per_th
}

/// What a sale of the existing rigs in the month of the time `at` brings in a month: nothing
/// once their life is over.
fn sold_usd(inputs: &Inputs, month: usize, at: f64) -> f64 {
    match at < existing_fleet(inputs).until_month {
        true => resale_usd(inputs) * once(month, at),
        false => 0.0,
    }
}

/// 1 in the month of the time `at`, 0 in all others.
pub fn once(month: usize, at: f64) -> f64 {
    f64::from(u8::from(at.floor() as usize == month))
}

/// The part of a construction cost that is spent in a month: spread evenly over the
/// construction, or all of it at once if that takes less than a month.
fn while_building(month: usize, months_to_power: f64) -> f64 {
    match months_to_power >= 1.0 {
        true => overlap(month, 0.0, months_to_power) / months_to_power,
        false => once(month, 0.0),
    }
}

/// What a month spends on a shell that is built until `from`, over its cost, less its
/// residual value in the month in which its use ends.
pub fn shell(month: usize, from: f64, until: f64, residual_share: f64) -> f64 {
    let ends = from <= until && month as f64 + 1.0 == until.ceil().max(1.0);
    while_building(month, from) - residual_share * f64::from(u8::from(ends))
}

/// Months with newer rigs. They are paid for when they are ordered; the old ones run until
/// the new ones do, and are sold then.
fn newer(inputs: &Inputs, path: &Path) -> Vec<Month> {
    let Parameters { newer, .. } = &inputs.parameters;
    let (new, old) = (newer_fleet(inputs), existing_fleet(inputs));
    let old = Fleet {
        until_month: old.until_month.min(new.from_month),
        ..old
    };
    let bought = new.hashrate_th_s() * newer.price_usd_per_th + newer.capex_usd_per_mw;
    let mut months = sum(
        new.months(inputs, path).into_iter(),
        old.months(inputs, path),
    );
    for (m, month) in months.iter_mut().enumerate() {
        month.capex_usd = bought * once(m, 0.0) - sold_usd(inputs, m, new.from_month);
    }
    months
}

/// Mining that goes on while a shell is built, and the sale of the rigs: at once if none of
/// them runs meanwhile, otherwise when it is built.
fn until_built(inputs: &Inputs, path: &Path, months_to_power: f64) -> Vec<Month> {
    let share = inputs.parameters.hosting.mining_during_build;
    let fleet = existing_fleet(inputs);
    let meanwhile = Fleet {
        until_month: fleet.until_month.min(months_to_power),
        ..fleet
    };
    let sold_at = if share > 0.0 { months_to_power } else { 0.0 };
    let mut months = meanwhile.months(inputs, path);
    for (m, month) in months.iter_mut().enumerate() {
        *month = *month * share;
        month.capex_usd = -sold_usd(inputs, m, sold_at);
    }
    months
}

/// Months from the decision until the lease or the horizon ends.
fn let_until(inputs: &Inputs) -> f64 {
    let hosting = &inputs.parameters.hosting;
    (hosting.months_to_power + hosting.term_years * 12.0).min(inputs.months() as f64)
}

/// Months of hosting: the shell is paid for while it is built, then let until the lease
/// ends. The tenant is credited for hours without power.
fn hosting(inputs: &Inputs, path: &Path) -> Vec<Month> {
    let Parameters { hosting, power, .. } = &inputs.parameters;
    let (from, until) = (hosting.months_to_power, let_until(inputs));
    let critical_mw = 1.0 / hosting.pue;
    let month = |m: usize| {
        let let_out = overlap(m, from, until) * hosting.leased_share;
        let rent = hosting.rent_usd_per_kw_month * inputs.scale.rent;
        let revenue_usd = critical_mw * 1000.0 * rent * let_out;
        let energy_mwh = hosting.load_share * HOURS_PER_MONTH * let_out;
        let price = inputs.flat_price() * inputs.power_growth(m) + power.adders_usd_per_mwh;
        // A credit is no more than the rent.
        let credited = hosting.outage_h_per_year * hosting.sla_credit_h / (12.0 * HOURS_PER_MONTH);
        let credited = credited.min(1.0);
        Month {
            revenue_usd,
            energy_mwh,
            power_usd: match inputs.power_paid_by {
                PaidBy::Tenant => 0.0,
                PaidBy::Landlord => energy_mwh * price,
            },
            credit_usd: 0.0,
            opex_usd: revenue_usd * (1.0 - hosting.noi_margin + credited),
            capex_usd: critical_mw
                * hosting.capex_usd_per_mw
                * shell(m, from, until, hosting.residual_share),
        }
    };
    let months = (0..inputs.months()).map(month);
    sum(months, until_built(inputs, path, from))
}
