//! Selection and detection of sources.

use crate::bounds::{MIN_W, figure};
use crate::detect::{self, Wanted};
use crate::source::{self, Source};
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Largest `--watts` accepted, in watts. A megawatt is the power of a building; a
/// larger number is a typing error.
pub const MAX_USER_WATTS: f64 = 1e6;

/// The sources to look for, and the root of the tree to search.
#[derive(Clone, PartialEq, Debug)]
pub struct Selection {
    /// Root of the tree that holds `sys` and `proc`: `/`, or a recorded copy.
    pub sysfs_root: PathBuf,
    /// Constant power stated by the user, in watts.
    pub user_watts: Option<f64>,
    /// Meters as `--meter` takes them (`rapl`, `rapl:psys`, `shelly=HOST`, `none`,
    /// [`MeterSpec`]); `None` looks for all sources that need no address.
    pub meters: Option<Vec<String>>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            sysfs_root: PathBuf::from("/"),
            user_watts: None,
            meters: None,
        }
    }
}

/// An invalid selection. The messages are for the user who typed it.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SelectionError {
    /// `--watts` is not a power a machine can draw.
    #[error(
        "--watts {} is not a power in watts; give a number from {MIN_W} to \
         {MAX_USER_WATTS}, for example --watts 65",
        figure(*value)
    )]
    BadWatts { value: f64 },
    #[error("unknown meter {name:?}; known meters: {known}")]
    UnknownMeter {
        name: String,
        /// Every known name, comma-separated.
        known: String,
    },
    #[error(transparent)]
    BadSpec(#[from] SpecError),
    #[error("meter \"user-watts\" needs a value; add --watts N, for example --watts 65")]
    WattsMissing,
    #[error("no thread can be started to ask the meters: {error}; free memory and try again")]
    NoThread { error: String },
    /// `none` together with a meter.
    #[error("meter \"none\" excludes {other}; give one of the two")]
    NoneWithOthers { other: String },
}

/// The result for one source that was looked for.
pub enum Found {
    /// Open and ready to read.
    Available(Box<dyn Source>),
    /// Not usable here, with the reason.
    Unavailable(Unavailable),
}

impl Found {
    /// The identifier of the source, available or not.
    pub fn id(&self) -> &str {
        match self {
            Self::Available(source) => &source.info().id,
            Self::Unavailable(why) => &why.id,
        }
    }
}

impl From<Result<Box<dyn Source>, Unavailable>> for Found {
    fn from(opened: Result<Box<dyn Source>, Unavailable>) -> Self {
        opened.map_or_else(Self::Unavailable, Self::Available)
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Available(source) => f.debug_tuple("Available").field(source.info()).finish(),
            Self::Unavailable(why) => f.debug_tuple("Unavailable").field(why).finish(),
        }
    }
}

/// A name that `--meter` takes, with one line of help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MeterName {
    /// The name.
    pub name: &'static str,
    /// The meter that it selects, in one line.
    pub description: &'static str,
    /// The form of the argument, for the help.
    pub usage: &'static str,
    /// True if the source is looked for without being named; the others need an address.
    pub automatic: bool,
}

/// The name that selects no meter.
const NONE: MeterName = MeterName {
    name: "none",
    description: "no meter: rates only, no energy",
    usage: "none",
    automatic: false,
};

/// Every name that [`Selection::meters`] takes. A source of several parts also takes
/// `name:part` (`rapl:psys`).
pub fn known_meters() -> Vec<MeterName> {
    let mut names: Vec<_> = source::REGISTRY.iter().map(|e| e.name).collect();
    names.push(NONE);
    names
}

/// Looks for every selected source on this machine or in the recorded tree at
/// [`Selection::sysfs_root`], and opens those that can be read.
///
/// Sources come in the registry's order; within one kind, the widest reliable boundary
/// comes first. A source that does not exist is [`Found::Unavailable`], never an error.
/// Opening a live source polls it to measure its update period: for at most 0.06 s for
/// each counter of the processor, and 0.25 s for all graphics cards of one maker
/// together. Meters on a network are asked at the same time, with a limit of 10 s, or
/// of twice the `timeout=` that one is given.
///
/// # Errors
/// [`SelectionError`] if the selection is invalid.
pub fn detect(selection: &Selection) -> Result<Vec<Found>, SelectionError> {
    detect_in(selection, &System::on_disk(&selection.sysfs_root))
}

/// [`detect`] with files and time from `system`;
/// [`Selection::sysfs_root`] is not used.
///
/// # Errors
/// As [`detect`].
pub fn detect_in(selection: &Selection, system: &System) -> Result<Vec<Found>, SelectionError> {
    let never = AtomicBool::new(false);
    look(selection, system, &never).map(Option::unwrap_or_default)
}

/// [`detect`] that returns `None` promptly once `interrupt` is set.
///
/// # Errors
/// As [`detect`].
pub fn detect_until(
    selection: &Selection,
    interrupt: &AtomicBool,
) -> Result<Option<Vec<Found>>, SelectionError> {
    let system = System::on_disk(&selection.sysfs_root);
    look(selection, &system, interrupt)
}

