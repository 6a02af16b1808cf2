//! A table: columns, and rows in groups.

use super::Cell;

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// Behaviour of a column on a terminal that is too narrow for all of them. Columns of
/// lower rank give way first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It stays.
    Keep,
    /// Its cells go on lines of their own below the row.
    Fold(u8),
    /// It is left out.
    Drop(u8),
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its alignment.
    pub align: Align,
    /// Its behaviour where room is scarce.
    pub fit: Fit,
}

impl Column {
    /// A column of words.
    pub fn left(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            align: Align::Left,
            fit: Fit::Keep,
        }
    }

    /// A column of figures.
    pub fn right(name: impl Into<String>) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(name)
        }
    }

    /// The column, of which the cells go below their rows where room is scarce.
    #[must_use]
    pub fn fold(mut self, rank: u8) -> Self {
        self.fit = Fit::Fold(rank);
        self
    }

    /// The column, which is left out where room is scarce.
    #[must_use]
    pub fn drop(mut self, rank: u8) -> Self {
        self.fit = Fit::Drop(rank);
        self
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// The name of the rows that follow.
    Group(String),
    /// Cells; missing ones at the end are empty.
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

    /// Begins a group of rows.
    pub fn group(&mut self, name: impl Into<String>) {
        self.rows.push(Row::Group(name.into()));
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let grouped = self.rows.iter().any(|row| matches!(row, Row::Group(_)));
        self.push(usize::from(grouped), cells);
    }

    /// Adds a row that belongs to the one before it.
    pub fn sub_row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.push(1, cells);
    }

    fn push(&mut self, depth: usize, cells: impl IntoIterator<Item = Cell>) {
        let cells = cells.into_iter().collect();
        self.rows.push(Row::Cells { depth, cells });
    }

    /// True if it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
