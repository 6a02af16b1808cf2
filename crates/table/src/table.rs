//! Tables of text with a header: CSV, and the variants that spreadsheets and loggers write.
//!
//! Accepts UTF-8 with or without a byte-order mark, and UTF-16 with one. Other
//! encodings are rejected with the first cell that shows the problem, because nothing
//! in a file names its encoding. The separator is the one in a first line `sep=;`, or
//! otherwise the first of semicolon, tab, comma and bar that gives the header and the
//! first rows the same number of cells. Lines that begin with `#` are comments; rows
//! whose cells are all empty are skipped.

use super::lines::Lines;
use csv::{ReaderBuilder, StringRecord};
use std::borrow::Cow;
use std::fmt;

/// The first character of a comment line.
const COMMENT: u8 = b'#';
/// The number of rows that decide, with the header, on the separator.
const LOOKED_AT: usize = 20;
/// Longest line accepted. Loggers and spreadsheets do not write longer ones; a file
/// that has one is not a table, and would need many times its size in memory.
const MAX_LINE_BYTES: usize = 1 << 20;
/// Longest text of a cell in a message, in characters.
const SHOWN_CHARS: usize = 60;

/// A cell of a file, for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The line, from 1.
    pub line: usize,
    /// The column, as the header names it.
    pub column: String,
    /// The content of the cell.
    pub value: String,
}

impl At {
    fn new(line: usize, column: String, value: impl Into<String>) -> Self {
        Self {
            line,
            column,
            value: value.into(),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| -> String {
            let short: String = text.chars().take(SHOWN_CHARS).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{short:?}{more}")
        };
        let (column, value) = (cut(&self.column), cut(&self.value));
        write!(f, "line {}, column {column}: {value}", self.line)
    }
}

/// The reason that a file, or one of its rows, is not a table.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum TableError {
    /// The file is not text.
    #[error("line 1: {0}; save the file as CSV in UTF-8")]
    NotText(&'static str),
    /// A cell or a column's name is not UTF-8.
    #[error("{0} is not UTF-8; save the file as UTF-8")]
    NotUtf8(At),
    /// The first line `sep=` names a text that cannot be a separator.
    #[error("line 1: {0:?} names no separator; write sep=; or sep=, or leave the line out")]
    Separator(String),
    /// The file has no header.
    #[error("line 1: the file has no header; its first line names the columns")]
    NoHeader,
    /// The number of fields in a row differs from that in the header.
    #[error(
        "{at}: the row has not as many fields as the header has columns (fields: {fields}, \
         columns: {columns}); write every cell, and a number with a comma in quotes or with \
         another separator between cells"
    )]
    Fields {
        /// The first column that is missing, or the first field beyond the header.
        at: At,
        /// The number of fields in the row.
        fields: usize,
        /// The number of columns in the header.
        columns: usize,
    },
    /// A cell without a column name, beyond the first column, which may number the rows.
    #[error(
        "{0}: the cell stands under no name, and may be the decimals of the cell before it; name \
         the column, or write a number with a comma in quotes or with another separator between \
         cells"
    )]
    Unnamed(At),
    /// A quoted cell without a closing quotation mark.
    #[error(
        "line {0}: a quotation mark opens a cell and nothing closes it; close it or take it out"
    )]
    OpenQuote(usize),
}

/// A file whose first line holds the names of the columns.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    text: Cow<'a, str>,
    /// The byte at which the table begins, after a line `sep=`.
    body: usize,
    delimiter: u8,
    header_line: usize,
    names: Vec<String>,
}

/// One row, with as many cells as the header.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line on which the row begins, from 1.
    pub line: usize,
    cells: StringRecord,
}

impl Row {
    /// The cell of a column, without surrounding space.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }
}

