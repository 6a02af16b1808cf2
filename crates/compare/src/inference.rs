//! Ratio of two samples with its interval, and the replicates that these rest on.

use std::collections::HashSet;
use std::sync::Arc;

use perwatt_stats::{self as stats, Contrast, Groups, RatioError};
use serde::Serialize;

use crate::load::Loaded;
use crate::sample::{Sample, plain};
use crate::scatter::{Place, Scatter, median_ln};
use crate::session::Session;

/// Sessions a side from which each side shows its own scatter.
const OWN_SCATTER: usize = 3;

/// The replicates of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Sessions: the interval holds for other sessions of the same machines too.
    Sessions,
    /// Runs: the interval holds for these sessions only, because the scatter between
    /// sessions is not known.
    Runs,
}

/// One side of a comparison.
#[derive(Debug)]
struct Side {
    /// Logarithm of each session's median.
    medians: Vec<f64>,
    /// The figures of each session's runs, in order of time.
    runs: Vec<Vec<f64>>,
    /// The session of each.
    origins: Vec<Arc<str>>,
    /// The place of its rows, if all have the same.
    place: Option<Place>,
}

impl Side {
    fn of(sessions: &[Session], sample: &Sample) -> Option<Self> {
        let rows = || {
            sample.rows.iter().map(|&(s, r)| {
                let session = &sessions[s];
                (session, &session.rows[r])
            })
        };
        let mut places = rows().map(|(session, row)| Place::of(session, row));
        let first = places.next()?;
        Some(Self {
            medians: rows()
                .map(|(_, row)| median_ln(row))
                .collect::<Option<_>>()?,
            runs: rows().map(|(_, row)| plain(row)).collect(),
            origins: rows().map(|(_, row)| Arc::clone(&row.origin)).collect(),
            place: places.all(|place| place == first).then_some(first),
        })
    }

    fn sessions(&self) -> usize {
        self.medians.len()
    }
}

/// The ratio of one sample to another.
#[derive(Debug)]
pub struct Inference {
    /// The estimate of ln(other / base).
    pub ratio_ln: f64,
    /// The chance of so large a difference between equal populations.
    pub p_value: f64,
    /// The smallest p-value that samples of this size can give.
    pub smallest_p: f64,
    /// The replicates.
    pub basis: Basis,
    /// Sessions of the base and of the other side.
    pub sessions: [usize; 2],
    /// Sizes of the groups of other sessions of these machines.
    pub spare: Vec<usize>,
    /// The factor by which the interval is widened because runs depend on those before
    /// them; 1 where they do not.
    pub widened: f64,
    method: Method,
}

#[derive(Debug)]
enum Method {
    /// Student's t over sessions.
    Contrast(Contrast),
    /// Ranks of the runs of the base and of the other side.
    Ranks([Vec<f64>; 2]),
}

impl Inference {
    /// The ratio of `other` to `base`, with the scatter of all sessions that were read;
    /// `None` if a figure is not a positive number.
    pub fn of(
        loaded: &Loaded,
        scatter: &Scatter<'_>,
        base: &Sample,
        other: &Sample,
    ) -> Option<Self> {
        let origins = |sample: &Sample| -> Vec<&str> {
            let rows = sample.rows.iter();
            rows.map(|&(s, r)| &*loaded.sessions[s].rows[r].origin)
                .collect()
        };
        let used: HashSet<&str> = [origins(base), origins(other)]
            .concat()
            .into_iter()
            .collect();
        Self::with(&loaded.sessions, base, other, |place| {
            scatter.groups(place, &used)
        })
    }

    /// The ratio of `other` to `base`, with the scatter of the sessions that `spare` gives
    /// for a place; `None` if a figure is not a positive number.
    pub fn with(
        loaded: &[Session],
        base: &Sample,
        other: &Sample,
        spare: impl Fn(&Place) -> Groups,
    ) -> Option<Self> {
        let (base, other) = (Side::of(loaded, base)?, Side::of(loaded, other)?);
        let sessions = [base.sessions(), other.sessions()];
        let (contrast, spare) = by_sessions(&base, &other, spare);
        let chance = stats::two_clock_chance(sessions[0], sessions[1], &spare);
        match contrast.filter(|_| chance <= stats::MAX_TWO_CLOCK_CHANCE) {
            Some(contrast) => Some(Self::over_sessions(contrast, &base, &other, spare)),
            None => Self::over_runs(&base, &other, spare),
        }
    }

