//! Judging of cells: verdicts, margins, ranks and notes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use perwatt_record::cost::Cost;
use perwatt_stats as stats;

use crate::column::By;
use crate::context::Context;
use crate::grid::Line;
use crate::inference::{Basis, Inference};
use crate::key::Difference;
use crate::load::Loaded;
use crate::metric::FigureUnit;
use crate::model::{Cell, Compared, Family, Figure, Outcome};
use crate::noise::Floors;
use crate::notes;
use crate::options::Options;
use crate::pending_cell::PendingCell;
use crate::price;
use crate::rank::{MOST_COLUMNS, ranks};
use crate::sample::{Level, Sample, meter_widening};
use crate::scatter::Scatter;
use crate::verdict::{Judged, Rule, Verdict, judge};

/// Confidence of the interval of one median.
const CONFIDENCE: f64 = 0.95;

/// Builds the cells of a comparison one by one.
pub struct CellBuilder<'a> {
    pub loaded: &'a Loaded,
    pub floors: &'a Floors,
    pub base_label: &'a str,
    pub labels: Vec<&'a str>,
    pub options: &'a Options,
    pub family: &'a Family,
}

impl CellBuilder<'_> {
    /// Builds one cell. `test` is its ratio and the adjusted p-value, and `basis` that of the
    /// verdicts on its figure, if they have one in common.
    pub fn cell(
        &self,
        line: &Line,
        drafts: &[PendingCell],
        column: usize,
        base: usize,
        test: Option<(&Inference, f64)>,
        basis: Option<Basis>,
    ) -> Cell {
        let draft = &drafts[column];
        // Figure, interval and notes are of what the verdict rests on.
        let by_runs = |sample: &Sample| sample.by_runs(&self.loaded.sessions);
        let shown = draft.sample().map(|sample| match basis {
            Some(Basis::Runs) => Cow::Owned(by_runs(sample)),
            _ => Cow::Borrowed(sample),
        });
        let shown = shown.as_deref();
        let mut notes = shown.map(notes::of_sample).unwrap_or_default();
        let of_base = drafts[base].sample();
        let outcome = match (draft, &drafts[base]) {
            (PendingCell::Absent, _) => Outcome::Absent,
            (PendingCell::Barred { reason, fields, .. }, _) => Outcome::NotComparable {
                reason: reason.clone(),
                fields: fields.clone(),
            },
            (PendingCell::Sample(_), _) if column == base => Outcome::Base,
            (PendingCell::Sample(sample), PendingCell::Sample(of_base)) => {
                self.compared(line, of_base, sample, column, test, &mut notes)
            }
            (PendingCell::Sample(_), PendingCell::Barred { reason, fields, .. }) => {
                Outcome::NotComparable {
                    reason: format!("in {}: {reason}", self.base_label),
                    fields: fields.clone(),
                }
            }
            (PendingCell::Sample(_), PendingCell::Absent) => Outcome::Absent,
        };
        let differs = match (draft.sample(), of_base) {
            (Some(sample), Some(of_base)) if column != base => {
                self.context_differences(of_base, sample)
            }
            _ => Vec::new(),
        };
        Cell {
            figure: shown.and_then(|sample| {
                let figure = figure(sample)?;
                let sound = matches!(draft, PendingCell::Sample(_));
                let cost = sound.then(|| self.cost(line, sample, figure.median));
                let cost = cost.flatten();
                Some(Figure { cost, ..figure })
            }),
            outcome,
            rank: None,
            differs,
            notes,
        }
    }

    /// Dollars for a rate, by the price and the rent of the sessions behind it.
    fn cost(&self, line: &Line, sample: &Sample, rate_per_s: f64) -> Option<Cost> {
        let FigureUnit::Rate(unit) = line.key.unit() else {
            return None;
        };
        let sessions = sample.rows.iter().map(|&(s, _)| &self.loaded.sessions[s]);
        let stated = price::stated(sessions);
        let cost = stated.cost(unit, rate_per_s, line.key.tokens_per_unit());
        Some(cost).filter(|cost| !cost.is_empty())
    }

    fn compared(
        &self,
        line: &Line,
        base: &Sample,
        sample: &Sample,
        column: usize,
        test: Option<(&Inference, f64)>,
        notes: &mut Vec<String>,
    ) -> Outcome {
        let (widening_ln, unknown) = meter_widening(base, sample);
        for meter in &unknown {
            notes.push(format!(
                "the scale error of meter {meter} is not specified: the interval leaves it out, and there is no verdict"
            ));
        }
        let Some((ratio, p_adjusted)) = test else {
            return Outcome::NotComparable {
                reason: "a figure is not a positive number".into(),
                fields: Vec::new(),
            };
        };
        let (noise_ln, noise_reason) = self.noise(base, sample, column, ratio.basis);
        let rule = Rule {
            confidence: self.family.confidence,
            margin_ln: self.options.margin.ln_1p(),
            noise_ln,
            widening_ln,
            higher_is_better: line.metric.higher_is_better(),
        };
        let judged = judge(ratio, &rule).map(|judged| match unknown.is_empty() {
            true => judged,
            false => Judged {
                verdict: Verdict::Unclear,
                remedy: None,
                ..judged
            },
        });
        let Some(judged) = judged else {
            return Outcome::NotComparable {
                reason: format!("{} is not a confidence", rule.confidence),
                fields: Vec::new(),
            };
        };
        notes.extend(notes::of_dependence(ratio));
        Outcome::Compared(Box::new(Compared {
            verdict: judged.verdict,
            basis: ratio.basis,
            sessions: ratio.sessions,
            ratio: ratio.ratio_ln.exp(),
            interval: judged
                .interval_ln
                .map(|(low, high)| [low.exp(), high.exp()]),
            p_value: ratio.p_value,
            p_adjusted,
            margin: self.options.margin,
            noise: noise_reason.is_some().then(|| noise_ln.exp_m1()),
            noise_reason,
            meters_rel: widening_ln.exp_m1(),
            remedy: judged.remedy,
        }))
    }

    /// The difference of either side from itself, as a logarithm, and its origin; the
    /// margin where that is larger. The gap between sessions counts only where the interval
    /// does not hold it.
    fn noise(
        &self,
        base: &Sample,
        sample: &Sample,
        column: usize,
        basis: Basis,
    ) -> (f64, Option<String>) {
        let mut noise = (self.options.margin.ln_1p(), None);
        let sides = [(base, self.base_label), (sample, self.labels[column])];
        for (side, label) in sides {
            let percent = |ln: f64| match 100.0 * ln.exp_m1() {
                share if share < 1e6 => format!("{share:.1} %"),
                _ => "more than ten thousand times".into(),
            };
            if let Some(floor) = self.floor(side).filter(|floor| *floor > noise.0) {
                let why = format!("{label} differs from itself by {}", percent(floor));
                noise = (floor, Some(why));
            }
            if side.lacked_ln() > noise.0 {
                let why = format!(
                    "a run of {label} lacked {:.1} % of its CPUs",
                    100.0 * side.lacked
                );
                noise = (side.lacked_ln(), Some(why));
            }
            let gap = side.session_gap_ln.filter(|_| basis == Basis::Runs);
            if let Some(gap) = gap.filter(|gap| *gap > noise.0) {
                let why = format!("sessions of {label} differ by {}", percent(gap));
                noise = (gap, Some(why));
            }
        }
        noise
    }

    /// The largest noise floor of a sample's rows.
    fn floor(&self, sample: &Sample) -> Option<f64> {
        sample
            .rows
            .iter()
            .filter_map(|&(s, r)| {
                let session = &self.loaded.sessions[s];
                self.floors.get(session, &session.rows[r])
            })
            .reduce(f64::max)
    }

    fn context_differences(&self, base: &Sample, sample: &Sample) -> Vec<Difference> {
        let of = |sample: &Sample| -> BTreeMap<String, BTreeSet<String>> {
            let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for &(s, r) in &sample.rows {
                let context: &Context = &self.loaded.sessions[s].rows[r].context;
                for (field, value) in context {
                    all.entry(field.clone()).or_default().insert(value.clone());
                }
            }
            all
        };
        let text = |values: Option<&BTreeSet<String>>| {
            let all: Vec<&str> = values?.iter().map(String::as_str).collect();
            Some(all.join(" | "))
        };
        let (base, other) = (of(base), of(sample));
        let fields: BTreeSet<&String> = base.keys().chain(other.keys()).collect();
        fields
            .into_iter()
            .filter(|field| base.get(*field) != other.get(*field))
            .map(|field| Difference {
                field: field.clone(),
                base: text(base.get(field)),
                other: text(other.get(field)),
            })
            .collect()
    }

    /// Sets the ranks of the cells of a row.
    pub fn rank(
        &self,
        line: &Line,
        drafts: &[PendingCell],
        scatter: &Scatter<'_>,
        cells: &mut [Cell],
    ) {
        let ranked: Vec<(usize, &Sample, f64)> = drafts
            .iter()
            .enumerate()
            .filter_map(|(column, draft)| match draft {
                PendingCell::Sample(sample) => {
                    Some((column, &**sample, self.floor(sample).unwrap_or(0.0)))
                }
                _ => None,
            })
            .collect();
        if !(3..=MOST_COLUMNS).contains(&ranked.len()) {
            return;
        }
        let samples: Vec<(&Sample, f64)> = ranked.iter().map(|(_, s, n)| (*s, *n)).collect();
        let ratio = |a: &Sample, b: &Sample| Inference::of(self.loaded, scatter, b, a);
        let places = ranks(
            &samples,
            ratio,
            line.metric.higher_is_better(),
            self.options.alpha,
        );
        for ((column, ..), place) in ranked.iter().zip(places) {
            cells[*column].rank = Some(place);
        }
    }

    /// The label of each column, and the number of sessions behind each of its rows.
    fn sessions_of_rows(&self, drafts: &[Vec<PendingCell>]) -> Vec<(&str, Vec<usize>)> {
        let labels = self.labels.iter().copied().enumerate();
        labels
            .map(|(column, label)| {
                let rows = drafts.iter().filter_map(|row| row[column].sample());
                (label, rows.map(|sample| sample.sessions.len()).collect())
            })
            .collect()
    }

    /// Notes on the whole comparison.
    pub fn whole(&self, drafts: &[Vec<PendingCell>]) -> Vec<String> {
        let mut notes = Vec::new();
        let samples = || drafts.iter().flatten().filter_map(PendingCell::sample);
        if self.options.by != By::Session {
            notes.extend(notes::of_one_session(&self.sessions_of_rows(drafts)));
        }
        if samples().next().is_some() && self.floors.is_empty() {
            notes.push(
                "noise floor: not measured; perwatt selfcheck on each machine measures it".into(),
            );
        }
        let columns = drafts.first().map_or(0, Vec::len);
        if columns > MOST_COLUMNS {
            notes.push(format!(
                "places are not given among {columns} columns; {MOST_COLUMNS} is the most"
            ));
        }
        notes
    }
}

