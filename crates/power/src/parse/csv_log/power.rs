//! The column of power of a log.

use super::columns::{DECIMAL, header_at, named, one_of};
use super::time::Time;
use super::{Columns, CsvError, is_missing};
use crate::bounds::MIN_W;
use crate::parse::cut;
use crate::select::MAX_USER_WATTS;
use perwatt_table::decimals::{Decimal, Marks, Style, split_unit};
use perwatt_table::named_unit::{self, Found, Measures};
use perwatt_table::table::{At, Row, Table};

/// Names of a column of power, without the unit.
#[rustfmt::skip]
const POWERS: [&str; 10] = [
    "power", "active power", "activepower", "real power", "power draw", "leistung", "wirkleistung",
    "puissance", "potencia", "potenza",
];
/// Names that mean power only together with a unit of power.
const WITH_UNIT: [&str; 5] = ["", "p", "in", "p in", "power in"];

/// The column of power.
pub(super) struct Power {
    pub(super) column: usize,
    /// Watts per unit, the unit as written, and its origin.
    unit: Option<(f64, Found, Whose)>,
    marks: Marks,
    style: Option<Style>,
    /// Columns that give the unit row by row, with the line and the text of the first.
    beside: Vec<(usize, Option<(usize, String)>)>,
    /// The first line whose cell has a unit, and the first line whose cell has none.
    with_unit: Option<usize>,
    bare: Option<usize>,
}

/// The origin of a column's unit.
#[derive(Clone, Copy, PartialEq)]
enum Whose {
    User,
    Name,
    Below,
    Beside,
}

impl Power {
    pub(super) fn of(table: &Table<'_>, columns: &Columns) -> Result<Self, CsvError> {
        let column = match &columns.watts {
            Some(name) => named(table, name)?,
            None => usual_power(table)?,
        };
        let mut power = Self {
            column,
            unit: None,
            marks: Marks::new(column),
            style: None,
            beside: (0..table.names().len())
                .filter(|&other| other != column && named_unit::is_of_units(&table.names()[other]))
                .map(|other| (other, None))
                .collect(),
            with_unit: None,
            bare: None,
        };
        if let Some(text) = &columns.unit {
            let Some(Measures::Power(watts)) = named_unit::spelled(text) else {
                return Err(CsvError::UnknownUnit(text.clone()));
            };
            let measures = Measures::Power(watts);
            let text = text.clone();
            power.unit = Some((watts, Found { text, measures }, Whose::User));
        }
        let name = &table.names()[column];
        if let Some(found) = named_unit::of_name(name).0 {
            power.says(table, header_at(table, column), found, Whose::Name)?;
        }
        Ok(power)
    }

    /// Records a unit; a different unit from another origin is a contradiction.
    fn says(
        &mut self,
        table: &Table<'_>,
        at: At,
        found: Found,
        whose: Whose,
    ) -> Result<(), CsvError> {
        let watts = match (found.measures, &self.unit) {
            (Measures::Power(watts), _) => watts,
            (Measures::Unclear, Some((.., Whose::User))) if whose != Whose::Beside => return Ok(()),
            _ => return Err(self.not_power(table, at, &found)),
        };
        match &self.unit {
            Some((known, other, who)) if *known != watts => Err(CsvError::Contradiction {
                at,
                found: format!("the unit {}", found.text),
                other: match who {
                    Whose::User => format!("unit={other} another one"),
                    Whose::Name => format!("the name of the column {other}"),
                    Whose::Below => format!("the row below the names {other}"),
                    Whose::Beside => format!("the column of units {other}"),
                },
            }),
            Some(_) => Ok(()),
            None => {
                self.unit = Some((watts, found, whose));
                Ok(())
            }
        }
    }

