//! The site model: what it is fed, what follows, and what each line rests on.

use std::collections::BTreeSet;
use std::path::Path;

use perwatt_gap::curtail::Prices;
use perwatt_gap::mark::{Mark, Source};
use perwatt_gap::site::line::Line;
use perwatt_gap::site::parameter::{Rule, parameters};
use perwatt_gap::site::report::{around, outcomes};
use perwatt_gap::site::{Options, Rig, Scenario, SiteReport, Use, report};

const BASE: &str = "\
name = \"test\"
[site]
gross_mw = 20
[finance]
discount_rate = 0.1
[hosting]
power_paid_by = \"landlord\"
";

fn rig(name: &str) -> Result<Rig, String> {
    match name {
        "S21 XP" => Ok(Rig {
            model: "Antminer S21 XP".into(),
            efficiency_j_th: 13.5,
            interval_j_th: [12.6, 14.4],
            source: Source {
                mark: Mark::Nameplate,
                text: "maker".into(),
                date: Some("2024-12".into()),
            },
        }),
        _ => Err(format!("no model {name:?}; the nearest is Antminer S21 XP")),
    }
}

fn scenario(text: &str, set: &[&str]) -> Result<Scenario, String> {
    let set: Vec<String> = set.iter().map(|s| (*s).to_owned()).collect();
    Scenario::parse(Path::new("s.toml"), text, &set, &rig).map_err(|error| error.to_string())
}

fn of(text: &str, set: &[&str]) -> SiteReport {
    let options = Options {
        draws: 0,
        ..Options::default()
    };
    report(&scenario(text, set).unwrap(), None, &options).unwrap()
}

fn value(report: &SiteReport, kind: Use, id: &str) -> f64 {
    let outcome = report.uses.iter().find(|o| o.kind == kind).unwrap();
    outcome
        .value(id)
        .unwrap_or_else(|| panic!("{kind:?} has no {id}"))
}

fn near(a: f64, b: f64, rel: f64) -> bool {
    (a / b - 1.0).abs() <= rel
}

#[test]
fn mining_by_hand() {
    let report = of(BASE, &["mining.efficiency_j_th=13.5", "mining.pool_fee=0"]);
    let hp = report.hashprice_usd_per_ph_day;
    // 964 EH/s, 144 blocks a day of 3.125 + 0.087 BTC at $84,714; half a month of growth.
    let by_hand = 1e15 / (964e18 * 1.252_f64.powf(0.5 / 12.0)) * 144.0 * 3.212 * 84_714.0;
    assert!(near(hp, by_hand, 1e-9), "{hp} {by_hand}");
    let eh_s = value(&report, Use::KeepMining, "hashrate");
    assert!(near(eh_s, 20.0 / 1.05 / 13.5, 1e-12), "{eh_s}");
    let mwh = value(&report, Use::KeepMining, "energy_mwh");
    assert!(near(mwh, 20.0 * 8766.0, 1e-9), "{mwh}");
    let power = value(&report, Use::KeepMining, "power_usd");
    assert!(near(power, mwh * 45.0, 1e-9));
    // Break-even of running: (45 + 10.5) $/MWh x 24 x 13.5 x 1.05.
    let operating = value(&report, Use::KeepMining, "break_even_operating");
    assert!(
        near(operating, 0.0555 * 24.0 * 13.5 * 1.05, 1e-9),
        "{operating}"
    );
}

#[test]
fn hosting_by_hand() {
    let report = of(BASE, &["hosting.noi_margin=1"]);
    let revenue = value(&report, Use::Hosting, "revenue_usd");
    // 120.8 $/kW-month is 1.45 M$ for each critical MW and year.
    assert!(near(revenue / 16.0, 1.449_6e6, 1e-9), "{revenue}");
    let power = value(&report, Use::Hosting, "power_usd");
    assert!(near(power, 20.0 * 8766.0 * 45.0, 1e-9));
    let capex = value(&report, Use::Hosting, "capex_usd");
    let rigs = 20.0 / 1.05 / 28.2 * 1e6 * 1.18;
    assert!(near(capex, 160e6 - rigs, 1e-9), "{capex}");
}

#[test]
fn prices_that_break_even_do() {
    let rent = "hosting.rent_usd_per_kw_month=300";
    let report = of(BASE, &[rent]);
    for (kind, key, npv) in [
        (Use::Hosting, "hosting.rent_usd_per_kw_month", "npv_usd"),
        (Use::GpuCloud, "cloud.rent_usd_per_gpu_hour", "npv_usd"),
    ] {
        let price = value(&report, kind, "break_even_npv");
        let set = format!("{key}={price}");
        let again = of(BASE, &[rent, &set]);
        let scale = value(&again, kind, "capex_usd");
        assert!(value(&again, kind, npv).abs() < 1e-9 * scale, "{kind:?}");
    }
    // At the hashprice that ties, hosting is worth as much as the rigs.
    let ties = value(&report, Use::Hosting, "ties_hashprice");
    let factor = ties / report.hashprice_usd_per_ph_day;
    let price = format!("network.btc_price_usd={}", 84_714.0 * factor);
    let again = of(BASE, &[rent, &price]);
    let over = value(&again, Use::Hosting, "npv_over_keep_usd");
    assert!(
        over.abs() < 1e-6 * value(&again, Use::Hosting, "capex_usd"),
        "{over}"
    );
}

