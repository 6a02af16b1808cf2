//! Grouping of sessions into lines: one machine, device, workload and backend, with its
//! rate and its joules by boundary.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use perwatt_compare::Metric;
use perwatt_compare::key::{Covered, Field, Key};
use perwatt_compare::load::Loaded;
use perwatt_compare::noise::Floors;
use perwatt_compare::sample::{self, Barred, Sample};
use perwatt_compare::scatter::{Place as Repeated, Scatter};
use perwatt_compare::session::Row;
use perwatt_power::Boundary;
use perwatt_record::work::{Axis, Named};
use serde::Serialize;

use super::Options;
use super::figure::{Measured, Quantity};
use super::rerun::{Rerun, rerun};
use super::subject::{Subject, node};

/// Key fields in which the row of joules differs from the row of rates of the same work.
const NOT_WORK: [Field; 5] = [
    Field::Metric,
    Field::Unit,
    Field::Boundary,
    Field::Covers,
    Field::Baseline,
];

/// Stands for the meter where the user states the watts.
pub const STATED: &str = "--watts";

/// A row that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The workload and its shape.
    pub name: String,
    /// The device.
    pub device: String,
    /// The reason, in words.
    pub reason: String,
}

/// Boundary, device and meters of a figure in joules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joules {
    /// The part of the machine whose joules they are.
    pub boundary: Boundary,
    /// The device whose joules they are.
    pub covers: Covered,
    /// Ids of the meters.
    pub meters: Vec<String>,
    /// True if any of them estimates rather than measures.
    pub estimate: bool,
    /// Meters without a stated scale error: the interval leaves it out.
    pub gain_unknown: Vec<String>,
}

/// Joules per unit of work.
#[derive(Debug, Clone)]
pub(super) struct Energy {
    pub(super) joules: Joules,
    pub(super) per_unit_j: Quantity,
    pub(super) sample: Counts,
}

/// The number of runs and sessions, and their scatter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    runs: usize,
    sessions: usize,
    rerun: Rerun,
}

impl Counts {
    /// A figure that is derived from these runs.
    pub(super) fn measured(self, quantity: Quantity) -> Measured {
        Measured {
            figure: quantity.figure(),
            runs: self.runs,
            sessions: self.sessions,
            scope: self.rerun.scope,
        }
    }
}

/// One machine, device, workload and backend, with its rate and joules.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) subject: Subject,
    pub(super) key: Key,
    pub(super) rate_per_s: Quantity,
    pub(super) sample: Counts,
    pub(super) energies: Vec<Energy>,
    /// The reason that there are no joules.
    pub(super) no_energy: Option<String>,
}

/// Data on the noise of machines, beyond the sessions of a line.
struct Known<'a> {
    /// Noise floors from selfchecks.
    floors: Floors,
    /// The figures of all sessions that were read.
    scatter: Scatter<'a>,
}

impl Line {
    /// The same with joules by stated watts of the whole machine, unless it has some.
    fn stated(mut self, power_w: Option<f64>) -> Self {
        if let Some(power_w) = power_w.filter(|_| self.energies.is_empty()) {
            self.no_energy = None;
            self.energies.push(Energy {
                joules: Joules {
                    boundary: Boundary::Wall,
                    covers: Covered::Machine,
                    meters: vec![STATED.into()],
                    estimate: true,
                    gain_unknown: vec![STATED.into()],
                },
                per_unit_j: self.rate_per_s.under(power_w),
                sample: self.sample,
            });
        }
        self
    }

    /// The axis of its workload.
    pub(super) fn axis(&self) -> Axis {
        self.subject.workload.axis()
    }
}

type Places = Vec<(usize, usize)>;
/// Specimen of the machine, device, its model, and the work.
type Place = (Arc<str>, Arc<str>, Arc<str>, Key);

/// Rows of the same work on one device, before they are split by backend.
struct Group {
    workload: Named,
    key: Key,
    rates: Places,
    energies: Places,
}

