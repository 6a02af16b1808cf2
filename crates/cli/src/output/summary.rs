//! A record as text.

use perwatt_record::Record;
use perwatt_report::doc::Block;
use perwatt_report::views::session;

/// The blocks of a record, with the limits of its devices.
pub fn blocks(record: &Record) -> Vec<Block> {
    session::blocks(record, super::limits::blocks(record))
}
