//! The hashprice at which rigs break even, over their efficiency and the price of
//! power.

use serde::Serialize;

use crate::inputs::Inputs;
use crate::network;
use crate::parameters::Parameters;
use perwatt_table::Evidence;

/// Efficiencies of the surface, J/TH: from the best rigs announced to old ones.
const EFFICIENCY_J_TH: [f64; 10] = [8.9, 11.0, 13.5, 15.0, 17.5, 21.5, 25.0, 28.2, 34.0, 40.0];
/// Power prices of the surface, $/MWh.
const PRICE_USD_PER_MWH: [f64; 8] = [20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0];

/// Break-even hashprices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Surface {
    /// The efficiencies of the columns, J/TH.
    pub efficiency_j_th: Vec<f64>,
    /// The power prices of the rows, $/MWh.
    pub price_usd_per_mwh: Vec<f64>,
    /// Hashprice at which the earnings of running equal its cost, $/PH/day: a row for each
    /// price.
    pub hashprice: Vec<Vec<f64>>,
    /// The same if only power is paid.
    pub power_alone: Vec<Vec<f64>>,
    /// Hashprice at the start, $/PH/day.
    pub now: f64,
    /// The weakest evidence that any of it rests on.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
}

/// The surface for a site's PUE, pool fee and costs besides power:
/// HP = 24 e PUE (price + adders + opex) / (1 − fee).
pub fn surface(inputs: &Inputs) -> Surface {
    let Parameters { mining, power, .. } = &inputs.parameters;
    let at = |besides: f64| {
        let row = |price: &f64| {
            let per_j_th = 24.0 * mining.pue * (price + besides) / 1000.0 / (1.0 - mining.pool_fee);
            EFFICIENCY_J_TH.iter().map(|e| e * per_j_th).collect()
        };
        PRICE_USD_PER_MWH.iter().map(row).collect()
    };
    Surface {
        efficiency_j_th: EFFICIENCY_J_TH.to_vec(),
        price_usd_per_mwh: PRICE_USD_PER_MWH.to_vec(),
        hashprice: at(power.adders_usd_per_mwh + mining.opex_usd_per_mwh),
        power_alone: at(0.0),
        now: network::now(inputs),
        evidence: Evidence::Exact,
    }
}
