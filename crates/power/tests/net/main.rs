//! Meters that answer over HTTP, against servers in this process and, if it is
//! installed, a real Prometheus node exporter.

mod counters;
mod credentials;
mod exporters;
mod faults;
mod kinds;
#[path = "../common/program.rs"]
mod program;
mod real;
#[path = "../common/says.rs"]
mod says;
mod server;
mod tls;

use perwatt_power::{Clock, Disk, Drivers, Found, MeterInfo, Selection, SelectionError};
use perwatt_power::{Source, System, Unavailable, detect_in};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A clock that the test moves.
#[derive(Default)]
struct Hand(Mutex<f64>);

impl Hand {
    fn forward(&self, s: f64) {
        *self.0.lock().unwrap() += s;
    }
}

impl Clock for Hand {
    fn now_s(&self) -> f64 {
        *self.0.lock().unwrap()
    }
}

/// Opens the meters of `specs`, with a clock that the test moves.
fn try_open(specs: &[&str], clock: &Arc<Hand>) -> Result<Vec<Found>, SelectionError> {
    let selection = Selection {
        sysfs_root: "/nowhere".into(),
        user_watts: None,
        meters: Some(specs.iter().map(|s| (*s).to_owned()).collect()),
    };
    let system = System {
        files: Arc::new(Disk::new(Path::new("/nowhere"))),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        live: false,
        drivers: Drivers::default(),
    };
    detect_in(&selection, &system)
}

fn open(spec: &str) -> Vec<Found> {
    try_open(&[spec], &Arc::default()).unwrap()
}

/// Opens the only source of a spec.
fn only(spec: &str) -> Box<dyn Source> {
    let mut found = open(spec);
    assert_eq!(found.len(), 1, "{found:?}");
    available(found.remove(0))
}

fn available(found: Found) -> Box<dyn Source> {
    match found {
        Found::Available(source) => source,
        Found::Unavailable(why) => panic!("{why}"),
    }
}

fn infos(found: &[Found]) -> Vec<MeterInfo> {
    let info = |f: &Found| match f {
        Found::Available(source) => source.info().clone(),
        Found::Unavailable(why) => panic!("{why}"),
    };
    found.iter().map(info).collect()
}

fn unavailable(spec: &str) -> Unavailable {
    match open(spec).remove(0) {
        Found::Unavailable(why) => why,
        Found::Available(source) => panic!("{:?} is available", source.info()),
    }
}

/// The error of a spec that is refused.
fn refused(spec: &str) -> String {
    try_open(&[spec], &Arc::default()).unwrap_err().to_string()
}
