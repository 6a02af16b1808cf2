//! The parameters of a site: what each means, which values it may have, and its
//! default with source and date.
//!
//! A parameter for which nobody published a figure has the default that changes
//! nothing, marked assumed, or none at all: then the scenario must give it.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::date;
use perwatt_table::{Evidence, Source};

const TABLE: &str = include_str!("../data/site_parameters.csv");

/// Which values a parameter may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    #[serde(rename = "at-least-1")]
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
    /// What is wrong with a value, if anything.
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

/// A default with the range over which it may move.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The value.
    pub value: f64,
    /// The range, if it has one.
    pub range: Option<[f64; 2]>,
    /// What the value rests on, where it is from, and when.
    pub source: Source,
    /// Where the range is from.
    pub range_source: String,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its key: `section.name_unit`.
    pub key: String,
    /// Its unit, in words.
    pub unit: String,
    /// What it may be.
    pub rule: Rule,
    /// What it means.
    pub about: String,
    /// Its default; without one the scenario must give it.
    pub default: Option<Given>,
}

/// A line of the table.
#[derive(Deserialize)]
struct Line {
    key: String,
    unit: String,
    rule: Rule,
    value: String,
    low: String,
    high: String,
    mark: Option<Evidence>,
    source: String,
    date: String,
    range: String,
    about: String,
}

/// All parameters, in the order in which reports list them.
pub fn parameters() -> &'static [Parameter] {
    static ALL: LazyLock<Vec<Parameter>> =
        LazyLock::new(|| read(TABLE).expect("the program's own table of parameters is faulty"));
    &ALL
}

/// The place of a key in the table.
pub fn index_of(key: &str) -> Option<usize> {
    static INDEX: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
        let all = parameters().iter().enumerate();
        all.map(|(i, parameter)| (parameter.key.as_str(), i))
            .collect()
    });
    INDEX.get(key).copied()
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

fn read(table: &str) -> Result<Vec<Parameter>, String> {
    let mut all = Vec::new();
    for line in csv::Reader::from_reader(table.as_bytes()).deserialize() {
        let line: Line = line.map_err(|error| error.to_string())?;
        all.push(parameter(line)?);
    }
    Ok(all)
}

fn parameter(line: Line) -> Result<Parameter, String> {
    let key = line.key;
    let number = |text: &str| -> Result<f64, String> {
        let value = match line.rule {
            Rule::Date => date::read(text),
            _ => text.parse().ok(),
        };
        let value = value.ok_or_else(|| format!("{key}: {text:?} is no value"))?;
        match line.rule.fault(value) {
            Some(fault) => Err(format!("{key}: {text} {fault}")),
            None => Ok(value),
        }
    };
    let default = match (line.value.as_str(), line.mark) {
        ("", None) => None,
        (value, Some(mark)) if !line.source.is_empty() => Some(Given {
            value: number(value)?,
            range: match (line.low.as_str(), line.high.as_str()) {
                ("", "") => None,
                (low, high) => Some([number(low)?, number(high)?]),
            },
            source: Source {
                mark,
                text: line.source,
                date: Some(line.date).filter(|date| !date.is_empty()),
            },
            range_source: line.range,
        }),
        _ => {
            return Err(format!(
                "{key}: a default needs a value, a mark and a source"
            ));
        }
    };
    Ok(Parameter {
        unit: line.unit,
        rule: line.rule,
        about: line.about,
        default,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_has_a_source_and_every_range_one_around_it() {
        let all = read(TABLE).unwrap();
        assert!(all.len() > 40 && all.len() <= 128, "a bit each");
        for parameter in &all {
            let key = &parameter.key;
            assert_eq!(index_of(key).map(|i| &all[i].key), Some(key), "{key} twice");
            assert!(key.contains('.') && !parameter.about.is_empty(), "{key}");
            let Some(given) = &parameter.default else {
                continue;
            };
            let dated = given.source.date.is_some() || given.source.mark == Evidence::Assumed;
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
    fn what_nobody_published_is_asked_for() {
        let asked: Vec<&str> = parameters()
            .iter()
            .filter(|parameter| parameter.default.is_none())
            .map(|parameter| parameter.key.as_str())
            .collect();
        assert_eq!(asked, ["site.gross_mw", "finance.discount_rate"]);
    }

    #[test]
    fn rules_say_what_must_hold() {
        assert_eq!(Rule::AtLeast1.fault(0.99), Some("must be 1 or above"));
        assert_eq!(Rule::Share.fault(1.01), Some("must be from 0 to 1"));
        assert_eq!(Rule::Positive.fault(f64::NAN), Some("must be above 0"));
        assert!(Rule::NonNegative.fault(f64::INFINITY).is_some());
        assert_eq!(Rule::Growth.fault(-0.45), None);
    }
}