    fn not_power(&self, table: &Table<'_>, at: At, found: &Found) -> CsvError {
        let text = cut(&found.text);
        let active = (0..table.names().len()).find(|&other| {
            let unit = named_unit::of_name(&table.names()[other]).0;
            other != self.column && unit.is_some_and(|u| matches!(u.measures, Measures::Power(_)))
        });
        let instead = match active {
            Some(other) => format!(
                "take the active power: watts={}",
                cut(&table.names()[other])
            ),
            None => "log the active power, in W".into(),
        };
        let (what, remedy) = match found.measures {
            Measures::Apparent => (format!("apparent or reactive power ({text})"), instead),
            Measures::Energy(_) => (format!("energy ({text}), not power"), instead),
            Measures::Other => (format!("another quantity ({text}), not power"), instead),
            _ => (
                format!("no unit of power that is clear ({text})"),
                "say the unit with unit=W, unit=kW or unit=mW".into(),
            ),
        };
        CsvError::NotPower { at, what, remedy }
    }

    /// True if the first row may hold units: its cell of power holds no number.
    pub(super) fn is_units(&self, row: &Row, time: &Time) -> bool {
        let cell = row.cell(self.column);
        let empty = is_missing(cell);
        split_unit(cell).0.is_empty() && (!empty || !row.cell(time.column).is_empty())
    }

    /// Records the unit in the row below the names.
    pub(super) fn unit_below(&mut self, table: &Table<'_>, row: &Row) -> Result<(), CsvError> {
        let cell = row.cell(self.column);
        if is_missing(cell) {
            return Ok(());
        }
        let unclear = || Found {
            text: cell.to_owned(),
            measures: Measures::Unclear,
        };
        let found = named_unit::of_name(cell).0.unwrap_or_else(unclear);
        self.says(table, table.at(row, self.column), found, Whose::Below)
    }

    pub(super) fn see(&mut self, table: &Table<'_>, row: &Row) -> Result<(), CsvError> {
        let cell = row.cell(self.column);
        if is_missing(cell) {
            return Ok(());
        }
        for index in 0..self.beside.len() {
            let column = self.beside[index].0;
            let (at, text) = (|| table.at(row, column), row.cell(column));
            match &self.beside[index].1 {
                Some((_, first)) if first == text => {}
                Some((line, first)) => {
                    let other = format!("line {line} {first:?}");
                    let found = format!("the unit {text:?}");
                    return Err(CsvError::Contradiction {
                        at: at(),
                        found,
                        other,
                    });
                }
                None => {
                    self.beside[index].1 = Some((row.line, text.to_owned()));
                    if !text.is_empty() {
                        let unclear = Found {
                            text: text.to_owned(),
                            measures: Measures::Unclear,
                        };
                        let found = named_unit::of_name(text).0.unwrap_or(unclear);
                        self.says(table, at(), found, Whose::Beside)?;
                    }
                }
            }
        }
        let (number, unit) = split_unit(cell);
        self.marks.see(number, row.line);
        let first = match unit.is_empty() {
            true => &mut self.bare,
            false => &mut self.with_unit,
        };
        first.get_or_insert(row.line);
        Ok(())
    }

    pub(super) fn settle(
        mut self,
        table: &Table<'_>,
        decimal: Option<Decimal>,
    ) -> Result<Self, CsvError> {
        if let (None, Some(_), Some(bare)) = (&self.unit, self.with_unit, self.bare) {
            return Err(CsvError::NoUnit(table.at_line(bare, self.column)));
        }
        self.style = Some(self.marks.settle(table, decimal, DECIMAL)?);
        Ok(self)
    }

