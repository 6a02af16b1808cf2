//! A table with a column for each thing compared: wide on a page, long on a terminal.

use super::{Cell, Column, Grid};

/// A row of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixRow {
    /// The name of the row.
    pub name: String,
    /// The parts of the cell of each column.
    pub cells: Vec<Vec<Cell>>,
}

/// A matrix in which all cells have the same parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The heading above the rows' names.
    pub corner: &'static str,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The parts of a cell: the columns of the long form.
    pub parts: Vec<Column>,
    /// The index of the part that the wide form labels with its name, since it has no
    /// column of its own there.
    pub named: Option<usize>,
    /// The rows.
    pub rows: Vec<MatrixRow>,
}

impl Matrix {
    /// The wide form: a column for each thing compared.
    pub fn wide(&self) -> Grid {
        let first = [self.corner].into_iter().map(Column::left);
        let mut grid = Grid::new(first.chain(self.columns.iter().map(Column::left)));
        for row in &self.rows {
            let joined = row.cells.iter().map(|parts| self.joined(parts));
            grid.row([Cell::from(row.name.as_str())].into_iter().chain(joined));
        }
        grid
    }

    fn joined(&self, parts: &[Cell]) -> Cell {
        let mut all = Cell::empty();
        for (index, part) in parts.iter().enumerate() {
            if self.named == Some(index) && !part.is_empty() {
                all = all.and(self.parts[index].name.as_str());
            }
            all.parts.extend(part.parts.iter().cloned());
            all.notes.extend(part.notes.iter().cloned());
        }
        all
    }

    /// The long form: a group for each row, with a line for each thing compared. Names of
    /// the latter are cut to `most` characters.
    pub fn long(&self, most: usize) -> Grid {
        let parts = self.parts.iter().cloned();
        let mut grid = Grid::new([Column::left("")].into_iter().chain(parts));
        for row in &self.rows {
            grid.group(row.name.as_str());
            for (name, parts) in self.columns.iter().zip(&row.cells) {
                let first = Cell::from(cut(name, most));
                grid.row([first].into_iter().chain(parts.iter().cloned()));
            }
        }
        grid
    }

    /// A sentence for each row of a matrix without parts; columns with equal cells are
    /// named together.
    pub fn sentences(&self) -> Vec<String> {
        let of_row = |row: &MatrixRow| {
            let mut values: Vec<(String, Vec<&str>)> = Vec::new();
            for (column, parts) in self.columns.iter().zip(&row.cells) {
                let text: Vec<String> = parts.iter().map(Cell::text).collect();
                let text = text.join(" ");
                match values.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, columns)) => columns.push(column),
                    None => values.push((text, vec![column])),
                }
            }
            let values: Vec<String> = values
                .into_iter()
                .map(|(value, columns)| format!("{value} in {}", columns.join(", ")))
                .collect();
            format!("{}: {}", row.name, values.join("; "))
        };
        self.rows.iter().map(of_row).collect()
    }

    /// A matrix of plain words, with cells that have no parts.
    pub fn of_words(corner: &'static str, columns: Vec<String>) -> Self {
        Self {
            corner,
            columns,
            parts: Vec::new(),
            named: None,
            rows: Vec::new(),
        }
    }
}

/// Cuts the middle out of a long name: the end tells names with the same beginning apart.
fn cut(name: &str, most: usize) -> String {
    match name.chars().count() {
        n if n > most => {
            let head: String = name.chars().take(most / 2 - 1).collect();
            let tail: String = name.chars().skip(n - most / 2).collect();
            format!("{head}\u{2026}{tail}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::{Align, Row};

    #[test]
    fn the_same_cells_stand_in_both_forms() {
        let matrix = Matrix {
            corner: "workload",
            columns: vec!["a".into(), "b".into()],
            parts: vec![Column::right("median"), Column::left("verdict")],
            named: Some(0),
            rows: vec![MatrixRow {
                name: "sha256d".into(),
                cells: vec![
                    vec!["1".into(), "base".into()],
                    vec!["2".into(), Cell::from("BETTER").note("n")],
                ],
            }],
        };
        let wide = matrix.wide();
        assert_eq!(wide.columns.len(), 3);
        let Row::Cells { cells, .. } = &wide.rows[0] else {
            panic!("a group");
        };
        assert_eq!(cells[2].text(), "median 2 BETTER");
        assert_eq!(cells[2].notes, ["n"]);
        let long = matrix.long(20);
        assert_eq!((long.columns.len(), long.rows.len()), (3, 3));
        assert!(long.columns.iter().any(|of| of.align == Align::Right));
    }

    #[test]
    fn columns_that_agree_are_named_together() {
        let mut matrix = Matrix::of_words("field", vec!["a".into(), "b".into(), "c".into()]);
        matrix.rows.push(MatrixRow {
            name: "kernel".into(),
            cells: ["6.1", "6.2", "6.1"].map(|v| vec![v.into()]).to_vec(),
        });
        assert_eq!(matrix.sentences(), ["kernel: 6.1 in a, c; 6.2 in b"]);
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut("abcdefghijkl", 8), "abc\u{2026}ijkl");
        assert_eq!(cut("abcdefgh", 8), "abcdefgh");
    }
}
