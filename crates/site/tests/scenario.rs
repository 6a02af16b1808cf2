//! Scenario files: keys that stand in for others, and faults.

mod sites;

use perwatt_site::parameters::parameters;
use perwatt_site::report::Input;
use perwatt_site::{Options, SiteReport, report};
use perwatt_table::Evidence;
use sites::{BASE, near, of, scenario};

fn input<'a>(report: &'a SiteReport, key: &str) -> &'a Input {
    report.inputs.iter().find(|i| i.key == key).unwrap()
}

#[test]
fn other_keys_stand_for_price_and_hash_rate() {
    let report = of(BASE, &["network.hashprice_usd_per_ph_day=40.58"]);
    assert!(near(report.hashprice_usd_per_ph_day, 40.58, 1e-9));
    let report = of(BASE, &["network.difficulty=138955357012247.3"]);
    let eh_s = &input(&report, "network.hashrate_eh_s").value;
    assert!(near(eh_s.parse().unwrap(), 994.70, 1e-4), "{eh_s}");
}

#[test]
fn a_measured_figure_says_who_measured_it() {
    let given =
        |rest: &str| format!("{BASE}[mining]\nefficiency_j_th = {{ value = 17.2, {rest} }}\n");
    let report = of(&given("source = \"our meter\", mark = \"measured\""), &[]);
    let found = input(&report, "mining.efficiency_j_th");
    assert_eq!(found.source.evidence, Evidence::Measured);
    assert_eq!(found.source.text, "our meter");
    let error = scenario(&given("mark = \"measured\""), &[]).unwrap_err();
    assert!(error.contains("a mark and no source"), "{error}");
    let error = scenario(&given("source = \"x\", mark = \"true\""), &[]).unwrap_err();
    assert!(error.contains("use measured, nameplate"), "{error}");
}

#[test]
fn figures_that_contradict_each_other_are_refused() {
    let options = Options::default();
    for (set, wanted) in [
        (
            &["security.attacker_eh_s=2000"],
            ["security.attacker_eh_s is 2000", "network.hashrate_eh_s"],
        ),
        (
            &["site.gross_mw=100000"],
            ["lower site.gross_mw", "964 EH/s"],
        ),
    ] {
        let scenario = scenario(BASE, set).unwrap();
        let error = report(&scenario, None, &options).unwrap_err().to_string();
        for wanted in wanted {
            assert!(error.contains(wanted), "{error}");
        }
    }
}

/// A file that is no scenario has a fault on each line.
#[test]
fn of_many_faults_the_first_are_listed() {
    let text = "2025-10-20,40\n".repeat(500);
    let error = scenario(&text, &[]).unwrap_err();
    assert_eq!(error.lines().count(), 21, "{error}");
    assert!(error.ends_with("s.toml: 480 more faults"), "{error}");
}

/// What is far beyond any site is refused, with its key and its line.
#[test]
fn absurd_figures_are_refused() {
    for (text, wanted) in [
        (
            "[power]\nprice_usd_per_mwh = 1e308\n",
            "s.toml:9: power.price_usd_per_mwh: is 1e308, and must be from 0.000001 to 100000",
        ),
        (
            "[newer]\nprice_usd_per_th = -1e308\n",
            "s.toml:9: newer.price_usd_per_th: is -1e308, and must be above 0",
        ),
        (
            "[network]\nhashrate_eh_s = 1e-300\n",
            "s.toml:9: network.hashrate_eh_s: is 1e-300, and must be from",
        ),
        (
            "[network]\nbtc_growth_per_year = inf\n",
            "s.toml:9: network.btc_growth_per_year: is inf, and must be above -1",
        ),
        (
            "[network]\nhalving = 9999-01-01\n",
            "s.toml:9: network.halving: is 9999-01-01, and must be from 2009-01-03 to",
        ),
        (
            "[network]\ndifficulty = 1e300\n",
            "s.toml:9: network.difficulty: makes network.hashrate_eh_s ",
        ),
        (
            "[network]\nhashprice_usd_per_ph_day = 1e300\n",
            "s.toml:9: network.hashprice_usd_per_ph_day: makes network.btc_price_usd ",
        ),
        (
            "[mining]\npue = { value = 1.05, low = 1.0, high = 1e300 }\n",
            "s.toml:9: mining.pue: is 1e300, and must be from 1 to 100",
        ),
    ] {
        let error = scenario(&format!("{BASE}{text}"), &[]).unwrap_err();
        assert!(error.contains(wanted), "{wanted:?} is not in:\n{error}");
    }
    for parameter in parameters() {
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -1e308] {
            let set = format!("{}={value:?}", parameter.key);
            let error = scenario(BASE, &[&set]).unwrap_err();
            assert!(error.contains(parameter.key), "{error}");
        }
    }
}

#[test]
fn a_rig_of_the_catalogue_brings_its_figures() {
    let text = format!("{BASE}[newer]\nasic = \"S21 XP\"\n");
    let report = of(&text, &[]);
    let found = input(&report, "newer.efficiency_j_th");
    assert_eq!(found.value, "13.5");
    assert_eq!(found.source.evidence, Evidence::Nameplate);
    assert_eq!(found.range, Some(["12.6".into(), "14.4".into()]));
}