    /// A comment that names another unit is a contradiction, unless the user has stated
    /// the unit or each cell has its own.
    pub(super) fn agrees_with_comments(&self, table: &Table<'_>) -> Result<(), CsvError> {
        let used = match &self.unit {
            Some((.., Whose::User)) => return Ok(()),
            None if self.with_unit.is_some() => return Ok(()),
            unit => unit.as_ref().map_or(1.0, |(watts, ..)| *watts),
        };
        for (line, text) in table.comments() {
            let mut before = "";
            let words = text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty());
            for word in words {
                // `a supply of 2 kW` does not give the column's unit, and `w/` is not watts.
                let amount = before.ends_with(|c: char| c.is_ascii_digit());
                before = word;
                let other = match named_unit::spelled(word) {
                    Some(Measures::Power(watts)) => watts != used && word != "w",
                    Some(Measures::Unclear) => self.unit.is_none(),
                    Some(Measures::Apparent) => ["VA", "kVA"].contains(&word),
                    _ => false,
                };
                if other && !amount {
                    return Err(CsvError::Contradiction {
                        at: At {
                            line,
                            column: table.names()[self.column].clone(),
                            value: cut(text.trim()).to_string(),
                        },
                        found: format!("the unit {word} in a comment"),
                        other: format!(
                            "the column is read in {}; unit=W or unit=kW would settle it",
                            self.unit_text().unwrap_or_default()
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// The unit of the column; `None` if each cell has its own.
    pub(super) fn unit_text(&self) -> Option<String> {
        match (&self.unit, self.with_unit) {
            (Some((_, found, _)), _) => Some(found.text.clone()),
            (None, Some(_)) => None,
            (None, None) => Some("W".into()),
        }
    }

    /// The power in watts, or the reason that the row has no reading.
    pub(super) fn watts(
        &self,
        table: &Table<'_>,
        row: &Row,
    ) -> Result<Result<f64, String>, CsvError> {
        let cell = row.cell(self.column);
        if is_missing(cell) {
            return Ok(Err(match cell {
                "" => "it has no power".into(),
                word => format!("{word:?} is not a reading"),
            }));
        }
        let at = || table.at(row, self.column);
        let (number, unit) = split_unit(cell);
        let number = self.style.and_then(|style| style.number(number));
        let number = number.ok_or_else(|| CsvError::NotANumber(at()))?;
        let known = self.unit.as_ref().map(|(watts, ..)| *watts);
        let one = match (unit, known) {
            ("", known) => known.unwrap_or(1.0),
            (unit, _) => {
                let found = Found {
                    text: unit.to_owned(),
                    measures: named_unit::spelled(unit).unwrap_or(Measures::Unclear),
                };
                match (found.measures, &self.unit) {
                    (Measures::Power(watts), None) => watts,
                    (Measures::Power(watts), Some((known, ..))) if watts == *known => watts,
                    (Measures::Power(_), Some((_, other, _))) => {
                        return Err(CsvError::Contradiction {
                            at: at(),
                            found: format!("the unit {}", found.text),
                            other: format!("the column {other}"),
                        });
                    }
                    _ => return Err(self.not_power(table, at(), &found)),
                }
            }
        };
        let watts = number * one;
        if watts < 0.0 {
            let why = "is not a power that a machine draws; is a clamp the wrong way round?";
            return Ok(Err(format!("{:?} {why}", cut(cell))));
        }
        match watts == 0.0 || (MIN_W..=MAX_USER_WATTS).contains(&watts) {
            true => Ok(Ok(watts.abs())),
            false => Err(CsvError::NotPlausible { at: at(), watts }),
        }
    }
}

/// The column of power, by its usual name. If there is none, a column of another
/// quantity is chosen, so that it is rejected with the quantity as the reason.
fn usual_power(table: &Table<'_>) -> Result<usize, CsvError> {
    let named: Vec<_> = table
        .names()
        .iter()
        .map(|name| named_unit::of_name(name))
        .collect();
    let measures = |column: usize| named[column].0.as_ref().map(|unit| unit.measures);
    let usual = |column: usize| {
        let (unit, rest) = &named[column];
        measures(column) != Some(Measures::Other)
            && (POWERS.contains(&rest.as_str())
                || (unit.is_some() && WITH_UNIT.contains(&rest.as_str())))
    };
    let is_power = |column: usize| matches!(measures(column), None | Some(Measures::Power(_)));
    let any = (0..named.len()).any(|column| usual(column) && is_power(column));
    let none = !(0..named.len()).any(usual);
    let in_watts = |column: usize| matches!(measures(column), Some(Measures::Power(_)));
    let several = (0..named.len()).filter(|&column| in_watts(column)).count() > 1;
    one_of(table, "of watts", |column| match none && several {
        true => in_watts(column),
        false => usual(column) && (!any || is_power(column)),
    })
}
