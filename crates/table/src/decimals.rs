//! Numbers of a column: detection of the decimal mark and the thousands separator.
//!
//! `1,000` is a thousand in one file and one in another, and a single cell does not
//! show which. So all cells of a column are examined first ([`Marks::see`]). A column
//! that can still be read in two ways is rejected; a few more cells, or an option set
//! by the user, would decide it.

use super::table::{At, Table};

/// A mark inside a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Point,
    Comma,
    Space,
    Apostrophe,
}

impl Mark {
    fn of(c: char) -> Option<Self> {
        match c {
            '.' => Some(Self::Point),
            ',' => Some(Self::Comma),
            // Includes spaces that do not break a line, also narrow ones.
            ' ' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => Some(Self::Space),
            '\'' | '\u{2019}' => Some(Self::Apostrophe),
            _ => None,
        }
    }
}

/// The decimal mark that a user states for a column: `point` or `comma`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decimal {
    /// `0.5`
    Point,
    /// `0,5`
    Comma,
}

impl std::str::FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err(format!("{text:?} is neither point nor comma")),
        }
    }
}

/// The reason that the numbers of a column cannot be read.
#[derive(thiserror::Error, Debug, Clone, PartialEq)]
pub enum MarksError {
    /// The column can be read in two ways.
    #[error(
        "{at} is {} or {}, and no cell of the column says which; leave out thousands \
         separators and give numbers one decimal, such as 970.0{remedy}", .readings[0], .readings[1]
    )]
    Ambiguous {
        /// The first cell that can be read in two ways.
        at: At,
        /// The two possible values.
        readings: [f64; 2],
        /// Another remedy; empty, or begins with a comma.
        remedy: &'static str,
    },
    /// No style fits every cell.
    #[error(
        "{at} is not written as other cells of the column are ({other:?}): decimal mark or \
         thousands separator change; write all cells alike"
    )]
    Mixed {
        /// The first cell that does not fit.
        at: At,
        /// A cell with a decimal mark or a separator.
        other: String,
    },
    /// The numbers do not have the decimal mark that the user stated.
    #[error(
        "{0} is not written with the decimal mark that was stated; leave the option out or correct it"
    )]
    NotAsStated(At),
}

/// The style of the numbers in a column: decimal mark and thousands separator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    decimal: Mark,
    group: Option<Mark>,
}

/// Properties of a number when it is read in one style.
struct Scan {
    /// The number has thousands separators.
    grouped: bool,
    /// The number is long enough for a separator, but has none.
    long: bool,
    /// The number has a decimal mark.
    fraction: bool,
}

impl Style {
    /// Every possible style.
    const ALL: [Self; 8] = {
        use Mark::{Apostrophe, Comma, Point, Space};
        const fn of(decimal: Mark, group: Option<Mark>) -> Style {
            Style { decimal, group }
        }
        [
            of(Point, None),
            of(Point, Some(Comma)),
            of(Point, Some(Space)),
            of(Point, Some(Apostrophe)),
            of(Comma, None),
            of(Comma, Some(Point)),
            of(Comma, Some(Space)),
            of(Comma, Some(Apostrophe)),
        ]
    };

    /// The number in a cell; `None` if it is not a number of this style, or not finite.
    pub fn number(self, text: &str) -> Option<f64> {
        let number = self.plain(text)?.parse::<f64>().ok()?;
        number.is_finite().then_some(number)
    }

    /// The number in plain digits with a decimal point, for values that a
    /// floating-point number cannot hold exactly.
    pub fn plain(self, text: &str) -> Option<String> {
        self.scan(text)?;
        let signs = text.trim().chars().filter_map(|c| match Mark::of(c) {
            None if c == '\u{2212}' => Some('-'),
            None => Some(c),
            Some(mark) => (mark == self.decimal).then_some('.'),
        });
        Some(signs.collect())
    }

    fn scan(self, text: &str) -> Option<Scan> {
        let text = text.trim();
        let text = text.strip_prefix(['+', '-', '\u{2212}']).unwrap_or(text);
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent)),
            None => (text, None),
        };
        let is_exponent = |text: &str| {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        if !exponent.is_none_or(is_exponent) {
            return None;
        }
        // Digits since the last separator, and digits before the first one.
        let (mut digits, mut first, mut whole) = (0usize, None, true);
        let mut decimals: Option<usize> = None;
        for c in number.chars() {
            match (Mark::of(c), &mut decimals) {
                (None, Some(count)) if c.is_ascii_digit() => *count += 1,
                (None, None) if c.is_ascii_digit() => digits += 1,
                (Some(mark), None) if mark == self.decimal => decimals = Some(0),
                (Some(mark), None) if Some(mark) == self.group => {
                    match first {
                        None => first = Some(digits),
                        Some(_) => whole &= digits == 3,
                    }
                    digits = 0;
                }
                _ => return None,
            }
        }
        let fits = match first {
            None => digits > 0 || decimals.is_some_and(|count| count > 0),
            Some(first) => {
                let begins = (1..=3).contains(&first) && !number.starts_with('0');
                begins && whole && digits == 3 && exponent.is_none()
            }
        };
        fits.then_some(Scan {
            grouped: first.is_some(),
            long: first.is_none() && digits > 3,
            fraction: decimals.is_some(),
        })
    }
}

