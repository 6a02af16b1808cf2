//! The popular sentences against the reference's figures.

use perwatt_gap::claims::{Claim, Verdict, claims};
use perwatt_table::Evidence;

fn claim(part: &str) -> Claim {
    let all = claims().unwrap();
    let mut found = all.into_iter().filter(|claim| claim.claim.contains(part));
    let claim = found.next().unwrap_or_else(|| panic!("no claim of {part}"));
    assert!(found.next().is_none(), "two claims of {part}");
    claim
}

impl Value for Claim {
    fn value(&self, text: &str) -> f64 {
        let mut steps = self.steps.iter().filter(|step| step.text == text);
        let step = steps.next().unwrap_or_else(|| panic!("no step {text:?}"));
        assert!(steps.next().is_none(), "two steps {text:?}");
        step.value
    }
}

trait Value {
    fn value(&self, text: &str) -> f64;
}

fn close(value: f64, wanted: f64, share: f64) {
    assert!(
        (value / wanted - 1.0).abs() <= share,
        "{value} is not {wanted}"
    );
}

#[test]
fn dollars_per_kwh() {
    let claim = claim("$25 per kilowatt-hour");
    assert_eq!(claim.verdict, Verdict::Wrong);
    // $0.10-0.11, $1.6-2.3 and $0.16-0.26.
    close(
        claim.value("mining, gross, at the lower hashprice"),
        0.0972,
        1e-3,
    );
    close(
        claim.value("mining, gross, at the higher hashprice"),
        0.1111,
        1e-3,
    );
    close(claim.value("H100 rental of a kWh, low"), 1.56, 1e-3);
    close(claim.value("H100 rental of a kWh, median"), 2.31, 2e-3);
    close(
        claim.value("Core Scientific's last option, rent"),
        115.7,
        1e-3,
    );
    close(claim.value("TeraWulf Abernathy, rent"), 188.5, 1e-3);
    close(
        claim.value("the cheapest hosting contract, rent of a kWh"),
        0.158,
        5e-3,
    );
    close(
        claim.value("the dearest hosting contract, rent of a kWh"),
        0.258,
        1e-3,
    );
    // Wrong by about 10 on both sides.
    close(claim.value("mining too high by a factor of"), 9.0, 1e-12);
    close(
        claim.value("AI too high, at the median, by a factor of"),
        10.8,
        1e-3,
    );
    assert!(
        claim.conclusion.contains("$0.0972 to $0.111"),
        "{}",
        claim.conclusion
    );
    assert!(
        claim.conclusion.contains("$1.56 to $2.31"),
        "{}",
        claim.conclusion
    );
}

#[test]
fn dollars_per_mw_year_reproduces() {
    let claim = claim("$1.45 M/MW-yr");
    assert_eq!(claim.verdict, Verdict::Right);
    close(
        claim.value("Core Scientific and CoreWeave, all options, rent"),
        120.8,
        1e-3,
    );
    close(claim.value("AI hosting"), 1.45, 1e-12);
    let efficiency = claim.value("the efficiency at which mining grosses what is claimed");
    close(efficiency, 16.5, 5e-3);
    assert!(
        claim.conclusion.contains("16.5 J/TH"),
        "{}",
        claim.conclusion
    );
}

#[test]
fn dormant_rigs() {
    let claim = claim("dormant rigs");
    assert_eq!(claim.verdict, Verdict::Wrong);
    assert_eq!(
        claim.value("what an ASIC for SHA-256d computes of a model"),
        0.0
    );
    close(claim.value("machines for a MW"), 0.96, 5e-3);
    close(
        claim.value("share of the machines in what a MW cost"),
        0.733,
        1e-3,
    );
    close(
        claim.value("share that is kept of what a MW cost, at most"),
        0.0267,
        5e-3,
    );
    for words in ["0 FLOP/s", "at least 90 %", "about 20 %", "powered shell"] {
        assert!(
            claim.conclusion.contains(words),
            "{words}: {}",
            claim.conclusion
        );
    }
}

#[test]
fn three_hundred_gpus() {
    let claim = claim("nearly 300 units");
    assert_eq!(claim.verdict, Verdict::Wrong);
    close(claim.value("RTX 4090 for one S21"), 18_202.0, 1e-4);
    close(claim.value("RTX 4090 for one S21 Hyd"), 30_488.0, 1e-4);
    close(
        claim.value("their power over that of the S21 Hyd"),
        2560.0,
        1e-3,
    );
    for words in ["18,200", "30,500", "300 are too few"] {
        assert!(
            claim.conclusion.contains(words),
            "{words}: {}",
            claim.conclusion
        );
    }
}

