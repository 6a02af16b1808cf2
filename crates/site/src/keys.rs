//! The places of parameters in the table, so that a key that does not exist is found
//! when the program is built. A test holds both together.

/// `site.gross_mw`
pub const SITE_GROSS_MW: usize = 0;
/// `site.start`
pub const SITE_START: usize = 1;
/// `finance.horizon_years`
pub const FINANCE_HORIZON_YEARS: usize = 2;
/// `finance.discount_rate`
pub const FINANCE_DISCOUNT_RATE: usize = 3;
/// `power.price_usd_per_mwh`
pub const POWER_PRICE_USD_PER_MWH: usize = 4;
/// `power.adders_usd_per_mwh`
pub const POWER_ADDERS_USD_PER_MWH: usize = 5;
/// `power.growth_per_year`
pub const POWER_GROWTH_PER_YEAR: usize = 6;
/// `network.hashrate_eh_s`
pub const NETWORK_HASHRATE_EH_S: usize = 7;
/// `network.btc_price_usd`
pub const NETWORK_BTC_PRICE_USD: usize = 8;
/// `network.fees_btc_per_block`
pub const NETWORK_FEES_BTC_PER_BLOCK: usize = 9;
/// `network.hashrate_growth_per_year`
pub const NETWORK_HASHRATE_GROWTH_PER_YEAR: usize = 10;
/// `network.btc_growth_per_year`
pub const NETWORK_BTC_GROWTH_PER_YEAR: usize = 11;
/// `network.halving`
pub const NETWORK_HALVING: usize = 12;
/// `mining.efficiency_j_th`
pub const MINING_EFFICIENCY_J_TH: usize = 13;
/// `mining.pue`
pub const MINING_PUE: usize = 14;
/// `mining.uptime`
pub const MINING_UPTIME: usize = 15;
/// `mining.pool_fee`
pub const MINING_POOL_FEE: usize = 16;
/// `mining.opex_usd_per_mwh`
pub const MINING_OPEX_USD_PER_MWH: usize = 17;
/// `mining.life_years`
pub const MINING_LIFE_YEARS: usize = 18;
/// `mining.resale_usd_per_th`
pub const MINING_RESALE_USD_PER_TH: usize = 19;
/// `newer.efficiency_j_th`
pub const NEWER_EFFICIENCY_J_TH: usize = 20;
/// `newer.price_usd_per_th`
pub const NEWER_PRICE_USD_PER_TH: usize = 21;
/// `newer.pue`
pub const NEWER_PUE: usize = 22;
/// `newer.life_years`
pub const NEWER_LIFE_YEARS: usize = 23;
/// `newer.months_to_power`
pub const NEWER_MONTHS_TO_POWER: usize = 24;
/// `newer.capex_usd_per_mw`
pub const NEWER_CAPEX_USD_PER_MW: usize = 25;
/// `hosting.rent_usd_per_kw_month`
pub const HOSTING_RENT_USD_PER_KW_MONTH: usize = 26;
/// `hosting.pue`
pub const HOSTING_PUE: usize = 27;
/// `hosting.noi_margin`
pub const HOSTING_NOI_MARGIN: usize = 28;
/// `hosting.capex_usd_per_mw`
pub const HOSTING_CAPEX_USD_PER_MW: usize = 29;
/// `hosting.months_to_power`
pub const HOSTING_MONTHS_TO_POWER: usize = 30;
/// `hosting.leased_share`
pub const HOSTING_LEASED_SHARE: usize = 31;
/// `hosting.load_share`
pub const HOSTING_LOAD_SHARE: usize = 32;
/// `hosting.mining_during_build`
pub const HOSTING_MINING_DURING_BUILD: usize = 33;
/// `hosting.residual_share`
pub const HOSTING_RESIDUAL_SHARE: usize = 34;
/// `cloud.rent_usd_per_gpu_hour`
pub const CLOUD_RENT_USD_PER_GPU_HOUR: usize = 35;
/// `cloud.rent_decline_per_year`
pub const CLOUD_RENT_DECLINE_PER_YEAR: usize = 36;
/// `cloud.sold_share`
pub const CLOUD_SOLD_SHARE: usize = 37;
/// `cloud.kw_per_gpu`
pub const CLOUD_KW_PER_GPU: usize = 38;
/// `cloud.price_usd_per_gpu`
pub const CLOUD_PRICE_USD_PER_GPU: usize = 39;
/// `cloud.life_years`
pub const CLOUD_LIFE_YEARS: usize = 40;
/// `cloud.residual_36_months`
pub const CLOUD_RESIDUAL_36_MONTHS: usize = 41;
/// `cloud.refresh`
pub const CLOUD_REFRESH: usize = 42;
/// `cloud.pue`
pub const CLOUD_PUE: usize = 43;
/// `cloud.capex_usd_per_mw`
pub const CLOUD_CAPEX_USD_PER_MW: usize = 44;
/// `cloud.months_to_power`
pub const CLOUD_MONTHS_TO_POWER: usize = 45;
/// `cloud.opex_usd_per_kw_month`
pub const CLOUD_OPEX_USD_PER_KW_MONTH: usize = 46;
/// `mixed.hosting_share`
pub const MIXED_HOSTING_SHARE: usize = 47;
/// `demand_response.enrolled_share`
pub const DEMAND_RESPONSE_ENROLLED_SHARE: usize = 48;
/// `demand_response.usd_per_mw_year`
pub const DEMAND_RESPONSE_USD_PER_MW_YEAR: usize = 49;
/// `curtailment.restart_h`
pub const CURTAILMENT_RESTART_H: usize = 50;
/// `curtailment.checkpoint_h`
pub const CURTAILMENT_CHECKPOINT_H: usize = 51;
/// `security.retired_share`
pub const SECURITY_RETIRED_SHARE: usize = 52;
/// `security.leaving_share`
pub const SECURITY_LEAVING_SHARE: usize = 53;
/// `security.attacker_eh_s`
pub const SECURITY_ATTACKER_EH_S: usize = 54;
/// `security.confirmations`
pub const SECURITY_CONFIRMATIONS: usize = 55;
/// `security.rig_usd_per_th`
pub const SECURITY_RIG_USD_PER_TH: usize = 56;
/// `security.rig_j_th`
pub const SECURITY_RIG_J_TH: usize = 57;
/// `security.site_usd_per_mw`
pub const SECURITY_SITE_USD_PER_MW: usize = 58;
/// `security.rent_premium`
pub const SECURITY_RENT_PREMIUM: usize = 59;

#[cfg(test)]
mod tests {
    use crate::parameter::parameters;

    #[test]
    fn every_place_is_that_of_its_key() {
        let text = include_str!("keys.rs");
        for (i, parameter) in parameters().iter().enumerate() {
            let name = parameter.key.replace('.', "_").to_uppercase();
            let line = format!("pub const {name}: usize = {i};");
            assert!(text.contains(&line), "{line}");
        }
        // Two of these are in this test.
        assert_eq!(text.matches("pub const ").count(), parameters().len() + 2);
    }
}
