//! Alignment of columns and superscript digits of a site's tables.

pub use perwatt_report::doc::{Align, superscript};
