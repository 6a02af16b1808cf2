//! A comparison as tables for people, Markdown and CSV.

mod cells;
mod csv;
mod markdown;
mod text;
mod words;

pub use cells::{Style, plus_minus, times};
pub use csv::csv;
pub use markdown::markdown;
pub use text::text;
pub use words::fields_in_the_way;
