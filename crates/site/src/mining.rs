//! Rigs: what they earn in a month, and when they stop.

use crate::flow::Month;
use crate::inputs::{Inputs, PRICE_FILE};
use crate::keys;
use crate::network::{HOURS_PER_MONTH, hashprice};
use crate::num::Num;
use crate::prices::Curve;
use crate::settings::Contract;

/// A fleet of one kind of rig, for each MW at the meter.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    /// J/TH.
    pub efficiency_j_th: Num,
    /// Power at the meter over power of the rigs.
    pub pue: Num,
    /// Months after the decision at which it starts.
    pub from_month: Num,
    /// Months after the decision at which it ends.
    pub until_month: Num,
    /// Whether it follows the prices of intervals where there are some.
    pub curtailed: bool,
}

/// The fleet that is there.
pub fn fleet_there(inputs: &Inputs) -> Fleet {
    Fleet {
        efficiency_j_th: inputs.get(keys::MINING_EFFICIENCY_J_TH),
        pue: inputs.get(keys::MINING_PUE),
        from_month: Num::exact(0.0),
        until_month: inputs.get(keys::MINING_LIFE_YEARS) * 12.0,
        curtailed: false,
    }
}

/// The part of a month, 0 to 1, that lies between two others.
pub fn overlap(month: usize, from: Num, until: Num) -> Num {
    let (first, last) = (month as f64, month as f64 + 1.0);
    (until.min(last.into()) - from.max(first.into())).max(0.0.into())
}

impl Fleet {
    /// Hash rate when all of it runs, TH/s for each MW at the meter: power of the rigs
    /// over J/TH.
    pub fn hashrate_th_s(&self) -> Num {
        1e6 / (self.pue * self.efficiency_j_th)
    }

    /// What a MWh at the meter earns in a month, after the pool's fee, $/MWh:
    /// hashprice (1 − fee) / (24 e PUE), in $/kWh, times 1000.
    pub fn value_usd_per_mwh(&self, inputs: &Inputs, month: usize) -> Num {
        hashprice(inputs, month) * (1.0 - inputs.get(keys::MINING_POOL_FEE)) * 1000.0
            / (24.0 * self.efficiency_j_th * self.pue)
    }

    /// What it is paid for being ready to stop, $ for each MWh when it runs all the
    /// time that it can.
    pub fn credit_usd_per_mwh(&self, inputs: &Inputs) -> Num {
        inputs.get(keys::DEMAND_RESPONSE_ENROLLED_SHARE)
            * inputs.get(keys::DEMAND_RESPONSE_USD_PER_MW_YEAR)
            / (12.0 * HOURS_PER_MONTH * inputs.get(keys::MINING_UPTIME))
    }

    /// A month of it, for each MW at the meter. It runs only while that, with what it
    /// is paid for being ready, earns more than it costs.
    pub fn month(&self, inputs: &Inputs, month: usize) -> Month {
        let active = overlap(month, self.from_month, self.until_month);
        let ready_mwh = inputs.get(keys::MINING_UPTIME) * HOURS_PER_MONTH * active;
        // The hours that it runs cancel: it is paid for megawatts.
        let credit = self.credit_usd_per_mwh(inputs);
        let credit_usd = (ready_mwh * credit).without(&[inputs.get(keys::MINING_UPTIME)]);
        let value = self.value_usd_per_mwh(inputs, month);
        let besides =
            inputs.get(keys::POWER_ADDERS_USD_PER_MWH) + inputs.get(keys::MINING_OPEX_USD_PER_MWH);
        match inputs.prices {
            Some((curve, contract)) if self.curtailed => {
                let growth = inputs.power_growth(month);
                let by = ByPrice {
                    curve,
                    contract,
                    growth,
                };
                let mut found = by.month(inputs, ready_mwh, value, besides);
                found.credit_usd = found.credit_usd + credit_usd;
                found
            }
            _ => {
                let price = inputs.flat_price() * inputs.power_growth(month);
                // Once everything it costs is not earned, it stops for the month.
                let left = value - price - besides + credit;
                let energy_mwh = ready_mwh.when(left);
                Month {
                    revenue_usd: energy_mwh * value,
                    energy_mwh,
                    power_usd: energy_mwh * (price + inputs.get(keys::POWER_ADDERS_USD_PER_MWH)),
                    credit_usd: credit_usd.when(left),
                    opex_usd: energy_mwh * inputs.get(keys::MINING_OPEX_USD_PER_MWH),
                    capex_usd: Num::exact(0.0),
                }
            }
        }
    }
}

/// A load that stops in every interval in which it would lose.
struct ByPrice<'a> {
    curve: &'a Curve,
    contract: Contract,
    growth: Num,
}

impl ByPrice<'_> {
    fn month(&self, inputs: &Inputs, ready_mwh: Num, value: Num, besides: Num) -> Month {
        let limit = (value - besides) / self.growth;
        let of = |part: fn(crate::prices::Cut) -> f64| Num {
            value: part(self.curve.cut(limit.value)),
            deps: limit.deps | PRICE_FILE,
        };
        let running_mwh = ready_mwh * of(|cut| cut.running);
        let stopped_mwh = ready_mwh * (1.0 - of(|cut| cut.running));
        let adders = inputs.get(keys::POWER_ADDERS_USD_PER_MWH);
        let (power_usd, credit_usd) = match self.contract {
            Contract::Index => (
                running_mwh * of(|cut| cut.mean_running) * self.growth,
                Num::exact(0.0),
            ),
            Contract::Fixed => (
                ready_mwh * inputs.flat_price() * self.growth,
                stopped_mwh * of(|cut| cut.mean_stopped) * self.growth,
            ),
        };
        Month {
            revenue_usd: running_mwh * value,
            energy_mwh: running_mwh,
            power_usd: power_usd + running_mwh * adders,
            credit_usd,
            opex_usd: running_mwh * inputs.get(keys::MINING_OPEX_USD_PER_MWH),
            capex_usd: Num::exact(0.0),
        }
    }
}
