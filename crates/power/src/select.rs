//! Which sources are wanted, and which of them exist here.

use crate::bounds::{MIN_W, figure};
use crate::detect::{self, Wanted};
use crate::source::{self, Source};
use crate::spec::{MeterSpec, SpecError};
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Largest `--watts` accepted, in watts. A megawatt is a building; above it the
/// number is a slip.
pub const MAX_USER_WATTS: f64 = 1e6;

/// What to look for, and where.
#[derive(Clone, PartialEq, Debug)]
pub struct Selection {
    /// Root of the tree that holds `sys` and `proc`: `/`, or a recorded copy.
    pub sysfs_root: PathBuf,
    /// Constant power stated by the user, in watts.
    pub user_watts: Option<f64>,
    /// Meters as `--meter` takes them (`rapl`, `rapl:psys`, `shelly=HOST`, `none`,
    /// [`MeterSpec`]); `None` looks for all that need no address.
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

/// A selection that makes no sense. The messages are for the person who typed
/// it.
#[derive(thiserror::Error, Clone, PartialEq, Debug)]
pub enum SelectionError {
    /// `--watts` is not a power a machine can draw.
    #[error(
        "--watts {} is not a power in watts; give a number from {MIN_W} to \
         {MAX_USER_WATTS}, for example --watts 65",
        figure(*value)
    )]
    BadWatts {
        /// The value given.
        value: f64,
    },
    /// No such meter.
    #[error("unknown meter {name:?}; known meters: {known}")]
    UnknownMeter {
        /// The name given.
        name: String,
        /// Every known name, comma-separated.
        known: String,
    },
    /// A meter that is named in a way it does not take.
    #[error(transparent)]
    BadSpec(#[from] SpecError),
    /// The user's own figure was selected but not given.
    #[error("meter \"user-watts\" needs a value; add --watts N, for example --watts 65")]
    WattsMissing,
    /// The system has no thread left to ask with.
    #[error("no thread can be started to ask the meters: {error}; free memory and try again")]
    NoThread {
        /// The system's words.
        error: String,
    },
    /// `none` together with a meter.
    #[error("meter \"none\" asks for no meter, but {other} was asked for too; drop one of the two")]
    NoneWithOthers {
        /// What else was asked for.
        other: String,
    },
}

/// One source that was looked for.
pub enum Found {
    /// Open and ready to read.
    Available(Box<dyn Source>),
    /// Not usable here, and why.
    Unavailable(Unavailable),
}

impl Found {
    /// The identifier of the source, whether or not it is available.
    pub fn id(&self) -> &str {
        match self {
            Self::Available(source) => &source.info().id,
            Self::Unavailable(why) => &why.id,
        }
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

/// A name `--meter` takes, with one line of help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MeterName {
    /// The name.
    pub name: &'static str,
    /// What it selects.
    pub description: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// Whether it is looked for without being named; the rest need an address.
    pub automatic: bool,
}

/// The name that selects no meter.
const NONE: MeterName = MeterName {
    name: "none",
    description: "no meter: rates only, no energy",
    usage: "none",
    automatic: false,
};

/// Every name [`Selection::meters`] takes. A source of several parts also takes
/// `name:part` (`rapl:psys`).
pub fn known_meters() -> Vec<MeterName> {
    let mut names: Vec<_> = source::REGISTRY.iter().map(|e| e.name).collect();
    names.push(NONE);
    names
}

/// Looks for every selected source on this machine or in the recorded tree at
/// [`Selection::sysfs_root`], and opens those that can be read.
///
/// Sources come in the registry's order, widest reliable boundary of one kind
/// first. A source that is not there is [`Found::Unavailable`], never an error.
/// Opening a live source polls it to learn how often it changes: at most 0.06 s
/// a counter of the processor, and 0.25 s all graphics cards of one maker together.
/// Meters on a network are asked at the same time, and none is waited for longer than
/// 10 s, or twice the `timeout=` that one is given.
///
/// # Errors
/// [`SelectionError`] when the selection itself makes no sense.
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

/// [`detect`] that ends at once, with `None`, when `interrupt` is set.
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
        // What is named by its address is exactly what was asked for.
        match wanted.entry.name.automatic && !wanted.specs.is_empty() {
            true => keep(all, &wanted.specs, wanted.entry.name.name),
            false => all,
        }
    });
    Ok(Some(kept.collect()))
}

/// The selected meters, checked against the registry and each other. A `--watts`
/// value selects its meter by itself.
fn checked(names: &[String], selection: &Selection) -> Result<Vec<MeterSpec>, SelectionError> {
    let known = known_meters();
    let unknown = |name: &str| SelectionError::UnknownMeter {
        name: crate::public::short(name),
        known: known.iter().map(|k| k.name).collect::<Vec<_>>().join(", "),
    };
    let mut wanted: Vec<MeterSpec> = Vec::new();
    for name in names {
        let Ok(spec) = name.parse::<MeterSpec>() else {
            // A known kind is explained, anything else is just unknown.
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

/// Those of `all` that `wanted` names, and a reason for each name nothing
/// answered to. A name without a part asks for every part, and one with a part
/// that has parts itself (`nvml:0`) for each of those.
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

/// Why there is no part `id` of `base`: the reason of the whole, where it has one.
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
