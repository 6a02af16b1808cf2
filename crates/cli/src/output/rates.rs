//! How fast each row was.

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Flag, Status, Summary, word};

use super::plain;
use super::rows::{backend_cell, each, interval_cell, short_name, spread as spread_cell};
use super::table::{Align, Table};
use super::units::{Scale, percent, rate as with_unit, significant};

/// A first second that differs by more is worth a note.
const COLD_DIFFERS: f64 = 0.03;

/// The table, ending in a newline.
pub fn render(record: &Record) -> String {
    let mut table = Table::new(&[
        ("workload", Align::Left),
        ("backend", Align::Left),
        ("rate", Align::Right),
        ("95 % interval", Align::Right),
        ("spread", Align::Right),
        ("verified", Align::Left),
    ]);
    each(record, &mut table, |entry, row, table| {
        rate_row(record, entry, row, table)
    });
    table.render()
}

/// Tokens that go through the model in one step, where the work is a model's.
fn tokens_per_step(entry: &Entry) -> Option<f64> {
    entry.workload.params.get("tokens_per_step")?.parse().ok()
}

fn rate_row(record: &Record, entry: &Entry, row: &Summary, table: &mut Table) -> Vec<String> {
    let mut marks = String::new();
    let mut mark = |text: &str, table: &mut Table| {
        let sign = table.note(text);
        if !marks.contains(&sign) {
            marks.push_str(&sign);
        }
    };
    let runs = record.runs.iter().filter(|run| run.entry == row.entry);
    for flag in Flag::OF_RATES {
        if runs.clone().any(|run| run.flags.contains(&flag)) {
            mark(flag.sentence(), table);
        }
    }
    // Below the runs' own spread it is noise.
    let spread = row
        .rate_per_s
        .as_ref()
        .map_or(0.0, |rate| rate.relative_spread);
    if let Some(cold) = row.cold_over_sustained
        && row.runs_ok > 1
        && (cold - 1.0).abs() > COLD_DIFFERS.max(spread)
    {
        mark(
            &format!(
                "cold, in its first second, it ran at {} of the sustained rate that is shown",
                percent(cold, 0)
            ),
            table,
        );
    }
    if let (Some(tokens), Some(rate)) = (tokens_per_step(entry), &row.rate_per_s) {
        let per_s = rate.median / entry.work_per_step as f64 * tokens;
        mark(
            &format!(
                "{} tokens/s of {}, its matrix products alone: an upper limit of what the model does",
                significant(per_s),
                plain(
                    entry
                        .workload
                        .params
                        .get("model")
                        .map_or("the model", String::as_str)
                )
            ),
            table,
        );
    }
    if let Some(warning) = &entry.backend_warning {
        mark(&plain(warning), table);
    }
    if row.runs_failed > 0 && row.runs_ok > 0 {
        let tried = row.runs_failed + row.runs_ok;
        let text = format!(
            "{} of {tried} runs failed; the figure is of the other {}",
            row.runs_failed, row.runs_ok
        );
        mark(&text, table);
    }
    for run in runs {
        if let Status::Failed(failure) = &run.status {
            mark(
                &format!(
                    "{} run failed: {}",
                    word(&failure.kind),
                    plain(&failure.message)
                ),
                table,
            );
        }
    }
    let name = short_name(entry);
    let backend = backend_cell(entry);
    let Some(rate) = &row.rate_per_s else {
        let figure = if row.runs_failed > 0 {
            "FAILED"
        } else {
            "not measured"
        };
        return vec![name, backend, format!("{figure}{marks}")];
    };
    let scale = Scale::of(rate.median);
    let verified = if row.verified {
        "yes".to_owned()
    } else if row.unproven {
        plain(&row.verification)
    } else {
        format!("NO: {}", plain(&row.verification))
    };
    vec![
        name,
        backend,
        with_unit(rate.median, entry.unit),
        interval_cell(rate, row.runs_ok, |value| scale.number(value), table),
        spread_cell(rate, row.runs_ok),
        format!("{verified}{marks}"),
    ]
}
