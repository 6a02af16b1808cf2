//! A real Prometheus exporter: Debian's node exporter, which serves a power metric
//! from a text file.
//!
//! The Redfish emulator of PyPI's `sushy-tools` (2.2.0) is not suitable: its
//! chassis links only `Thermal`, and it has neither a `Power` nor an
//! `EnvironmentMetrics` resource. Redfish is tested against replies modelled on
//! DMTF's schemas.

use crate::program::{Program, eventually, free_tcp_port};
use crate::says::{fails, has};
use crate::{Hand, available, try_open, unavailable};
use perwatt_power::Found;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const EXPORTER: &str = "prometheus-node-exporter";

/// Replaces the file atomically, as the exporter's documentation requires.
fn publish(folder: &Path, watts: f64, joules: f64) {
    let text = format!(
        "# HELP rack_power_watts Power.\n# TYPE rack_power_watts gauge\n\
         rack_power_watts{{outlet=\"1\"}} {watts}\nrack_power_watts{{outlet=\"2\"}} 5\n\
         # HELP rack_energy_joules_total Energy.\n# TYPE rack_energy_joules_total counter\n\
         rack_energy_joules_total {joules}\n"
    );
    std::fs::write(folder.join("new"), text).unwrap();
    std::fs::rename(folder.join("new"), folder.join("power.prom")).unwrap();
}

#[test]
fn a_node_exporter() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 123.5, 1e6);
    let address = format!("127.0.0.1:{}", free_tcp_port());
    let mut command = Command::new(EXPORTER);
    command
        .arg(format!("--web.listen-address={address}"))
        .args(["--collector.disable-defaults", "--collector.textfile"])
        .arg("--collector.textfile.directory")
        .arg(folder.path());
    let exporter = match Program::start(&mut command, &folder.path().join("log")) {
        Ok(exporter) => exporter,
        Err(error) => {
            eprintln!("skipped: {EXPORTER} cannot be started: {error}");
            return;
        }
    };
    let spec = |metric: &str| {
        format!("prometheus=http://{address},metric={metric},boundary=wall,name={metric}")
    };
    let specs = [
        &*spec("rack_power_watts{outlet=\"1\"}"),
        &*spec("rack_energy_joules_total"),
    ];
    let clock = Arc::new(Hand::default());
    let found = eventually(|| {
        let found = try_open(&specs, &clock).unwrap();
        match found.iter().all(|f| matches!(f, Found::Available(_))) {
            true => Ok(found),
            false => Err(format!("{found:?}")),
        }
    });
    let mut sources: Vec<_> = found.into_iter().map(available).collect();
    assert_eq!(sources[0].read(), Ok(123.5));
    assert_eq!(sources[1].read(), Ok(0.0));
    publish(folder.path(), 41.25, 1.0005e6);
    clock.forward(10.0);
    assert_eq!(sources[0].read(), Ok(41.25));
    assert_eq!(sources[1].read(), Ok(500.0));

    // A metric with several series, of which none is selected.
    let why = unavailable(&spec("rack_power_watts"));
    has(&why.detail, &["outlet=\"2\""]);
    drop(exporter);
    for source in &mut sources {
        fails(source.as_mut(), "no-answer");
    }
}
