//! Nearest counterparts of rows that no other column has.

use std::collections::HashMap;

use perwatt_record::work::Named;

use crate::column::Layout;
use crate::grid::{Grid, Line};
use crate::key::Difference;
use crate::metric::Metric;
use crate::model::Nearest;

/// Field name of the device, which is not part of the key.
const DEVICE: &str = "device";
/// The number of rows of one workload that are examined for each unmatched one: more do not
/// improve the message, and files may hold thousands.
const MOST: usize = 50;

/// Rows by metric and workload.
pub struct Kinds<'a> {
    grid: &'a Grid,
    layout: &'a Layout,
    rows: HashMap<(Metric, Option<&'a Named>), Vec<usize>>,
}

impl<'a> Kinds<'a> {
    /// Groups the rows of the grid.
    pub fn of(grid: &'a Grid, layout: &'a Layout) -> Self {
        let mut rows: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, line) in grid.lines.iter().enumerate() {
            rows.entry(kind(line)).or_default().push(i);
        }
        Self { grid, layout, rows }
    }

    /// The row of another column than `columns` that differs from `line` in the fewest
    /// fields; `None` if no other column measured that workload.
    pub fn nearest(&self, line: usize, columns: &[usize]) -> Option<Nearest> {
        let of = &self.grid.lines[line];
        let elsewhere = |other: &Line| {
            let mut all = (0..other.cells.len()).filter(|c| !columns.contains(c));
            all.find(|column| !other.cells[*column].is_empty())
        };
        let alike = self.rows.get(&kind(of))?.iter().filter(|i| **i != line);
        let (other, column, fields) = alike
            .map(|&i| &self.grid.lines[i])
            .filter_map(|other| Some((other, elsewhere(other)?)))
            .take(MOST)
            .map(|(other, column)| (other, column, differences(other, of)))
            .min_by_key(|(.., fields)| fields.len())?;
        Some(Nearest {
            column: self.layout.columns[column].label.clone(),
            name: other.name.to_string(),
            device: other.device.as_deref().map(str::to_owned),
            fields,
        })
    }
}

fn kind(line: &Line) -> (Metric, Option<&Named>) {
    (line.metric, line.key.workload())
}

fn differences(there: &Line, here: &Line) -> Vec<Difference> {
    let text = |line: &Line| line.device.as_deref().map(str::to_owned);
    let mut fields = there.key.differences(&here.key);
    if there.device != here.device {
        fields.push(Difference {
            field: DEVICE.into(),
            base: text(there),
            other: text(here),
        });
    }
    fields
}
