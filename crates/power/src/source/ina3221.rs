//! The power monitors of NVIDIA's Jetson modules (TI INA3221).
//!
//! Facts of the interface (Linux `Documentation/hwmon/ina3221.rst`, and the
//! drivers of NVIDIA's older kernels):
//!
//! - Newer: `/sys/bus/i2c/drivers/ina3221/ADDRESS/hwmon/hwmonN/` has three
//!   channels: `inI_label`, `inI_input` (millivolts), `currI_input`
//!   (milliamperes), `shuntI_resistor` (microohms), `inI_enable`.
//! - Older: `/sys/bus/i2c/drivers/ina3221x/ADDRESS/iio:deviceN/` has
//!   `rail_name_I` and `in_powerI_input` (milliwatts), from 0.
//! - The channel `VDD_IN` (`POM_5V_IN` on a Nano) is the input of the whole
//!   module; the others are rails behind it, or behind each other. On modules
//!   without such a channel there is no figure of the whole: the order of the rails
//!   is not documented, so that they are not added.
//!
//! - A Jetson Thor also has an INA238 (`drivers/ina238/ADDRESS/hwmon/hwmonN/`,
//!   Linux `Documentation/hwmon/ina238.rst`): `power1_input` in microwatts, and no
//!   label. The same chip is on many other boards, so that only one with a label
//!   (`power1_label`, `in1_label`) is used as a meter here: without a label only
//!   the user knows what it is wired to.
//!
//! `ina3221:vdd_in` is the channel of that label in lower case.

use super::absent::LookedFor;
use super::attribute::{list, refusal, unsigned};
use super::meter::{Watts, believed, note_period};
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Pace, Quantity};
use super::{Query, ReadError, Reason, System, Unavailable};
use crate::period::{self, Watch};
use std::path::{Path, PathBuf};

pub(super) const ENTRY: Entry = Entry::local("ina3221", probe)
    .described("power monitors of NVIDIA Jetson modules", "ina3221[:LABEL]");

const KIND: LookedFor<'static> = LookedFor {
    id: "ina3221",
    looked_for: "/sys/bus/i2c/drivers/ina3221, ina3221x",
    what: "Jetson power monitor",
    pci_vendor: None,
    load: "sudo modprobe ina3221",
};

const DRIVERS: [&str; 2] = [
    "sys/bus/i2c/drivers/ina3221",
    "sys/bus/i2c/drivers/ina3221x",
];
const INA238: &str = "sys/bus/i2c/drivers/ina238";
/// Labels of the input of the whole module.
const WHOLE: [&str; 3] = ["VDD_IN", "POM_5V_IN", "VIN"];
/// Number of channels of one chip.
const CHANNELS: usize = 3;
/// Largest plausible power in watts, above the draw of any module.
const MAX_W: f64 = 500.0;
/// Voltage across the shunt for one step of the chip, in volts.
const SHUNT_STEP_V: f64 = 40e-6;

/// One channel that has a label.
#[derive(Clone, Debug)]
struct Channel {
    label: String,
    reads: Reads,
}

/// The files from which the channel's power follows.
#[derive(Clone, Debug)]
enum Reads {
    /// Files with millivolts, with milliamperes and with the shunt's microohms.
    VoltsAndAmperes(PathBuf, PathBuf, PathBuf),
    /// A file with milliwatts.
    Milliwatts(PathBuf),
    /// A file with microwatts.
    Microwatts(PathBuf),
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let (channels, unlabelled) =
        channels(system).map_err(|error| refusal(KIND.id, KIND.looked_for, &error))?;
    let nameless = unlabelled
        .iter()
        .map(|chip| Found::Unavailable(without_label(chip)));
    if channels.is_empty() && unlabelled.is_empty() {
        return Err(KIND.absent(system, "no channel of such a chip is listed"));
    }
    let has_whole = channels.iter().any(Channel::is_whole);
    let named = query.specs.iter().any(|spec| spec.part.is_some());
    let wanted: Vec<&Channel> = channels
        .iter()
        // The input contains the rails, which are therefore offered only when one
        // is named.
        .filter(|c| c.is_whole() || !has_whole || named)
        .collect();
    let periods_s = period::update_periods_s(system.clock.as_ref(), Watch::FAST, || {
        wanted
            .iter()
            .map(|c| c.watts(system).ok().map(f64::to_bits))
            .collect()
    });
    Ok(wanted
        .into_iter()
        .zip(periods_s)
        .map(|(channel, period_s)| open(system, channel, period_s, &channels).into())
        .chain(nameless)
        .collect())
}

