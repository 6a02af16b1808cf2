//! Which sources are wanted, and which of them exist here.

use crate::environment::Environment;
use crate::source::{self, Source};
use crate::unavailable::{Reason, Unavailable};
use std::path::PathBuf;

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
    /// Meters by name (`rapl`, `rapl:psys`, `user-watts`, `none`); `None` looks
    /// for all of them.
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
        "--watts {value} is not a power in watts; give a number above 0 and at most \
         {MAX_USER_WATTS}, for example --watts 65"
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
    /// The user's own figure was selected but not given.
    #[error("meter \"user-watts\" needs a value; add --watts N, for example --watts 65")]
    WattsMissing,
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
}

/// The name that selects no meter.
const NONE: MeterName = MeterName {
    name: "none",
    description: "no meter: rates only, no energy",
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
/// Opening a live counter polls it for at most 60 ms to learn its period.
///
/// # Errors
/// [`SelectionError`] when the selection itself makes no sense.
pub fn detect(selection: &Selection) -> Result<Vec<Found>, SelectionError> {
    detect_in(selection, &Environment::on_disk(&selection.sysfs_root))
}

/// [`detect`] with files and time from `environment`;
/// [`Selection::sysfs_root`] is not used.
///
/// # Errors
/// As [`detect`].
pub fn detect_in(
    selection: &Selection,
    environment: &Environment,
) -> Result<Vec<Found>, SelectionError> {
    if let Some(value) = selection.user_watts
        && !(value > 0.0 && value <= MAX_USER_WATTS)
    {
        return Err(SelectionError::BadWatts { value });
    }
    let Some(names) = &selection.meters else {
        return Ok(source::REGISTRY
            .iter()
            .flat_map(|entry| (entry.probe)(selection, environment))
            .collect());
    };

    let names = checked(names, selection)?;
    let mut found = Vec::new();
    for entry in source::REGISTRY {
        let wanted: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| base(name) == entry.name.name)
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let all = (entry.probe)(selection, environment);
        found.extend(keep(all, &wanted, entry.name.name));
    }
    Ok(found)
}

/// `rapl` of `rapl:psys`.
fn base(name: &str) -> &str {
    name.split_once(':').map_or(name, |(base, _)| base)
}

/// The selected names, checked against the registry and each other. A `--watts`
/// value selects its meter by itself.
fn checked<'a>(names: &'a [String], selection: &Selection) -> Result<Vec<&'a str>, SelectionError> {
    let known = known_meters();
    for name in names {
        if !known.iter().any(|k| k.name == base(name))
            || base(name) == NONE.name && name != NONE.name
        {
            return Err(SelectionError::UnknownMeter {
                name: name.clone(),
                known: known.iter().map(|k| k.name).collect::<Vec<_>>().join(", "),
            });
        }
    }
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    let user = source::user_watts::NAME;
    match (selection.user_watts, wanted.contains(&user)) {
        (Some(_), false) => wanted.push(user),
        (None, true) => return Err(SelectionError::WattsMissing),
        _ => {}
    }
    if wanted.contains(&NONE.name) {
        if let Some(other) = wanted.iter().find(|name| **name != NONE.name) {
            return Err(SelectionError::NoneWithOthers {
                other: format!("{other:?}"),
            });
        }
        wanted.clear();
    }
    Ok(wanted)
}

/// Those of `all` that `wanted` names, and a reason for each name nothing
/// answered to.
fn keep(all: Vec<Found>, wanted: &[&str], base: &str) -> Vec<Found> {
    if wanted.contains(&base) {
        return all;
    }
    let offered = all.iter().map(Found::id).collect::<Vec<_>>().join(", ");
    let missing: Vec<Found> = wanted
        .iter()
        .filter(|name| !all.iter().any(|f| f.id() == **name))
        .map(|name| {
            Found::Unavailable(Unavailable {
                id: (*name).to_owned(),
                looked_for: format!("a part of {base}"),
                reason: Reason::Absent,
                detail: format!("{base} has no such part here; it offers: {offered}"),
                fix: None,
            })
        })
        .collect();
    all.into_iter()
        .filter(|f| wanted.contains(&f.id()))
        .chain(missing)
        .collect()
}