#[test]
fn the_waterfall_falls_to_the_present_value() {
    for outcome in of(BASE, &[]).uses {
        let (last, steps) = outcome.waterfall.split_last().unwrap();
        let sum: f64 = steps.iter().map(|bar| bar.usd).sum();
        assert!((sum - last.usd).abs() <= 1e-6 * last.usd.abs().max(1.0));
        assert_eq!(Some(last.usd), outcome.value("npv_usd"));
    }
}

/// Other values that the rule allows, near and far.
fn others(rule: Rule, value: f64) -> Vec<f64> {
    let all = match rule {
        Rule::Date => vec![value - 500.0, value + 500.0, value - 570.0, value + 570.0],
        Rule::Count => vec![value + 1.0],
        Rule::Growth | Rule::Any => vec![
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
/// they cost. In all of them the old rigs run while a shell is built, a load is paid
/// for being ready, and a shell is worth something in the end.
fn bases() -> [String; 3] {
    let five_years = BASE.replace("[finance]\n", "[finance]\nhorizon_years = 5\n");
    let common = format!(
        "{five_years}rent_usd_per_kw_month = RENT\nmining_during_build = 0.5\nresidual_share = 0.2\n\
         [demand_response]\nenrolled_share = 0.3\n[security]\nretired_share = 0.6\n\
         [curtailment]\nrestart_h = 2\ncheckpoint_h = 1\n[cloud]\nrent_usd_per_gpu_hour = GPU\n"
    );
    [
        (23.6, 22.3, 1.5, "800", "9"),
        (12.0, 9.0, 20.0, "800", "9"),
        (29.0, 28.5, 4.0, "250", "4.2"),
    ]
    .map(|(old, new, usd, rent, gpu)| {
        let common = common.replace("RENT", rent).replace("GPU", gpu);
        format!(
            "{common}[mining]\nefficiency_j_th = {old}\n[newer]\nefficiency_j_th = {new}\n\
             months_to_power = 2.5\nprice_usd_per_th = {usd}\n"
        )
    })
}

/// Every line of a report but what the sensitivity and the draws say, with its name.
fn every_line(scenario: &Scenario) -> Vec<(String, Line)> {
    let (curtailment, network) = around(scenario, None).unwrap();
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
    all
}

/// For each line the parameters that it says it rests on, and those that change it.
fn rests_and_changes(text: &str) -> [BTreeSet<(String, &'static str)>; 2] {
    let base = scenario(text, &[]).unwrap();
    let before = every_line(&base);
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for (i, parameter) in parameters().iter().enumerate() {
        let key = parameter.key.as_str();
        let after: Vec<Vec<(String, Line)>> = others(parameter.rule, base.values[i].value)
            .into_iter()
            .map(|value| {
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

#[test]
fn a_line_is_as_weak_as_what_it_rests_on() {
    let report = of(BASE, &[]);
    let line = |kind: Use, id: &str| {
        let outcome = report.uses.iter().find(|o| o.kind == kind).unwrap();
        outcome
            .lines
            .iter()
            .find(|line| line.id == id)
            .unwrap()
            .clone()
    };
    // The scenario's own word is an assumption.
    assert_eq!(line(Use::Hosting, "npv_usd").mark, Mark::Assumed);
    let months = line(Use::Hosting, "months_to_power");
    assert_eq!(months.mark, Mark::Sourced);
    assert_eq!(months.from, ["hosting.months_to_power"]);
    let sourced = of(
        &BASE.replace(
            "gross_mw = 20",
            "gross_mw = { value = 20, source = \"permit\" }",
        ),
        &[],
    );
    let eh = &sourced.uses[0].lines[1];
    assert_eq!((eh.id, eh.mark), ("hashrate", Mark::Sourced));
}

#[test]
fn draws_are_the_same_for_a_seed_and_lie_around_the_point() {
    let text = BASE;
    let of = |seed| {
        let options = Options {
            seed,
            draws: 400,
            answer: None,
        };
        report(&scenario(text, &[]).unwrap(), None, &options).unwrap()
    };
    let (one, again, other) = (of(7), of(7), of(8));
    assert_eq!(one.monte_carlo, again.monte_carlo);
    assert_ne!(one.monte_carlo, other.monte_carlo);
    let drawn = one.monte_carlo.as_ref().unwrap();
    assert_eq!((drawn.seed, drawn.draws), (7, 400));
    for found in &drawn.uses {
        assert!(found.npv_usd.is_sorted(), "{found:?}");
        assert!(found.npv_usd[0] < found.npv_usd[4]);
        assert!((0.0..=1.0).contains(&found.best));
    }
    let all: f64 = drawn.uses.iter().map(|found| found.best).sum();
    assert!((all - 1.0).abs() < 1e-9, "one is best in each draw: {all}");
    // One thread draws what many do.
    let pool = |threads| rayon_pool(threads, || of(7).monte_carlo);
    assert_eq!(pool(1), one.monte_carlo);
}

fn rayon_pool<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(f)
}

#[test]
fn the_tornado_is_of_the_parameters_with_ranges_alone() {
    let report = of(BASE, &[]);
    assert!(report.tornado.len() > 10);
    assert!(
        report
            .tornado
            .is_sorted_by(|a, b| a.size_usd() >= b.size_usd())
    );
    let keys: Vec<&str> = report.tornado.iter().map(|swing| swing.key).collect();
    assert!(
        !keys.contains(&"finance.discount_rate"),
        "given without a range"
    );
    let with = of(
        &BASE.replace("= 0.1", "= { value = 0.1, low = 0.05, high = 0.2 }"),
        &[],
    );
    assert!(
        with.tornado
            .iter()
            .any(|s| s.key == "finance.discount_rate")
    );
}

#[test]
fn rigs_that_lose_stop_and_cost_nothing() {
    let report = of(BASE, &["power.price_usd_per_mwh=500"]);
    assert_eq!(value(&report, Use::KeepMining, "revenue_usd"), 0.0);
    assert_eq!(value(&report, Use::KeepMining, "npv_usd"), 0.0);
}

#[test]
fn a_curtailed_load_earns_what_a_flat_one_does_and_more() {
    let text = format!(
        "{BASE}[curtailment]\nprices = \"p.csv\"\ncontract = \"index\"\n[mixed]\nhosting_share = 0.0\n"
    );
    let scenario = scenario(
        &text,
        &["mining.efficiency_j_th=13.5", "hosting.months_to_power=0"],
    )
    .unwrap();
    let hours = [[40.0; 23].as_slice(), &[400.0]].concat();
    let prices = Prices::new(0, 3600, 0, hours).unwrap();
    let options = Options {
        draws: 0,
        ..Options::default()
    };
    let report = report(&scenario, Some(&prices), &options).unwrap();
    let keep = |id| value(&report, Use::KeepMining, id);
    let mixed = |id| value(&report, Use::Mixed, id);
    // One hour in 24 costs 400: who stops then pays 40 for the rest.
    assert!(near(keep("power_usd") / keep("energy_mwh"), 55.0, 1e-9));
    assert!(near(mixed("power_usd") / mixed("energy_mwh"), 40.0, 1e-9));
    assert!(near(
        mixed("revenue_usd") / keep("revenue_usd"),
        23.0 / 24.0,
        1e-9
    ));
    assert!(mixed("npv_usd") > keep("npv_usd"));
}

#[test]
fn other_keys_stand_for_price_and_hash_rate() {
    let report = of(BASE, &["network.hashprice_usd_per_ph_day=40.58"]);
    let growth = 1.252_f64.powf(0.5 / 12.0);
    assert!(near(report.hashprice_usd_per_ph_day, 40.58 / growth, 1e-9));
    let report = of(BASE, &["network.difficulty=138955357012247.3"]);
    let eh_s = report
        .inputs
        .iter()
        .find(|i| i.key == "network.hashrate_eh_s")
        .unwrap();
    assert!(
        near(eh_s.value.parse().unwrap(), 994.70, 1e-4),
        "{}",
        eh_s.value
    );
}

#[test]
fn a_rig_of_the_catalogue_brings_its_figures() {
    let text = format!("{BASE}[newer]\nasic = \"S21 XP\"\n");
    let report = of(&text, &[]);
    let found = report
        .inputs
        .iter()
        .find(|i| i.key == "newer.efficiency_j_th")
        .unwrap();
    assert_eq!(found.value, "13.5");
    assert_eq!(found.source.mark, Mark::Nameplate);
    assert_eq!(found.range, Some(["12.6".into(), "14.4".into()]));
}

/// What a scenario says wrong, with the words that the error must have.
#[test]
fn faults_name_line_key_and_remedy() {
    let with = |extra: &str| format!("{BASE}{extra}");
    let cases: [(String, &[&str], &[&str]); 27] = [
        (
            BASE.replace("= 20", "= 0"),
            &[],
            &["s.toml:3: site.gross_mw: is 0, and must be above 0"],
        ),
        (
            BASE.replace("= 20", "= -5"),
            &[],
            &["s.toml:3: site.gross_mw: is -5"],
        ),
        (
            BASE.replace("= 20", "= nan"),
            &[],
            &["s.toml:3: site.gross_mw: is NaN"],
        ),
        (
            BASE.replace("= 20", "= \"20\""),
            &[],
            &["is \"20\", and must be a number"],
        ),
        (
            BASE.replace("gross_mw", "gros_mw"),
            &[],
            &[
                "s.toml:3: site.gros_mw: is no key",
                "did you mean site.gross_mw?",
                "site.gross_mw: is missing",
            ],
        ),
        (
            BASE.replace("[site]", "[sight]"),
            &[],
            &["did you mean site.gross_mw?"],
        ),
        (
            BASE.replace("discount_rate", "horizon_years"),
            &[],
            &["finance.discount_rate: is missing"],
        ),
        (
            BASE.replace("landlord", "nobody"),
            &[],
            &[
                "s.toml:7: hosting.power_paid_by: is \"nobody\", and must be \"tenant\" or \"landlord\"",
            ],
        ),
        (
            BASE.replace("power_paid_by = \"landlord\"\n", ""),
            &[],
            &["hosting.power_paid_by: is missing"],
        ),
        (
            with("pue = 0.99\n"),
            &[],
            &["s.toml:8: hosting.pue: is 0.99, and must be 1 or above"],
        ),
        (
            with("[mining]\nuptime = 1.2\n"),
            &[],
            &["s.toml:9: mining.uptime: is 1.2, and must be above 0 and up to 1"],
        ),
        (
            with("[mining]\nasic = \"S21 XP\"\nefficiency_j_th = 13.5\n"),
            &[],
            &["s.toml:9: mining.asic: contradicts mining.efficiency_j_th of line 10"],
        ),
        (
            with("[mining]\nasic = \"S21XXX\"\n"),
            &[],
            &["s.toml:9: mining.asic: no model", "Antminer S21 XP"],
        ),
        (
            with("[network]\nbtc_price_usd = 0\n"),
            &[],
            &["s.toml:9: network.btc_price_usd: is 0"],
        ),
        (
            with("[network]\nhashprice_usd_per_ph_day = -1\n"),
            &[],
            &["s.toml:9: network.hashprice_usd_per_ph_day: is -1, and must be above 0"],
        ),
        (
            with("[network]\nhashprice_usd_per_ph_day = 40\nbtc_price_usd = 9e4\n"),
            &[],
            &["contradicts network.btc_price_usd of line 10"],
        ),
        (
            with("[network]\nhalving = 2028-02-30\n"),
            &[],
            &["s.toml:9"],
        ),
        (
            with("[network]\nhalving = \"soon\"\n"),
            &[],
            &["must be a day such as"],
        ),
        (
            with("[curtailment]\ncontract = \"index\"\n"),
            &[],
            &["s.toml:9: curtailment.contract: is of no use without curtailment.prices"],
        ),
        (
            with("[curtailment]\nprices = \"p.csv\"\n"),
            &[],
            &["s.toml:9: curtailment.prices: needs curtailment.contract"],
        ),
        (
            with(
                "[power]\nprice_usd_per_mwh = 45\n[curtailment]\nprices = \"p.csv\"\ncontract = \"index\"\n",
            ),
            &[],
            &["s.toml:9: power.price_usd_per_mwh: contradicts curtailment.contract"],
        ),
        (
            with("[cloud]\naccelerator = \"B200 SXM\"\n"),
            &[],
            &[
                "s.toml:9: cloud.accelerator",
                "give cloud.kw_per_gpu, cloud.price_usd_per_gpu, cloud.rent_usd_per_gpu_hour too",
            ],
        ),
        (
            with("[mining]\npue = { value = 1.1, low = 1.2, high = 1.3 }\n"),
            &[],
            &["are not in order"],
        ),
        (
            with("[mining]\npue = { value = 1.1, low = 1.0 }\n"),
            &[],
            &["one end of a range"],
        ),
        (
            with("[mining]\npue = { value = 1.1, lo = 1.0 }\n"),
            &[],
            &["has no part \"lo\"; did you mean low?"],
        ),
        (
            format!("uses = [\"host\", \"hosting\", \"hosting\"]\n{BASE}"),
            &[],
            &[
                "s.toml:1: uses: knows no \"host\"; did you mean hosting?",
                "names hosting twice",
            ],
        ),
        (
            BASE.into(),
            &["mining.pue=0.5", "nonsense"],
            &["s.toml: mining.pue: is 0.5", "nonsense: write KEY=VALUE"],
        ),
    ];
    for (text, set, wanted) in cases {
        let error = scenario(&text, set).unwrap_err();
        for words in wanted {
            assert!(error.contains(words), "{words:?} is not in:\n{error}");
        }
    }
}
