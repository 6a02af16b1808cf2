//! A comparison as CSV, one line for each figure.

use std::io::Write;

use perwatt_compare::Comparison;
use perwatt_compare::model::Outcome;

use perwatt_report::cells;

use super::cell;

#[rustfmt::skip]
const HEADER: [&str; 40] = [
    "metric", "unit", "higher_is_better", "boundary", "workload", "device", "column", "is_baseline",
    "like_for_like", "values", "level", "sessions", "median", "median_low", "median_high", "min",
    "max", "backend", "meters", "estimate", "verdict", "basis", "ratio", "ratio_low", "ratio_high",
    "confidence", "p_value", "p_adjusted", "margin", "noise", "meters_rel", "place_best",
    "place_worst", "fields", "notes", "price_usd", "rent_usd_per_h", "usd_per_tera_per_s",
    "usd_per_exa", "usd_per_mtoken_at_least",
];

/// Writes the table with its header. Texts from records are made safe for spreadsheets.
pub fn csv(comparison: &Comparison, out: impl Write) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    let like_for_like = comparison.not_like_for_like.is_empty();
    for table in &comparison.tables {
        for row in &table.rows {
            for (i, of) in row.cells.iter().enumerate() {
                let figure = of.figure.as_ref();
                let compared = match &of.outcome {
                    Outcome::Compared(compared) => Some(&**compared),
                    _ => None,
                };
                let fields: Vec<&str> = match &of.outcome {
                    Outcome::NotComparable { fields, .. } => {
                        fields.iter().map(|d| d.field.as_str()).collect()
                    }
                    _ => Vec::new(),
                };
                let of_figure = |number: fn(&perwatt_compare::model::Figure) -> String| {
                    figure.map_or_else(String::new, number)
                };
                let of_pair = |number: fn(&perwatt_compare::model::Compared) -> String| {
                    compared.map_or_else(String::new, number)
                };
                let end = |ends: Option<[f64; 2]>, i: usize| {
                    ends.map_or_else(String::new, |ends| cell::number(ends[i]))
                };
                let dollars = |usd: Option<f64>| usd.map_or_else(String::new, cell::number);
                let stated = &comparison.columns[i].stated;
                let cost = figure.and_then(|f| f.cost).unwrap_or_default();
                let place = |i: usize| of.rank.map_or_else(String::new, |r| r[i].to_string());
                writer.write_record([
                    table.metric.name().to_owned(),
                    table.unit.to_string(),
                    table.higher_is_better.to_string(),
                    table
                        .boundary
                        .map_or_else(String::new, |held| held.to_string()),
                    cell::text(&row.name),
                    cell::text(row.device.as_deref().unwrap_or_default()),
                    cell::text(&comparison.columns[i].label),
                    (i == comparison.baseline).to_string(),
                    like_for_like.to_string(),
                    of_figure(|f| f.values.len().to_string()),
                    of_figure(|f| format!("{:?}", f.level).to_lowercase()),
                    of_figure(|f| f.sessions.to_string()),
                    of_figure(|f| cell::number(f.median)),
                    end(figure.and_then(|f| f.interval), 0),
                    end(figure.and_then(|f| f.interval), 1),
                    end(figure.map(|f| f.range), 0),
                    end(figure.map(|f| f.range), 1),
                    of_figure(|f| cell::text(&f.backend)),
                    of_figure(|f| cell::text(&f.meters.join(";"))),
                    of_figure(|f| f.estimate.to_string()),
                    cells::verdict(&of.outcome).to_owned(),
                    of_pair(|c| format!("{:?}", c.basis).to_lowercase()),
                    of_pair(|c| cell::number(c.ratio)),
                    end(compared.and_then(|c| c.interval), 0),
                    end(compared.and_then(|c| c.interval), 1),
                    match compared {
                        Some(_) => comparison.family.confidence.to_string(),
                        None => String::new(),
                    },
                    of_pair(|c| cell::number(c.p_value)),
                    of_pair(|c| cell::number(c.p_adjusted)),
                    of_pair(|c| cell::number(c.margin)),
                    of_pair(|c| c.noise.map_or_else(String::new, cell::number)),
                    of_pair(|c| cell::number(c.meters_rel)),
                    place(0),
                    place(1),
                    cell::text(&fields.join(";")),
                    cell::text(&cells::notes(of, None).join("; ")),
                    dollars(stated.price_usd),
                    dollars(stated.rent_usd_per_h),
                    dollars(cost.usd_per_tera_per_s),
                    dollars(cost.usd_per_exa),
                    dollars(cost.usd_per_mtoken_at_least),
                ])?;
            }
        }
    }
    writer.flush()?;
    Ok(())
}
