//! A figure of a report: a value with its unit, the evidence behind it, and its formula.

use perwatt_table::Evidence;
use serde::{Serialize, Serializer};

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name in tables.
    pub label: &'static str,
    /// True if it is a detail of the figure before it.
    #[serde(skip)]
    pub detail: bool,
    /// The value; absent if there is none.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
    /// The weakest evidence that it rests on.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
    /// The parameters that it rests on.
    pub from: Vec<&'static str>,
    /// Its computation, in words.
    pub formula: &'static str,
    /// The reason that there is no value.
    pub note: Option<String>,
}

impl Figure {
    /// A figure that does not rest on any parameter yet.
    pub fn new(
        label: &'static str,
        unit: &'static str,
        value: impl Valued,
        formula: &'static str,
    ) -> Self {
        let value = value.valued();
        Self {
            label,
            detail: false,
            value: value.ok(),
            unit,
            evidence: Evidence::Exact,
            from: Vec::new(),
            formula,
            note: value.err().map(str::to_owned),
        }
    }

    /// The same figure as a detail of the one before it.
    pub fn as_detail(self) -> Self {
        Self {
            detail: true,
            ..self
        }
    }
}

/// A value, or the reason that there is none.
pub trait Valued {
    /// The value; a number that is not finite is none.
    fn valued(self) -> Result<f64, &'static str>;
}

impl Valued for f64 {
    fn valued(self) -> Result<f64, &'static str> {
        let finite = self.is_finite().then_some(self);
        finite.ok_or("does not exist for these figures")
    }
}

impl Valued for Result<f64, &'static str> {
    fn valued(self) -> Self {
        self.and_then(f64::valued)
    }
}

/// A figure with the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Named<'a> {
    /// The name.
    pub id: &'static str,
    /// The figure.
    #[serde(flatten)]
    pub figure: &'a Figure,
}

/// Figures in fields of their own, in the order of tables.
pub trait Figures {
    /// Adds each figure with its name; `id` is the name of this one.
    fn name<'a>(&'a self, id: &'static str, all: &mut Vec<Named<'a>>);

    /// Adds a reference to each figure.
    fn each<'a>(&'a mut self, all: &mut Vec<&'a mut Figure>);

    /// All of them with their names.
    fn list(&self) -> Vec<Named<'_>> {
        let mut all = Vec::new();
        self.name("", &mut all);
        all
    }
}

impl Figures for Figure {
    fn name<'a>(&'a self, id: &'static str, all: &mut Vec<Named<'a>>) {
        all.push(Named { id, figure: self });
    }

    fn each<'a>(&'a mut self, all: &mut Vec<&'a mut Figure>) {
        all.push(self);
    }
}

impl<T: Figures> Figures for Option<T> {
    fn name<'a>(&'a self, id: &'static str, all: &mut Vec<Named<'a>>) {
        self.iter().for_each(|some| some.name(id, all));
    }

    fn each<'a>(&'a mut self, all: &mut Vec<&'a mut Figure>) {
        self.iter_mut().for_each(|some| some.each(all));
    }
}

/// Declares structs whose fields are all [`Figures`].
macro_rules! figures {
    ($($(#[$doc:meta])+ $Name:ident { $($(#[$about:meta])+ $field:ident: $Type:ty,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $Name { $($(#[$about])+ pub $field: $Type,)+ }

        impl $crate::figure::Figures for $Name {
            fn name<'a>(&'a self, _: &'static str, all: &mut Vec<$crate::figure::Named<'a>>) {
                $($crate::figure::Figures::name(&self.$field, stringify!($field), all);)+
            }

            fn each<'a>(&'a mut self, all: &mut Vec<&'a mut $crate::figure::Figure>) {
                $($crate::figure::Figures::each(&mut self.$field, all);)+
            }
        }
    )+};
}
pub(crate) use figures;

/// Fills a struct of figures. Of each: its label, unit and formula; its value; `as_detail`
/// for a detail of the figure before it. Fields after `..` are given as they are.
macro_rules! filled {
    ($Name:ident {
        $($field:ident: $label:literal $unit:tt $formula:literal = $value:expr $(; $detail:ident)?,)+
        $(.. $other:ident: $given:expr,)*
    }) => {
        $Name {
            $($field: $crate::figure::Figure::new($label, $unit, $value, $formula)$(.$detail())?,)+
            $($other: $given,)*
        }
    };
}
pub(crate) use filled;

/// Figures as a list of lines with their names.
pub(crate) fn as_lines<S: Serializer>(of: &impl Figures, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(of.list())
}

/// A row of a table: figures of one name, label and unit, with a cell for each column.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The first of them.
    pub first: Named<'a>,
    /// The figure of each column that has it.
    pub cells: Vec<Option<&'a Figure>>,
}

/// Arranges columns of figures in rows, in the order of the columns: a figure that the
/// columns before lack is placed after the one that it follows in its own column.
pub fn side_by_side<'a, T: Figures + 'a>(columns: impl IntoIterator<Item = &'a T>) -> Vec<Row<'a>> {
    let columns: Vec<&T> = columns.into_iter().collect();
    let mut rows: Vec<Row> = Vec::new();
    for (column, figures) in columns.iter().enumerate() {
        let mut next = 0;
        for named in figures.list() {
            let key = |of: &Named| (of.id, of.figure.label, of.figure.unit);
            let known = rows.iter().position(|row| key(&row.first) == key(&named));
            let place = known.unwrap_or_else(|| {
                let cells = vec![None; columns.len()];
                rows.insert(
                    next,
                    Row {
                        first: named,
                        cells,
                    },
                );
                next
            });
            rows[place].cells[column] = Some(named.figure);
            next = place + 1;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    figures! {
        /// Some figures.
        Some {
            /// The first.
            x: Figure,
            /// Not always there.
            y: Option<Figure>,
            /// The last.
            z: Figure,
        }
    }

    fn some(y: bool) -> Some {
        let figure = |label| Figure::new(label, "", 1.0, "as given");
        Some {
            x: figure("X"),
            y: y.then(|| figure("Y")),
            z: figure("Z").as_detail(),
        }
    }

    #[test]
    fn rows_keep_the_order_of_each_column() {
        let (a, b) = (some(false), some(true));
        let rows = side_by_side([&a, &b]);
        let ids: Vec<&str> = rows.iter().map(|row| row.first.id).collect();
        assert_eq!(ids, ["x", "y", "z"]);
        assert!(rows[1].cells[0].is_none() && rows[1].cells[1].is_some());
        assert!(side_by_side::<Some>([]).is_empty());
    }

    #[test]
    fn what_is_not_finite_has_no_value() {
        let figure = Figure::new("x", "$", f64::NAN, "0 / 0");
        assert_eq!(figure.value, None);
        assert!(figure.note.is_some());
        let why = Figure::new("x", "$", Err("nobody sells it"), "");
        assert_eq!(why.note.as_deref(), Option::Some("nobody sells it"));
    }
}
