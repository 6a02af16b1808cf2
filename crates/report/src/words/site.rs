//! Figures and sentences of a site's report.

use std::collections::BTreeSet;

use perwatt_site::SiteReport;
use perwatt_site::curtailment::Curtailment;
use perwatt_site::figure::Figure;
use perwatt_site::scenario::Origin;
use perwatt_site::settings::{Contract, PaidBy, Settings, Use};
use perwatt_table::Evidence;

use crate::units::{self, significant};

/// The smallest amount, $, that is written in millions.
const LARGE_USD: f64 = 1e5;

/// The letter of a kind of evidence, printed as a superscript.
pub fn letter(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Exact => "e",
        Evidence::Measured => "m",
        Evidence::Nameplate => "n",
        Evidence::Sourced => "s",
        Evidence::Assumed => "a",
    }
}

/// The meaning of a kind of evidence.
pub fn meaning(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Exact => "exact: follows from the rules of Bitcoin or from arithmetic alone",
        Evidence::Measured => "measured: in an archived record, or by a named party",
        Evidence::Nameplate => "nameplate: what the maker says of the device",
        Evidence::Sourced => "sourced: somebody else's figure, with the source and its date",
        Evidence::Assumed => "assumed: set by the scenario, or taken for granted",
    }
}

/// The kinds of evidence, the strongest first.
pub const EVIDENCE: [Evidence; 5] = [
    Evidence::Exact,
    Evidence::Measured,
    Evidence::Nameplate,
    Evidence::Sourced,
    Evidence::Assumed,
];

/// The notation of a row's figures: one unit, and the same number of decimals for all
/// figures that do not vanish in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    factor: f64,
    decimals: usize,
    unit: String,
}

impl Style {
    /// The notation of these figures, in a unit such as `$` or `$/year`.
    pub fn of(values: impl IntoIterator<Item = f64>, unit: &str) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let most = finite.map(f64::abs).fold(0.0, f64::max);
        let money = unit == "$" || unit == "$/year";
        let (factor, unit) = match money && most >= LARGE_USD {
            true => (1e6, unit.replacen('$', "M$", 1)),
            false => (1.0, unit.to_owned()),
        };
        let digits = match most / factor {
            size if size > 0.0 => size.log10().floor() as i32,
            _ => 3,
        };
        Self {
            factor,
            decimals: (3 - digits).clamp(0, 9) as usize,
            unit,
        }
    }

    /// The unit with its prefix: `M$/year`.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// A figure without its unit, with a minus sign (U+2212) in place of a hyphen.
    pub fn number(&self, value: f64) -> String {
        if value == 0.0 || !value.is_finite() {
            return significant(value);
        }
        let size = (value / self.factor).abs();
        let decimals = self.decimals;
        let text = match format!("{size:.decimals$}") {
            // A figure that the row's decimals would round to zero keeps significant
            // digits.
            text if size > 0.0 && text.bytes().all(|b| matches!(b, b'0' | b'.')) => {
                significant(size)
            }
            text => text,
        };
        let nothing = text.bytes().all(|b| matches!(b, b'0' | b'.'));
        match value < 0.0 && !nothing {
            true => format!("\u{2212}{text}"),
            false => text,
        }
    }

    /// A figure with its unit.
    pub fn figure(&self, value: f64) -> String {
        match value.is_finite() {
            true => format!("{} {}", self.number(value), self.unit)
                .trim_end()
                .to_owned(),
            false => significant(value),
        }
    }
}

/// A single sum of money: `−12.34 M$`, `950.0 $`.
pub fn money(usd: f64) -> String {
    Style::of([usd], "$").figure(usd)
}

/// A share in whole percent; shares just above 0 or below 100 % are not rounded to these.
pub fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 1.0 => "< 1 %".into(),
        p if p > 99.0 && p < 100.0 => "> 99 %".into(),
        _ => units::percent(share, 0),
    }
}

/// A number of months; `none` if the end lies beyond the horizon.
pub fn months(months: Option<f64>) -> String {
    match months {
        Some(months) => units::fixed(months, 0),
        None => "none".into(),
    }
}

/// The period and the resolution of the power prices.
pub fn covered(found: &Curtailment) -> String {
    match (found.covers_days, found.step_min) {
        (Some(days), Some(step)) => format!(
            "over {days:.1} days of prices every {step:.0} minutes, known in advance, so that the gain \
             is the most there is; sums are of those days, and are not scaled to a year"
        ),
        _ => "no prices are given (curtailment.prices): hours are not known".into(),
    }
}

