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
        start: Date "date" = "2026-10-03" Sourced "MineForge snapshot: day of the network's figures below" ("2026-10-03");
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
        /// Efficiency of the marginal rig: the one that stops first; at the start no worse than earns its power
        marginal_j_th: Positive "J/TH" = 28.2 [21.5, 34.0]
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): network average" ("2024");
        /// Price of power of the marginal rig
        marginal_usd_per_mwh: Positive "$/MWh" = 45.0 [35.0, 55.5 "sourced above: the same report, all-in cost; assumed below"]
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): median electricity cost" ("2024");
        /// Yearly fall of the marginal rig's J/TH, as fleets are renewed
        marginal_improvement_per_year: Share "per year" = 0.2 [0.05, 0.24 "sourced above: Cambridge report, 24 % better than the year before; assumed below"]
            Sourced "S19 XP, 21.5 J/TH (2021-11), to S23 Hyd, 9.5 J/TH (2025-06): 1 - (9.5/21.5)^(1/3.6 years), computed" ("2025-06");
        /// Efficiency that the marginal rig does not surpass
        best_j_th: Positive "J/TH" = 8.9 Nameplate "Antminer S23 XP Hyd, the best announced" ("2026-08");
        /// Correlation of price, fees, hash rate and both growths in the draws
        correlation: Share "share" = 0.5
            Assumed "0.94 from 2009 to 2014, -0.66 by mid-2025 (coinledger.io), 0.9 in 2017; no steady figure is published";
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
        uptime: PositiveShare "share" = 0.91 [0.85, 0.98]
            Sourced "CleanSpark: 45.6 EH/s on average in 2025-09 (decrypto.news) of 50 deployed (bitnews.site), computed; stops for power are in it" ("2025-09-30");
        /// Share of the reward that the pool keeps
        pool_fee: Share "share" = 0.02 [0.007, 0.04 "sourced: the same, Luxor 0.7 % to F2Pool 4 %"]
            Sourced "spark.money pool comparison, FPPS: Braiins 2 %" ("2026");
        /// Cost of mining besides electricity
        opex_usd_per_mwh: NonNegative "$/MWh" = 10.5 [8.0, 14.0]
            Sourced "Cambridge Digital Mining Industry Report (2025-04-28): all-in 55.5 less electricity 45, medians" ("2024");
        /// Share of that cost that goes on while rigs stop
        opex_fixed_share: Share "share" = 0.8 [0.5, 1.0] Assumed "staff, site, insurance and repair; no split is published";
        /// Months from the start of the rigs for which it goes on at least, even if they are closed
        notice_months: NonNegative "months" = 12.0 [3.0, 24.0] Assumed "a year's notice of staff and contracts";
        /// Cost of a stop with its restart, for each MW, besides lost revenue
        stop_usd_per_mw: NonNegative "$/MW" = 0.0 [0.0, 50.0];
        /// Hours after each stop in which rigs draw power and do not hash yet
        restart_h: NonNegative "h" = 0.1 [0.0, 0.5] Assumed "minutes: hundreds of MW within minutes, nfmconsulting.com";
        /// Years that the rigs still run
        life_years: Positive "years" = 3.0 [1.0, 5.0 "sourced: the same"]
            Sourced "Core Scientific 10-K 2023, note 5: mining equipment 1 to 5 years; the middle" ("2023-12-31");
        /// Resale price of the rigs; without it, that of their efficiency class
        // 3.14, which Clippy takes for pi where it is written out.
        resale_usd_per_th: NonNegative "$/TH" = 1.18 [0.0, (314.0 / 100.0) "sourced above: the same, 19 to 25 J/TH; below: scrap, assumed"]
            Sourced "Luxor index by The Block: rigs of 25 to 38 J/TH" ("2026-09-27");
    }
    newer: Newer {
        /// Efficiency of the newer rigs
        efficiency_j_th: Positive "J/TH" = 13.5 [12.6, 14.4 "assumed: 3 % of hash rate and 5 % of power, as the S19 Pro is specified, in quadrature"]
            Nameplate "Antminer S21 XP, support.bitmain.com" ("2024-12");
        /// Price of the newer rigs
        price_usd_per_th: Positive "$/TH" = 18.38 [13.0, 18.38 "sourced below: WhatsMiner M70S, list price $3224"]
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
        rent_usd_per_kw_month: Positive "$/kW-month" = 154.2 [138.8, 169.6 "assumed: a tenth down and up; other deals are set beside it"]
            Sourced "TeraWulf and Fluidstack: $3.7bn for 200 MW and 10 years, computed; blockspace.media" ("2025-08-14");
        /// Years that the rent is paid; later the shell has its residual value alone
        term_years: Positive "years" = 10.0 Sourced "TeraWulf and Fluidstack; blockspace.media" ("2025-08-14");
        /// Power at the meter over critical IT load
        pue: AtLeast1 "" = 1.25 [1.15, 1.45 "sourced: best AI sites (uminers 2026) to Cipher 244 MW for 168"]
            Sourced "TeraWulf: 250 MW gross for 200 MW critical; blockspace.media" ("2025-08-14");
        /// Net operating income over rent
        noi_margin: Share "share" = 0.85 [0.8, 0.9] Sourced "TeraWulf, claimed; blockspace.media" ("2025-08-14");
        /// Shell, power and cooling for each MW of critical IT load
        capex_usd_per_mw: NonNegative "$/MW" = 9_000_000.0 [8_000_000.0, 10_000_000.0 "sourced: the same"]
            Sourced "TeraWulf, $8M to $10M; the middle; blockspace.media" ("2025-08-14");
        /// Hours a year in which the tenant has no power
        outage_h_per_year: NonNegative "h/year" = 0.9 [0.0, 8.8] Assumed "99.99 %, as service levels promise";
        /// Hours of rent that the tenant is credited for an hour without power
        sla_credit_h: NonNegative "h" = 24.0 [1.0, 100.0] Assumed "a day for each hour; contracts differ";
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
        rent_usd_per_gpu_hour: Positive "$/GPU-h" = 3.75 [2.07, 4.54 "sourced: IREN and Microsoft, $808/kW-month (2025-11-03), to half a GB200 superchip (spheron, 2026-03-17)"]
            Sourced "B200, lowest of 26 offers, packet.ai: the nearest card with listed rents" ("2026-06");
        /// Fall of the rent as an accelerator ages
        rent_decline_per_year: Share "per year" = 0.16 [0.0, 0.31 "sourced below: it rose from 2025-10 to 2026-03 (SemiAnalysis); above: 7 (early 2024, scarce) to 2.95 (2026-05), aimultiple.com, computed"]
            Sourced "H100, 2.99 (2024-10) to 2.35 (2026-03), SemiAnalysis: 1 - (2.35/2.99)^(1/1.42 years), computed; in 2025 RBC saw 22 %" ("2026-03");
        /// Share of hours that are rented
        sold_share: Share "share" = 0.825 [0.75, 0.9 "sourced: the same"]
            Sourced "disintermediate.global: 75 to 90 % observed; the middle" ("2026");
        /// IT power for each accelerator with its share of the node
        kw_per_gpu: Positive "kW" = 1.875
            Sourced "GB300 NVL72: 135 kW for 72, NVIDIA Mission Control" ("2026-08");
        /// Accelerator with its share of node, network and racks
        price_usd_per_gpu: Positive "$" = 54_375.0 [43_000.0, 69_400.0 "sourced: $3.1M (fetchlogic.net) to $5M (greaterwrong) for a GB200 NVL72"]
            Sourced "IREN and Dell: $5.8bn of GB300 for 200 MW, $29M/MW x 1.875 kW, computed" ("2025-11-03");
        /// Age at which accelerators are sold
        life_years: AtLeast1 "years" = 5.0 [3.0, 6.0 "sourced above: CoreWeave's, since 2023; assumed below"]
            Sourced "Nebius depreciates over 4 years, CoreWeave over 6 (bizety.com); the middle" ("2025-09-23");
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
            Sourced "Cipher Barber Lake $9M to $11M; the middle" ("2025-09-25");
        /// Months from the decision to the first rental
        months_to_power: NonNegative "months" = 12.0 [9.0, 24.0]
            Sourced "VanEck: less than a year" ("2024-08");
        /// Cost of running the building for each kW of critical load
        opex_usd_per_kw_month: NonNegative "$/kW-month" = 23.1 [18.0, 60.0]
            Sourced "15 % of 154.2, what hosting leaves of TeraWulf's rent, computed" ("2025-08-14");
        /// Software, sales, staff, networking and spares over revenue
        opex_share: Share "share" = 0.325 [0.2, 0.35]
            Sourced "CoreWeave: adjusted EBITDA 61 to 62 % of revenue in the quarters of 2025; what is left of the rest after power and the building, computed" ("2025-11-10");
        /// Residual value of the shell over its cost
        residual_share: Share "share" = 0.0 [0.0, 0.4];
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
            Sourced "WhatsMiner M70S, list price $3224 for 248 TH/s" ("2025-12");
        /// Efficiency of those rigs
        rig_j_th: Positive "J/TH" = 13.5
            Nameplate "WhatsMiner M70S, shop.whatsminer.com" ("2025-12");
        /// Cost of a mining site
        site_usd_per_mw: Positive "$/MW" = 330_000.0 [300_000.0, 350_000.0 "sourced: the same"]
            Sourced "Sabre56, $0.30M to $0.35M/MW (2024-09); read as investment" ("2024-09");
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
            let faults: Vec<String> = values.filter_map(|v| parameter.fault(v)).collect();
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
