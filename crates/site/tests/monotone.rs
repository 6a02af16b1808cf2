//! What economics demands of every site: a dearer input is never worth more, a dearer product
//! never less.

mod sites;

use perwatt_site::Use::{self, GpuCloud, Hosting, KeepMining, Mixed, NewerAsics, SellNow};
use perwatt_site::inputs::{Inputs, PriceScale};
use perwatt_site::parameters::{Parameters, index_of, parameters};
use perwatt_site::prices::Curve;
use perwatt_site::settings::{Contract, PaidBy};
use perwatt_site::uses::flow;
use proptest::prelude::*;
use sites::{BASE, scenario};

const RIGS: &[Use] = &[KeepMining, NewerAsics];

/// Parameters with the uses that lose when they rise.
const COSTS: &[(&str, &[Use])] = &[
    (
        "power.price_usd_per_mwh",
        &[KeepMining, NewerAsics, Hosting, GpuCloud, Mixed],
    ),
    (
        "power.growth_per_year",
        &[KeepMining, NewerAsics, Hosting, GpuCloud, Mixed],
    ),
    ("network.hashrate_eh_s", RIGS),
    ("network.hashrate_growth_per_year", RIGS),
    ("network.marginal_improvement_per_year", RIGS),
    ("mining.pool_fee", RIGS),
    ("mining.opex_usd_per_mwh", RIGS),
    ("mining.opex_fixed_share", RIGS),
    ("mining.notice_months", RIGS),
    ("newer.price_usd_per_th", &[NewerAsics]),
    ("hosting.capex_usd_per_mw", &[Hosting, Mixed]),
    ("hosting.outage_h_per_year", &[Hosting, Mixed]),
    ("hosting.sla_credit_h", &[Hosting, Mixed]),
    ("cloud.price_usd_per_gpu", &[GpuCloud]),
    ("cloud.capex_usd_per_mw", &[GpuCloud]),
    ("cloud.opex_share", &[GpuCloud]),
    ("cloud.opex_usd_per_kw_month", &[GpuCloud]),
    ("cloud.rent_decline_per_year", &[GpuCloud]),
];

/// Parameters with the uses that gain when they rise.
const GAINS: &[(&str, &[Use])] = &[
    ("network.btc_price_usd", RIGS),
    ("network.fees_btc_per_block", RIGS),
    ("network.btc_growth_per_year", RIGS),
    ("network.marginal_j_th", RIGS),
    ("network.marginal_usd_per_mwh", RIGS),
    ("demand_response.usd_per_mw_year", RIGS),
    (
        "mining.resale_usd_per_th",
        &[SellNow, NewerAsics, Hosting, GpuCloud],
    ),
    ("hosting.rent_usd_per_kw_month", &[Hosting, Mixed]),
    ("hosting.noi_margin", &[Hosting, Mixed]),
    ("hosting.residual_share", &[Hosting, Mixed]),
    ("cloud.rent_usd_per_gpu_hour", &[GpuCloud]),
    ("cloud.sold_share", &[GpuCloud]),
    ("cloud.residual_36_months", &[GpuCloud]),
    ("cloud.residual_share", &[GpuCloud]),
];

/// The parameters of the test's site, each with a range at a place `at` within it.
fn site(at: &[f64]) -> Parameters {
    let mut found = scenario(BASE, &["demand_response.enrolled_share=0.5"])
        .unwrap()
        .parameters();
    for (parameter, at) in parameters().iter().zip(at) {
        if let Some([low, high]) = parameter.default.as_ref().and_then(|of| of.range) {
            *(parameter.of)(&mut found) = low + at * (high - low);
        }
    }
    found
}

/// The net present value of a use for a MW, with the sum of what comes and goes.
fn npv(kind: Use, parameters: Parameters, curve: Option<&Curve>) -> [f64; 2] {
    let inputs = Inputs {
        parameters,
        power_paid_by: PaidBy::Landlord,
        prices: curve.map(|curve| (curve, Contract::Index)),
        scale: PriceScale::default(),
    };
    let of = flow(kind, &inputs).present(&inputs);
    let gross = of.revenue_usd + of.power_usd.abs() + of.opex_usd + of.capex_usd.abs();
    [of.net_usd(), gross]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_dearer_input_is_never_worth_more(
        at in prop::collection::vec(0.0..1.0_f64, parameters().len()),
        up in 0.01..1.0_f64,
    ) {
        let lists = [(COSTS, 1.0), (GAINS, -1.0)];
        for ((key, uses), sign) in lists.iter().flat_map(|(list, sign)| list.iter().map(move |of| (of, *sign))) {
            let i = index_of(key).unwrap();
            let [_, high] = parameters()[i].default.as_ref().unwrap().range.unwrap();
            let (before, mut after) = (site(&at), site(&at));
            let value = (parameters()[i].of)(&mut after);
            *value += up * (high - *value);
            for kind in *uses {
                let ([low, gross], [high, _]) = (npv(*kind, before, None), npv(*kind, after, None));
                prop_assert!(
                    sign * (high - low) <= 1e-9 * gross,
                    "{kind:?} is worth {low} $/MW, and {high} with more {key}"
                );
            }
        }
    }

    /// The same where each hour has its price. Stops are free here: where they cost
    /// something, the threshold is the best of those tried, not of all.
    #[test]
    fn hours_that_are_all_dearer_are_worth_no_more(
        at in prop::collection::vec(0.0..1.0_f64, parameters().len()),
        hours in prop::collection::vec(-50.0..300.0_f64, 2..60),
        up in 0.1..50.0_f64,
    ) {
        let dearer: Vec<f64> = hours.iter().map(|price| price + up).collect();
        let [cheap, dear] = [hours, dearer].map(|hours| Curve::new(&hours, 1.0).unwrap());
        let mut site = site(&at);
        (site.mining.restart_h, site.mining.stop_usd_per_mw) = (0.0, 0.0);
        for kind in [KeepMining, NewerAsics, Hosting, GpuCloud, Mixed] {
            let [before, gross] = npv(kind, site, Some(&cheap));
            let [after, _] = npv(kind, site, Some(&dear));
            prop_assert!(after - before <= 1e-9 * gross, "{kind:?}: {before}, then {after} $/MW");
        }
    }
}
