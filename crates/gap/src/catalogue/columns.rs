//! The declaration of a row by its columns.

use super::row::Value;

/// Declares a row: the meaning of each column, its field, its kind and its name in files;
/// then the fields that are computed from columns when a row is read. From it come the type,
/// its reader and the values of its columns.
///
/// A kind is the method of [`super::table::Cells`] that reads it. Columns are read, and
/// their faults listed, in the order of the declaration; the row's own `check` comes last.
macro_rules! row {
    (
        $(#[$about:meta])+
        $Row:ident {
            $($(#[$meaning:meta])+ $field:ident: $kind:ident $column:literal,)+
        }
        computed {
            $($(#[$also:meta])+ $computed:ident: $Type:ty = $value:expr,)*
        }
    ) => {
        $(#[$about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $Row {
            $($(#[$meaning])+ pub $field: $crate::catalogue::columns::kind!($kind),)+
            $($(#[$also])+ pub $computed: $Type,)*
            /// Source and basis of the row.
            #[serde(flatten)]
            pub provenance: $crate::catalogue::Provenance,
        }

        impl $crate::catalogue::row::ReadRow for $Row {
            fn read(
                cells: &mut $crate::catalogue::table::Cells<'_>,
                origin: &$crate::catalogue::Origin,
            ) -> Self {
                $(let $field = cells.$kind($column);)+
                $(let $computed: $Type = $value;)*
                let provenance = $crate::catalogue::Provenance::read(cells, origin);
                let row = Self { $($field,)+ $($computed,)* provenance };
                row.check(cells);
                row
            }
        }

        impl $crate::catalogue::row::Declared for $Row {
            fn provenance(&self) -> &$crate::catalogue::Provenance {
                &self.provenance
            }

            fn written(&self, column: &str) -> $crate::catalogue::Value {
                match column {
                    $($column => (&self.$field).into(),)+
                    other => $crate::catalogue::row::shared_value(&self.provenance, other),
                }
            }
        }
    };
}

/// The type of a column's values.
macro_rules! kind {
    (text) => { String };
    (maybe_text) => { String };
    (number) => { f64 };
    (maybe_number) => { Option<f64> };
    (maybe_tolerance) => { Option<f64> };
}

pub(super) use {kind, row};

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

impl From<&f64> for Value {
    fn from(number: &f64) -> Self {
        Self::Number(*number)
    }
}

impl From<&Option<f64>> for Value {
    fn from(number: &Option<f64>) -> Self {
        (*number).into()
    }
}
