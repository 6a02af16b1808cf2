//! Columns and raised digits of a site's tables.

pub use perwatt_report::doc::{Align, superscript};
