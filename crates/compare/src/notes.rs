//! Notes on figures and on whole comparisons.

use perwatt_stats as stats;

use crate::inference::{Basis, Inference};
use crate::model::Differs;
use crate::sample::{Level, Sample};

/// The largest number of columns that a sentence names; of more it gives only the number.
const MOST_NAMED: usize = 6;

/// Notes on one figure, in a fixed order.
pub fn of_sample(sample: &Sample) -> Vec<String> {
    let mut notes = Vec::new();
    if sample.backends > 1 {
        notes.push(format!("best of {} backends", sample.backends));
    }
    if sample.failed > 0 {
        notes.push(format!("{} failed and left out", runs(sample.failed)));
    }
    if sample.disturbed > 0 {
        let disturbed = runs(sample.disturbed);
        notes.push(format!("{disturbed} disturbed by other load and left out"));
    }
    for why in &sample.barred {
        notes.push(format!("a session left out: {why}"));
    }
    if sample.meters.iter().any(|(_, meter)| meter.estimate) {
        notes.push("an estimate, not a measurement: the power is stated".into());
    }
    if sample.level == Level::Session {
        notes.push("the sample is medians of sessions".into());
    }
    notes.extend(sample.caveats.iter().map(|caveat| caveat.to_string()));
    for flag in &sample.flags {
        notes.push(flag.sentence().into());
    }
    if sample.sessions.len() == 1 {
        notes.extend(of_runs(&sample.values));
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

/// Notes on the runs of one session, in order of time, that drift or fall into two
/// clusters: their median then depends on when the session was taken.
fn of_runs(values: &[f64]) -> Vec<String> {
    let percent = |ln: f64| format!("{:.1} %", 100.0 * ln.abs().exp_m1());
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let mut notes = Vec::new();
    if let Some(apart) = stats::clusters(&logs) {
        let apart = percent(apart);
        notes.push(format!(
            "its runs fall into two groups, {apart} apart, as with two clocks"
        ));
    }
    let points: Vec<(f64, f64)> = (0_u32..).map(f64::from).zip(logs).collect();
    let trend = stats::trend(&points).filter(|trend| trend.p_value < stats::TREND_ALPHA);
    if let Some(trend) = trend {
        let way = if trend.slope > 0.0 { "rise" } else { "fall" };
        let over = percent(trend.slope * (points.len() - 1) as f64);
        notes.push(format!("its runs {way} by {over} over the session"));
    }
    notes
}

fn runs(n: u32) -> String {
    match n {
        1 => "1 run".into(),
        n => format!("{n} runs"),
    }
}

/// Notes on columns that rest on one session in all or some of their rows, where the
/// scatter between sessions of one machine is not known. Each column is its label and the
/// number of sessions behind each of its rows.
pub fn of_one_session(columns: &[(&str, Vec<usize>)]) -> Vec<String> {
    let unknown = "how much sessions of one machine differ is not known there";
    let (mut whole, mut partly) = (Vec::new(), Vec::new());
    for (label, rows) in columns {
        let lone = rows.iter().filter(|sessions| **sessions == 1).count();
        match lone {
            0 => {}
            lone if lone == rows.len() => whole.push((*label).to_owned()),
            lone => partly.push(format!("{lone} of {} in {label}", rows.len())),
        }
    }
    let named = |which: &[String]| match which.len() {
        n if n > MOST_NAMED => format!("{n} of {} columns", columns.len()),
        _ => which.join(", "),
    };
    let mut notes = Vec::new();
    if !whole.is_empty() {
        let which = match whole.len() == columns.len() {
            true => "every column".into(),
            false => named(&whole),
        };
        notes.push(format!("one session in {which}: {unknown}"));
    }
    if !partly.is_empty() {
        let rows = named(&partly);
        notes.push(format!("rows that rest on one session, {rows}: {unknown}"));
    }
    notes
}

/// Note on the possible causes of a difference between two columns of one machine: the
/// context fields that differ. The columns are given by their indices and labels; `known` if
/// their records identify the machine beyond its model.
pub fn attribution(between: [(usize, &str); 2], known: bool, differs: &[Differs]) -> String {
    let [(b, base), (o, other)] = between;
    let are = match known {
        true => "are one machine",
        false => "are of one model, perhaps one machine,",
    };
    let fields: Vec<&str> = differs
        .iter()
        .filter(|d| d.values[b] != d.values[o])
        .map(|d| d.field.as_str())
        .collect();
    match fields.as_slice() {
        [] => {
            format!("{base} and {other} {are} and nothing that records hold differs between them")
        }
        [one] => format!("{base} and {other} {are} and differ in {one} only"),
        many => format!(
            "{base} and {other} {are} and differ in {} things ({}): a difference cannot be attributed to one of them",
            many.len(),
            many.join(", ")
        ),
    }
}

/// Notes on runs that depend on one another, or that fall into two clusters.
pub fn of_dependence(ratio: &Inference) -> Vec<String> {
    let mut notes = Vec::new();
    if ratio.widened > 1.0 {
        let what = match ratio.basis {
            Basis::Runs => "each run resembles the one before it",
            Basis::Sessions => "each session resembles the one before it",
        };
        notes.push(format!(
            "{what}: the interval is {:.1} times wider",
            ratio.widened
        ));
    }
    notes
}