/// The figure of a sample; `None` if the sample is empty.
pub(crate) fn figure(sample: &Sample) -> Option<Figure> {
    let values = sample.values.clone();
    let interval = interval(&values, sample.level);
    let mut meters: Vec<String> = sample.meters.iter().map(|(_, m)| m.id.clone()).collect();
    meters.sort_unstable();
    meters.dedup();
    Some(Figure {
        median: stats::median(&values)?,
        interval,
        range: [stats::min(&values)?, stats::max(&values)?],
        level: sample.level,
        sessions: sample.sessions.len(),
        backend: sample.backend.to_string(),
        backends: sample.backends,
        meters,
        estimate: sample.meters.iter().any(|(_, meter)| meter.estimate),
        values,
        cost: None,
    })
}

/// The interval of the median of a sample: by order statistics, or by Student's t for
/// sessions that are too few for that.
fn interval(values: &[f64], level: Level) -> Option<[f64; 2]> {
    if let Ok(found) = stats::median_interval(values, CONFIDENCE) {
        return Some([found.low, found.high]);
    }
    if level == Level::Run {
        return None;
    }
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let error = stats::deviation(&logs)? / (logs.len() as f64).sqrt();
    let half = stats::t_factor(CONFIDENCE, logs.len() as f64 - 1.0)? * error;
    let centre = stats::mean(&logs)?;
    Some([(centre - half).exp(), (centre + half).exp()])
}
