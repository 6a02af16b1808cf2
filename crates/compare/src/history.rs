//! History of machines: their figures over time, and the sessions at which these changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use perwatt_stats as stats;
use serde::Serialize;

use crate::cell_builder::figure;
use crate::compare::validate;
use crate::context::Context;
use crate::error::CompareError;
use crate::key::{Difference, Key};
use crate::load::{Checked, Loaded, Skipped};
use crate::metric::{FigureUnit, Metric};
use crate::model::{Figure, SchemaId};
use crate::noise::Floors;
use crate::notes;
use crate::options::Options;
use crate::sample::{Sample, gap_ln, plain, pool};
use crate::session::Session;
use crate::verdict::{Judged, Remedy, Rule, Verdict, judge};

/// The figures of each machine over time.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    /// Name and version of the schema, `perwatt-history`.
    pub schema: SchemaId,
    /// The extent of the verification of the records.
    pub checked: Checked,
    /// Chance that any change in one row's history is false.
    pub alpha: f64,
    /// Smallest difference that matters, relative.
    pub margin: f64,
    /// The machines, in order of their names.
    pub machines: Vec<Machine>,
    /// Files that were left out, with the reasons.
    pub skipped: Vec<Skipped>,
}

/// A machine.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Its key.
    pub key: String,
    /// The machine in words: processor and number of cores.
    pub name: String,
    /// One row for each workload, device, backend and key.
    pub rows: Vec<Row>,
}

/// One workload on one device by one backend, through time.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The metric.
    pub metric: Metric,
    /// Unit of every figure.
    pub unit: FigureUnit,
    /// The workload and its shape.
    pub name: String,
    /// The device.
    pub device: String,
    /// The backend.
    pub backend: String,
    /// The key that all its figures share.
    pub key: Key,
    /// Sessions, the oldest first.
    pub points: Vec<Point>,
}

/// A session's figure.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// Start of the session, UTC, RFC 3339.
    pub started_utc: String,
    /// The session's label.
    pub label: String,
    /// Its file.
    pub file: PathBuf,
    /// The figure; absent where the row may not be compared.
    pub figure: Option<Figure>,
    /// Comparison with all sessions since the last change; absent for the first session.
    pub step: Option<Step>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// Comparison of a session with those since the last change.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The verdict. BETTER and WORSE are changes: later sessions are compared with those
    /// from this one on.
    pub verdict: Verdict,
    /// Ratio of this figure to the earlier ones (Hodges-Lehmann estimate).
    pub ratio: f64,
    /// The interval of the ratio; absent where the runs are too few.
    pub interval: Option<[f64; 2]>,
    /// Confidence of the interval, corrected for the number of steps in the row
    /// (Bonferroni).
    pub confidence: f64,
    /// The number of sessions that it was compared with.
    pub sessions: usize,
    /// The margin that was applied, relative.
    pub margin: f64,
    /// The remedy for an unclear verdict.
    pub remedy: Option<Remedy>,
    /// At a change: settings and software that differ from the session before.
    pub differs: Vec<Difference>,
}

impl History {
    /// Every step of every row.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let rows = self.machines.iter().flat_map(|machine| &machine.rows);
        rows.flat_map(|row| &row.points)
            .filter_map(|point| point.step.as_ref())
    }
}

/// The history of every machine that was loaded. The options `by`, `baseline`,
/// `allow_differ` and `sort` have no effect on it.
///
/// # Errors
/// [`CompareError`]: the margin or alpha is out of range, or a field of `allow_differ` is
/// unknown.
pub fn history(loaded: &Loaded, options: &Options) -> Result<History, CompareError> {
    validate(options)?;
    type Place = (Arc<str>, Arc<str>, Arc<str>, Arc<Key>);
    type Rows = BTreeMap<Place, Vec<(usize, usize)>>;
    let mut machines: BTreeMap<(Arc<str>, Arc<str>), Rows> = BTreeMap::new();
    for &s in loaded.groups.iter().flat_map(|group| &group.sessions) {
        let session = &loaded.sessions[s];
        for (r, row) in session.rows.iter().enumerate() {
            if !options.filters.iter().all(|filter| filter.keeps(row)) {
                continue;
            }
            let machine = (
                Arc::clone(&session.machine_name),
                Arc::clone(&session.machine),
            );
            let place = (
                Arc::clone(&row.name),
                Arc::clone(&row.device),
                Arc::clone(&row.backend),
                Arc::clone(&row.key),
            );
            let rows = machines.entry(machine).or_default();
            let points = rows.entry(place).or_default();
            // The same runs in two arguments count once.
            let known = points
                .iter()
                .any(|(k, r)| loaded.sessions[*k].rows[*r].origin == row.origin);
            if !known {
                points.push((s, r));
            }
        }
    }
    let floors = Floors::of(&loaded.selfchecks);
    let machines = machines
        .into_iter()
        .map(|((name, key), rows)| Machine {
            key: key.to_string(),
            name: name.to_string(),
            rows: rows
                .into_iter()
                .map(|((name, device, backend, key), mut places)| {
                    places.sort_by(|a, b| {
                        let at = |s: usize| &loaded.sessions[s].started_utc;
                        at(a.0).cmp(at(b.0))
                    });
                    let first = &loaded.sessions[places[0].0].rows[places[0].1];
                    Row {
                        metric: first.metric,
                        unit: key.unit(),
                        name: name.to_string(),
                        device: device.to_string(),
                        backend: backend.to_string(),
                        points: points(&loaded.sessions, &places, &floors, options),
                        key: (*key).clone(),
                    }
                })
                .collect(),
        })
        .collect();
    Ok(History {
        schema: SchemaId {
            name: "perwatt-history",
            ..SchemaId::default()
        },
        checked: loaded.checked,
        alpha: options.alpha,
        margin: options.margin,
        machines,
        skipped: loaded.skipped.clone(),
    })
}