impl<'a> Table<'a> {
    /// Reads the header of a whole file.
    ///
    /// # Errors
    /// [`TableError`] if the file is not text or has no header; faults in rows are
    /// reported by [`Table::rows`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
            [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
            _ => String::from_utf8_lossy(bytes),
        };
        if text.contains('\0') {
            return Err(TableError::NotText(
                "the file holds zero bytes, so it is not text, or UTF-16 without its mark",
            ));
        }
        let mut lines = text.split(['\r', '\n']);
        if lines.any(|line| line.len() > MAX_LINE_BYTES) {
            return Err(TableError::NotText(
                "the file has lines of more than a million bytes",
            ));
        }
        let broken = std::str::from_utf8(bytes).is_err() && matches!(text, Cow::Owned(_));
        let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let table = Self::of(text)?;
        match broken && !utf16 {
            true => Err(TableError::NotUtf8(table.first_replaced())),
            false => Ok(table),
        }
    }

    fn of(text: Cow<'a, str>) -> Result<Self, TableError> {
        let text = line_ends(text);
        let (body, stated) = stated_separator(&text)?;
        let delimiter = stated.unwrap_or_else(|| separator(&text[body..]));
        let mut table = Self {
            text,
            body,
            delimiter,
            header_line: 1,
            names: Vec::new(),
        };
        let mut records = table.records();
        let (line, names) = records
            .find(|record| !matches!(record, Ok((_, names)) if is_blank(names)))
            .ok_or(TableError::NoHeader)??;
        drop(records);
        table.header_line = line;
        table.names = names.iter().map(str::to_owned).collect();
        Ok(table)
    }

    /// The line of the header, from 1.
    pub fn header_line(&self) -> usize {
        self.header_line
    }

    /// The columns, as the header names them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The separator between cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The comment lines, without their mark, each with its line number from 1.
    pub fn comments(&self) -> impl Iterator<Item = (usize, &str)> + '_ {
        let lines = self.text.split('\n').enumerate();
        lines.filter_map(|(at, line)| Some((at + 1, line.strip_prefix(char::from(COMMENT))?)))
    }

    /// A hint for a message on a missing column: that a comment may be the header.
    /// Empty, or begins with punctuation.
    pub fn header_in_comment(&self) -> String {
        let cells = |text: &str| text.split(char::from(self.delimiter)).count();
        let above = self
            .comments()
            .take_while(|(line, _)| *line < self.header_line);
        match above.last() {
            Some((line, text)) if self.names.len() > 1 && cells(text) == self.names.len() => {
                format!("; line {line} begins with #: if it is the header, take that sign out")
            }
            _ => String::new(),
        }
    }

    /// Every row; each call starts at the first one.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row, TableError>> + '_ {
        let past_header = |row: &Result<(usize, StringRecord), _>| !matches!(row, Ok((line, cells)) if *line <= self.header_line || is_blank(cells));
        self.records().filter(past_header).map(|record| {
            let (line, cells) = record?;
            if cells.len() != self.names.len() {
                return Err(self.wrong_length(line, &cells));
            }
            let row = Row { line, cells };
            let unnamed =
                |column: &usize| self.names[*column].is_empty() && !row.cell(*column).is_empty();
            match (1..self.names.len()).find(unnamed) {
                Some(column) => Err(TableError::Unnamed(self.at(&row, column))),
                None => Ok(row),
            }
        })
    }

    /// A cell, for a message.
    pub fn at(&self, row: &Row, column: usize) -> At {
        At::new(row.line, self.name(column), row.cell(column))
    }

    /// A cell, for a message, by the line of its row.
    pub fn at_line(&self, line: usize, column: usize) -> At {
        let row = self.rows().flatten().find(|row| row.line == line);
        let none = || At::new(line, self.name(column), "");
        row.map_or_else(none, |row| self.at(&row, column))
    }

    fn name(&self, column: usize) -> String {
        let name = self.names.get(column).cloned();
        name.unwrap_or_else(|| format!("number {}", column + 1))
    }

    fn wrong_length(&self, line: usize, cells: &StringRecord) -> TableError {
        let columns = self.names.len();
        let value = match cells.get(columns) {
            Some(beyond) => beyond.to_owned(),
            None => cells.iter().collect::<Vec<_>>().join(","),
        };
        TableError::Fields {
            at: At::new(line, self.name(cells.len().min(columns)), value),
            fields: cells.len(),
            columns,
        }
    }

    /// Header and rows, each with its line.
    fn records(&self) -> impl Iterator<Item = Result<(usize, StringRecord), TableError>> + '_ {
        let text = &self.text[self.body..];
        let mut reader = reader(text, self.delimiter);
        let mut lines = Lines::new(text.as_bytes(), Some(COMMENT));
        let before = usize::from(self.body > 0);
        std::iter::from_fn(move || {
            let mut cells = StringRecord::new();
            // The text is in memory and valid UTF-8, so no other error is possible.
            if !reader.read_record(&mut cells).is_ok_and(|more| more) {
                return None;
            }
            let start = cells.position().map_or(0, csv::Position::byte);
            let line = lines.begin(start)? + before;
            let end = reader.position().byte() as usize;
            let raw = text.get(lines.at()..end).unwrap_or_default().trim();
            let open = raw.contains(['\n', '\r']) && raw.matches('"').count() % 2 == 1;
            Some(match open {
                true => Err(TableError::OpenQuote(line)),
                false => Ok((line, cells)),
            })
        })
    }

    /// The first cell in which bytes that are not valid text were replaced.
    fn first_replaced(&self) -> At {
        let replaced = |cell: &str| cell.contains('\u{fffd}');
        if let Some(column) = self.names.iter().position(|name| replaced(name)) {
            let name = format!("number {}", column + 1);
            return At::new(self.header_line, name, &*self.names[column]);
        }
        for record in self.records().flatten() {
            if let Some(column) = record.1.iter().position(replaced) {
                return At::new(record.0, self.name(column), &record.1[column]);
            }
        }
        // The replacement is in a comment, or in a row with broken quotes.
        let before = self.text.split('\u{fffd}').next().unwrap_or_default();
        At::new(1 + before.matches('\n').count(), self.name(0), "\u{fffd}")
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .flexible(true)
        .comment(Some(COMMENT))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// Replaces line ends that are only `\r` by `\n`, because the csv reader extends a
/// comment to the next `\n`. Line ends within quotes stay.
fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let bare = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    if !(0..bytes.len()).any(bare) {
        return text;
    }
    let (mut quoted, mut comment, mut begins) = (false, false, true);
    let mut chars = text.chars().peekable();
    let mut ended = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        let alone = c == '\r' && chars.peek() != Some(&'\n') && !quoted;
        comment |= begins && c == char::from(COMMENT);
        quoted ^= c == '"' && !comment;
        begins = !quoted && (alone || c == '\n');
        comment &= !begins;
        ended.push(if alone { '\n' } else { c });
    }
    Cow::Owned(ended)
}