/// The report for an INA238 at this address that has no label and is not used.
fn without_label(address: &str) -> Unavailable {
    Unavailable::new(
        format!("{}:{address}", KIND.id),
        format!("/{INA238}/{address}/hwmon/*/power1_label"),
        Reason::Absent,
        "there is a power monitor INA238, and nothing says what it is wired to",
    )
    .with_fix(
        "if you know, read it through the node exporter: --meter prometheus=URL,\
         metric=node_hwmon_power_watt{chip=\"...\"},boundary=dc-in",
    )
}

/// All channels that have a label and are in use, and the addresses of INA238 chips
/// without a label.
fn channels(system: &System) -> Result<(Vec<Channel>, Vec<String>), ReadError> {
    let list = |dir: &Path| list(system, dir);
    let mut found: Vec<Channel> = Vec::new();
    for driver in DRIVERS.map(Path::new) {
        for address in list(driver)? {
            // The directory also holds `bind`, `module` and similar files.
            if !address.contains('-') {
                continue;
            }
            let device = driver.join(&address);
            let hwmon = device.join("hwmon");
            for chip in list(&hwmon)?.into_iter().filter(|n| n.starts_with("hwmon")) {
                found.extend(newer(system, &hwmon.join(chip)));
            }
            for chip in list(&device)?.into_iter().filter(|n| n.starts_with("iio:")) {
                found.extend(older(system, &device.join(chip)));
            }
        }
    }
    let mut unlabelled = Vec::new();
    for address in list(Path::new(INA238))? {
        let hwmon = Path::new(INA238).join(&address).join("hwmon");
        for chip in list(&hwmon)?.into_iter().filter(|n| n.starts_with("hwmon")) {
            let dir = hwmon.join(chip);
            let labels = ["power1_label", "in1_label"];
            match labels
                .iter()
                .find_map(|file| label(system, &path(&dir, file)))
            {
                Some(label) => found.push(Channel {
                    label,
                    reads: Reads::Microwatts(dir.join("power1_input")),
                }),
                None => unlabelled.push(address.clone()),
            }
        }
    }
    // Two channels with the same label would have the same identifier; the first is kept.
    let mut labels = Vec::new();
    found.retain(|channel| {
        let fresh = !labels.contains(&channel.label);
        labels.push(channel.label.clone());
        fresh
    });
    Ok((found, unlabelled))
}

fn newer(system: &System, dir: &Path) -> Vec<Channel> {
    (1..=CHANNELS)
        .filter(|i| system.line(&path(dir, &format!("in{i}_enable"))) != "0")
        .filter_map(|i| {
            Some(Channel {
                label: label(system, &path(dir, &format!("in{i}_label")))?,
                reads: Reads::VoltsAndAmperes(
                    dir.join(format!("in{i}_input")),
                    dir.join(format!("curr{i}_input")),
                    dir.join(format!("shunt{i}_resistor")),
                ),
            })
        })
        .collect()
}

fn older(system: &System, dir: &Path) -> Vec<Channel> {
    (0..CHANNELS)
        .filter_map(|i| {
            Some(Channel {
                label: label(system, &path(dir, &format!("rail_name_{i}")))?,
                reads: Reads::Milliwatts(dir.join(format!("in_power{i}_input"))),
            })
        })
        .collect()
}

fn path(dir: &Path, file: &str) -> String {
    dir.join(file).display().to_string()
}

/// A channel's label; `None` for one that is not connected.
fn label(system: &System, path: &str) -> Option<String> {
    Some(system.line(path)).filter(|l| !l.is_empty() && l != "NC")
}

