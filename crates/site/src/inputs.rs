//! The inputs from which the months of a use are computed.

use crate::parameters::Parameters;
use crate::prices::Curve;
use crate::settings::{Contract, PaidBy};

/// The inputs of one evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// A value for every parameter.
    pub parameters: Parameters,
    /// The party that pays for the tenant's power.
    pub power_paid_by: PaidBy,
    /// Power prices and the contract under which power is bought.
    pub prices: Option<(&'a Curve, Contract)>,
    /// Factors on prices, used to find break-even points.
    pub scale: PriceScale,
}

/// Factors on the prices of products.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceScale {
    /// Factor on the hashprice.
    pub hashprice: f64,
    /// Factor on the rent of hosting.
    pub rent: f64,
    /// Factor on the rent of accelerators.
    pub gpu_rent: f64,
}

impl Default for PriceScale {
    fn default() -> Self {
        Self {
            hashprice: 1.0,
            rent: 1.0,
            gpu_rent: 1.0,
        }
    }
}

impl Inputs<'_> {
    /// The number of months in the horizon.
    pub fn months(&self) -> usize {
        (self.parameters.finance.horizon_years * 12.0).ceil() as usize
    }

    /// The power price of a load that never stops, $/MWh, in the first year.
    pub fn flat_price(&self) -> f64 {
        match self.prices {
            Some((curve, Contract::Index)) => curve.mean(),
            _ => self.parameters.power.price_usd_per_mwh,
        }
    }

    /// Growth of the power price from the start to the middle of a month.
    pub fn power_growth(&self, month: usize) -> f64 {
        growth(self.parameters.power.growth_per_year, month)
    }
}

/// The factor of a yearly growth from the start to the middle of a month.
pub fn growth(per_year: f64, month: usize) -> f64 {
    (per_year + 1.0).powf(years(month))
}

/// Years from the start to the middle of a month.
pub fn years(month: usize) -> f64 {
    (month as f64 + 0.5) / 12.0
}
