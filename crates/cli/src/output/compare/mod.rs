//! A comparison as tables for people, Markdown and CSV.

mod csv;
mod markdown;
mod text;

pub use csv::csv;
pub use markdown::{markdown, safe};
pub use text::text;