fn look(
    selection: &Selection,
    system: &System,
    interrupt: &AtomicBool,
) -> Result<Option<Vec<Found>>, SelectionError> {
    if let Some(value) = selection.user_watts
        && !(MIN_W..=MAX_USER_WATTS).contains(&value)
    {
        return Err(SelectionError::BadWatts { value });
    }
    let wanted: Vec<Wanted> = match &selection.meters {
        None => source::REGISTRY
            .iter()
            .filter(|entry| entry.name.automatic)
            .map(|entry| Wanted {
                entry,
                specs: Vec::new(),
            })
            .collect(),
        Some(names) => {
            let specs = checked(names, selection)?;
            let of = |entry: &'static source::Entry| {
                let mine = specs.iter().filter(|spec| spec.kind == entry.name.name);
                Wanted {
                    entry,
                    specs: mine.cloned().collect(),
                }
            };
            let all = source::REGISTRY.iter().map(of);
            all.filter(|wanted| !wanted.specs.is_empty()).collect()
        }
    };
    let Some(kinds) = detect::all(selection, system, &wanted, interrupt)? else {
        return Ok(None);
    };
    let kept = kinds.into_iter().zip(&wanted).flat_map(|(all, wanted)| {
        // A meter named by its address is exactly the one that was asked for.
        match wanted.entry.name.automatic && !wanted.specs.is_empty() {
            true => keep(all, &wanted.specs, wanted.entry.name.name),
            false => all,
        }
    });
    Ok(Some(kept.collect()))
}

/// The selected meters, checked against the registry and each other. A `--watts` value
/// selects its meter implicitly.
fn checked(names: &[String], selection: &Selection) -> Result<Vec<MeterSpec>, SelectionError> {
    let known = known_meters();
    let unknown = |name: &str| SelectionError::UnknownMeter {
        name: crate::public::short(name),
        known: known.iter().map(|k| k.name).collect::<Vec<_>>().join(", "),
    };
    let mut wanted: Vec<MeterSpec> = Vec::new();
    for name in names {
        let Ok(spec) = name.parse::<MeterSpec>() else {
            // An error in a known kind is explained; any other name is just unknown.
            let head = name.split([':', '=', ',']).next().unwrap_or_default();
            return Err(match known.iter().any(|k| k.name == head) {
                true => name
                    .parse::<MeterSpec>()
                    .err()
                    .map_or_else(|| unknown(name), Into::into),
                false => unknown(name),
            });
        };
        if spec.kind == "csv" {
            let why = "a log is added once the session is over: perwatt join FILE --meter csv=...";
            return Err(spec.error(why).into());
        }
        if !known.iter().any(|k| k.name == spec.kind) || spec.kind == NONE.name && name != NONE.name
        {
            return Err(unknown(name));
        }
        if let Some(twin) = wanted.iter().find(|w| w.id() == spec.id()) {
            if *twin == spec {
                continue;
            }
            return Err(spec
                .error(format!(
                    "another meter is called {:?} too; give one of them name=",
                    spec.id()
                ))
                .into());
        }
        wanted.push(spec);
    }
    let is = |name: &'static str| move |spec: &MeterSpec| spec.kind == name;
    let user = source::user_watts::NAME;
    match (selection.user_watts, wanted.iter().any(is(user))) {
        (Some(_), false) => wanted.push(user.parse()?),
        (None, true) => return Err(SelectionError::WattsMissing),
        _ => {}
    }
    if wanted.iter().any(is(NONE.name)) {
        if let Some(other) = wanted.iter().find(|spec| spec.kind != NONE.name) {
            return Err(SelectionError::NoneWithOthers {
                other: format!("{:?}", crate::public::short(&other.text)),
            });
        }
        wanted.clear();
    }
    Ok(wanted)
}

/// The sources in `all` that `wanted` names, and a reason for each name without a
/// match. A name without a part selects every part; a name of a part that has parts
/// itself (`nvml:0`) selects all of those.
fn keep(all: Vec<Found>, wanted: &[MeterSpec], base: &str) -> Vec<Found> {
    if wanted.iter().any(|spec| spec.part.is_none()) {
        return all;
    }
    let offered: Vec<&str> = all.iter().map(Found::id).collect();
    let ids: Vec<String> = wanted.iter().map(MeterSpec::id).collect();
    let answers = |id: &str, found: &str| {
        let is_within = found
            .strip_prefix(id)
            .is_some_and(|rest| rest.starts_with(':'));
        found == id || is_within && !offered.contains(&id)
    };
    let missing: Vec<Found> = ids
        .iter()
        .filter(|id| !offered.iter().any(|found| answers(id, found)))
        .map(|id| Found::Unavailable(no_part(id, base, &all)))
        .collect();
    let kept: Vec<bool> = offered
        .iter()
        .map(|found| ids.iter().any(|id| answers(id, found)))
        .collect();
    all.into_iter()
        .zip(kept)
        .filter_map(|(found, kept)| kept.then_some(found))
        .chain(missing)
        .collect()
}

/// The reason that `base` has no part `id`; if the whole source is unavailable, its reason.
fn no_part(id: &str, base: &str, all: &[Found]) -> Unavailable {
    if let [Found::Unavailable(whole)] = all
        && whole.id == base
    {
        return Unavailable {
            id: id.to_owned(),
            ..whole.clone()
        };
    }
    let offered = all.iter().map(Found::id).collect::<Vec<_>>().join(", ");
    Unavailable {
        id: id.to_owned(),
        looked_for: format!("a part of {base}"),
        reason: Reason::Absent,
        detail: format!("{base} has no such part here; it offers: {offered}"),
        fix: None,
    }
}
