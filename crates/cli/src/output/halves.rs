//! The halves of a selfcheck: the first rounds of a session against its last.

use std::path::Path;

use perwatt_compare::Metric;
use perwatt_compare::intern::Interner;
use perwatt_compare::noise::{CONFIDENCE, SelfCheck};
use perwatt_compare::session::{Row, Session};
use perwatt_record::Record;
use perwatt_report::cells::{span, times};

use super::plain;
use super::table::{Align, Table};
use super::units::percent;

/// Rows with both halves.
fn halves(path: &Path, record: &Record) -> Vec<(Row, SelfCheck)> {
    let session = Session::of(path, record, &Interner::default());
    session
        .rows
        .into_iter()
        .filter(|row| row.barred.is_none())
        .map(|row| {
            let check = SelfCheck::of(&row, session.rounds);
            (row, check)
        })
        .collect()
}

/// Whether no row differs from itself beyond doubt.
pub fn agrees(path: &Path, record: &Record) -> bool {
    let mut checks = halves(path, record).into_iter().map(|(_, check)| check);
    checks.all(|check| {
        check
            .ratio_ln
            .is_none_or(|(_, low, high)| low <= 0.0 && 0.0 <= high)
    })
}

/// The table of a selfcheck.
pub fn render(path: &Path, record: &Record) -> String {
    let mut table = Table::new(&[
        ("second half of the rounds against the first", Align::Left),
        ("ratio", Align::Right),
        ("interval", Align::Right),
        ("noise floor", Align::Right),
    ])
    .wrapped(80);
    for (row, check) in halves(path, record) {
        let metric = match row.metric {
            Metric::Rate => "",
            Metric::Energy => " energy",
            Metric::Time => " time",
        };
        let name = plain(&format!(
            "{} {} {}{metric}",
            row.name, row.device, row.backend
        ));
        let (Some((ratio, low, high)), Some(floor)) = (check.ratio_ln, check.floor_ln()) else {
            let mark = table.note("too few runs in a half for an interval");
            table.row(vec![name, format!("not measured{mark}")]);
            continue;
        };
        let mark = match low > 0.0 || high < 0.0 {
            true => table.note(
                "the machine does not agree with itself: something changed during the session",
            ),
            false => String::new(),
        };
        table.row(vec![
            name,
            times(ratio.exp()),
            span([low.exp(), high.exp()]),
            format!("{}{mark}", percent(floor.exp_m1(), 1)),
        ]);
    }
    format!(
        "{}intervals of {:.0} %; compare believes no difference smaller than the noise floor\n",
        table.render(),
        100.0 * CONFIDENCE
    )
}
