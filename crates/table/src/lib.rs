//! Tables written by people, spreadsheets and loggers: one reader for all of them.
//!
//! * [`mod@table`], [`lines`]: rows and cells of a CSV file, with their lines
//! * [`decimals`], [`named_unit`], [`moment`]: numbers, units and times of a column
//! * [`mod@nearest`]: suggestions for a name that does not exist
//! * [`evidence`]: the strength and the source of a figure
//!
//! Nothing here opens a file, and no text makes it panic.

#![forbid(unsafe_code)]

pub mod decimals;
pub mod evidence;
pub mod lines;
pub mod moment;
pub mod named_unit;
pub mod nearest;
pub mod table;

pub use evidence::{Evidence, Source};
pub use nearest::nearest;
pub use table::{At, Table, TableError};
