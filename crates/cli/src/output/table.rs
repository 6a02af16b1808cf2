//! A plain table: columns as wide as they need to be, figures to the right,
//! notes numbered below.

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A table under construction.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Row>,
    notes: Vec<String>,
    note_width: usize,
}

#[derive(Debug)]
enum Row {
    Heading(String),
    Cells(Vec<String>),
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(name, align)| ((*name).into(), *align))
                .collect(),
            rows: Vec::new(),
            notes: Vec::new(),
            note_width: usize::MAX,
        }
    }

    /// The same, with notes broken into lines of so many columns.
    pub fn wrapped(mut self, columns: usize) -> Self {
        self.note_width = columns;
        self
    }

    /// A line across all columns.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Heading(text.into()));
    }

    /// One row; missing cells stay empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row::Cells(cells));
    }

    /// The mark of a note, the same for the same text.
    pub fn note(&mut self, text: &str) -> String {
        let index = self
            .notes
            .iter()
            .position(|note| note == text)
            .unwrap_or_else(|| {
                self.notes.push(text.into());
                self.notes.len() - 1
            });
        superscript(index + 1)
    }

    /// The marks of several notes, told apart by commas.
    pub fn marks(&mut self, texts: &[String]) -> String {
        let marks: Vec<String> = texts.iter().map(|text| self.note(text)).collect();
        marks.join(",")
    }

    /// The table as text, ending in a newline.
    pub fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                let cells = self.rows.iter().filter_map(|row| match row {
                    Row::Cells(cells) => cells.get(i).map(|cell| width(cell)),
                    Row::Heading(_) => None,
                });
                cells.chain([width(&self.columns[i].0)]).max().unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        let names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        self.line(&mut out, &names, &widths);
        for row in &self.rows {
            match row {
                Row::Heading(text) => {
                    out.push_str(text);
                    out.push('\n');
                }
                Row::Cells(cells) => self.line(&mut out, cells, &widths),
            }
        }
        for (i, note) in self.notes.iter().enumerate() {
            let note = format!("{} {note}", superscript(i + 1));
            out.push_str(&wrap(&note, 2, self.note_width));
        }
        out
    }

    fn line(&self, out: &mut String, cells: &[String], widths: &[usize]) {
        let mut line = String::new();
        for (i, ((_, align), width_of_column)) in self.columns.iter().zip(widths).enumerate() {
            if i > 0 {
                line.push_str("  ");
            }
            let cell = cells.get(i).map_or("", String::as_str);
            let padding = " ".repeat(width_of_column.saturating_sub(width(cell)));
            match align {
                Align::Left => line.extend([cell, &padding]),
                Align::Right => line.extend([padding.as_str(), cell]),
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// A text broken between words into lines of at most `columns`, all but the first
/// indented; a longer word stays whole. Ends in a newline.
pub fn wrap(text: &str, indent: usize, columns: usize) -> String {
    let lead = text.len() - text.trim_start_matches(' ').len();
    let mut out = " ".repeat(lead);
    let mut used = lead;
    for (i, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
        if i > 0 && used + 1 + width(word) > columns {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if i > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width(word);
    }
    out.push('\n');
    out
}

/// Columns that a text takes. Everything printed here is Latin text, digits and
/// a few signs, all one column wide.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// A number in raised digits.
pub fn superscript(number: usize) -> String {
    number
        .to_string()
        .chars()
        .map(|digit| match digit {
            '0' => '\u{2070}',
            '1' => '\u{b9}',
            '2' => '\u{b2}',
            '3' => '\u{b3}',
            other => char::from_u32(0x2070 + other as u32 - '0' as u32).unwrap_or(other),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_notes_repeat_once() {
        let mut table = Table::new(&[("name", Align::Left), ("rate", Align::Right)]);
        table.heading("group");
        let mark = table.note("a reason");
        table.row(vec!["  a".into(), format!("1.0{mark}")]);
        let again = table.note("a reason");
        table.row(vec!["  long name".into(), format!("123.4{again}")]);
        assert_eq!(
            table.render(),
            "name           rate\ngroup\n  a            1.0¹\n  long name  123.4¹\n¹ a reason\n"
        );
    }

    #[test]
    fn long_texts_break_between_words() {
        assert_eq!(wrap("one two three", 2, 8), "one two\n  three\n");
        assert_eq!(wrap("  extraordinary x", 4, 6), "  extraordinary\n    x\n");
        assert_eq!(wrap("", 2, 8), "\n");
    }

    #[test]
    fn marks_beyond_nine() {
        assert_eq!(superscript(10), "\u{b9}\u{2070}");
        assert_eq!(superscript(45), "\u{2074}\u{2075}");
    }
}
