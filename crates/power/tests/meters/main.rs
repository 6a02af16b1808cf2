//! Meters outside the machine, against scripted servers that misbehave and, if they
//! are installed, the real ones.

mod at_once;
#[cfg(unix)]
mod ipmi_faults;
#[cfg(unix)]
mod ipmi_real;
mod nut_faults;
#[cfg(unix)]
mod nut_real;
#[path = "../common/program.rs"]
mod program;
#[path = "../common/says.rs"]
mod says;
mod servers;
mod snmp_faults;
#[cfg(unix)]
mod snmp_real;

use perwatt_power::{Found, Selection, SelectionError, Source, Unavailable, detect};
use std::path::Path;

/// The result of `--meter SPEC` on a machine without files.
fn find(spec: &str) -> Result<Found, SelectionError> {
    find_in(tempfile::tempdir().unwrap().path(), spec)
}

fn find_in(root: &Path, spec: &str) -> Result<Found, SelectionError> {
    let mut found = detect(&Selection {
        sysfs_root: root.into(),
        user_watts: None,
        meters: Some(vec![spec.to_owned()]),
    })?;
    assert_eq!(found.len(), 1, "{found:?}");
    Ok(found.remove(0))
}

fn open(spec: &str) -> Box<dyn Source> {
    match find(spec).unwrap() {
        Found::Available(source) => source,
        Found::Unavailable(why) => panic!("{why:?}"),
    }
}

fn refused(spec: &str) -> Unavailable {
    unavailable(find(spec).unwrap())
}

fn unavailable(found: Found) -> Unavailable {
    match found {
        Found::Unavailable(why) => why,
        Found::Available(source) => panic!("{:?}", source.info()),
    }
}

/// Asserts that each specification is refused with this part of the reason, and that none
/// of them is repeated with its secret.
fn make_no_sense(secret: &str, specs: &[(&str, &str)]) {
    for (text, part) in specs {
        let error = nonsense(text);
        says::has(&error, &[part]);
        assert!(!error.contains(secret), "{error}");
    }
}

fn nonsense(spec: &str) -> String {
    match find(spec) {
        Err(SelectionError::BadSpec(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}
