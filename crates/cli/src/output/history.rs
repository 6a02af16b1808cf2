//! A history for a terminal of 80 columns.

use perwatt_compare::history::{Machine, Point, Row};
use perwatt_compare::{History, Remedy, Verdict};
use perwatt_report::cells::{Style, plus_minus, span, times};
use perwatt_report::words;

use super::table::{Align, Table, wrap};
use super::{plain, standing};

/// Columns of a terminal.
const WIDTH: usize = 80;

/// The whole, ending in a newline.
pub fn render(history: &History) -> String {
    let mut out = standing::text(&history.skipped);
    for machine in &history.machines {
        out += &of_machine(machine);
        out.push('\n');
    }
    out += &wrap(
        &format!(
            "each session against all since the last change, which BETTER! and WORSE! mark; a chance of {} in a row's history that any change is none; margin {} %, and never less than what those sessions differ by",
            history.alpha,
            100.0 * history.margin
        ),
        2,
        WIDTH,
    );
    out + &wrap(words::checked(history.checked), 2, WIDTH)
}

fn of_machine(machine: &Machine) -> String {
    let key = machine.key.get(..8).unwrap_or(&machine.key);
    let mut table = Table::new(&[
        ("session", Align::Left),
        ("median", Align::Right),
        ("95 %", Align::Right),
        ("ratio", Align::Right),
        ("interval", Align::Right),
        ("", Align::Left),
    ])
    .wrapped(WIDTH);
    for row in &machine.rows {
        table.heading(plain(&format!(
            "{} of {} on {} by {}",
            row.metric.name(),
            row.name,
            row.device,
            row.backend
        )));
        let style = style(row);
        for point in &row.points {
            let cells = cells(point, &style, &mut table);
            table.row(cells);
        }
    }
    format!(
        "{}, {}\n{}",
        plain(&machine.name),
        plain(key),
        table.render()
    )
}

fn style(row: &Row) -> Style {
    let first = row.points.iter().find_map(|point| point.figure.as_ref());
    Style::new(row.unit, first.map_or(0.0, |figure| figure.median))
}

fn cells(point: &Point, style: &Style, table: &mut Table) -> Vec<String> {
    let when = point.started_utc.get(..16).unwrap_or(&point.started_utc);
    let mut notes = point.notes.clone();
    let (mut ratio, mut interval, mut word) = (String::new(), String::new(), String::new());
    if let Some(step) = &point.step {
        ratio = times(step.ratio);
        if let Some(ends) = step.interval {
            interval = span(ends);
        }
        word = match step.verdict {
            Verdict::Better | Verdict::Worse => format!("{}!", step.verdict.word()),
            Verdict::Same | Verdict::Unclear => step.verdict.word().to_owned(),
        };
        let differs: Vec<String> = step
            .differs
            .iter()
            .map(|d| {
                let text = |v: &Option<String>| v.as_deref().unwrap_or("not read").to_owned();
                format!("{} from {} to {}", d.field, text(&d.base), text(&d.other))
            })
            .collect();
        match step.verdict {
            Verdict::Better | Verdict::Worse if differs.is_empty() => {
                notes.push("nothing else that records hold changed with it".into());
            }
            Verdict::Better | Verdict::Worse => {
                notes.push(format!("changed with it: {}", differs.join("; ")));
            }
            Verdict::Same | Verdict::Unclear => {}
        }
        if let Some(Remedy::AtLeast { runs }) = step.remedy {
            notes.push(format!("too few runs to tell: {runs} a side are the least"));
        }
    }
    if let (None, Some(_)) = (&point.step, &point.figure) {
        word = "first".into();
    }
    let notes: Vec<String> = notes.iter().map(|note| plain(note)).collect();
    let marks = table.marks(&notes);
    vec![
        format!(" {}", plain(&when.replace('T', " "))),
        point
            .figure
            .as_ref()
            .map_or_else(|| "N/A".into(), |figure| style.figure(figure.median)),
        point.figure.as_ref().map_or_else(String::new, plus_minus),
        ratio,
        interval,
        format!("{word}{marks}"),
    ]
}
