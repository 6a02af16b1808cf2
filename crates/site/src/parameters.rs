//! The parameters of a site, each declared once: its meaning, rule, unit and default with
//! evidence, source and date, and the range over which it may move.
//!
//! A parameter without a published figure has a default without effect, marked assumed, or
//! no default at all: then the scenario must give it.

use std::sync::LazyLock;

use perwatt_table::{Evidence, Source};

use crate::date;
use crate::parameter::{Origin, Parameter, Rule, Value};

/// A default as it is written in the list: a number or a day.
struct Written(f64);

impl From<f64> for Written {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl From<&str> for Written {
    fn from(day: &str) -> Self {
        Self(date::read(day).unwrap_or(f64::NAN))
    }
}

/// A declared default, or none.
macro_rules! default {
    () => { None };
    ($value:literal $range:tt []) => {
        default!($value $range [Assumed "no effect unless the scenario sets it"])
    };
    ($value:literal [$low:literal, $high:tt] $source:tt) => {
        default!($value [$low, $high "assumed"] $source)
    };
    ($value:literal [$($low:literal, $high:tt $range_source:literal)?]
        [$evidence:ident $source:literal $($date:literal)?]) => {
        Some(Value {
            value: Written::from($value).0,
            range: None$(.or(Some([$low, $high])))?,
            source: Source {
                evidence: Evidence::$evidence,
                text: $source.into(),
                date: None$(.or(Some($date.into())))?,
            },
            range_source: concat!("", $($range_source)?).into(),
            origin: Origin::Default,
        })
    };
}

/// Declares parameters by sections. Of each: its meaning; its name, rule and unit; the
/// default; the range with its source, if it is not only assumed; the evidence for the
/// default with its source and date, if the default has an effect.
macro_rules! parameters {
    ($($section:ident: $Section:ident { $(
        $(#[doc = $about:literal])+
        $name:ident: $rule:ident $unit:literal
            $(= $value:literal $([$low:literal, $high:tt $($range_source:literal)?])?
                $($evidence:ident $source:literal $(($date:literal))?)?)?;
    )+ })+) => {
        /// A value for every parameter; a day as days since 1970-01-01.
        #[derive(Debug, Clone, Copy, PartialEq, Default)]
        pub struct Parameters { $(
            #[doc = concat!("`", stringify!($section), ".*`")]
            pub $section: $Section,
        )+ }

        $(
            #[doc = concat!("The values of `", stringify!($section), ".*`.")]
            #[derive(Debug, Clone, Copy, PartialEq, Default)]
            pub struct $Section { $( $(#[doc = $about])+ pub $name: f64, )+ }
        )+

        fn declared() -> Vec<Parameter> {
            vec![$($(Parameter {
                key: concat!(stringify!($section), ".", stringify!($name)),
                unit: $unit,
                rule: Rule::$rule,
                about: concat!($($about),+).trim_start(),
                default: default!($($value [$($low, $high $($range_source)?)?]
                    [$($evidence $source $($date)?)?])?),
                of: |values| &mut values.$section.$name,
            },)+)+]
        }
    };
}

parameters! {
    site: Site {
        /// Power at the utility meter that the site may draw
        gross_mw: Positive "MW";
        /// First day of the first month
        start: Date "date" = "2026-10-03" Assumed "day of the network snapshot below" ("2026-10-03");
    }
    finance: Finance {
        /// Length of the evaluated period
        horizon_years: Horizon "years" = 12.0
            Sourced "SEC press release, Core Scientific and CoreWeave: term of the hosting contracts" ("2024-10-22");
        /// Discount rate in constant dollars
        discount_rate: Share "per year";
    }
    power: Power {
        /// Energy at the meter, flat
        price_usd_per_mwh: Positive "$/MWh" = 45.0 [30.0, 60.0 "assumed: a third of the median down and up"]
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): median electricity cost" ("2024");
        /// Charges for each MWh besides energy
        adders_usd_per_mwh: NonNegative "$/MWh" = 0.0;
        /// Growth of the power price, in constant dollars
        growth_per_year: Growth "per year" = 0.0 [-0.02, 0.04];
    }
    network: Network {
        /// Hash rate of the network at the start
        hashrate_eh_s: Positive "EH/s" = 964.0 [860.0, 1100.0 "sourced: 864 EH/s (2026-04-20, sandmark.com) to 1.1 ZH/s (2025-11, news.gurasala.com)"]
            Sourced "MineForge snapshot, App. C" ("2026-10-03");
        /// Price of a bitcoin at the start
        btc_price_usd: Positive "$/BTC" = 84_714.0 [60_000.0, 110_000.0 "assumed: some 30 % down and up"]
            Sourced "MineForge snapshot, App. C" ("2026-10-03");
        /// Mean transaction fees of a block
        fees_btc_per_block: NonNegative "BTC" = 0.087 [0.03, 0.3]
            Sourced "MineForge snapshot, App. C: hashprice with fees 40.58 and without 39.48; 3.125 x (40.58/39.48 - 1), computed" ("2026-10-03");
        /// Growth of hash rate and difficulty
        hashrate_growth_per_year: Growth "per year" = 0.252 [-0.13, 0.5 "sourced below: 1.1 ZH/s (2025-11) to 964 EH/s (2026-10); assumed above"]
            Sourced "headers of blocks 840000 (2024-04-20) and 951658 (2026-05-30): (138.955/86.388)^(1/2.11 years) - 1, computed" ("2026-05-30");
        /// Growth of the price of a bitcoin, in constant dollars
        btc_growth_per_year: Growth "per year" = 0.0 [-0.2, 0.4];
        /// Day of block 1,050,000
        halving: Date "date" = "2028-04-13" Sourced "MineForge snapshot" ("2026-10-03");
    }
    mining: Mining {
        /// Efficiency of the rigs that are there
        efficiency_j_th: Positive "J/TH" = 28.2
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): network average" ("2024");
        /// Power at the meter over power of the rigs
        pue: AtLeast1 "" = 1.05 [1.003, 1.08 "sourced below: uminers 2026; assumed above"]
            Sourced "d-central PUE glossary; uminers 2026" ("2026");
        /// Share of hours in which the rigs run
        uptime: PositiveShare "share" = 1.0 [0.9, 1.0];
        /// Share of the reward that the pool keeps
        pool_fee: Share "share" = 0.02 [0.007, 0.04 "sourced: the same, Luxor 0.7 % to F2Pool 4 %"]
            Sourced "spark.money pool comparison, FPPS: Braiins 2 %" ("2026");
        /// Cost of mining besides electricity
        opex_usd_per_mwh: NonNegative "$/MWh" = 10.5 [8.0, 14.0]
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): all-in 55.5 less electricity 45, medians" ("2024");
        /// Years that the rigs still run
        life_years: Positive "years" = 3.0 [1.0, 5.0 "sourced: the same"]
            Sourced "Core Scientific 10-K 2023, note 5: mining equipment 1 to 5 years; the middle" ("2023-12-31");
        /// Resale price of the rigs
        // 3.14, which Clippy takes for pi where it is written out.
        resale_usd_per_th: NonNegative "$/TH" = 1.18 [0.0, (314.0 / 100.0) "sourced above: the same, 19 to 25 J/TH; below: scrap, assumed"]
            Sourced "Luxor index by The Block: rigs of 25 to 38 J/TH" ("2026-09-27");
    }
    newer: Newer {
        /// Efficiency of the newer rigs
        efficiency_j_th: Positive "J/TH" = 13.5 [12.6, 14.4 "assumed: 3 % of hash rate and 5 % of power, as the S19 Pro is specified, in quadrature"]
            Nameplate "Antminer S21 XP, support.bitmain.com" ("2024-12");
        /// Price of the newer rigs
        price_usd_per_th: Positive "$/TH" = 18.38 [13.0, 18.38 "sourced below: WhatsMiner M70S, list price 3224 $"]
            Sourced "Luxor index by The Block: rigs below 14 J/TH" ("2026-09-27");
        /// Power at the meter over power of the newer rigs
        pue: AtLeast1 "" = 1.05 [1.003, 1.08 "sourced below: uminers 2026; assumed above"]
            Sourced "d-central PUE glossary; uminers 2026" ("2026");
        /// Years that the newer rigs run
        life_years: Positive "years" = 5.0 [3.0, 5.0]
            Sourced "Core Scientific 10-K 2023, note 5: mining equipment 1 to 5 years; the most" ("2023-12-31");
        /// Months until the newer rigs run; the old ones run until then
        months_to_power: NonNegative "months" = 0.0 [0.0, 6.0];
        /// Cost of changing the site for the newer rigs, for each MW at the meter
        capex_usd_per_mw: NonNegative "$/MW" = 0.0;
    }
    hosting: Hosting {
        /// Rent for each kW of critical IT load
        rent_usd_per_kw_month: Positive "$/kW-month" = 120.8 [115.7, 158.7 "sourced: its last option alone (2024-10-22) to Hut 8 River Bend (2025-12)"]
            Sourced "SEC press release, Core Scientific and CoreWeave: 8.7 B$ for 500 MW and 12 years, computed" ("2024-10-22");
        /// Power at the meter over critical IT load
        pue: AtLeast1 "" = 1.25 [1.15, 1.45 "sourced: best AI sites (uminers 2026) to Cipher 244 MW for 168"]
            Sourced "TeraWulf: 250 MW gross for 200 MW critical" ("2025-08-14");
        /// Net operating income over rent
        noi_margin: Share "share" = 0.825 [0.8, 0.85 "sourced: the same"]
            Sourced "claimed by Cipher, 80 to 85 %; the middle" ("2025-09-25");
        /// Shell, power and cooling for each MW of critical IT load
        capex_usd_per_mw: NonNegative "$/MW" = 10_000_000.0 [8_000_000.0, 15_000_000.0 "sourced: TeraWulf 8 (2025-08-14) to Reno 15 (Cushman & Wakefield 2025)"]
            Sourced "Cipher Barber Lake 9 to 11 M$; the middle" ("2025-09-25");
        /// Months from the decision to the first rent
        months_to_power: NonNegative "months" = 12.0 [9.0, 24.0]
            Sourced "VanEck: less than a year" ("2024-08");
        /// Share of the critical load that is let
        leased_share: PositiveShare "share" = 1.0 [0.8, 1.0];
        /// Mean load of the tenant over the critical load
        load_share: PositiveShare "share" = 1.0;
        /// Share of the rigs that run while the shell is built
        mining_during_build: Share "share" = 0.0 [0.0, 0.5]
            Assumed "at least 90 % of the plant is replaced (Sabre56, 2024-09)" ("2024-09");
        /// Residual value of the shell over its cost
        residual_share: Share "share" = 0.0 [0.0, 0.4];
    }
    cloud: Cloud {
        /// Rent of a new accelerator
        rent_usd_per_gpu_hour: Positive "$/GPU-h" = 2.95 [1.99, 3.5 "sourced: mercatus-ai.com, long tail to specialists (2026-05)"]
            Sourced "H100, median of 37 providers, aimultiple.com/gpu-index" ("2026-05-20");
        /// Fall of the rent as an accelerator ages
        rent_decline_per_year: Share "per year" = 0.31 [0.0, 0.4 "sourced below: it rose from 2025-10 to 2026-03 (SemiAnalysis); assumed above"]
            Sourced "H100 from over 7 (early 2024) to 2.95 (2026-05): 1 - (2.95/7)^(1/2.3 years), computed; aimultiple.com" ("2026-05-20");
        /// Share of hours that are rented
        sold_share: Share "share" = 0.825 [0.75, 0.9 "sourced: the same"]
            Sourced "disintermediate.global: 75 to 90 % observed; the middle" ("2026");
        /// IT power for each accelerator with its share of the node
        kw_per_gpu: Positive "kW" = 1.275
            Sourced "H100 node 10.2 kW for 8, v2-pseo-ai.pages.dev" ("2026");
        /// Accelerator with its share of node, network and racks
        price_usd_per_gpu: Positive "$" = 50_000.0 [45_800.0, 51_600.0 "sourced: the same"]
            Sourced "H100, spreadsheet of 2024-08" ("2024-08");
        /// Age at which accelerators are sold
        life_years: AtLeast1 "years" = 3.0 [2.0, 5.0]
            Assumed "36 months, for which a residual is known";
        /// Residual value of an accelerator after 36 months over its price
        residual_36_months: PositiveShare "share" = 0.3 [0.25, 0.35 "sourced: the same"]
            Sourced "v2-pseo-ai.pages.dev: 25 to 35 %; the middle" ("2026");
        /// 1 if accelerators that are sold are replaced, at the same price and first rent
        refresh: Switch "0 or 1" = 1.0 Assumed "a shell without accelerators earns nothing";
        /// Power at the meter over critical IT load
        pue: AtLeast1 "" = 1.25 [1.15, 1.45 "sourced: best AI sites (uminers 2026) to Cipher 244 MW for 168"]
            Sourced "TeraWulf: 250 MW gross for 200 MW critical" ("2025-08-14");
        /// Shell, power and cooling for each MW of critical IT load
        capex_usd_per_mw: NonNegative "$/MW" = 10_000_000.0 [8_000_000.0, 15_000_000.0 "sourced: TeraWulf 8 (2025-08-14) to Reno 15 (Cushman & Wakefield 2025)"]
            Sourced "Cipher Barber Lake 9 to 11 M$; the middle" ("2025-09-25");
        /// Months from the decision to the first rental
        months_to_power: NonNegative "months" = 12.0 [9.0, 24.0]
            Sourced "VanEck: less than a year" ("2024-08");
        /// Cost of running the site for each kW of critical load; software and sales are not in it
        opex_usd_per_kw_month: NonNegative "$/kW-month" = 21.1 [18.0, 60.0]
            Sourced "17.5 % of 120.8, what hosting leaves of its rent, computed" ("2025-09-25");
    }
    mixed: Mixed {
        /// Share of the power that goes to hosting; the rest mines and is curtailed
        hosting_share: Share "share" = 0.5 [0.25, 0.75] Assumed "half and half";
    }
    demand_response: DemandResponse {
        /// Share of the mining load that is paid for being ready to stop
        enrolled_share: Share "share" = 0.0;
        /// Payment for readiness
        usd_per_mw_year: NonNegative "$/MW-year" = 65_000.0 [60_000.0, 70_000.0 "sourced: the same"]
            Sourced "ERCOT ERS, loadvizpro.com; the middle" ("2026");
    }
    curtailment: Curtailment {
        /// Hours that accelerators lose at each restart
        restart_h: NonNegative "h" = 0.0;
        /// Hours between two checkpoints of the tenant; at most so much work is lost
        checkpoint_h: NonNegative "h" = 0.0;
    }
    security: Security {
        /// Share of the displaced rigs that never mine again; the rest is sold and mines elsewhere
        retired_share: Share "share" = 1.0 Assumed "the worst for the network";
        /// A larger exodus to set beside the site's own: share of the network that leaves
        leaving_share: Share "share" = 0.36
            Sourced "all of the United States: 36.0 % of the network in Q2 2025, hashrateindex.com (satoshibrother.com)" ("2025-06-30");
        /// Hash rate of an attacker, before and after; at most the network's
        attacker_eh_s: NonNegative "EH/s" = 96.4 Assumed "a tenth of the network";
        /// Confirmations that a payment waits for
        confirmations: Count "blocks" = 6.0 Assumed "the custom of Bitcoin's own wallet";
        /// Price of rigs that would match the honest hash rate
        rig_usd_per_th: Positive "$/TH" = 13.0 [13.0, 18.38 "sourced: Luxor index below 14 J/TH (2026-09-27)"]
            Sourced "WhatsMiner M70S, list price 3224 $ for 248 TH/s" ("2025-12");
        /// Efficiency of those rigs
        rig_j_th: Positive "J/TH" = 13.5
            Nameplate "WhatsMiner M70S, shop.whatsminer.com" ("2025-12");
        /// Cost of a mining site
        site_usd_per_mw: Positive "$/MW" = 330_000.0 [300_000.0, 350_000.0 "sourced: the same"]
            Sourced "Sabre56, 0.30 to 0.35 M$/MW (2024-09); read as investment" ("2024-09");
        /// Price of rented hash rate over hashprice
        rent_premium: Positive "" = 1.0 Assumed "hash rate rented for what it earns";
    }
}

/// All parameters, in the order in which reports list them.
pub fn parameters() -> &'static [Parameter] {
    static ALL: LazyLock<Vec<Parameter>> = LazyLock::new(declared);
    &ALL
}

/// The place of a key in the list.
pub fn index_of(key: &str) -> Option<usize> {
    parameters().iter().position(|known| known.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_holds_its_rule_and_every_range_lies_around_it() {
        let all = parameters();
        for parameter in all {
            let key = parameter.key;
            assert_eq!(index_of(key).map(|i| all[i].key), Some(key), "{key} twice");
            assert!(!parameter.about.is_empty(), "{key}");
            let Some(given) = &parameter.default else {
                continue;
            };
            let values = given.range.into_iter().flatten().chain([given.value]);
            let faults: Vec<&str> = values.filter_map(|v| parameter.rule.fault(v)).collect();
            assert!(faults.is_empty(), "{key}: {faults:?}");
            let dated = given.source.date.is_some() || given.source.evidence == Evidence::Assumed;
            assert!(dated, "{key}: a sourced default without a date");
            if let Some([low, high]) = given.range {
                assert!(
                    low <= given.value && given.value <= high && low < high,
                    "{key}"
                );
                let said = given.range_source.as_str();
                assert!(
                    said.contains("assumed") || said.contains("sourced"),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn each_parameter_has_a_value_of_its_own() {
        let mut values = Parameters::default();
        for (i, parameter) in parameters().iter().enumerate() {
            *(parameter.of)(&mut values) = i as f64;
        }
        for (i, parameter) in parameters().iter().enumerate() {
            assert_eq!(*(parameter.of)(&mut values), i as f64, "{}", parameter.key);
        }
    }

    #[test]
    fn what_nobody_published_is_asked_for() {
        let asked: Vec<&str> = parameters()
            .iter()
            .filter(|parameter| parameter.default.is_none())
            .map(|parameter| parameter.key)
            .collect();
        assert_eq!(asked, ["site.gross_mw", "finance.discount_rate"]);
    }
}
