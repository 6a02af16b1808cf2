//! The parameters of one evaluation.

use crate::keys;
use crate::num::{Deps, Num};
use crate::prices::Curve;
use crate::settings::{Contract, PaidBy};

/// What rests on the file of power prices has this bit, no parameter's own.
pub const PRICE_FILE: Deps = 1 << 127;

/// Everything that a cash flow is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// A value for every parameter, in the order of the table.
    pub values: &'a [f64],
    /// Who pays for the tenant's power.
    pub power_paid_by: PaidBy,
    /// Power prices and how power is bought.
    pub prices: Option<(&'a Curve, Contract)>,
    /// What is set otherwise, to find where something breaks even.
    pub tweak: Tweak,
}

/// Factors and prices that are tried out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tweak {
    /// On the hashprice.
    pub hashprice: f64,
    /// On the rent of hosting.
    pub rent: f64,
    /// On the rent of accelerators.
    pub gpu_rent: f64,
}

impl Default for Tweak {
    fn default() -> Self {
        Self {
            hashprice: 1.0,
            rent: 1.0,
            gpu_rent: 1.0,
        }
    }
}

impl Inputs<'_> {
    /// The value of the parameter at this place, one of [`keys`].
    pub fn get(&self, place: usize) -> Num {
        Num::parameter(self.values[place], place)
    }

    /// Months looked at.
    pub fn months(&self) -> usize {
        (self.get(keys::FINANCE_HORIZON_YEARS).value * 12.0).ceil() as usize
    }

    /// The power price of a load that never stops, $/MWh, in the first year.
    pub fn flat_price(&self) -> Num {
        match self.prices {
            Some((curve, Contract::Index)) => Num {
                value: curve.mean(),
                deps: PRICE_FILE,
            },
            _ => self.get(keys::POWER_PRICE_USD_PER_MWH),
        }
    }

    /// Growth of the power price from the start to the middle of a month.
    pub fn power_growth(&self, month: usize) -> Num {
        growth(self.get(keys::POWER_GROWTH_PER_YEAR), month)
    }
}

/// What a yearly growth makes of 1 by the middle of a month.
pub fn growth(per_year: Num, month: usize) -> Num {
    (per_year + 1.0).powf(Num::exact(years(month)))
}

/// Years from the start to the middle of a month.
pub fn years(month: usize) -> f64 {
    (month as f64 + 0.5) / 12.0
}
