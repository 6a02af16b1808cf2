//! One line of arithmetic, and what it rests on.

use serde::Serialize;

use super::format::{full, short, significant};
use perwatt_table::Evidence;

/// One figure on the way to a conclusion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What it is, in words.
    pub text: String,
    /// The figure.
    pub value: f64,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// The arithmetic with its numbers filled in; of a figure that was given, the figure.
    pub formula: String,
    /// What it rests on: of a computed figure the weakest that it is computed from.
    pub mark: Evidence,
    /// Who says so, and when; of a computed figure `computed`.
    pub source: String,
}

/// What a computed figure's source says.
pub const COMPUTED: &str = "computed";

impl Step {
    /// A figure that somebody else stated.
    pub fn given(
        text: impl Into<String>,
        value: f64,
        unit: &'static str,
        mark: Evidence,
        source: impl Into<String>,
    ) -> Self {
        Self {
            text: text.into(),
            value,
            unit,
            formula: with_unit(full(value), unit),
            mark,
            source: source.into(),
        }
    }

    /// A figure computed from those of other steps. `left` is the arithmetic; the result is
    /// put behind it.
    pub fn computed(
        text: impl Into<String>,
        value: f64,
        unit: &'static str,
        left: String,
        from: &[&Self],
    ) -> Self {
        Self {
            text: text.into(),
            value,
            unit,
            formula: format!("{left} = {}", with_unit(operand(value), unit)),
            mark: weakest(from.iter().copied()),
            source: COMPUTED.into(),
        }
    }

    /// Whether the figure was worked out from those of other steps.
    pub fn is_computed(&self) -> bool {
        self.source == COMPUTED
    }

    /// The figure in three digits, with its unit.
    pub fn figure(&self) -> String {
        with_unit(short(self.value), self.unit)
    }

    /// The figure with every digit, for a formula.
    pub fn digits(&self) -> String {
        full(self.value)
    }

    /// The figure in four digits, as its own formula ends, for another formula: one more
    /// than conclusions have, so that theirs can be worked out again from those.
    pub fn operand(&self) -> String {
        operand(self.value)
    }

    /// The figure in three digits without its unit, for a range.
    pub fn number(&self) -> String {
        short(self.value)
    }
}

/// The weakest mark, exact of nothing.
pub fn weakest<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Evidence {
    steps
        .into_iter()
        .map(|step| step.mark)
        .max()
        .unwrap_or(Evidence::Exact)
}

fn operand(value: f64) -> String {
    significant(value, 4)
}

fn with_unit(number: String, unit: &str) -> String {
    match unit {
        "" => number,
        "$" => format!("${number}"),
        unit => format!("{number} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computed_figure_is_as_weak_as_its_weakest() {
        let rate = Step::given("rate", 200.0, "TH/s", Evidence::Nameplate, "maker");
        let half = Step::given("half", 0.5, "", Evidence::Exact, "arithmetic");
        let product = Step::computed(
            "half of it",
            rate.value * half.value,
            "TH/s",
            format!("{} × {}", rate.digits(), half.digits()),
            &[&rate, &half],
        );
        assert_eq!(product.mark, Evidence::Nameplate);
        assert_eq!(product.formula, "200 × 0.5 = 100 TH/s");
        assert_eq!(product.source, COMPUTED);
        assert_eq!(
            (rate.formula.as_str(), half.formula.as_str()),
            ("200 TH/s", "0.5")
        );
    }
}
