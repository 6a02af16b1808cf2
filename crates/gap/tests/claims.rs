//! Checks of `docs/claims.md`: every formula gives its result, every figure comes from an
//! earlier step, and figures of devices are the catalogue's.

use perwatt_gap::catalogue::{Catalogue, name};
use regex::Regex;

const PAGE: &str = include_str!("../../../docs/claims.md");

/// Numbers that formulas use without a step of their own: parts of a whole, hours, months,
/// thousands, and the accelerators of a node.
const CONSTANTS: [&str; 7] = ["1", "8", "12", "24", "1,000", "1,000,000", "8,760"];

struct Claim {
    title: String,
    steps: Vec<Step>,
    verdict: String,
}

struct Step {
    text: String,
    /// The formula; absent if the figure is not computed.
    formula: Option<String>,
    /// The figure as it is written.
    figure: String,
    evidence: String,
    source: Option<String>,
}

impl Step {
    fn value(&self) -> f64 {
        number(&self.figure)
    }
}

fn number(text: &str) -> f64 {
    text.replace(',', "")
        .parse()
        .unwrap_or_else(|_| panic!("{text:?}"))
}

fn claims() -> Vec<Claim> {
    let line = Regex::new(
        r"^\d+\. (?<text>.+?): (?:(?<formula>[^\[]+) = )?\$?(?<figure>[\d.,]+)(?: [^\[=]+)? ?\[(?<evidence>[a-z]+)(?:: (?<source>.*))?\]$",
    )
    .unwrap();
    let sections = PAGE.split("\n## ").skip(1);
    let claim = |section: &str| {
        let mut lines = section.lines();
        let title = lines.next().unwrap_or_default().to_owned();
        let is_step = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
        let steps = lines.clone().filter(is_step);
        let step = |text: &str| {
            let found = line.captures(text);
            let found = found.unwrap_or_else(|| panic!("no step: {text}"));
            let part = |name| found.name(name).map(|part| part.as_str().to_owned());
            Step {
                text: part("text").unwrap(),
                formula: part("formula"),
                figure: part("figure").unwrap(),
                evidence: part("evidence").unwrap(),
                source: part("source"),
            }
        };
        let verdict = lines
            .clone()
            .find_map(|line| line.strip_prefix("Verdict: "));
        Claim {
            steps: steps.map(step).collect(),
            verdict: verdict.expect("a verdict").into(),
            title,
        }
    };
    sections.map(claim).collect()
}

/// The value of a formula of numbers, `+ − × /` and brackets.
fn evaluate(formula: &str) -> f64 {
    let spaced = formula.replace('(', " ( ").replace(')', " ) ");
    let mut tokens = spaced.split_whitespace().peekable();
    let value = sum(&mut tokens);
    assert_eq!(tokens.next(), None, "{formula}");
    value
}

type Tokens<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn sum(tokens: &mut Tokens) -> f64 {
    let mut value = product(tokens);
    while let Some(sign) = tokens.next_if(|token| ["+", "−"].contains(token)) {
        let next = product(tokens);
        value += if sign == "+" { next } else { -next };
    }
    value
}

fn product(tokens: &mut Tokens) -> f64 {
    let mut value = factor(tokens);
    while let Some(sign) = tokens.next_if(|token| ["×", "/"].contains(token)) {
        let next = factor(tokens);
        value *= if sign == "×" { next } else { 1.0 / next };
    }
    value
}

fn factor(tokens: &mut Tokens) -> f64 {
    match tokens.next() {
        Some("(") => {
            let value = sum(tokens);
            assert_eq!(tokens.next(), Some(")"));
            value
        }
        token => number(token.unwrap_or_default()),
    }
}

