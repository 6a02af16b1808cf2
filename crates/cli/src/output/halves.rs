//! The halves of a selfcheck: the first half of a session's rounds against the second.

use std::path::Path;

use perwatt_compare::Metric;
use perwatt_compare::intern::Interner;
use perwatt_compare::noise::{CONFIDENCE, SelfCheck};
use perwatt_compare::session::{Row, Session};
use perwatt_record::Record;
use perwatt_report::doc::{Block, Cell, Column, Grid, Value};

/// The rows of a session, each with its halves.
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

/// True if no row's interval rules out a ratio of 1 between its halves.
pub fn agrees(path: &Path, record: &Record) -> bool {
    let mut checks = halves(path, record).into_iter().map(|(_, check)| check);
    checks.all(|check| {
        check
            .ratio_ln
            .is_none_or(|(_, low, high)| low <= 0.0 && 0.0 <= high)
    })
}

/// A table of the halves side by side.
pub fn blocks(path: &Path, record: &Record) -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("second half of the rounds against the first"),
        Column::right("ratio"),
        Column::right("interval"),
        Column::right("noise floor"),
    ]);
    for (row, check) in halves(path, record) {
        let metric = match row.metric {
            Metric::Rate => "",
            Metric::Energy => " energy",
            Metric::Time => " time",
        };
        let name = format!("{} {} {}{metric}", row.name, row.device, row.backend);
        let (Some((ratio, low, high)), Some(floor)) = (check.ratio_ln, check.floor_ln()) else {
            let missing = Cell::from("not measured");
            grid.row([
                name.into(),
                missing.note("too few runs in a half for an interval"),
            ]);
            continue;
        };
        let differs = (low > 0.0 || high < 0.0).then(|| {
            "the machine does not agree with itself: something changed during the session".into()
        });
        grid.row([
            name.into(),
            Value::Ratio(ratio.exp()).into(),
            Value::Ratios([low.exp(), high.exp()]).into(),
            Cell::from(Value::Percent(floor.exp_m1(), 1)).notes(differs),
        ]);
    }
    vec![
        Block::Grid(grid),
        Block::Sentence(format!(
            "intervals of {:.0} %; compare treats differences below the noise floor as noise",
            100.0 * CONFIDENCE
        )),
    ]
}