/// A cell's number, and the text after it: `103` and `W` of `103 W`.
pub fn split_unit(cell: &str) -> (&str, &str) {
    let digits = cell
        .rfind(|c: char| c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let end = digits + usize::from(digits > 0 && cell[digits..].starts_with(['.', ',']));
    (cell[..end].trim(), cell[end..].trim())
}

/// The styles that the cells of a column still allow.
#[derive(Clone, Debug)]
pub struct Marks {
    column: usize,
    /// For each style: true if it fits every cell; true if a cell that is long enough
    /// for a thousands separator has none.
    fits: [bool; 8],
    uneven: [bool; 8],
    /// The first cell that can be read in two ways.
    ambiguous: Option<(usize, Mark)>,
    /// True if every cell has the same two readings, apart from zeros.
    all_alike: bool,
    /// A cell with a mark, and the first cell after which no style fits.
    marked: Option<(usize, String)>,
    misfit: Option<usize>,
    /// The first cell of four or more digits without a separator.
    long: Option<usize>,
}

impl Marks {
    /// The initial state for a column, before any cell is seen.
    pub fn new(column: usize) -> Self {
        Self {
            column,
            fits: [true; 8],
            uneven: [false; 8],
            ambiguous: None,
            all_alike: true,
            marked: None,
            misfit: None,
            long: None,
        }
    }

    /// Records a cell; a cell that is not a number in any style is ignored.
    pub fn see(&mut self, text: &str, line: usize) {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            // The usual case: digits only, without any mark.
            self.all_alike &= text.bytes().all(|b| b == b'0');
            if text.len() > 3 {
                self.uneven = [true; 8];
                self.long.get_or_insert(line);
            }
            return;
        }
        let is_sign = |c: char| matches!(c, '+' | '-' | '\u{2212}' | 'e' | 'E');
        let numeric = |c: char| c.is_ascii_digit() || Mark::of(c).is_some() || is_sign(c);
        if self.misfit.is_some() || !text.chars().all(numeric) {
            return;
        }
        let scans = Style::ALL.map(|style| style.scan(text));
        if scans.iter().all(Option::is_none) {
            return;
        }
        for (at, scan) in scans.iter().enumerate() {
            self.fits[at] &= scan.is_some();
            self.uneven[at] |= scan.as_ref().is_some_and(|scan| scan.long);
        }
        if self.fits == [false; 8] {
            self.misfit = Some(line);
            return;
        }
        let has = |scan: &Option<Scan>, get: fn(&Scan) -> bool| scan.as_ref().is_some_and(get);
        let decimal = |at: usize| has(&scans[at], |scan| scan.fraction);
        let group = |at: usize| has(&scans[at], |scan| scan.grouped);
        let mark = match () {
            () if decimal(0) && group(5) => Some(Mark::Point),
            () if decimal(4) && group(1) => Some(Mark::Comma),
            () => None,
        };
        let zero = text.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
        match (mark, self.ambiguous) {
            (Some(mark), None) => self.ambiguous = Some((line, mark)),
            (Some(_), Some(_)) => {}
            (None, _) => self.all_alike &= zero,
        }
        if self.marked.is_none() && text.chars().any(|c| Mark::of(c).is_some()) {
            self.marked = Some((line, text.to_owned()));
        }
        if self.long.is_none() && scans.iter().flatten().any(|scan| scan.long) {
            self.long = Some(line);
        }
    }

    /// The style of all cells. `stated` is the user's option, and `remedy` explains
    /// that option: it is empty, or begins with a comma.
    ///
    /// # Errors
    /// [`MarksError`], with the cell in question.
    pub fn settle(
        &self,
        table: &Table<'_>,
        stated: Option<Decimal>,
        remedy: &'static str,
    ) -> Result<Style, MarksError> {
        let meant = |style: &Style| match stated {
            None => true,
            Some(Decimal::Point) => style.decimal == Mark::Point,
            Some(Decimal::Comma) => style.decimal == Mark::Comma,
        };
        let fitting = || {
            let all = Style::ALL.iter().enumerate();
            all.filter(|(at, style)| self.fits[*at] && meant(style))
        };
        let even = |(at, style): &(usize, &Style)| style.group.is_none() || !self.uneven[*at];
        let Some((_, first)) = fitting().find(even) else {
            let at = |line: usize| table.at_line(line, self.column);
            let (line, other) = self.marked.clone().unwrap_or_default();
            return Err(match self.misfit.or(self.long) {
                Some(misfit) => MarksError::Mixed {
                    at: at(misfit),
                    other,
                },
                None => MarksError::NotAsStated(at(line)),
            });
        };
        let Some((line, mark)) = self.ambiguous else {
            return Ok(*first);
        };
        let decimal = fitting().find(|(_, style)| style.decimal == mark);
        let group = fitting().find(|(_, style)| style.group == Some(mark));
        let (Some((_, decimal)), Some((_, group))) = (decimal, group) else {
            return Ok(*first);
        };
        // Three decimals in every cell, and the decimal mark that is usual with this delimiter.
        let usual = match table.delimiter() {
            b',' => Some(Mark::Point),
            b';' => Some(Mark::Comma),
            _ => None,
        };
        if self.all_alike && usual == Some(mark) {
            return Ok(*decimal);
        }
        let at = table.at_line(line, self.column);
        let number = split_unit(&at.value).0;
        let reading = |style: &Style| style.number(number).unwrap_or(f64::NAN);
        let readings = [reading(decimal), reading(group)];
        Err(MarksError::Ambiguous {
            readings,
            at,
            remedy,
        })
    }
}

#[cfg(test)]
mod tests;
