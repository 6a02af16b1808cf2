//! Tables on a terminal. Where the columns are wider than the terminal, columns are folded
//! or dropped in the order of their ranks; then the last column of words is wrapped, long
//! names get separate lines, and the rightmost columns go below their rows.

use super::line::{Line, wrap};
use super::{marks, notes, width};
use crate::doc::{Align, Cell, Fit, Grid, Mark, Notes, Row, Tone};
use crate::plain::plain;

/// Spaces between two columns.
const BETWEEN: usize = 2;
/// The smallest width to which a column of words is wrapped.
const LEAST: usize = 16;
/// The smallest width of the column of names.
const LEAST_NAME: usize = 8;

/// A row whose cells are rendered as lines.
enum Set {
    Group(Line),
    Cells { depth: usize, cells: Vec<Line> },
}

/// The columns in the row, their widths, and the columns below the row.
struct Layout {
    shown: Vec<usize>,
    widths: Vec<usize>,
    below: Vec<usize>,
}

/// Renders a table with its notes.
pub fn render(grid: &Grid, columns: usize, out: &mut Vec<Line>) {
    let rows = sets(grid, &mut Notes::default(), |_| true);
    let layout = Layout::of(grid, &rows, columns);
    // Notes of columns that are left out are neither numbered nor printed.
    let mut numbers = Notes::default();
    let is_there = |column| layout.shown.contains(&column) || layout.below.contains(&column);
    let rows = sets(grid, &mut numbers, is_there);
    let names = grid.columns.iter();
    let names: Vec<Line> = names
        .map(|column| Line::new(Tone::Plain, &plain(&column.name)))
        .collect();
    layout.row(grid, 0, &names, columns, out);
    for row in &rows {
        match row {
            Set::Group(name) => out.extend(wrap(name, 0, 2, columns)),
            Set::Cells { depth, cells } => {
                layout.row(grid, *depth, cells, columns, out);
                layout.below(grid, *depth, cells, columns, out);
            }
        }
    }
    notes(&numbers, columns, out);
}

/// The rows of a table as lines, those of columns that are left out empty.
fn sets(grid: &Grid, numbers: &mut Notes, is_there: impl Fn(usize) -> bool) -> Vec<Set> {
    let mut row = |row: &Row| match row {
        Row::Group(name) => Set::Group(Line::new(Tone::Plain, &plain(name))),
        Row::Cells { depth, cells } => {
            let cells = cells.iter().enumerate();
            let lines = cells.map(|(column, of)| match is_there(column) {
                true => cell(of, numbers),
                false => Line::default(),
            });
            Set::Cells {
                depth: *depth,
                cells: lines.collect(),
            }
        }
    };
    grid.rows.iter().map(&mut row).collect()
}

fn cell(of: &Cell, numbers: &mut Notes) -> Line {
    let mut line = Line::default();
    for (i, part) in of.parts.iter().enumerate() {
        if i > 0 {
            line.pad(1);
        }
        line.push(part.tone, &plain(&part.value.to_string()));
    }
    line.push(Tone::Plain, of.mark.map_or("", Mark::sign));
    line.push(Tone::Plain, &marks(numbers, &of.notes));
    line
}

impl Layout {
    fn of(grid: &Grid, rows: &[Set], columns: usize) -> Self {
        let natural = |column: usize| {
            let cells = rows.iter().filter_map(|row| match row {
                Set::Cells { depth, cells } => {
                    let indent = if column == 0 { 2 * depth } else { 0 };
                    Some(indent + cells.get(column)?.width())
                }
                Set::Group(_) => None,
            });
            let name = width(&plain(&grid.columns[column].name));
            cells.chain([name]).max().unwrap_or(0)
        };
        let mut layout = Self {
            shown: (0..grid.columns.len()).collect(),
            widths: (0..grid.columns.len()).map(natural).collect(),
            below: Vec::new(),
        };
        let mut givers: Vec<(u8, usize)> = Vec::new();
        for (index, column) in grid.columns.iter().enumerate() {
            if let Fit::Fold(rank) | Fit::Drop(rank) = column.fit {
                givers.push((rank, index));
            }
        }
        givers.sort_unstable();
        for (_, index) in givers {
            if layout.total() <= columns {
                return layout;
            }
            layout.take(index, matches!(grid.columns[index].fit, Fit::Fold(_)));
        }
        layout.squeeze(grid, rows, columns);
        layout
    }