#[test]
fn ten_times_the_power() {
    let claim = claim("ten times the power of mining rigs");
    assert_eq!(claim.verdict, Verdict::Unsupported);
    assert_eq!(claim.value("what is claimed for AI"), 1380.0);
    close(
        claim.value("the same in a year, at full load throughout"),
        394.2,
        1e-12,
    );
    close(claim.value("US data centres over mining"), 2.86, 2e-3);
    assert!(
        claim.conclusion.contains("1,380 TWh/year"),
        "{}",
        claim.conclusion
    );
}

#[test]
fn order_of_magnitude() {
    let claim = claim("order of magnitude");
    assert_eq!(claim.verdict, Verdict::PartlyRight);
    close(claim.value("AI shell over mining site, least"), 22.86, 1e-3);
    close(claim.value("AI shell over mining site, most"), 36.67, 1e-3);
    assert_eq!(claim.value("GPUs and their racks for a MW"), 29.0);
    assert_eq!(claim.value("floor over floor"), 5.0);
}

#[test]
fn twenty_one_million() {
    let claim = claim("21 million");
    assert_eq!(claim.verdict, Verdict::PartlyRight);
    let cap = claim.value("all coins that blocks will ever make");
    assert_eq!(format!("{cap:.4}"), "20999999.9769");
    assert_eq!(claim.value("short of what is claimed by"), 0.0231);
    assert!(
        claim.conclusion.contains("20,999,999.9769 BTC"),
        "{}",
        claim.conclusion
    );
    assert!(
        claim
            .steps
            .iter()
            .filter(|step| step.mark == Evidence::Exact)
            .count()
            == 3
    );
}

#[test]
fn three_quarters_of_the_hash_rate() {
    let claim = claim("75.4%");
    assert_eq!(claim.verdict, Verdict::Wrong);
    close(
        claim.value("share of the network known to be in the US"),
        0.362,
        1e-3,
    );
    close(claim.value("too high by a factor of"), 2.09, 3e-3);
    for words in ["75.4 %", "48 %", "36.2 %", "36 %"] {
        assert!(
            claim.conclusion.contains(words),
            "{words}: {}",
            claim.conclusion
        );
    }
}

/// What holds of each: it has steps, every figure its source, every formula its result, and
/// no figure stands with more digits than mean something.
#[test]
fn every_claim_is_whole() {
    let all = claims().unwrap();
    assert_eq!(all.len(), 8);
    for claim in &all {
        assert!(
            claim.steps.len() > 3 && !claim.said_by.is_empty(),
            "{}",
            claim.claim
        );
        assert!(claim.mark() >= Evidence::Sourced, "{}", claim.claim);
        for step in &claim.steps {
            let at = format!("{}: {}", claim.claim, step.text);
            assert!(step.value.is_finite() && step.value >= 0.0, "{at}");
            assert!(!step.source.is_empty() && !step.formula.is_empty(), "{at}");
            let computed = step.source == "computed";
            assert_eq!(
                step.formula.contains(" = "),
                computed || step.mark == Evidence::Exact,
                "{at}"
            );
        }
        let longest = claim
            .conclusion
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max();
        assert!(longest <= Some(4), "{}", claim.conclusion);
    }
}

/// Every figure in a conclusion is one of its claim's, written in one of the three ways.
#[test]
fn conclusions_hold_no_figure_of_their_own() {
    // Names and dates, which are no figures.
    let names = ["RTX 4090", "RTX 5090", "S21", "S19", "H100", "2030"];
    for claim in claims().unwrap() {
        let mut text = claim.conclusion.clone();
        for name in names {
            text = text.replace(name, "");
        }
        let figures = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .map(|word| word.trim_matches(['.', ',']))
            .filter(|word| !word.is_empty());
        for figure in figures {
            let value: f64 = figure.replace(',', "").parse().unwrap();
            let known = claim.steps.iter().any(|step| {
                [1.0, 100.0].iter().any(|scale| {
                    let exact = step.value * scale;
                    (value - exact).abs() <= exact.abs() * 5.1e-3
                })
            });
            // Two of the protocol's own constants, and the ratio of the two claimed.
            let constant = ["50", "210,000", "25"].contains(&figure);
            assert!(known || constant, "{figure} in {}", claim.conclusion);
        }
    }
}

#[test]
fn they_are_written_for_programs() {
    let json = serde_json::to_value(claims().unwrap()).unwrap();
    assert_eq!(json[0]["verdict"], "wrong");
    assert_eq!(json[0]["steps"][0]["mark"], "sourced");
    assert_eq!(Verdict::PartlyRight.words(), "partly right");
}

/// Whatever is computed stands below what it is computed from: a mark weaker than exact
/// comes from a figure with a source.
#[test]
fn every_mark_comes_from_a_figure_with_a_source() {
    for claim in claims().unwrap() {
        for (index, step) in claim.steps.iter().enumerate() {
            let mut above = claim.steps[..index].iter();
            let has_source = above.any(|given| !given.is_computed() && given.mark == step.mark);
            assert!(
                !step.is_computed() || has_source,
                "{}: {}",
                claim.claim,
                step.text
            );
        }
    }
}
