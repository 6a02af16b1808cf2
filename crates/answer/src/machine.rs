//! The machine that is answered for, and warnings on its figures.

use std::collections::BTreeSet;

use perwatt_compare::Loaded;
use perwatt_compare::price::stated;
use perwatt_compare::session::Session;
use perwatt_gap::energy::{Answer as Known, EnergyGap, Subject};
use perwatt_record::cost::Stated;
use serde::Serialize;

use crate::joule::{Basis, Found};

/// The machine, and the sessions that its figures are of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Machine {
    /// The machine in words.
    pub name: String,
    /// The miners by their names, `miner bitaxe`, where they were measured and not the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miners: Option<String>,
    /// The name of its node, if it has one.
    pub node: Option<String>,
    /// Its price and rent, as its newest session that states them has them.
    #[serde(flatten)]
    pub stated: Stated,
    /// The start of its last session, UTC, RFC 3339.
    pub measured_utc: String,
    /// The number of its sessions.
    pub sessions: usize,
    /// The number of runs in them, failed ones included.
    pub runs: usize,
    /// The number of other machines in the same files, which are not answered for.
    pub others: usize,
    /// This very machine, as [`Subject::specimen`] has it.
    pub specimen: String,
    /// True if every planned run of its last session was attempted.
    pub complete: bool,
}

impl Machine {
    /// The machine of the session that began last; `None` without sessions.
    pub(crate) fn last(loaded: &Loaded) -> Option<Self> {
        let all = || loaded.sessions.iter();
        let last = all().max_by(|a, b| a.started_utc.cmp(&b.started_utc))?;
        let own: Vec<&Session> = all().filter(|of| of.specimen == last.specimen).collect();
        let machines: BTreeSet<&str> = all().map(|of| &*of.specimen).collect();
        Some(Self {
            name: last.machine_name.to_string(),
            miners: last.miners.as_deref().map(str::to_owned),
            node: last.node.as_deref().map(str::to_owned),
            stated: stated(own.iter().copied()),
            measured_utc: last.started_utc.clone(),
            sessions: own.len(),
            runs: own.iter().map(|of| of.runs).sum(),
            others: machines.len() - 1,
            specimen: last.specimen.to_string(),
            complete: last.complete,
        })
    }

    /// The words for it beside its rivals.
    pub fn short(&self) -> &str {
        self.miners.as_deref().unwrap_or("this machine")
    }

    /// True if a figure is this machine's.
    pub(crate) fn is(&self, subject: &Subject) -> bool {
        subject.specimen == self.specimen
    }
}

/// The warnings, the most important first.
pub(crate) fn warnings(
    machine: &Machine,
    found: &Found,
    gap: &EnergyGap,
    stated_w: Option<f64>,
) -> Vec<String> {
    let mut out = Vec::new();
    match (&found.basis, stated_w) {
        (Basis::Second { reason }, _) => {
            out.push(format!("{reason}; state the power by --watts N"));
        }
        (Basis::Joule { .. }, Some(watts)) if found.stated => out.push(format!(
            "power is your word ({watts} W), so every joule here is an estimate"
        )),
        (Basis::Joule { estimate: true, .. }, _) => {
            out.push("power is stated or modelled, not measured: joules are an estimate".into());
        }
        (Basis::Joule { .. }, _) => {}
    }
    out.extend(boundaries(found));
    if let Some(without) = &found.no_ai {
        out.push(without.clone());
    }
    if !machine.complete {
        out.push("the last session is incomplete".into());
    }
    let notes: BTreeSet<&str> = found
        .subjects
        .iter()
        .flat_map(|subject| &subject.notes)
        .filter(|note| !note.starts_with("flag "))
        .map(String::as_str)
        .collect();
    out.extend(notes.into_iter().map(str::to_owned));
    let software = gap.left_out.iter();
    let software = software.filter(|row| row.reason.contains("software adapter"));
    if software.count() > 0 {
        out.push("figures of a software adapter are left out: the CPU did its work".into());
    }
    if machine.others > 0 {
        let (machines, are) = match machine.others {
            1 => ("machine".to_owned(), "is"),
            n => (format!("{n} machines"), "are"),
        };
        out.push(format!(
            "this is the machine measured last; the other {machines} in these files {are} in perwatt gap"
        ));
    }
    out
}

/// The parts of the machine that joules are of, unless all are at the wall.
fn boundaries(found: &Found) -> Option<String> {
    let with = || {
        let rows = found.bought.iter();
        rows.filter_map(|row| Some((row.name.as_str(), row.boundary?)))
    };
    let (_, first) = with().next()?;
    if with().all(|(_, boundary)| boundary == first) {
        return (!first.at_wall())
            .then(|| format!("joules are of the {first}: the rest of the machine is not in them"));
    }
    let each = with().map(|(name, boundary)| format!("{name} of the {boundary}"));
    Some(format!(
        "joules are of different parts: {}",
        Vec::from_iter(each).join(", ")
    ))
}

/// The reason that a device has no AI figure, in short.
pub(crate) fn no_ai(machine: &Machine, gap: &EnergyGap) -> Option<String> {
    let own = gap.ai.iter().filter(|of| of.specimen == machine.specimen);
    let absent = own.map(|of| match &of.rows {
        Known::Is(_) => None,
        Known::Not(_) => Some(format!(
            "{}: no format that models run in was measured; perwatt gap names the fix",
            of.device
        )),
    });
    absent.collect::<Option<Vec<_>>>()?.into_iter().next()
}