fn is_blank(cells: &StringRecord) -> bool {
    cells.iter().all(str::is_empty)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, TableError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    match (rest, text.collect::<Result<String, _>>()) {
        ([], Ok(text)) => Ok(text),
        _ => Err(TableError::NotText("the file begins as UTF-16 and is none")),
    }
}

/// The byte at which the table begins, and the separator that a first line `sep=;` names.
fn stated_separator(text: &str) -> Result<(usize, Option<u8>), TableError> {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let rest = &text[line.len()..];
    let end_bytes = if rest.starts_with("\r\n") { 2 } else { 1 };
    let end = line.len() + rest.len().min(end_bytes);
    let bare = line.trim_matches('"');
    let head = bare.get(..4);
    if !head.is_some_and(|head| head.eq_ignore_ascii_case("sep=")) {
        return Ok((0, None));
    }
    match bare.as_bytes()[4..] {
        [one @ (b';' | b',' | b'\t' | b'|' | b':' | b' '), ..] => Ok((end, Some(one))),
        _ => Err(TableError::Separator(line.to_owned())),
    }
}

fn separator(text: &str) -> u8 {
    let candidates = [b';', b'\t', b',', b'|'].map(|delimiter| {
        let records = reader(text, delimiter).into_records().take(LOOKED_AT);
        let widths: Vec<usize> = records
            .flatten()
            .filter(|record| !is_blank(record))
            .map(|record| record.len())
            .collect();
        (delimiter, widths)
    });
    let parts = |widths: &[usize]| widths.first().is_some_and(|header| *header > 1);
    let even = |widths: &[usize]| widths.iter().all(|width| *width == widths[0]);
    let alike = candidates.iter().find(|(_, w)| parts(w) && even(w));
    let any = || candidates.iter().find(|(_, w)| parts(w));
    alike.or_else(any).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests;
