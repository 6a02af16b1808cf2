//! A parameter of a site: its key, its unit, the values it may have, and its value with range,
//! source and origin.

use perwatt_table::Source;
use serde::Serialize;

use crate::date;
use crate::parameters::Parameters;

/// The values that a parameter may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Above zero.
    Positive,
    /// Zero or above.
    NonNegative,
    /// From 0 to 1.
    Share,
    /// Above 0 and up to 1.
    PositiveShare,
    /// 1 or above.
    AtLeast1,
    /// Above -1: a relative growth.
    Growth,
    /// Whole and above zero.
    Count,
    /// Above 0 and up to 50 years.
    Horizon,
    /// 0 or 1.
    Switch,
    /// A day, `YYYY-MM-DD`; as a number the days since 1970-01-01.
    Date,
}

impl Rule {
    /// The rule that a value breaks, if any.
    pub fn fault(self, value: f64) -> Option<&'static str> {
        let (holds, must) = match self {
            Self::Date => (value.is_finite(), "must be a finite number"),
            Self::Positive => (value > 0.0, "must be above 0"),
            Self::NonNegative => (value >= 0.0, "must be 0 or above"),
            Self::Share => ((0.0..=1.0).contains(&value), "must be from 0 to 1"),
            Self::PositiveShare => (value > 0.0 && value <= 1.0, "must be above 0 and up to 1"),
            Self::AtLeast1 => (value >= 1.0, "must be 1 or above"),
            Self::Growth => (value > -1.0, "must be above -1"),
            Self::Count => (
                value >= 1.0 && value.fract() == 0.0 && value <= 1000.0,
                "must be a whole number from 1 to 1000",
            ),
            Self::Horizon => (
                value > 0.0 && value <= 50.0,
                "must be above 0 and up to 50 years",
            ),
            Self::Switch => (value == 0.0 || value == 1.0, "must be 0 or 1"),
        };
        (!(holds && value.is_finite())).then_some(must)
    }
}

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The program's default.
    Default,
    /// A line of the scenario.
    Scenario(usize),
    /// `--set`.
    CommandLine,
}

/// The value of a parameter with its range, source and origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// The value; a day as days since 1970-01-01.
    pub value: f64,
    /// The range over which it may move.
    pub range: Option<[f64; 2]>,
    /// The evidence for the value, its source and date.
    pub source: Source,
    /// The source of the range.
    pub range_source: String,
    /// The origin of the value.
    pub origin: Origin,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its key: `section.name_unit`.
    pub key: &'static str,
    /// Its unit, in words.
    pub unit: &'static str,
    /// The values it may have.
    pub rule: Rule,
    /// Its meaning.
    pub about: &'static str,
    /// Its default; without one the scenario must give it.
    pub default: Option<Value>,
    /// Access to its value in [`Parameters`].
    pub of: fn(&mut Parameters) -> &mut f64,
}

/// The ends of what a value in this unit can be at all, far beyond any site or market, so
/// that no sum or product overflows.
fn ends(unit: &str) -> [f64; 2] {
    let most = match unit {
        // From the first block to the last subsidies.
        "date" => return [14_247.0, 62_092.0],
        "per year" => return [-0.9, 10.0],
        "J/TH" => return [0.1, 1e6],
        "years" => 50.0,
        "months" => 600.0,
        "h/year" => 8766.0,
        "BTC" | "kW" => 1e3,
        "$/TH" | "$/GPU-h" | "h" => 1e4,
        "MW" | "$/MWh" | "$/kW-month" => 1e5,
        "EH/s" => 1e6,
        "$" => 1e7,
        "$/BTC" | "$/MW-year" => 1e8,
        "$/MW" => 1e9,
        "blocks" => 1e3,
        _ => 100.0,
    };
    [0.0, most]
}

impl Parameter {
    /// The least and the largest value that it may have.
    pub fn bounds(&self) -> [f64; 2] {
        let [low, high] = ends(self.unit);
        match self.rule {
            Rule::Positive => [low.max(1e-6), high],
            Rule::NonNegative => [0.0, high],
            Rule::Share | Rule::Switch => [0.0, 1.0],
            Rule::PositiveShare => [1e-6, 1.0],
            Rule::AtLeast1 => [1.0, high],
            Rule::Count => [1.0, 1000.0],
            Rule::Horizon => [1e-6, high],
            Rule::Growth | Rule::Date => [low, high],
        }
    }

    /// The rule or the bound that a value breaks, if any.
    pub fn fault(&self, value: f64) -> Option<String> {
        let [least, most] = self.bounds();
        let written = |end| write(self.rule, end);
        match self.rule.fault(value) {
            Some(must) => Some(must.into()),
            None if (least..=most).contains(&value) => None,
            None => Some(format!(
                "must be from {} to {}",
                written(least),
                written(most)
            )),
        }
    }
}

/// A value as it is written in a scenario.
pub fn write(rule: Rule, value: f64) -> String {
    match rule {
        Rule::Date => date::write(value),
        // Six digits are more than any of them is known to.
        _ => {
            let short: f64 = format!("{value:.5e}").parse().unwrap_or(value);
            format!("{short}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_say_what_must_hold() {
        assert_eq!(Rule::AtLeast1.fault(0.99), Some("must be 1 or above"));
        assert_eq!(Rule::Share.fault(1.01), Some("must be from 0 to 1"));
        assert_eq!(Rule::Positive.fault(f64::NAN), Some("must be above 0"));
        assert!(Rule::NonNegative.fault(f64::INFINITY).is_some());
        assert_eq!(Rule::Growth.fault(-0.45), None);
    }
}
