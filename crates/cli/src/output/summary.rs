//! A record for people.

use perwatt_record::Record;
use perwatt_report::doc::Block;
use perwatt_report::views::session;

/// The record, and what its devices can do at most.
pub fn blocks(record: &Record) -> Vec<Block> {
    session::blocks(record, super::limits::blocks(record))
}