    fn over_sessions(contrast: Contrast, base: &Side, other: &Side, spare: Vec<usize>) -> Self {
        let series = [base.medians.clone(), other.medians.clone()];
        let widened = stats::correlation_factor(&series).unwrap_or(1.0);
        let contrast = Contrast {
            error: contrast.error * widened,
            ..contrast
        };
        Self {
            ratio_ln: contrast.difference,
            p_value: contrast.p_value(),
            smallest_p: 0.0,
            basis: Basis::Sessions,
            sessions: [base.sessions(), other.sessions()],
            spare,
            widened,
            method: Method::Contrast(contrast),
        }
    }

    fn over_runs(base: &Side, other: &Side, spare: Vec<usize>) -> Option<Self> {
        let series = [base.runs.as_slice(), &other.runs].concat();
        let samples = [base.runs.concat(), other.runs.concat()];
        let test = stats::mann_whitney(&samples[1], &samples[0])?;
        Some(Self {
            ratio_ln: stats::ratio_ln(&samples[1], &samples[0])?,
            p_value: test.p_value,
            smallest_p: stats::smallest_p(samples[0].len(), samples[1].len()),
            basis: Basis::Runs,
            sessions: [base.sessions(), other.sessions()],
            spare,
            widened: stats::correlation_factor(&series).unwrap_or(1.0),
            method: Method::Ranks(samples),
        })
    }

    /// The interval of ln(other / base).
    ///
    /// # Errors
    /// [`RatioError`]: too few runs, or a confidence that is not strictly between 0 and 1.
    pub fn interval_ln(&self, confidence: f64) -> Result<(f64, f64), RatioError> {
        match &self.method {
            Method::Contrast(contrast) => {
                let bad = RatioError::BadConfidence { value: confidence };
                let half = contrast.half_width(confidence).ok_or(bad)?;
                Ok((self.ratio_ln - half, self.ratio_ln + half))
            }
            Method::Ranks([base, other]) => {
                let found = stats::ratio_interval(other, base, confidence)?;
                let widen = |end: f64| self.ratio_ln + (end - self.ratio_ln) * self.widened;
                Ok((widen(found.ln_low), widen(found.ln_high)))
            }
        }
    }

    /// The smallest number of sessions a side that decides for other sessions too.
    pub fn least_sessions(&self) -> usize {
        let [base, other] = self.sessions;
        let settled = |each: &usize| {
            let sides = [base.max(*each), other.max(*each)];
            sides.iter().all(|side| *side > 1)
                && stats::two_clock_chance(sides[0], sides[1], &self.spare)
                    <= stats::MAX_TWO_CLOCK_CHANCE
        };
        (1..).find(settled).unwrap_or(OWN_SCATTER)
    }
}

/// The comparison of the sessions' medians, and the sizes of the groups of other sessions
/// that it rests on; `None` where the scatter of a side is not known. A side of three
/// sessions or more shows its own scatter. A smaller one borrows that of other sessions of
/// its machine, and of the other side if that is the same machine and work.
fn by_sessions(
    base: &Side,
    other: &Side,
    spare: impl Fn(&Place) -> Groups,
) -> (Option<Contrast>, Vec<usize>) {
    if base.origins == other.origins {
        // Both sides took turns in the same sessions, whose scatter they share.
        return (Contrast::paired(&other.medians, &base.medians), Vec::new());
    }
    let sizes = |groups: &Groups| groups.0.iter().map(Vec::len).collect::<Vec<_>>();
    let borrowed = |side: &Side| match (&side.place, side.sessions() < OWN_SCATTER) {
        (Some(place), true) => spare(place),
        _ => Groups::default(),
    };
    let with = |side: &Side, spare: &Groups| {
        Groups([std::slice::from_ref(&side.medians), spare.0.as_slice()].concat())
    };
    let (of_base, of_other) = (borrowed(base), borrowed(other));
    let one_place = base.place.is_some() && base.place == other.place;
    if one_place && base.sessions().min(other.sessions()) < OWN_SCATTER {
        // Both sides borrow the same sessions.
        let spare = if of_base.0.is_empty() {
            of_other
        } else {
            of_base
        };
        let mut all = with(base, &spare);
        all.0.push(other.medians.clone());
        let contrast = Contrast::pooled(&other.medians, &base.medians, &all);
        return (contrast, sizes(&spare));
    }
    let contrast = Contrast::welch(
        (&other.medians, &with(other, &of_other)),
        (&base.medians, &with(base, &of_base)),
    );
    (contrast, [sizes(&of_base), sizes(&of_other)].concat())
}
