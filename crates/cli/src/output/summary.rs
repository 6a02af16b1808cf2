//! A record as text.

use perwatt_record::Record;
use perwatt_report::doc::Block;
use perwatt_report::render::text;
use perwatt_report::views::session::{self, Bounds};

use super::screen;

/// Most notes of a record in short.
const NOTES: usize = 8;

/// The blocks of a record, with the limits of its devices.
pub fn blocks(record: &Record) -> Vec<Block> {
    session::blocks(record, super::limits::blocks(record))
}

/// The blocks of a record with those that follow, in at most `most` lines of a screen as
/// wide as this one where its rows allow: in full, else without notes, else without rows.
pub fn within(most: usize, record: &Record, behind: &[Block]) -> Vec<Block> {
    let columns = screen::columns();
    let with = |mut of: Vec<Block>| {
        of.extend(behind.iter().cloned());
        of
    };
    let fits = |of: &Vec<Block>| text::render(of, columns).lines().count() <= most;
    let rows = record.summary.len();
    let of = |rows, notes| with(session::short(record, Bounds { rows, notes }));
    let full = std::iter::once_with(|| with(blocks(record)));
    let fewer_notes = (0..=NOTES).rev().map(|notes| of(rows, notes));
    let fewer_rows = (1..rows).rev().map(|rows| of(rows, 0));
    let all = full.chain(fewer_notes).chain(fewer_rows);
    all.into_iter().find(fits).unwrap_or_else(|| of(1, 0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_record_that_is_longer_than_a_screen_is_shortened_and_says_so() {
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
        let path = results.join("20261130T172737Z_stated-watts_46dcb2fe_dee4b1.json");
        let record = perwatt_record::file::read(&path).unwrap().record;
        let behind = vec![Block::sentence("the answer"); 7];
        let lines = |of: &[Block]| text::render(of, 80).to_string();
        assert!(lines(&blocks(&record)).lines().count() > 30);
        for most in [37, 30, 20] {
            let short = lines(&within(most, &record, &behind));
            assert!(short.lines().count() <= most, "{short}");
            assert!(short.contains("only in perwatt show: "), "{short}");
            assert!(short.ends_with("the answer\n"), "{short}");
        }
        let short = lines(&within(37, &record, &behind));
        assert_eq!(
            short.matches(" yes").count(),
            record.summary.len(),
            "{short}"
        );
        assert!(short.contains("912.7 kJ/TH"), "{short}");
        assert_eq!(lines(&within(1000, &record, &[])), lines(&blocks(&record)));
    }
}
