//! All single runs, so that scatter is not hidden by a median.

use maud::Markup;
use perwatt_record::Record;
use perwatt_record::schema::Status;
use perwatt_stats as stats;

use super::rows;
use crate::render::pictures::figure;
use crate::svg::strip::{self, Strip};

/// The picture of the runs.
pub fn section(record: &Record) -> Markup {
    let strips: Vec<Strip> = rows(record)
        .filter_map(|(entry, row)| {
            let values: Vec<f64> = record
                .runs
                .iter()
                .filter(|run| run.entry == row.entry)
                .filter_map(|run| Some(run.measured.as_ref()?.rate_per_s))
                .collect();
            let median = stats::median(&values)?;
            Some(Strip {
                name: entry.id.clone(),
                far: stats::tukey(&values).unwrap_or_default(),
                values: values.iter().map(|value| value / median - 1.0).collect(),
            })
        })
        .collect();
    let failed = record.runs.iter().filter(|run| run.status != Status::Ok);
    let far = strips.iter().flat_map(|s| &s.far).flatten().count();
    let words = format!(
        "{} rows of runs, each relative to its median; {far} runs far out",
        strips.len()
    );
    let failed = match failed.count() {
        0 => "No run failed.".to_owned(),
        1 => "One run failed and has no dot.".to_owned(),
        n => format!("{n} runs failed and have no dot."),
    };
    let title = "Every run relative to the median of its row";
    let caption = format!(
        "Each dot is a run, in the order of the rounds from top to bottom. Ringed: beyond Tukey's \
         fences (1.5 interquartile ranges); kept. {failed}"
    );
    figure(title, &strip::plot(title, &words, &strips), &caption)
}