    /// The width of a row in terminal columns, gaps included.
    fn total(&self) -> usize {
        let widths: usize = self.shown.iter().map(|i| self.widths[*i]).sum();
        widths + BETWEEN * self.shown.len().saturating_sub(1)
    }

    /// Removes a column from the row; with `below`, its cells go below the row.
    fn take(&mut self, column: usize, below: bool) {
        self.shown.retain(|shown| *shown != column);
        if below {
            self.below.push(column);
            self.below.sort_unstable();
        }
    }

    /// Narrows columns beyond the ranks that the table states: wraps the last column of
    /// words, then narrows the names, then moves the last column below the row.
    fn squeeze(&mut self, grid: &Grid, rows: &[Set], columns: usize) {
        while self.total() > columns {
            let excess = self.total() - columns;
            let Some((&last, others)) = self.shown.split_last() else {
                return;
            };
            let words = grid.columns[last].align == Align::Left;
            let least = LEAST.max(longest_word(rows, last));
            if words && !others.is_empty() && self.widths[last] >= excess + least {
                self.widths[last] -= excess;
                return;
            }
            let name = self.widths.first().copied().unwrap_or(0);
            if name >= excess + LEAST_NAME && !others.is_empty() {
                self.widths[0] -= excess;
                return;
            }
            if others.is_empty() {
                self.widths[last] = columns;
                return;
            }
            self.take(last, true);
        }
    }

    /// Renders a row; a first cell that is too wide goes on lines of its own before the
    /// row.
    fn row(&self, grid: &Grid, depth: usize, cells: &[Line], columns: usize, out: &mut Vec<Line>) {
        let mut lines = vec![Line::default()];
        let mut left = 0;
        for (place, &column) in self.shown.iter().enumerate() {
            let room = self.widths[column];
            let cell = cells.get(column).cloned().unwrap_or_default();
            let indent = if column == 0 { 2 * depth } else { 0 };
            let parts = match indent + cell.width() > room {
                true if column == 0 && self.shown.len() > 1 => {
                    out.extend(wrap(&cell, indent, indent + 2, columns));
                    vec![Line::default()]
                }
                true => wrap(&cell, indent, indent, room),
                false => {
                    let mut line = Line::default();
                    line.pad(indent);
                    line.append(&cell);
                    vec![line]
                }
            };
            for (i, part) in parts.iter().enumerate() {
                if lines.len() <= i {
                    let mut line = Line::default();
                    line.pad(left);
                    lines.push(line);
                }
                let padding = room.saturating_sub(part.width());
                if grid.columns[column].align == Align::Right {
                    lines[i].pad(padding);
                }
                lines[i].append(part);
                let last = place + 1 == self.shown.len();
                if !last {
                    let after = match grid.columns[column].align {
                        Align::Left => padding,
                        Align::Right => 0,
                    };
                    lines[i].pad(after + BETWEEN);
                }
            }
            left += room + BETWEEN;
        }
        let lines = lines.into_iter().map(Line::trimmed);
        out.extend(lines.filter(|line| !line.is_empty()));
    }

    /// Renders the columns that have no room in the row, each with its heading.
    fn below(
        &self,
        grid: &Grid,
        depth: usize,
        cells: &[Line],
        columns: usize,
        out: &mut Vec<Line>,
    ) {
        let mut line = Line::default();
        for &column in &self.below {
            let Some(cell) = cells.get(column).filter(|cell| !cell.is_empty()) else {
                continue;
            };
            if !line.is_empty() {
                line.push(Tone::Plain, "; ");
            }
            if !grid.columns[column].name.is_empty() {
                let name = format!("{}: ", plain(&grid.columns[column].name));
                line.push(Tone::Plain, &name);
            }
            line.append(cell);
        }
        if !line.is_empty() {
            let indent = 2 * depth + 2;
            out.extend(wrap(&line, indent, indent + 2, columns));
        }
    }
}