#[test]
fn every_formula_gives_its_result_from_figures_before_it() {
    let all = claims();
    assert_eq!(all.len(), 8);
    for claim in &all {
        assert!(claim.steps.len() > 3, "{}", claim.title);
        for (index, step) in claim.steps.iter().enumerate() {
            let at = format!("{}: {}", claim.title, step.text);
            let before = &claim.steps[..index];
            let Some(formula) = step.formula.as_ref().filter(|text| !text.contains('Σ')) else {
                assert!(step.source.is_some(), "{at}: no source");
                continue;
            };
            let found = evaluate(formula);
            // Operands are written with four digits.
            assert!((found / step.value() - 1.0).abs() < 1e-3, "{at}: {found}");
            if step.evidence == "exact" {
                continue;
            }
            let given = before
                .iter()
                .any(|of| of.formula.is_none() && of.evidence == step.evidence);
            assert!(given, "{at}: no figure is {}", step.evidence);
            let words = formula.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
            for word in words.filter(|word| !word.is_empty()) {
                let known = before.iter().any(|of| of.figure == word);
                let known = known || CONSTANTS.contains(&word);
                assert!(known, "{at}: {word} is not a step's");
            }
        }
    }
}

#[test]
fn devices_are_the_catalogues() {
    let catalogue = Catalogue::builtin().unwrap();
    let rig = r"^(what an|the efficiency of an) (?<model>Antminer .+?)( hashes| draws)?$";
    let rig = Regex::new(rig).unwrap();
    let card = Regex::new(r"^what a (?<model>GeForce .+?) (hashes|may draw)").unwrap();
    let mut checked = 0;
    for step in claims().iter().flat_map(|claim| &claim.steps) {
        let wanted = if let Some(of) = rig.captures(&step.text) {
            let row = catalogue.asic(&of["model"]).unwrap();
            if step.formula.is_none() {
                let evidence = row.provenance.basis.evidence();
                assert_eq!(step.evidence, evidence.word(), "{}", step.text);
            }
            match step.text.rsplit(' ').next() {
                Some("hashes") => row.hashrate_th_s,
                Some("draws") => row.power_w,
                _ => row.efficiency_j_th(),
            }
        } else if let Some(of) = card.captures(&step.text) {
            let row = name::find(&catalogue.gpus, &of["model"]).unwrap();
            match step.text.ends_with("may draw") {
                true => row.power_w.unwrap(),
                false => row.sha256d_equiv_mh_s / 1000.0,
            }
        } else {
            continue;
        };
        let error = step.value() / wanted - 1.0;
        assert!(error.abs() < 5e-4, "{}: {wanted}", step.text);
        checked += 1;
    }
    assert_eq!(checked, 15);
}

#[test]
fn the_cap_is_what_the_subsidy_adds_up_to() {
    let subsidy = (0..64).map(|halvings| 5_000_000_000_u64 >> halvings);
    let cap_btc = subsidy.map(|sat| 210_000 * sat).sum::<u64>() as f64 / 1e8;
    let claims = claims();
    let steps = claims.iter().flat_map(|claim| &claim.steps);
    let mut cap = steps.filter(|step| step.text == "all coins that blocks will ever make");
    assert_eq!(cap.next().map(Step::value), Some(cap_btc));
}

/// Every figure in a verdict is a figure of its claim, in three digits.
#[test]
fn verdicts_hold_no_figure_of_their_own() {
    // Names and dates, which are not figures.
    let names = ["RTX 4090", "RTX 5090", "S21", "S19", "H100", "2030"];
    for claim in claims() {
        let text = names
            .iter()
            .fold(claim.verdict.clone(), |text, name| text.replace(name, ""));
        let figures = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .map(|word| word.trim_matches(['.', ',']))
            .filter(|word| !word.is_empty());
        for figure in figures {
            let value = number(figure);
            let near = |exact: f64| (value - exact).abs() <= exact.abs() * 5.1e-3;
            let is_it = |of: &Step| near(of.value()) || near(100.0 * of.value());
            let known = claim.steps.iter().any(is_it);
            // Two of the protocol's own constants.
            let constant = ["50", "210,000"].contains(&figure);
            assert!(known || constant, "{figure} in {}", claim.verdict);
        }
    }
}
