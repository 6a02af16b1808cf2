//! Valid selections of meters, and the sources found in real files on a disk.

#[path = "common/says.rs"]
mod says;

use perwatt_power::{
    Boundary, Found, MAX_USER_WATTS, Provenance, Quantity, Selection, SelectionError, detect,
    known_meters,
};
use says::has;

fn empty_tree() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn select(watts: Option<f64>, meters: Option<&[&str]>) -> Result<Vec<Found>, SelectionError> {
    let tree = empty_tree();
    detect(&Selection {
        sysfs_root: tree.path().into(),
        user_watts: watts,
        meters: meters.map(|m| m.iter().map(|s| (*s).to_owned()).collect()),
    })
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(Found::id).collect()
}

#[test]
fn watts_must_be_a_power() {
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY, MAX_USER_WATTS * 1.01] {
        for meters in [None, Some(&["rapl"][..])] {
            let error = select(Some(value), meters).unwrap_err();
            assert!(matches!(error, SelectionError::BadWatts { .. }));
            assert!(error.to_string().contains(&value.to_string()), "{error}");
        }
    }
}

#[test]
fn stated_watts_are_a_source_that_says_so() {
    for value in [0.5, 65.0, MAX_USER_WATTS] {
        let mut found = select(Some(value), Some(&["user-watts"])).unwrap();
        let Some(Found::Available(source)) = found.first_mut() else {
            panic!("{found:?}");
        };
        assert_eq!(source.read(), Ok(value));
        let info = source.info();
        assert_eq!(info.provenance, Provenance::User);
        assert_eq!(info.boundary, Boundary::Wall);
        assert_eq!(info.quantity, Quantity::PowerW);
        assert_eq!(source.max_read_interval_s(), None);
    }
}

#[test]
fn everything_is_looked_for_unless_told_otherwise() {
    // An empty tree has no sources, and each kind reports this once, in order.
    let automatic: Vec<&str> = known_meters()
        .iter()
        .filter(|known| known.automatic)
        .map(|known| known.name)
        .collect();
    assert_eq!(ids(&select(None, None).unwrap()), automatic);
    for name in &automatic {
        if *name != "user-watts" {
            assert_eq!(ids(&select(None, Some(&[name])).unwrap()), [*name]);
        }
    }
    assert_eq!(ids(&select(None, Some(&["rapl"])).unwrap()), ["rapl"]);
    assert_eq!(
        ids(&select(Some(9.0), Some(&["rapl"])).unwrap()),
        ["rapl", "user-watts"]
    );
    assert!(select(None, Some(&["none"])).unwrap().is_empty());
    assert!(select(None, Some(&[])).unwrap().is_empty());
}

#[test]
fn nonsense_is_refused_by_name() {
    for name in ["warp", "", "RAPL", "none:x", ":"] {
        let error = select(None, Some(&[name])).unwrap_err();
        assert!(matches!(&error, SelectionError::UnknownMeter { name: n, .. } if n == name));
        for known in known_meters() {
            assert!(error.to_string().contains(known.name), "{error}");
        }
    }
    assert_eq!(
        select(None, Some(&["user-watts"])).unwrap_err(),
        SelectionError::WattsMissing
    );
    for (watts, meters) in [(None, &["none", "rapl"][..]), (Some(5.0), &["none"][..])] {
        let error = select(watts, Some(meters)).unwrap_err();
        assert!(matches!(error, SelectionError::NoneWithOthers { .. }));
    }
}

#[test]
fn descriptions_survive_json() {
    for found in select(Some(65.0), None).unwrap() {
        match found {
            Found::Available(source) => {
                let text = serde_json::to_string(source.info()).unwrap();
                let back: perwatt_power::MeterInfo = serde_json::from_str(&text).unwrap();
                assert_eq!(&back, source.info());
                has(&text, &["\"wall\"", "\"power-w\""]);
            }
            Found::Unavailable(why) => {
                let text = serde_json::to_string(&why).unwrap();
                let back: perwatt_power::Unavailable = serde_json::from_str(&text).unwrap();
                assert_eq!(back, why);
            }
        }
    }
}