/// Faults of a scenario, with the words that the error must have.
#[test]
fn faults_name_line_key_and_remedy() {
    let replaced: [(&str, &str, &[&str]); 9] = [
        (
            "= 20",
            "= 0",
            &["s.toml:3: site.gross_mw: is 0, and must be above 0"],
        ),
        ("= 20", "= -5", &["s.toml:3: site.gross_mw: is -5"]),
        ("= 20", "= nan", &["s.toml:3: site.gross_mw: is NaN"]),
        ("= 20", "= \"20\"", &["is \"20\", and must be a number"]),
        (
            "gross_mw",
            "gros_mw",
            &[
                "s.toml:3: site.gros_mw: is not a key",
                "did you mean site.gross_mw?",
                "site.gross_mw: is missing",
            ],
        ),
        ("[site]", "[sight]", &["did you mean site.gross_mw?"]),
        (
            "discount_rate",
            "horizon_years",
            &["finance.discount_rate: is missing"],
        ),
        (
            "landlord",
            "nobody",
            &[
                "s.toml:7: hosting.power_paid_by: is \"nobody\", and must be \"tenant\" or \"landlord\"",
            ],
        ),
        (
            "power_paid_by = \"landlord\"\n",
            "",
            &["hosting.power_paid_by: is missing"],
        ),
    ];
    let added: [(&str, &[&str]); 17] = [
        (
            "pue = 0.99\n",
            &["s.toml:8: hosting.pue: is 0.99, and must be 1 or above"],
        ),
        (
            "[mining]\nuptime = 1.2\n",
            &["s.toml:9: mining.uptime: is 1.2, and must be above 0 and up to 1"],
        ),
        (
            "[mining]\nasic = \"S21 XP\"\nefficiency_j_th = 13.5\n",
            &["s.toml:9: mining.asic: contradicts mining.efficiency_j_th of line 10"],
        ),
        (
            "[mining]\nasic = \"S21 YP\"\n",
            &["s.toml:9: mining.asic: no model", "Antminer S21 XP"],
        ),
        (
            "[power]\nprice_usd_per_mwh = -45\n",
            &["s.toml:9: power.price_usd_per_mwh: is -45, and must be above 0"],
        ),
        (
            "[network]\nbtc_price_usd = 0\n",
            &["s.toml:9: network.btc_price_usd: is 0"],
        ),
        (
            "[network]\nhashprice_usd_per_ph_day = -1\n",
            &["s.toml:9: network.hashprice_usd_per_ph_day: is -1, and must be above 0"],
        ),
        (
            "[network]\nhashprice_usd_per_ph_day = 40\nbtc_price_usd = 9e4\n",
            &["contradicts network.btc_price_usd of line 10"],
        ),
        ("[network]\nhalving = 2028-02-30\n", &["s.toml:9"]),
        (
            "[network]\nhalving = \"soon\"\n",
            &["must be a day such as"],
        ),
        (
            "[curtailment]\ncontract = \"index\"\n",
            &["s.toml:9: curtailment.contract: is of no use without curtailment.prices"],
        ),
        (
            "[curtailment]\nprices = \"p.csv\"\n",
            &["s.toml:9: curtailment.prices: needs curtailment.contract"],
        ),
        (
            "[power]\nprice_usd_per_mwh = 45\n[curtailment]\nprices = \"p.csv\"\ncontract = \"index\"\n",
            &["s.toml:9: power.price_usd_per_mwh: contradicts curtailment.contract"],
        ),
        (
            "[cloud]\naccelerator = \"B200 SXM\"\n",
            &[
                "s.toml:9: cloud.accelerator",
                "give cloud.rent_usd_per_gpu_hour, cloud.kw_per_gpu, cloud.price_usd_per_gpu too",
            ],
        ),
        (
            "[mining]\npue = { value = 1.1, low = 1.2, high = 1.3 }\n",
            &["are not in order"],
        ),
        (
            "[mining]\npue = { value = 1.1, low = 1.0 }\n",
            &["one end of a range"],
        ),
        (
            "[mining]\npue = { value = 1.1, lo = 1.0 }\n",
            &["has no part \"lo\"; did you mean low?"],
        ),
    ];
    let refused = |text: &str, set: &[&str], wanted: &[&str]| {
        let error = scenario(text, set).unwrap_err();
        for words in wanted {
            assert!(error.contains(words), "{words:?} is not in:\n{error}");
        }
    };
    for (old, new, wanted) in replaced {
        refused(&BASE.replace(old, new), &[], wanted);
    }
    for (extra, wanted) in added {
        refused(&format!("{BASE}{extra}"), &[], wanted);
    }
    refused(
        &format!("uses = [\"host\", \"hosting\", \"hosting\"]\n{BASE}"),
        &[],
        &[
            "s.toml:1: uses: knows no \"host\"; did you mean hosting?",
            "names hosting twice",
        ],
    );
    refused(
        BASE,
        &["mining.pue=0.5", "nonsense"],
        &["s.toml: mining.pue: is 0.5", "nonsense: write KEY=VALUE"],
    );
}
