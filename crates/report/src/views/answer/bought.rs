//! What one joule, or one second, buys beside the best rivals.

use perwatt_answer::{Answer, Basis, Bought, Buys, Rival};
use perwatt_gap::catalogue::Format;
use perwatt_gap::energy::Figure;
use perwatt_table::Evidence;

use crate::doc::{Cell, Column, Grid, Mark, Value};
use crate::units::{Scale, number};

/// Hashes in a terahash.
const TERA: f64 = 1e12;

/// The table of what is bought.
pub fn grid(answer: &Answer) -> Grid {
    let (title, per) = match &answer.basis {
        Basis::Joule { .. } => ("ONE JOULE BUYS", ""),
        Basis::Second { .. } => ("ONE SECOND BUYS", "/s"),
    };
    let mut grid = Grid::new([
        Column::left(title),
        Column::right(answer.machine.short()),
        Column::left("best rival"),
        Column::right("gap"),
        Column::right("95 % interval").drop(1),
    ]);
    for row in &answer.bought {
        let mut rivals = row.rivals.iter();
        let unit = unit(row.buys);
        let own = Value::figure(row.own.value, format!("{unit}{per}"));
        let own = Cell::from(own).mark(own_mark(row.estimate));
        let first = rivals.next();
        grid.row(
            [name(row.buys).into(), own]
                .into_iter()
                .chain(side(first, unit, per)),
        );
        if row.buys == Buys::Hashes && per.is_empty() {
            grid.sub_row(j_th(row, first));
        }
        for rival in rivals {
            let cells = [role(rival).into(), Cell::empty()];
            grid.sub_row(cells.into_iter().chain(side(Some(rival), unit, per)));
        }
    }
    grid
}

/// The role of a second rival; with the year where it rests on a share of the network.
fn role(rival: &Rival) -> String {
    match rival.share_date.as_deref().and_then(|date| date.get(..4)) {
        Some(year) => format!("most used {year}"),
        None => rival.role.into(),
    }
}

/// The rows that are not in the table for want of joules, on one line.
pub fn without_joules(answer: &Answer) -> Option<String> {
    let devices = answer.without_joules.chunk_by(|a, b| a.device == b.device);
    let of_device = devices.map(|rows| {
        let names = rows.iter().map(|row| name(row.buys));
        let names = names.collect::<Vec<_>>().join("; ");
        let on = &rows[0].device;
        match rows {
            [row] => {
                let rate = Value::figure(row.per_s, format!("{}/s", unit(row.buys)));
                format!("{names} on {on} ({rate})")
            }
            _ => format!("{names} on {on}"),
        }
    });
    let all = of_device.collect::<Vec<_>>().join("; ");
    (!all.is_empty()).then(|| format!("no joules, not above: {all}"))
}

/// The rival's figure, the gap and its interval.
fn side(rival: Option<&Rival>, unit: &str, per: &str) -> [Cell; 3] {
    let Some(rival) = rival else {
        return ["none is known".into(), Cell::empty(), Cell::empty()];
    };
    let its = Cell::from(Value::figure(rival.per, format!("{unit}{per}")));
    let its = its
        .and(rival.short.clone())
        .mark(Mark::Evidence(rival.source.evidence));
    let [gap, interval] = match &rival.gap {
        Some(gap) => times(gap),
        None => ["-".into(), Cell::empty()],
    };
    [its, gap, interval]
}

fn times(gap: &Figure) -> [Cell; 2] {
    // On the scale of the gap as it is written.
    let scale = match gap.value < 1e4 {
        true => Scale::UNIT,
        false => Scale::of(gap.value),
    };
    let interval = gap.interval.map(|ends| Value::Interval(ends, scale));
    [
        Value::Words(format!("{} x", number(gap.value))).into(),
        interval.into(),
    ]
}

fn j_th(row: &Bought, rival: Option<&Rival>) -> [Cell; 3] {
    let of = |per: f64| Value::Amount(TERA / per);
    [
        "in J/TH".into(),
        Cell::from(of(row.own.value)).mark(own_mark(row.estimate)),
        rival
            .map(|rival| Cell::from(of(rival.per)).mark(Mark::Evidence(rival.source.evidence)))
            .into(),
    ]
}

fn own_mark(estimate: bool) -> Mark {
    match estimate {
        true => Mark::Stated,
        false => Mark::Evidence(Evidence::Measured),
    }
}

fn name(buys: Buys) -> String {
    let word = |format: Format| {
        format
            .word()
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    match buys {
        Buys::Hashes => "Bitcoin hashes".into(),
        Buys::Flop(Format::Fp32) => "arithmetic, FP32".into(),
        Buys::Flop(format) | Buys::Op(format) => format!("AI, {}", word(format)),
        Buys::Bytes => "memory traffic".into(),
        Buys::Tokens => "tokens, at most".into(),
    }
}

fn unit(buys: Buys) -> &'static str {
    match buys {
        Buys::Hashes => "H",
        Buys::Flop(_) => "FLOP",
        Buys::Op(_) => "OP",
        Buys::Bytes => "B",
        Buys::Tokens => "tokens",
    }
}
