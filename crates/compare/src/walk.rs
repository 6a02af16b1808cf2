//! The walk through the sessions of one row, which finds the changes.

use std::collections::{BTreeMap, BTreeSet};

use perwatt_stats::Groups;
use serde::Serialize;

use crate::context::Context;
use crate::decline::{SessionTrend, decline};
use crate::inference::{Basis, Inference};
use crate::key::Difference;
use crate::noise::Floors;
use crate::notes;
use crate::options::Options;
use crate::sample::pool;
use crate::scatter::{Place, median_ln};
use crate::session::{Row, Session};
use crate::verdict::{Remedy, Rule, Verdict, judge};

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
    /// Confidence of the interval, corrected for the number of tests in the row
    /// (Bonferroni): one for each step, and one for a trend.
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
    /// At a difference: settings and software that are one thing in every session of this
    /// side, and another in every session that it was compared with.
    pub differs: Vec<Difference>,
}

/// A judged session.
pub struct Judgement {
    pub step: Step,
    /// Notes on the comparison.
    pub notes: Vec<String>,
}

/// Walks through the sessions of one row. A session that differs from those since the last
/// change is a change by itself if the scatter between sessions is known by then. Until it
/// is, the session begins a run of sessions that differ in the same way, which is compared
/// as a whole.
pub struct Walk<'a> {
    sessions: &'a [Session],
    floors: &'a Floors,
    options: &'a Options,
    /// Chance of an error of each test.
    alpha: f64,
    /// Medians of the sessions between the changes before the last one.
    levels: Vec<Vec<f64>>,
    /// Sessions since the last change.
    since: Vec<(usize, usize)>,
    /// The latest sessions, which differ from `since`, and their verdict.
    pending: Vec<(usize, usize)>,
    direction: Option<Verdict>,
}

impl<'a> Walk<'a> {
    /// A walk before the first session.
    pub fn new(
        sessions: &'a [Session],
        floors: &'a Floors,
        options: &'a Options,
        alpha: f64,
    ) -> Self {
        Self {
            sessions,
            floors,
            options,
            alpha,
            levels: Vec::new(),
            since: Vec::new(),
            pending: Vec::new(),
            direction: None,
        }
    }

    fn row(&self, place: (usize, usize)) -> (&'a Session, &'a Row) {
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
            confidence: 1.0 - self.alpha,
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
        let first = self.row(places[0]).0;
        let step = Step {
            verdict: judged.verdict,
            ratio: ratio.ratio_ln.exp(),
            interval: judged
                .interval_ln
                .map(|(low, high)| [low.exp(), high.exp()]),
            confidence: 1.0 - self.alpha,
            sessions: self.since.len(),
            since_utc: first.started_utc.clone(),
            margin: self.options.margin.max(rule.noise_ln.exp_m1()),
            remedy: judged.remedy,
            differs: match judged.verdict.is_difference() {
                true => differences(&self.shared(&self.since), &self.shared(places)),
                false => Vec::new(),
            },
        };
        Some(Judgement {
            step,
            notes: notes::of_dependence(&ratio),
        })
    }

    /// Settings and software that all these sessions share: each field with its value, absent
    /// where no session has it, or without the field where they differ in it.
    fn shared(&self, places: &[(usize, usize)]) -> BTreeMap<&'a str, Option<&'a str>> {
        let sessions = self.sessions;
        let contexts: Vec<&Context> = places.iter().map(|p| &*sessions[p.0].context).collect();
        let fields = || sessions.iter().flat_map(|session| session.context.keys());
        let fields: BTreeSet<&str> = fields().map(String::as_str).collect();
        let value = |field: &str| {
            let mut values = contexts.iter().map(|of| of.get(field).map(String::as_str));
            let first = values.next()?;
            values.all(|value| value == first).then_some(first)
        };
        let shared = fields.into_iter();
        shared
            .filter_map(|field| Some((field, value(field)?)))
            .collect()
    }

    /// Judges the next session; `None` for the first one.
    pub fn next(&mut self, place: (usize, usize)) -> Option<Judgement> {
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
            return alone;
        }
        self.pending.push(place);
        self.direction = direction;
        let found = self.judge(&self.pending)?;
        if found.step.verdict.is_change() {
            self.levels.push(medians_ln(self.sessions, &self.since));
            self.since = std::mem::take(&mut self.pending);
            self.direction = None;
        }
        Some(found)
    }

    /// The trend of the sessions since the last change.
    pub fn trend(&self) -> Option<SessionTrend> {
        let places = [self.since.as_slice(), &self.pending].concat();
        let (first, row) = self.row(*places.first()?);
        let mut found = decline(
            &medians_ln(self.sessions, &places),
            self.alpha,
            self.options.margin.ln_1p(),
            row.metric.higher_is_better(),
        )?;
        found.since_utc.clone_from(&first.started_utc);
        Some(found)
    }
}

fn medians_ln(sessions: &[Session], places: &[(usize, usize)]) -> Vec<f64> {
    let rows = places.iter().map(|&(s, r)| &sessions[s].rows[r]);
    rows.filter_map(median_ln).collect()
}

/// The fields that both sides share within themselves, and in which they differ.
fn differences(
    before: &BTreeMap<&str, Option<&str>>,
    now: &BTreeMap<&str, Option<&str>>,
) -> Vec<Difference> {
    before
        .iter()
        .filter_map(|(field, base)| {
            let other = now.get(field).filter(|other| *other != base)?;
            Some(Difference {
                field: (*field).to_owned(),
                base: base.map(str::to_owned),
                other: other.map(str::to_owned),
            })
        })
        .collect()
}