/// Every line of hashes, products and streams, in order of first appearance.
pub(super) fn lines(loaded: &Loaded, options: &Options<'_>) -> (Vec<Line>, Vec<LeftOut>) {
    let known = Known {
        floors: Floors::of(&loaded.selfchecks),
        scatter: Scatter::of(loaded),
    };
    let mut lines = Vec::new();
    let mut left_out: Vec<LeftOut> = Vec::new();
    for group in groups(loaded) {
        let row = |(s, r): (usize, usize)| &loaded.sessions[s].rows[r];
        if let Some(place) = group.rates.first().filter(|_| is_software(&group.key)) {
            left_out.push(LeftOut {
                name: row(*place).name.to_string(),
                device: row(*place).device.to_string(),
                reason: format!(
                    "{} is a software adapter: the CPU did its work, which is not set against hardware",
                    row(*place).device_model
                ),
            });
            continue;
        }
        let mut parts: Vec<Places> = Vec::new();
        match options.all_backends {
            false => parts.push(group.rates.clone()),
            true => {
                for place in &group.rates {
                    let same = |kept: &&mut Places| row(kept[0]).backend == row(*place).backend;
                    match parts.iter_mut().find(same) {
                        Some(kept) => kept.push(*place),
                        None => parts.push(vec![*place]),
                    }
                }
            }
        }
        for places in parts.iter().filter(|places| !places.is_empty()) {
            match line(loaded, &known, &group, places) {
                Ok(line) => lines.push(line.stated(options.stated_w)),
                Err(Barred(why)) => left_out.push(LeftOut {
                    name: row(places[0]).name.to_string(),
                    device: row(places[0]).device.to_string(),
                    reason: why.to_string(),
                }),
            }
        }
    }
    (lines, left_out)
}

fn groups(loaded: &Loaded) -> Vec<Group> {
    let mut index: HashMap<Place, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut seen = HashSet::new();
    for (s, session) in loaded.sessions.iter().enumerate() {
        for (r, row) in session.rows.iter().enumerate() {
            let Some(workload) = concerned(row) else {
                continue;
            };
            let work = row.key.without(&NOT_WORK);
            let place = (
                Arc::clone(&session.specimen),
                Arc::clone(&row.device),
                Arc::clone(&row.device_model),
                work.clone(),
            );
            let group = *index.entry(place).or_insert_with(|| {
                groups.push(Group {
                    workload: workload.clone(),
                    key: work,
                    rates: Vec::new(),
                    energies: Vec::new(),
                });
                groups.len() - 1
            });
            // The same runs given twice count once.
            let runs = (Arc::clone(&row.origin), Arc::clone(&row.backend));
            if seen.insert((group, runs, Arc::clone(&row.key))) {
                match row.metric {
                    Metric::Rate => groups[group].rates.push((s, r)),
                    _ => groups[group].energies.push((s, r)),
                }
            }
        }
    }
    groups
}

/// True if the device is a GPU that the CPU imitates.
fn is_software(key: &Key) -> bool {
    key.text(&Field::Software).as_deref() == Some("true")
}

/// The workload of a row that has a gap, or that measures memory, which bounds products;
/// `None` for other rows.
fn concerned(row: &Row) -> Option<&Named> {
    let workload = row.key.workload().filter(|of| of.axis() != Axis::None);
    workload.filter(|_| row.metric != Metric::Time)
}

fn line(
    loaded: &Loaded,
    known: &Known<'_>,
    group: &Group,
    places: &[(usize, usize)],
) -> Result<Line, Barred> {
    let sample = sample::pool(&loaded.sessions, places)?;
    let no_figure = || Barred("a run has a rate of zero".into());
    let counts = counts(loaded, known, &sample).ok_or_else(no_figure)?;
    let (s, r) = sample.rows[0];
    let (session, row) = (&loaded.sessions[s], &loaded.sessions[s].rows[r]);
    let (energies, no_energy) = energies(loaded, known, group, &sample);
    Ok(Line {
        subject: Subject {
            machine: session.machine_name.to_string(),
            machine_key: session.machine.to_string(),
            specimen: session.specimen.to_string(),
            node: node(loaded, session),
            device: row.device.to_string(),
            device_model: row.device_model.to_string(),
            workload: group.workload.clone(),
            name: row.name.to_string(),
            backend: row.backend.to_string(),
            backends: sample.backends,
            notes: notes(&sample),
        },
        key: group.key.clone(),
        rate_per_s: Quantity::of(&counts.rerun),
        sample: counts,
        energies,
        no_energy,
    })
}

