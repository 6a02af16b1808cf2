//! A line of a report: a figure with its unit, what it rests on, and how it is
//! computed.

use serde::Serialize;

use super::inputs::PRICE_FILE;
use super::num::{Deps, Missing, Num};
use super::parameter::parameters;
use super::scenario::Value;
use crate::mark::Mark;

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is called in JSON.
    pub id: &'static str,
    /// What it is called in tables.
    pub label: &'static str,
    /// The figure; absent where there is none.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
    /// The weakest of what it rests on.
    pub mark: Mark,
    /// The parameters that it rests on.
    pub from: Vec<&'static str>,
    /// How it is computed, in words.
    pub formula: &'static str,
    /// Why there is no figure, or what else is to be said of it.
    pub note: Option<String>,
}

/// Makes lines of numbers.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Every parameter's value with its source.
    pub values: &'a [Value],
}

impl Lines<'_> {
    /// A line of a number.
    pub fn line(
        &self,
        id: &'static str,
        label: &'static str,
        unit: &'static str,
        number: Num,
        formula: &'static str,
    ) -> Line {
        let finite = number.value.is_finite();
        Line {
            id,
            label,
            unit,
            value: finite.then_some(number.value),
            mark: self.mark(number.deps),
            from: names(number.deps),
            formula,
            note: (!finite).then(|| "does not exist for these figures".into()),
        }
    }

    /// A line that has a figure only where there is one, with the reason where not.
    pub fn line_or(
        &self,
        id: &'static str,
        label: &'static str,
        unit: &'static str,
        number: Result<Num, Missing>,
        formula: &'static str,
    ) -> Line {
        match number {
            Ok(number) => self.line(id, label, unit, number, formula),
            Err(Missing { why, deps }) => Line {
                id,
                label,
                unit,
                value: None,
                mark: self.mark(deps),
                from: names(deps),
                formula,
                note: Some(why.into()),
            },
        }
    }

    /// The weakest of what these rest on.
    pub fn mark(&self, deps: Deps) -> Mark {
        let of = self
            .values
            .iter()
            .enumerate()
            .filter(|(i, _)| deps >> i & 1 == 1);
        let weakest = of.map(|(_, value)| value.source.mark).max();
        let file = (deps & PRICE_FILE != 0).then_some(Mark::Sourced);
        weakest.max(file).unwrap_or(Mark::Exact)
    }
}

/// The names of parameters.
pub fn names(deps: Deps) -> Vec<&'static str> {
    let all = parameters()
        .iter()
        .enumerate()
        .filter(|(i, _)| deps >> i & 1 == 1)
        .map(|(_, parameter)| parameter.key.as_str());
    let file = (deps & PRICE_FILE != 0).then_some("curtailment.prices");
    all.chain(file).collect()
}