/// The width of the widest word in a column.
fn longest_word(rows: &[Set], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| match row {
        Set::Cells { cells, .. } => cells.get(column),
        Set::Group(_) => None,
    });
    let words = cells.flat_map(Line::words);
    words.map(|word| word.width()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Column;

    fn text(grid: &Grid, columns: usize) -> String {
        let mut out = Vec::new();
        render(grid, columns, &mut out);
        out.iter().map(|line| format!("{line}\n")).collect()
    }

    fn session() -> Grid {
        let mut grid = Grid::new([
            Column::left("workload"),
            Column::right("rate"),
            Column::right("spread").fold(1),
            Column::left("how").drop(0),
        ]);
        grid.group("sha256d");
        grid.row([
            "cpu".into(),
            Cell::from("57.31 MH/s").note("a reason"),
            "0.3 %".into(),
            "proven".into(),
        ]);
        grid.row(["gpu:0".into(), Cell::from("FAILED").note("a reason")]);
        grid
    }

    #[test]
    fn columns_line_up_and_notes_stand_once() {
        assert_eq!(
            text(&session(), 80),
            "workload         rate  spread  how\n\
             sha256d\n\
             \x20 cpu     57.31 MH/s¹   0.3 %  proven\n\
             \x20 gpu:0       FAILED¹\n\
             ¹ a reason\n"
        );
    }

    #[test]
    fn columns_give_way_in_their_order() {
        let dropped = text(&session(), 29);
        assert!(
            !dropped.contains("how") && dropped.contains("spread\n"),
            "{dropped}"
        );
        assert_eq!(
            text(&session(), 24),
            "workload         rate\n\
             sha256d\n\
             \x20 cpu     57.31 MH/s¹\n\
             \x20   spread: 0.3 %\n\
             \x20 gpu:0       FAILED¹\n\
             ¹ a reason\n"
        );
    }

    #[test]
    fn words_break_into_lines_and_long_names_stand_alone() {
        let mut grid = Grid::new([
            Column::left("name"),
            Column::right("rate"),
            Column::left("verified"),
        ]);
        grid.row([
            "a".into(),
            "1".into(),
            "NO: a proof that says too little".into(),
        ]);
        assert_eq!(
            text(&grid, 32),
            "name  rate  verified\n\
             a        1  NO: a proof that\n\
             \x20           says too little\n"
        );
        let mut grid = Grid::new([Column::left(""), Column::right("rate")]);
        grid.row(["an-extraordinarily-long-name".into(), "1.000 MH/s".into()]);
        grid.row(["b".into(), "2.000 MH/s".into()]);
        assert_eq!(
            text(&grid, 24),
            "                    rate\n\
             an-extraordinarily-long-name\n\
             \x20             1.000 MH/s\n\
             b             2.000 MH/s\n"
        );
    }

    #[test]
    fn wide_characters_keep_columns_in_line() {
        let mut grid = Grid::new([Column::left("device"), Column::right("W")]);
        grid.row(["\u{6f22}\u{5b57}\u{6f22}\u{5b57}".into(), "1".into()]);
        grid.row(["GeForce".into(), "100".into()]);
        assert_eq!(
            text(&grid, 80),
            "device      W\n\u{6f22}\u{5b57}\u{6f22}\u{5b57}    1\nGeForce   100\n"
        );
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let mut grid = Grid::new([
            Column::left("workload"),
            Column::left("backend"),
            Column::right("energy"),
            Column::right("95 % interval").fold(1),
            Column::right("power").fold(0),
            Column::left("verified"),
        ]);
        for i in 0..3 {
            grid.row([
                Cell::from(format!("matmul/f32/llama8b-1of16-prefill512-{i}")),
                "gpu:0 NVIDIA-GeForce-RTX-4090".into(),
                Cell::from("248.9 J/TFLOP").note("x"),
                "[245.1, 252.0]".into(),
                "450.0 W".into(),
                "NO: the result differs from the reference in 12 of 4096 rows".into(),
            ]);
        }
        for columns in [40, 60, 80, 120, 200] {
            for line in text(&grid, columns).lines() {
                assert!(width(line) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
