//! A line of a report: a figure with its unit, what it rests on, and how it is
//! computed.

use serde::Serialize;

use crate::inputs::PRICE_FILE;
use crate::num::{Deps, Missing, Num};
use crate::parameter::parameters;
use crate::scenario::Value;
use perwatt_table::Evidence;

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
    pub mark: Evidence,
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
    pub fn mark(&self, deps: Deps) -> Evidence {
        let of = self
            .values
            .iter()
            .enumerate()
            .filter(|(i, _)| deps >> i & 1 == 1);
        let weakest = of.map(|(_, value)| value.source.mark).max();
        let file = (deps & PRICE_FILE != 0).then_some(Evidence::Sourced);
        weakest.max(file).unwrap_or(Evidence::Exact)
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

/// Lines of the same name and unit, one for each column that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The first of them.
    pub first: &'a Line,
    /// One place for each column.
    pub cells: Vec<Option<&'a Line>>,
}

/// The rows of columns of lines, in the order of the lines: one that a former column
/// does not have stands behind the one that it follows in its own.
pub fn side_by_side<'a>(columns: &[&'a [Line]]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = Vec::new();
    for (column, lines) in columns.iter().enumerate() {
        let mut next = 0;
        for line in *lines {
            let same = |row: &Row| {
                (row.first.id, row.first.label, row.first.unit) == (line.id, line.label, line.unit)
            };
            let place = rows.iter().position(same).unwrap_or_else(|| {
                let cells = vec![None; columns.len()];
                rows.insert(next, Row { first: line, cells });
                next
            });
            rows[place].cells[column] = Some(line);
            next = place + 1;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_the_order_of_each_column() {
        let lines = Lines { values: &[] };
        let of = |ids: &[&'static str]| -> Vec<Line> {
            let one = |id: &&'static str| lines.line(id, id, "", Num::exact(1.0), "");
            ids.iter().map(one).collect()
        };
        let (a, b) = (of(&["x", "z"]), of(&["x", "y", "z"]));
        let rows = side_by_side(&[&a, &b]);
        let ids: Vec<&str> = rows.iter().map(|row| row.first.id).collect();
        assert_eq!(ids, ["x", "y", "z"]);
        assert!(rows[1].cells[0].is_none() && rows[1].cells[1].is_some());
        assert!(side_by_side(&[]).is_empty());
    }
}
