//! A table: columns, and rows in groups.

use super::Cell;

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left-aligned, for words.
    Left,
    /// Right-aligned, for figures.
    Right,
}

/// Behaviour of a column on a terminal that is too narrow for all columns. Columns of lower
/// rank are folded or dropped first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The column stays in the row.
    Keep,
    /// The column's cells go on separate lines below the row.
    Fold(u8),
    /// The column is left out.
    Drop(u8),
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// The alignment of the cells.
    pub align: Align,
    /// The behaviour on a narrow terminal.
    pub fit: Fit,
}

impl Column {
    /// A left-aligned column, which stays in the row.
    pub fn left(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            align: Align::Left,
            fit: Fit::Keep,
        }
    }

    /// A right-aligned column, which stays in the row.
    pub fn right(name: impl Into<String>) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(name)
        }
    }

    /// The column with [`Fit::Fold`] of this rank.
    #[must_use]
    pub fn fold(mut self, rank: u8) -> Self {
        self.fit = Fit::Fold(rank);
        self
    }

    /// The column with [`Fit::Drop`] of this rank.
    #[must_use]
    pub fn drop(mut self, rank: u8) -> Self {
        self.fit = Fit::Drop(rank);
        self
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// The name of the group of rows that follow.
    Group(String),
    /// One row of cells; missing cells at the end are empty.
    Cells {
        /// Indentation of the first cell, in steps.
        depth: usize,
        /// The cells.
        cells: Vec<Cell>,
    },
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Grid {
    /// A table with these columns.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Begins a group; the rows that follow are indented below its name.
    pub fn group(&mut self, name: impl Into<String>) {
        self.rows.push(Row::Group(name.into()));
    }

    /// Adds a row, indented if the table has groups.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.push(0, cells);
    }

    /// Adds a row of no group, which is not indented.
    pub fn outer_row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells = cells.into_iter().collect();
        self.rows.push(Row::Cells { depth: 0, cells });
    }

    /// Adds a row that belongs to the one before it, indented by one step.
    pub fn sub_row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.push(1, cells);
    }

    fn push(&mut self, steps: usize, cells: impl IntoIterator<Item = Cell>) {
        let depth = steps + usize::from(self.grouped());
        let cells = cells.into_iter().collect();
        self.rows.push(Row::Cells { depth, cells });
    }

    /// True if the table has groups.
    pub fn grouped(&self) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Group(_)))
    }

    /// True if the table has neither rows nor groups.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
