//! What a reader should know about a figure and about a whole comparison.

use perwatt_stats as stats;

use crate::model::Differs;
use crate::pool::{Level, Sample};

/// Notes on one figure, in a fixed order.
pub fn of_sample(sample: &Sample) -> Vec<String> {
    let mut notes = Vec::new();
    if sample.backends > 1 {
        notes.push(format!("best of {} backends", sample.backends));
    }
    if sample.failed > 0 {
        notes.push(format!("{} failed and left out", runs(sample.failed)));
    }
    for why in &sample.barred {
        notes.push(format!("a session left out: {why}"));
    }
    if sample.meters.iter().any(|(_, meter)| meter.estimate) {
        notes.push("an estimate, no measurement: somebody stated the power".into());
    }
    if sample.level == Level::Session {
        notes.push("the sample is medians of sessions".into());
    }
    notes.extend(sample.caveats.iter().map(|caveat| caveat.to_string()));
    for flag in &sample.flags {
        notes.push(flag.sentence().into());
    }
    if let Some(outliers) = stats::tukey(&sample.values) {
        let far = outliers
            .iter()
            .filter(|o| **o == Some(stats::Outlier::Severe))
            .count() as u32;
        if far > 0 {
            let what = match sample.level {
                Level::Run => runs(far),
                Level::Session => format!("{far} of the sessions"),
            };
            notes.push(format!("{what} far out by Tukey's fences, and kept"));
        }
    }
    notes
}

fn runs(n: u32) -> String {
    match n {
        1 => "1 run".into(),
        n => format!("{n} runs"),
    }
}

/// What the settings of two columns of one machine allow to be said of a cause.
pub fn attribution(base: &str, other: &str, b: usize, o: usize, differs: &[Differs]) -> String {
    let fields: Vec<&str> = differs
        .iter()
        .filter(|d| d.values[b] != d.values[o])
        .map(|d| d.field.as_str())
        .collect();
    match fields.as_slice() {
        [] => format!(
            "{base} and {other} are one machine, and nothing that records hold differs between them"
        ),
        [one] => format!("{base} and {other} are one machine and differ in {one} alone"),
        many => format!(
            "{base} and {other} are one machine and differ in {} things ({}): a difference cannot be laid to any one of them",
            many.len(),
            many.join(", ")
        ),
    }
}
