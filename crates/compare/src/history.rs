//! History of machines: their figures over time, and the sessions at which these changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::cell_builder::figure;
use crate::compare::validate;
use crate::decline::SessionTrend;
use crate::error::CompareError;
use crate::key::Key;
use crate::load::{Checked, Loaded, Skipped};
use crate::metric::{FigureUnit, Metric};
use crate::model::{Figure, SchemaId};
use crate::noise::Floors;
use crate::notes;
use crate::options::Options;
use crate::sample::{Sample, pool};
use crate::session::Session;
pub use crate::walk::Step;
use crate::walk::Walk;

/// Minor version of `perwatt-history`: 3 added specimens and nodes, 4 trends and the key field
/// `cards_at_once`.
const MINOR: u32 = 4;

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
    /// The trend of the sessions since the last change, if they have one.
    pub trend: Option<SessionTrend>,
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

impl History {
    /// Every step of every row.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let rows = self.machines.iter().flat_map(|machine| &machine.rows);
        rows.flat_map(|row| &row.points)
            .filter_map(|point| point.step.as_ref())
    }

    /// The trend of every row that has one.
    pub fn trends(&self) -> impl Iterator<Item = &SessionTrend> {
        let rows = self.machines.iter().flat_map(|machine| &machine.rows);
        rows.filter_map(|row| row.trend.as_ref())
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
                    let (points, trend) = points(&loaded.sessions, &places, &floors, options);
                    Row {
                        metric: first.metric,
                        unit: key.unit(),
                        name: name.to_string(),
                        device: device.to_string(),
                        backend: backend.to_string(),
                        points,
                        trend,
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
            minor: MINOR,
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

fn points(
    sessions: &[Session],
    places: &[(usize, usize)],
    floors: &Floors,
    options: &Options,
) -> (Vec<Point>, Option<SessionTrend>) {
    let samples: Vec<Option<Sample>> = places
        .iter()
        .map(|place| pool(sessions, std::slice::from_ref(place)).ok())
        .collect();
    // A step for every session but the first, and one trend.
    let tests = samples.iter().flatten().count().max(1);
    let mut walk = Walk::new(sessions, floors, options, options.alpha / tests as f64);
    let mut points = Vec::new();
    for (place, sample) in places.iter().zip(samples) {
        let session = &sessions[place.0];
        let row = &session.rows[place.1];
        let mut notes = match &sample {
            Some(sample) => notes::of_sample(sample),
            None => row.barred.iter().map(|why| why.to_string()).collect(),
        };
        let judged = sample.as_ref().and_then(|_| walk.next(*place));
        let step = judged.map(|judged| {
            notes.extend(judged.notes);
            judged.step
        });
        points.push(Point {
            started_utc: session.started_utc.clone(),
            label: session.label.clone(),
            file: session.path.clone(),
            figure: sample.as_ref().and_then(figure),
            step,
            notes,
        });
    }
    (points, walk.trend())
}
