//! Scatter between sessions of one machine, as every session that was read shows it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use perwatt_stats::{self as stats, Groups};

use crate::context::Context;
use crate::key::Key;
use crate::load::Loaded;
use crate::sample::plain;
use crate::session::{Row, Session};

/// Work that is repeated from session to session: a machine, a key, a device and a backend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    machine: Arc<str>,
    key: Arc<Key>,
    device: Arc<str>,
    backend: Arc<str>,
}

impl Place {
    /// The place of a row.
    pub fn of(session: &Session, row: &Row) -> Self {
        Self {
            machine: Arc::clone(&session.specimen),
            key: Arc::clone(&row.key),
            device: Arc::clone(&row.device),
            backend: Arc::clone(&row.backend),
        }
    }
}

/// A session's figure.
#[derive(Debug)]
struct Point<'a> {
    origin: &'a str,
    context: [&'a Context; 2],
    median_ln: f64,
}

/// The figures of all sessions by place.
#[derive(Debug, Default)]
pub struct Scatter<'a>(HashMap<Place, Vec<Point<'a>>>);

impl<'a> Scatter<'a> {
    /// The figures of these sessions, those beside them and selfchecks. Rows that may not be compared are left out.
    pub fn of(loaded: &'a Loaded) -> Self {
        let mut places: HashMap<Place, Vec<Point<'a>>> = HashMap::new();
        let others = loaded.beside.iter().chain(&loaded.selfchecks);
        for session in loaded.sessions.iter().chain(others) {
            for row in session.rows.iter().filter(|row| row.barred.is_none()) {
                let Some(median_ln) = median_ln(row) else {
                    continue;
                };
                let points = places.entry(Place::of(session, row)).or_default();
                points.push(Point {
                    origin: &row.origin,
                    context: [&session.context, &row.context],
                    median_ln,
                });
            }
        }
        Self(places)
    }

    /// Logarithms of the medians of the sessions of a place, except those of the runs in
    /// `except`. Sessions with the same software and settings are a group, so that an
    /// upgrade between two groups does not count as scatter.
    pub fn groups(&self, place: &Place, except: &HashSet<&str>) -> Groups {
        let mut seen = except.clone();
        let mut groups: BTreeMap<[&Context; 2], Vec<f64>> = BTreeMap::new();
        for point in self.0.get(place).into_iter().flatten() {
            // One session may be in several inputs.
            if seen.insert(point.origin) {
                let group = groups.entry(point.context).or_default();
                group.push(point.median_ln);
            }
        }
        Groups(groups.into_values().collect())
    }
}

/// The logarithm of the median of a row's runs; `None` without runs, or if it is not
/// positive.
pub fn median_ln(row: &Row) -> Option<f64> {
    let median = stats::median(&plain(row))?;
    (median > 0.0).then(|| median.ln())
}