impl Channel {
    fn is_whole(&self) -> bool {
        WHOLE.contains(&self.label.as_str())
    }

    /// The device that a rail feeds: the graphics where the label names only a GPU,
    /// otherwise the chip that processor and graphics share.
    fn rail_covers(&self) -> Covers {
        match self.label.contains("GPU") && !self.label.contains("CPU") {
            true => Covers::UnknownGpu,
            false => Covers::Cpu,
        }
    }

    /// The name of the channel in errors.
    fn what(&self) -> String {
        match &self.reads {
            Reads::VoltsAndAmperes(volts, amperes, _) => {
                format!("{} * {}", volts.display(), amperes.display())
            }
            Reads::Milliwatts(file) | Reads::Microwatts(file) => file.display().to_string(),
        }
    }

    fn watts(&self, system: &System) -> Result<f64, ReadError> {
        match &self.reads {
            Reads::VoltsAndAmperes(volts, amperes, _) => {
                Ok(unsigned(system, volts)? as f64 * unsigned(system, amperes)? as f64 * 1e-6)
            }
            Reads::Milliwatts(file) => unsigned(system, file).map(|mw| mw as f64 * 1e-3),
            Reads::Microwatts(file) => unsigned(system, file).map(|uw| uw as f64 / 1e6),
        }
    }

    /// The step of the reading in watts: the chip's step of current times the
    /// present voltage.
    fn quantum_w(&self, system: &System) -> Option<f64> {
        let Reads::VoltsAndAmperes(volts, _, shunt) = &self.reads else {
            return None;
        };
        let ohms = unsigned(system, shunt).ok()? as f64 * 1e-6;
        let volts = unsigned(system, volts).ok()? as f64 * 1e-3;
        Some(SHUNT_STEP_V / ohms * volts).filter(|w| w.is_finite() && *w > 0.0)
    }
}

fn open(system: &System, channel: &Channel, period_s: Option<f64>, all: &[Channel]) -> Opened {
    let id = format!("{}:{}", KIND.id, channel.label.to_lowercase());
    let what = channel.what();
    let first = channel.watts(system);
    if let Err(error) = first.and_then(|w| believed(&what, w, MAX_W)) {
        let mut why = refusal(id, what, &error);
        why.fix = (why.reason == Reason::NotPermitted)
            .then(|| "run as a user of the group that may read it, or as root".into());
        return Err(why);
    }
    let (boundary, covers, description) = match channel.is_whole() {
        true => (Boundary::DcIn, Covers::Machine, "input of the whole module"),
        false => (
            Boundary::Die,
            channel.rail_covers(),
            "one rail of the module",
        ),
    };
    let mut info = MeterInfo::new(
        id,
        format!("Jetson power monitor, {}: {description}", channel.label),
        covers,
        boundary,
        Quantity::PowerW,
    );
    info.domains = vec![channel.label.clone()];
    info.excluded_domains = all
        .iter()
        .filter(|other| other.label != channel.label)
        .map(|other| match (channel.is_whole(), other.is_whole()) {
            (true, _) => format!("{}: behind {}", other.label, channel.label),
            (_, true) => format!("{}: contains {}", other.label, channel.label),
            _ => format!("{}: which rail feeds which is not stated", other.label),
        })
        .collect();
    info.quantum_w = channel.quantum_w(system);
    info.notes.push(NO_SCALE_ERROR.into());
    if matches!(channel.reads, Reads::VoltsAndAmperes(..)) {
        info.notes
            .push("voltage times current, read one after the other".into());
    }
    if !channel.is_whole() {
        info.notes
            .push("one rail only: it holds no more than a part of the work's energy".into());
    }
    note_period(&mut info, period_s);
    let (system, channel) = (system.clone(), channel.clone());
    Ok(Box::new(Watts {
        info,
        what,
        watts: Box::new(move || channel.watts(&system)),
        max_w: MAX_W,
        pace: Pace::LOCAL,
    }))
}
