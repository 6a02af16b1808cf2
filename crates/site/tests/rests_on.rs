//! Each figure of a site's report names the parameters that it rests on: no other
//! parameter changes it.

mod sites;

use std::collections::{BTreeMap, BTreeSet};

use perwatt_site::Use;
use perwatt_site::figure::Figure;
use perwatt_site::findings::Findings;
use perwatt_site::parameter::Rule;
use perwatt_site::parameters::parameters;
use sites::{BASE, scenario};

/// Other values that the rule allows, near and far.
fn others(rule: Rule, value: f64) -> Vec<f64> {
    let all = match rule {
        Rule::Date => vec![value - 400.0, value + 450.0],
        Rule::Count => vec![value + 2.0],
        Rule::Growth => vec![value + 0.2, value - 0.2, value + 3.0],
        _ => vec![
            value * 1.05,
            value * 0.95,
            value * 0.2,
            value * 2.0,
            value * 0.01,
            value * 10.0,
            value + 0.2,
            value + 40.0,
        ],
    };
    let allowed = |other: &f64| rule.fault(*other).is_none() && *other != value;
    all.into_iter().filter(allowed).collect()
}

fn same(x: Option<f64>, y: Option<f64>) -> bool {
    match (x, y) {
        // Rounding remains where parameters cancel.
        (Some(x), Some(y)) => (x - y).abs() <= 1e-11 * x.abs(),
        (x, y) => x == y,
    }
}

/// Scenarios for different cases: rigs that just earn their cost in their first year; rigs
/// that earn well past a halving; rigs that do not earn their cost, so many that the
/// network takes two retargets to follow them. In all of them the old rigs run while a
/// shell is built, a load is paid for being ready, and a shell is worth something in the
/// end.
fn bases() -> [String; 3] {
    let five_years = BASE
        .replace("[finance]\n", "[finance]\nhorizon_years = 5\n")
        .replace("gross_mw = 20", "gross_mw = MEGAWATTS");
    let common = format!(
        "{five_years}rent_usd_per_kw_month = RENT\nmining_during_build = 0.5\nresidual_share = 0.2\n\
         [demand_response]\nenrolled_share = 0.3\n[security]\nretired_share = RETIRED\n\
         [curtailment]\nrestart_h = 2\ncheckpoint_h = 1\n[cloud]\nrent_usd_per_gpu_hour = GPU\n"
    );
    [
        (23.6, 22.3, 1.5, ["800", "9", "20", "0.6"]),
        (12.0, 9.0, 20.0, ["800", "9", "20", "0.6"]),
        (29.0, 28.5, 4.0, ["250", "4.2", "23000", "0.97"]),
    ]
    .map(|(old, new, usd, words)| {
        let names = ["RENT", "GPU", "MEGAWATTS", "RETIRED"];
        let common = names
            .into_iter()
            .zip(words)
            .fold(common.clone(), |text, (name, word)| {
                text.replace(name, word)
            });
        format!(
            "{common}[mining]\nefficiency_j_th = {old}\n[newer]\nefficiency_j_th = {new}\n\
             months_to_power = 2.5\nprice_usd_per_th = {usd}\n"
        )
    })
}

/// The numbers of a scenario, each with its group and its name; those of a use that does
/// not run at all are absent.
fn numbers(found: &Findings) -> BTreeMap<(usize, usize, &'static str), Option<f64>> {
    let groups = found.groups().enumerate();
    let all = groups.flat_map(|(g, group)| {
        let named = group.list().into_iter().enumerate();
        named.map(move |(i, named)| ((g, i, named.id), named.figure.value))
    });
    all.collect()
}

/// Every parameter whose change by any of [`others`] changes a figure is one that the
/// figure says it rests on.
#[test]
fn a_figure_rests_on_every_parameter_that_changes_it() {
    let mut changes = 0;
    let mut silent = BTreeSet::new();
    for text in bases() {
        let base = scenario(&text, &[]).unwrap();
        let found = Findings::of(&base, None).unwrap();
        let from: Vec<(usize, &Figure)> = found
            .groups()
            .enumerate()
            .flat_map(|(g, group)| group.list().into_iter().map(move |n| (g, n.figure)))
            .collect();
        let before = numbers(&found);
        let inputs = base.inputs(None);
        for (i, parameter) in parameters().iter().enumerate() {
            let after: Vec<_> = others(parameter.rule, base.values[i].value)
                .into_iter()
                .filter_map(|value| {
                    let mut inputs = inputs;
                    *(parameter.of)(&mut inputs.parameters) = value;
                    let found =
                        Findings::at(&inputs, &base.settings.uses, None, Some(&found)).ok()?;
                    Some(numbers(&found))
                })
                .collect();
            for ((key, value), (_, figure)) in before.iter().zip(&from) {
                if after.iter().any(|after| !same(*value, after[key])) {
                    changes += 1;
                    let says = figure.from.contains(&parameter.key);
                    if !says {
                        silent.insert(format!("{key:?} changes with {}", parameter.key));
                    }
                }
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
    assert!(changes > 1000, "{changes}");
}

/// A figure does not rest on a parameter that cancels in it.
#[test]
fn what_cancels_is_not_named() {
    let report = sites::of(BASE, &["hosting.rent_usd_per_kw_month=300"]);
    let from = |kind, id| sites::figure(&report, kind, id).from.join(" ");
    let rent = from(Use::Hosting, "break_even_npv");
    assert!(rent.contains("hosting.capex_usd_per_mw"), "{rent}");
    assert!(
        !rent.contains("rent_usd_per_kw_month") && !rent.contains("site.gross_mw"),
        "{rent}"
    );
    let ties = from(Use::Hosting, "ties_hashprice");
    assert!(!ties.contains("network.hashrate_eh_s"), "{ties}");
    assert!(!ties.contains("network.btc_price_usd"), "{ties}");
    let earned = from(Use::Hosting, "earned_usd_per_kwh");
    assert!(!earned.contains("hosting.leased_share"), "{earned}");
    assert_eq!(
        from(Use::KeepMining, "hashrate"),
        "site.gross_mw mining.efficiency_j_th mining.pue"
    );
}
