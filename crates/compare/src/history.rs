//! History of machines: their figures over time, and the sessions at which these changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use perwatt_stats::Groups;
use serde::Serialize;

use crate::cell_builder::figure;
use crate::compare::validate;
use crate::context::Context;
use crate::error::CompareError;
use crate::inference::{Basis, Inference};
use crate::key::{Difference, Key};
use crate::load::{Checked, Loaded, Skipped};
use crate::metric::{FigureUnit, Metric};
use crate::model::{Figure, SchemaId};
use crate::noise::Floors;
use crate::notes;
use crate::options::Options;
use crate::sample::{Sample, pool};
use crate::scatter::{Place, median_ln};
use crate::session::Session;
use crate::verdict::{Remedy, Rule, Verdict, judge};

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
    /// The machines, in order of their names and nodes.
    pub machines: Vec<Machine>,
    /// Files that were left out, with the reasons.
    pub skipped: Vec<Skipped>,
}

/// A machine.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The key of its model.
    pub key: String,
    /// This very machine: the hash of its machine id, or its key where records have none,
    /// with the node's name where several nodes share that.
    pub specimen: String,
    /// The name of its node.
    pub node: Option<String>,
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
    /// Ratio of this figure to the earlier ones.
    pub ratio: f64,
    /// The interval of the ratio; absent where the runs are too few.
    pub interval: Option<[f64; 2]>,
    /// Confidence of the interval, corrected for the number of steps in the row
    /// (Bonferroni).
    pub confidence: f64,
    /// The number of sessions that it was compared with.
    pub sessions: usize,
    /// Start of the first session of those that differ alike up to this one, UTC: they are
    /// compared together. Of a change it is the session that it began with.
    pub since_utc: String,
    /// The difference that was to be exceeded, relative: the margin, or the scatter that
    /// the interval does not hold.
    pub margin: f64,
    /// The remedy for a verdict that is unclear or holds for these sessions only.
    pub remedy: Option<Remedy>,
    /// At a difference: settings and software that differ from the session before.
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
    let mut machines: BTreeMap<(Arc<str>, Arc<str>), (Node<'_>, Rows)> = BTreeMap::new();
    for &s in loaded.groups.iter().flat_map(|group| &group.sessions) {
        let session = &loaded.sessions[s];
        for (r, row) in session.rows.iter().enumerate() {
            if !options.filters.iter().all(|filter| filter.keeps(row)) {
                continue;
            }
            let machine = (
                Arc::clone(&session.machine_name),
                Arc::clone(&session.specimen),
            );
            let place = (
                Arc::clone(&row.name),
                Arc::clone(&row.device),
                Arc::clone(&row.backend),
                Arc::clone(&row.key),
            );
            let (node, rows) = machines.entry(machine).or_default();
            node.key = &session.machine;
            node.name = node.name.or(session.node.as_deref());
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
    let mut machines: Vec<Machine> = machines
        .into_iter()
        .map(|((name, specimen), (node, rows))| Machine {
            key: node.key.to_owned(),
            specimen: specimen.to_string(),
            node: node.name.map(str::to_owned),
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
    machines.sort_by(|a, b| (&a.name, &a.node, &a.specimen).cmp(&(&b.name, &b.node, &b.specimen)));
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

/// The model's key and the name of a machine.
#[derive(Default)]
struct Node<'a> {
    key: &'a str,
    name: Option<&'a str>,
}

/// A judged session.
struct Judgement {
    step: Step,
    changed: bool,
}

/// Walks through the sessions of one row. A session that differs from those since the last
/// change is a change by itself if the scatter between sessions is known by then. Until it
/// is, the session begins a run of sessions that differ in the same way, which is compared
/// as a whole.
struct Walk<'a> {
    sessions: &'a [Session],
    floors: &'a Floors,
    options: &'a Options,
    confidence: f64,
    /// Medians of the sessions between the changes before the last one.
    levels: Vec<Vec<f64>>,
    /// Sessions since the last change.
    since: Vec<(usize, usize)>,
    /// The latest sessions, which differ from `since`, and their verdict.
    pending: Vec<(usize, usize)>,
    direction: Option<Verdict>,
}

impl Walk<'_> {
    fn row(&self, place: (usize, usize)) -> (&Session, &crate::session::Row) {
        let session = &self.sessions[place.0];
        (session, &session.rows[place.1])
    }

    /// Judges the sessions of `places` against those since the last change.
    fn judge(&self, places: &[(usize, usize)]) -> Option<Judgement> {
        let (session, row) = self.row(*places.last()?);
        let before = pool(self.sessions, &self.since).ok()?;
        let now = pool(self.sessions, places).ok()?;
        let levels = |_: &Place| Groups(self.levels.clone());
        let ratio = Inference::with(self.sessions, &before, &now, levels)?;
        let gaps = [before.session_gap_ln, now.session_gap_ln]
            .into_iter()
            .flatten();
        let gap = match ratio.basis {
            Basis::Runs => gaps.fold(0.0, f64::max),
            Basis::Sessions => 0.0,
        };
        let lacked_ln = before.lacked_ln().max(now.lacked_ln());
        let rule = Rule {
            confidence: self.confidence,
            margin_ln: self.options.margin.ln_1p(),
            noise_ln: self
                .floors
                .get(session, row)
                .unwrap_or(0.0)
                .max(gap)
                .max(lacked_ln),
            // The same meter on the same machine: its scale error cancels.
            widening_ln: 0.0,
            higher_is_better: row.metric.higher_is_better(),
        };
        let judged = judge(&ratio, &rule)?;
        let changed = judged.verdict.is_change();
        let last = self.since.last().map(|place| self.row(*place).0);
        let first = self.row(places[0]).0;
        let step = Step {
            verdict: judged.verdict,
            ratio: ratio.ratio_ln.exp(),
            interval: judged
                .interval_ln
                .map(|(low, high)| [low.exp(), high.exp()]),
            confidence: self.confidence,
            sessions: self.since.len(),
            since_utc: first.started_utc.clone(),
            margin: self.options.margin.max(rule.noise_ln.exp_m1()),
            remedy: judged.remedy,
            differs: last
                .filter(|_| judged.verdict.is_difference())
                .map_or_else(Vec::new, |last| differences(&last.context, &first.context)),
        };
        Some(Judgement { step, changed })
    }

    /// Judges the next session; `None` for the first one.
    fn next(&mut self, place: (usize, usize)) -> Option<Step> {
        let alone = self.judge(&[place]);
        let direction = alone.as_ref().map(|judged| judged.step.verdict);
        let differs = direction.is_some_and(Verdict::is_difference);
        if !differs || direction != self.direction {
            // The run of differing sessions ends: it was scatter.
            self.since.append(&mut self.pending);
            self.direction = None;
        }
        if !differs {
            self.since.push(place);
            return alone.map(|judged| judged.step);
        }
        self.pending.push(place);
        self.direction = direction;
        let found = self.judge(&self.pending)?;
        if found.changed {
            self.levels.push(medians_ln(self.sessions, &self.since));
            self.since = std::mem::take(&mut self.pending);
            self.direction = None;
        }
        Some(found.step)
    }
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
    let mut walk = Walk {
        sessions,
        floors,
        options,
        confidence: 1.0 - options.alpha / steps as f64,
        levels: Vec::new(),
        since: Vec::new(),
        pending: Vec::new(),
        direction: None,
    };
    let mut points = Vec::new();
    for (place, sample) in places.iter().zip(samples) {
        let session = &sessions[place.0];
        let row = &session.rows[place.1];
        points.push(Point {
            started_utc: session.started_utc.clone(),
            label: session.label.clone(),
            file: session.path.clone(),
            figure: sample.as_ref().and_then(figure),
            step: sample.as_ref().and_then(|_| walk.next(*place)),
            notes: match &sample {
                Some(sample) => notes::of_sample(sample),
                None => row.barred.iter().map(|why| why.to_string()).collect(),
            },
        });
    }
    points
}

fn medians_ln(sessions: &[Session], places: &[(usize, usize)]) -> Vec<f64> {
    let rows = places.iter().map(|&(s, r)| &sessions[s].rows[r]);
    rows.filter_map(median_ln).collect()
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