fn counts(loaded: &Loaded, known: &Known<'_>, sample: &Sample) -> Option<Counts> {
    let row = |(s, r): (usize, usize)| &loaded.sessions[s].rows[r];
    let sessions: Vec<Vec<f64>> = sample.rows.iter().map(|p| sample::plain(row(*p))).collect();
    let floor = sample
        .rows
        .iter()
        .filter_map(|p| known.floors.get(&loaded.sessions[p.0], row(*p)))
        .reduce(f64::max);
    let beside = match sample.rows.as_slice() {
        [only] => {
            let place = Repeated::of(&loaded.sessions[only.0], row(*only));
            let used = HashSet::from([&*row(*only).origin]);
            known.scatter.groups(&place, &used).0.concat()
        }
        _ => Vec::new(),
    };
    Some(Counts {
        runs: sessions.iter().map(Vec::len).sum(),
        sessions: sessions.len(),
        rerun: rerun(&sessions, &beside, floor)?,
    })
}

/// The joules of the same backend by boundary, and the reason if there are none.
fn energies(
    loaded: &Loaded,
    known: &Known<'_>,
    group: &Group,
    rate: &Sample,
) -> (Vec<Energy>, Option<String>) {
    let row = |(s, r): (usize, usize)| &loaded.sessions[s].rows[r];
    let mut by_boundary: Vec<((Boundary, Covered), Places)> = Vec::new();
    for place in &group.energies {
        let held = row(*place).key.held();
        let held = held.and_then(|held| Some((held.boundary, held.covers?)));
        let Some(held) = held.filter(|_| row(*place).backend == rate.backend) else {
            continue;
        };
        match by_boundary.iter_mut().find(|(kept, _)| *kept == held) {
            Some((_, places)) => places.push(*place),
            None => by_boundary.push((held, vec![*place])),
        }
    }
    let mut energies = Vec::new();
    let mut why: Option<String> = None;
    for ((boundary, covers), places) in by_boundary {
        let sample = match sample::pool(&loaded.sessions, &places) {
            Ok(sample) => sample,
            Err(Barred(reason)) => {
                why.get_or_insert_with(|| reason.to_string());
                continue;
            }
        };
        let Some(counts) = counts(loaded, known, &sample) else {
            why.get_or_insert_with(|| "the meter read zero joules in a run".into());
            continue;
        };
        let gains = sample.meters.iter().filter_map(|(_, meter)| meter.gain_rel);
        let gain = gains.reduce(f64::max).unwrap_or(0.0);
        let ids = |unknown: bool| -> Vec<String> {
            let kept = sample
                .meters
                .iter()
                .filter(|(_, meter)| !unknown || meter.gain_rel.is_none());
            kept.map(|(_, meter)| meter.id.clone()).collect()
        };
        energies.push(Energy {
            joules: Joules {
                boundary,
                covers,
                meters: ids(false),
                estimate: sample.meters.iter().any(|(_, meter)| meter.estimate),
                gain_unknown: ids(true),
            },
            per_unit_j: Quantity::of(&counts.rerun).with(gain),
            sample: counts,
        });
    }
    if !energies.is_empty() {
        return (energies, None);
    }
    let metered = rate.rows.iter().any(|p| loaded.sessions[p.0].meters > 0);
    let reason = why.unwrap_or_else(|| match metered {
        true => "no meter of the session gave joules of this device".into(),
        false => "the session had no meter".into(),
    });
    (energies, Some(format!("not measured: {reason}")))
}

fn notes(sample: &Sample) -> Vec<String> {
    let mut notes: Vec<String> = sample.caveats.iter().map(|text| text.to_string()).collect();
    if sample.failed > 0 {
        notes.push(format!("{} runs failed and are left out", sample.failed));
    }
    if sample.disturbed > 0 {
        notes.push(format!(
            "{} runs were disturbed by other load and are left out",
            sample.disturbed
        ));
    }
    for why in &sample.barred {
        notes.push(format!("left out: {why}"));
    }
    for flag in &sample.flags {
        notes.push(format!("flag {}", perwatt_record::schema::word(flag)));
    }
    notes
}