/// The explanation of the states of the network.
pub const STATES: &str = "\"all off\" lasts until what was sold hashes again elsewhere; until the \
                          retarget a hash earns what it did";

/// The origin of a value: default, scenario or command line.
pub fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".into(),
        Origin::Scenario(line) => format!("scenario, line {line}"),
        Origin::CommandLine => "command line".into(),
    }
}

/// The evidence, the formula and the parameters of a figure.
pub fn rests_on(figure: &Figure) -> String {
    let from = match figure.from.is_empty() {
        true => String::new(),
        false => format!("; rests on {}", figure.from.join(", ")),
    };
    format!("{}: {}{from}", figure.evidence.word(), figure.formula)
}

/// The weakest evidence among the figures of a table.
pub fn weakest(evidence: Evidence) -> String {
    format!("all figures {} at the weakest", evidence.word())
}

/// The name of the answer that the sensitivity is about.
pub fn answer(kind: Use) -> String {
    match kind {
        Use::KeepMining => format!("net present value of {}", kind.title()),
        _ => format!("net present value of {} over keep mining", kind.title()),
    }
}

/// The choices of the scenario, each with its meaning.
pub fn choices(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if let Some(by) = settings.power_paid_by {
        let text = match by {
            PaidBy::Tenant => "the tenant: passed through",
            PaidBy::Landlord => "the landlord: in the rent",
        };
        all.push(("power of hosting is paid by", text.to_owned()));
    }
    let rig = |name: &Option<String>| name.clone();
    all.extend(rig(&settings.mining_asic).map(|name| ("rigs that are there", name)));
    all.extend(rig(&settings.newer_asic).map(|name| ("newer rigs", name)));
    all.push(("accelerator of the cloud", settings.accelerator.clone()));
    if let Some(file) = &settings.prices {
        let contract = match file.contract {
            Contract::Index => "bought at the price of each interval",
            Contract::Fixed => "bought at a fixed price, what is not used sold",
        };
        all.push(("power prices", format!("{}, {contract}", file.path)));
    }
    all
}

/// The assumptions of the whole report.
pub fn assumptions(report: &SiteReport) -> Vec<String> {
    let mut all = vec![
        "Everything is in dollars of the day of the decision (constant dollars): the discount rate \
         is a real one."
            .to_owned(),
        "Before taxes, and before interest on debt.".into(),
        "A figure is as weak as the weakest of what it rests on: its letter is that one's.".into(),
    ];
    if report.monte_carlo.is_some() {
        all.push(
            "In the draws each parameter is drawn by itself, from a triangle over its range with \
             its value on top: that they do not move together is an assumption."
                .into(),
        );
    }
    let marks: BTreeSet<&str> = report
        .inputs
        .iter()
        .filter(|input| input.used && input.source.evidence == Evidence::Assumed)
        .map(|input| input.key)
        .collect();
    all.push(match marks.len() {
        0 => "No figure rests on a value that is assumed.".into(),
        1 => "One value that figures rest on is assumed; the table of inputs says which.".into(),
        n => {
            format!("{n} values that figures rest on are assumed; the table of inputs says which.")
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_in_millions_where_it_is_large() {
        assert_eq!(money(12_345_678.0), "12.35 M$");
        assert_eq!(money(-123_456_789.0), "\u{2212}123.5 M$");
        assert_eq!(money(950.0), "950.0 $");
        assert_eq!(money(0.0), "0 $");
        let style = Style::of([130e6, -2e6, 1.0], "$/year");
        assert_eq!(style.unit(), "M$/year");
        assert_eq!(style.number(130e6), "130.0");
        assert_eq!(style.number(-2e6), "\u{2212}2.0");
        assert_eq!(style.number(1.0), "0.000001000", "not nothing");
        assert_eq!(style.number(0.0), "0");
        assert_eq!(Style::of([0.0512], "$/kWh").figure(0.0512), "0.05120 $/kWh");
    }

    #[test]
    fn a_chance_is_certain_only_where_it_is() {
        let found = [0.0, 0.001, 0.5, 0.995, 1.0].map(percent);
        assert_eq!(found, ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
    }

    proptest! {
        #[test]
        fn any_figure_can_be_written(value in prop::num::f64::ANY, other in -1e15..1e15_f64) {
            let style = Style::of([value, other], "$");
            prop_assert!(!style.number(value).is_empty());
            let text = style.number(other);
            let some = text.bytes().any(|b| matches!(b, b'1'..=b'9'));
            prop_assert!(some || other.abs() < 1e-3, "{} became {}", other, text);
        }
    }
}
