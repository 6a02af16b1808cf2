//! A real Prometheus exporter: Debian's node exporter, which serves a power metric
//! from a text file.
//!
//! The Redfish emulator of PyPI's `sushy-tools` (2.2.0) is not suitable: its
//! chassis links only `Thermal`, and it has neither a `Power` nor an
//! `EnvironmentMetrics` resource. Redfish is tested against replies modelled on
//! DMTF's schemas.

use crate::{Hand, available, try_open};
use perwatt_power::Found;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const EXPORTER: &str = "prometheus-node-exporter";

struct Exporter {
    child: Child,
    address: String,
}

impl Exporter {
    /// Starts the exporter; `None` if it is not installed.
    fn start(folder: &Path) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let child = Command::new(EXPORTER)
            .arg(format!("--web.listen-address={address}"))
            .args(["--collector.disable-defaults", "--collector.textfile"])
            .arg(format!(
                "--collector.textfile.directory={}",
                folder.display()
            ))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => Some(Self { child, address }),
            Err(error) => {
                eprintln!("skipped: {EXPORTER} cannot be started: {error}");
                None
            }
        }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
    let Some(exporter) = Exporter::start(folder.path()) else {
        return;
    };
    let spec = |metric: &str| {
        format!(
            "prometheus=http://{},metric={metric},boundary=wall,name={metric}",
            exporter.address
        )
    };
    let specs = [
        spec("rack_power_watts{outlet=\"1\"}"),
        spec("rack_energy_joules_total"),
    ];
    let specs: Vec<&str> = specs.iter().map(String::as_str).collect();
    let clock = Arc::new(Hand::default());
    let mut found = Vec::new();
    // The exporter needs some time before it listens.
    for _ in 0..200 {
        found = try_open(&specs, &clock).unwrap();
        if found.iter().all(|f| matches!(f, Found::Available(_))) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut sources: Vec<_> = found.into_iter().map(available).collect();
    assert_eq!(sources[0].read(), Ok(123.5));
    assert_eq!(sources[1].read(), Ok(0.0));
    publish(folder.path(), 41.25, 1.0005e6);
    clock.forward(10.0);
    assert_eq!(sources[0].read(), Ok(41.25));
    assert_eq!(sources[1].read(), Ok(500.0));

    // A metric with several series, of which none is selected.
    let both = try_open(&[&spec("rack_power_watts")], &clock).unwrap();
    let Found::Unavailable(why) = &both[0] else {
        panic!("{both:?}");
    };
    assert!(why.detail.contains("outlet=\"2\""), "{why}");
    drop(exporter);
    for source in &mut sources {
        let error = source.read().unwrap_err();
        assert_eq!(crate::class(&error), "no answer", "{error}");
    }
}