fn points(
    sessions: &[Session],
    places: &[(usize, usize)],
    floors: &Floors,
    options: &Options,
) -> Vec<Point> {
    let samples: Vec<Option<Sample>> = places
        .iter()
        .map(|place| pool(sessions, std::slice::from_ref(place)).ok())
        .collect();
    let steps = samples.iter().flatten().count().saturating_sub(1).max(1);
    let confidence = 1.0 - options.alpha / steps as f64;
    // Sessions since the last change.
    let mut since: Vec<(usize, usize)> = Vec::new();
    let mut points = Vec::new();
    for (place, sample) in places.iter().zip(samples) {
        let session = &sessions[place.0];
        let row = &session.rows[place.1];
        let mut step = None;
        let mut of_sample = Vec::new();
        if let Some(sample) = &sample {
            of_sample = notes::of_sample(sample);
            if let Ok(before) = pool(sessions, &since) {
                let gap = gap_of(sessions, &since);
                let floor = floors.get(session, row).unwrap_or(0.0);
                let rule = Rule {
                    confidence,
                    margin_ln: options.margin.ln_1p().max(gap).max(floor),
                    // The same meter on the same machine: its scale error cancels.
                    widening_ln: 0.0,
                    higher_is_better: row.metric.higher_is_better(),
                };
                step = judge(&before.values, &sample.values, &rule).map(|judged| {
                    let last = since.last().map(|(s, _)| &*sessions[*s].context);
                    of(&judged, &rule, since.len(), last, &session.context)
                });
            }
            let changed = step
                .as_ref()
                .is_some_and(|step| matches!(step.verdict, Verdict::Better | Verdict::Worse));
            if changed {
                since.clear();
            }
            since.push(*place);
        } else if let Some(why) = &row.barred {
            of_sample.push(why.to_string());
        }
        points.push(Point {
            started_utc: session.started_utc.clone(),
            label: session.label.clone(),
            file: session.path.clone(),
            figure: sample.as_ref().and_then(figure),
            step,
            notes: of_sample,
        });
    }
    points
}

fn of(
    judged: &Judged,
    rule: &Rule,
    sessions: usize,
    before: Option<&Context>,
    now: &Context,
) -> Step {
    let changed = matches!(judged.verdict, Verdict::Better | Verdict::Worse);
    let differs = match before.filter(|_| changed) {
        Some(before) => differences(before, now),
        None => Vec::new(),
    };
    Step {
        verdict: judged.verdict,
        ratio: judged.ratio_ln.exp(),
        interval: judged
            .interval_ln
            .map(|(low, high)| [low.exp(), high.exp()]),
        confidence: rule.confidence,
        sessions,
        margin: rule.margin_ln.exp_m1(),
        remedy: judged.remedy,
        differs,
    }
}

fn differences(before: &Context, now: &Context) -> Vec<Difference> {
    let fields: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    fields
        .into_iter()
        .filter(|field| before.get(*field) != now.get(*field))
        .map(|field| Difference {
            field: field.clone(),
            base: before.get(field).cloned(),
            other: now.get(field).cloned(),
        })
        .collect()
}

/// The largest gap between the medians of these sessions, as a logarithm: the scatter
/// between sessions of a machine that has not changed.
fn gap_of(sessions: &[Session], places: &[(usize, usize)]) -> f64 {
    let medians: Vec<f64> = places
        .iter()
        .filter_map(|&(s, r)| stats::median(&plain(&sessions[s].rows[r])))
        .collect();
    gap_ln(&medians).unwrap_or(0.0)
}
