//! Each line of a site's report names the parameters that it rests on: changing one
//! changes exactly the lines that name it.

mod sites;

use std::collections::BTreeSet;

use perwatt_site::Scenario;
use perwatt_site::line::Line;
use perwatt_site::parameter::{Rule, parameters};
use perwatt_site::report::{around, outcomes};
use sites::{BASE, scenario};

/// Other values that the rule allows, near and far.
fn others(rule: Rule, value: f64) -> Vec<f64> {
    let all = match rule {
        Rule::Date => vec![value - 500.0, value + 500.0, value - 570.0, value + 570.0],
        Rule::Count => vec![value + 1.0],
        Rule::Growth => vec![
            value + 0.3,
            value - 0.3,
            3.0 * value,
            value + 5.0,
            value - 0.9,
        ],
        _ => vec![
            value * 1.07,
            value * 0.9,
            value * 0.1,
            value * 3.0,
            value * 0.03,
            value * 0.005,
            value * 20.0,
            value + 0.3,
            value + 60.0,
            value + 300.0,
            0.0,
            1.0,
        ],
    };
    let allowed = |other: &f64| rule.fault(*other).is_none() && *other != value;
    all.into_iter().filter(allowed).collect()
}

fn same(x: Option<f64>, y: Option<f64>) -> bool {
    match (x, y) {
        // Where parameters cancel, rounding is left.
        (Some(x), Some(y)) => (x - y).abs() <= 1e-11 * x.abs(),
        (x, y) => x == y,
    }
}

/// Scenarios in which different things are in play: rigs that just earn what they cost
/// in their first year; rigs that earn well past a halving; rigs that do not earn what
/// they cost, so many that the network takes two retargets to follow them. In all of them the old rigs run while a shell is built, a load is paid
/// for being ready, and a shell is worth something in the end.
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

/// Every line of a report but what the sensitivity and the draws say, with its name.
/// `None` where its figures contradict each other.
fn every_line(scenario: &Scenario) -> Option<Vec<(String, Line)>> {
    let (curtailment, network) = around(scenario, None).ok()?;
    let named = |of: &str, line: Line| (format!("{} of {of}", line.id), line);
    let mut all = Vec::new();
    for outcome in outcomes(scenario, None) {
        all.extend(outcome.lines.into_iter().map(|l| named(outcome.title, l)));
    }
    for of in curtailment.uses {
        let title = format!("stopping {}", of.title);
        all.extend(of.lines.into_iter().map(|l| named(&title, l)));
    }
    for of in network {
        all.extend(of.leaving.into_iter().map(|l| named(of.title, l)));
        for states in of.states {
            for (state, line) in [
                ("before", states.before),
                ("all off", states.all_off),
                ("retired", states.retired_only),
            ] {
                all.push(named(&format!("{} {state}", of.title), line));
            }
        }
    }
    Some(all)
}

/// For each line the parameters that it says it rests on, and those that change it.
fn rests_and_changes(text: &str) -> [BTreeSet<(String, &'static str)>; 2] {
    let base = scenario(text, &[]).unwrap();
    let before = every_line(&base).unwrap();
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for (i, parameter) in parameters().iter().enumerate() {
        let key = parameter.key.as_str();
        let after: Vec<Vec<(String, Line)>> = others(parameter.rule, base.values[i].value)
            .into_iter()
            .filter_map(|value| {
                let mut other = base.clone();
                other.values[i].value = value;
                every_line(&other)
            })
            .collect();
        for (l, (name, line)) in before.iter().enumerate() {
            if line.from.contains(&key) {
                found[0].insert((name.clone(), key));
            }
            if after.iter().any(|a| !same(line.value, a[l].1.value)) {
                found[1].insert((name.clone(), key));
            }
        }
    }
    found
}

#[test]
fn one_parameter_changes_exactly_the_lines_that_rest_on_it() {
    let (mut rests, mut changes) = (BTreeSet::new(), BTreeSet::new());
    for text in bases() {
        let [says, does] = rests_and_changes(&text);
        let silent: Vec<_> = does.difference(&says).collect();
        assert!(
            silent.is_empty(),
            "they change and do not say so: {silent:#?}"
        );
        rests.extend(says);
        changes.extend(does);
    }
    let idle: Vec<_> = rests.difference(&changes).collect();
    assert!(idle.is_empty(), "they say so and never change: {idle:#?}");
    assert!(changes.len() > 1000, "{}", changes.len());
}
