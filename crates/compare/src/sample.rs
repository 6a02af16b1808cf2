//! Pooling of the runs of several sessions into the sample of a cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use perwatt_record::schema::Flag;
use perwatt_stats as stats;
use serde::Serialize;

use crate::metric::Metric;
use crate::session::{Meter, Row, Session};

/// The unit of one value of a sample: the session, from two sessions on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// One run: a fresh process.
    Run,
    /// One session's median over runs.
    Session,
}

/// The figures of one cell.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The values, positive and finite.
    pub values: Vec<f64>,
    /// The unit of one value.
    pub level: Level,
    /// The backend.
    pub backend: Arc<str>,
    /// The number of backends of which this is the best.
    pub backends: usize,
    /// Indices of the sessions in it.
    pub sessions: Vec<usize>,
    /// Largest gap between the medians of two of its sessions, as ln of their ratio; absent
    /// where the sample has one session.
    pub session_gap_ln: Option<f64>,
    /// The number of runs without a figure.
    pub failed: u32,
    /// The number of runs that other load disturbed and that are left out.
    pub disturbed: u32,
    /// The largest share of its CPUs that a run in it lacked.
    pub lacked: f64,
    /// Reasons that sessions were left out because their rows may not be compared.
    pub barred: Vec<Arc<str>>,
    /// Meters behind it, each with its specimen, without repeats: the meters of two machines
    /// are two meters.
    pub meters: Vec<(Arc<str>, Arc<Meter>)>,
    /// Flags of its runs, without repeats.
    pub flags: Vec<Flag>,
    /// Caveats on its rows, without repeats.
    pub caveats: Vec<Arc<str>>,
    /// Indices of the rows: session and row.
    pub rows: Vec<(usize, usize)>,
}

/// The reason that a cell has no sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred(pub Arc<str>);

/// The sample of a cell's rows, each `(session, row)`, all of one key. Of several backends
/// only the one with the best median counts.
///
/// # Errors
/// [`Barred`]: no row may be compared.
pub fn pool(sessions: &[Session], rows: &[(usize, usize)]) -> Result<Sample, Barred> {
    let row = |&(s, r): &(usize, usize)| -> &Row { &sessions[s].rows[r] };
    let mut by_backend: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    let mut barred: Vec<Arc<str>> = Vec::new();
    for place in rows {
        match &row(place).barred {
            Some(why) => {
                if !barred.contains(why) {
                    barred.push(Arc::clone(why));
                }
            }
            None => by_backend
                .entry(&row(place).backend)
                .or_default()
                .push(*place),
        }
    }
    let backends = by_backend.len();
    let metric = rows.first().map_or(Metric::Rate, |first| row(first).metric);
    let best = by_backend
        .into_values()
        .filter_map(|places| {
            let values: Vec<f64> = places
                .iter()
                .flat_map(|place| row(place).values.iter().map(|(_, value)| *value))
                .collect();
            Some((stats::median(&values)?, places))
        })
        // Of equals the first by name, so that the order of the rows does not decide.
        .reduce(|kept, next| {
            let better = match metric.higher_is_better() {
                true => next.0 > kept.0,
                false => next.0 < kept.0,
            };
            if better { next } else { kept }
        });
    let Some((_, places)) = best else {
        let why = barred.into_iter().next();
        return Err(Barred(why.unwrap_or_else(|| "no run gave a figure".into())));
    };

    let medians: Vec<f64> = places
        .iter()
        .filter_map(|place| stats::median(&plain(row(place))))
        .collect();
    let level = match medians.len() > 1 {
        true => Level::Session,
        false => Level::Run,
    };
    let values = match level {
        Level::Session => medians.clone(),
        Level::Run => of_runs(sessions, &places),
    };
    let session_gap_ln = gap_ln(&medians).filter(|_| medians.len() > 1);
    let mut meters: Vec<(Arc<str>, Arc<Meter>)> = Vec::new();
    let mut flags: Vec<Flag> = Vec::new();
    let mut caveats: Vec<Arc<str>> = Vec::new();
    let (mut failed, mut disturbed, mut lacked) = (0, 0, 0.0_f64);
    for place in &places {
        let of = row(place);
        failed += of.failed;
        disturbed += of.disturbed;
        lacked = lacked.max(of.lacked);
        if let Some(meter) = &of.meter {
            let at = (Arc::clone(&sessions[place.0].specimen), Arc::clone(meter));
            if !meters.contains(&at) {
                meters.push(at);
            }
        }
        caveats.extend(
            of.caveat
                .iter()
                .filter(|c| !caveats.contains(c))
                .cloned()
                .collect::<Vec<_>>(),
        );
        for flag in &of.flags {
            if !flags.contains(flag) {
                flags.push(*flag);
            }
        }
    }
    Ok(Sample {
        values,
        level,
        backend: Arc::clone(&row(&places[0]).backend),
        backends,
        sessions: places.iter().map(|(s, _)| *s).collect(),
        session_gap_ln,
        failed,
        disturbed,
        lacked,
        barred,
        meters,
        flags,
        caveats,
        rows: places,
    })
}

/// The largest gap between two of these figures, as ln of their ratio; `None` without
/// figures, or if one is not positive.
pub fn gap_ln(figures: &[f64]) -> Option<f64> {
    let (low, high) = (stats::min(figures)?, stats::max(figures)?);
    (low > 0.0).then(|| (high / low).ln())
}

/// The figures of all runs of these rows, in order.
fn of_runs(sessions: &[Session], places: &[(usize, usize)]) -> Vec<f64> {
    let rows = places.iter().map(|&(s, r)| &sessions[s].rows[r]);
    rows.flat_map(plain).collect()
}

impl Sample {
    /// The sample with runs as its values.
    #[must_use]
    pub fn by_runs(&self, sessions: &[Session]) -> Self {
        Self {
            values: of_runs(sessions, &self.rows),
            level: Level::Run,
            ..self.clone()
        }
    }

    /// Logarithm of the factor by which its runs may be slower because they lacked CPUs.
    pub fn lacked_ln(&self) -> f64 {
        -(-self.lacked).ln_1p()
    }
}

/// The figure of every run among the values.
pub fn plain(row: &Row) -> Vec<f64> {
    row.values.iter().map(|(_, value)| *value).collect()
}

/// The widening of each end of the interval of a ratio for different meters, as a
/// logarithm, and the ids of the meters without a stated scale error.
pub fn meter_widening(a: &Sample, b: &Sample) -> (f64, Vec<String>) {
    let place = |(machine, meter): &(Arc<str>, Arc<Meter>)| (Arc::clone(machine), meter.id.clone());
    let of = |sample: &Sample| {
        let mut places: Vec<_> = sample.meters.iter().map(place).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    // A single meter has the same scale error on both sides, which cancels.
    if (of(a) == of(b) && of(a).len() == 1) || (a.meters.is_empty() && b.meters.is_empty()) {
        return (0.0, Vec::new());
    }
    let mut unknown: Vec<String> = Vec::new();
    let mut side = |sample: &Sample| {
        let mut worst: f64 = 0.0;
        for (_, meter) in &sample.meters {
            match meter.gain_rel {
                Some(gain) => worst = worst.max(gain),
                None if !unknown.contains(&meter.id) => unknown.push(meter.id.clone()),
                None => {}
            }
        }
        worst.ln_1p()
    };
    let widening = side(a) + side(b);
    unknown.sort_unstable();
    (widening, unknown)
}
