//! A laptop's battery while it discharges: everything the machine draws.
//!
//! Facts of the interface (Linux `Documentation/ABI/testing/sysfs-class-power`):
//!
//! - A directory in `/sys/class/power_supply/` whose `type` is `Battery` has
//!   `status`; `power_now` in microwatts, or `current_now` (microamperes) and
//!   `voltage_now` (microvolts); `energy_now` in microwatt-hours. `scope` is
//!   `Device` for the battery of a mouse or a headset.
//! - By the documentation `current_now` is negative while discharging; with many
//!   drivers it is positive.
//! - `type` `Mains` or `USB` with `online` 1 means that the machine is plugged in.
//!   A USB-C port may report this with only a telephone connected, or long after
//!   the charger was unplugged. Where there is a `Mains` adapter, the firmware
//!   makes it report any charger that feeds the machine, so that the adapter is
//!   believed and the ports are not.
//! - The figures come from the battery's own meter, every 1 to 30 s.
//! - With two batteries, usually one discharges and the other waits.

use super::absent::{LookedFor, STATE_POWER};
use super::meter::{Counted, Limits, Watts};
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Pace, Quantity};
use super::{Query, ReadError, Reason, System, Unavailable, attribute};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use std::path::{Path, PathBuf};

const ID: &str = "battery";

pub(super) const ENTRY: Entry =
    Entry::local(ID, probe).described("the machine's own battery while it discharges", ID);

const ROOT: &str = "sys/class/power_supply";

const KIND: LookedFor<'static> = LookedFor {
    id: ID,
    looked_for: "/sys/class/power_supply/*/type Battery",
    what: "battery",
    pci_vendor: None,
    load: "sudo modprobe battery",
};

/// Largest plausible power in watts, above that of any laptop's battery.
const MAX_W: f64 = 500.0;
/// Microjoules in a microwatt-hour.
const UJ_PER_UWH: u64 = 3600;
/// Largest plausible energy content in microwatt-hours: 10 kWh.
const MAX_UWH: u64 = 10_000_000_000;
/// Seconds without a change after which the energy left is taken as stuck. It
/// changes seldom, but within two minutes on a machine that runs.
const FROZEN_S: f64 = 120.0;
/// Longest delay of the energy left, in seconds.
const SLACK_S: f64 = 60.0;
/// Batteries update their figures once a second at best.
const PACE: Pace = Pace {
    interval_s: 1.0,
    blocking: false,
    answer_s: 0.0,
};

/// The quantity from which a battery's output follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tells {
    Power,
    CurrentAndVoltage,
    EnergyLeft,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    match Supplies::list(system) {
        Ok(supplies) if !supplies.batteries.is_empty() => Ok(vec![open(system, supplies).into()]),
        Ok(_) => Err(KIND.absent(system, "no battery is listed")),
        Err(error) => Err(attribute::refusal(ID, KIND.looked_for, &error)),
    }
}

/// The supplies that can feed the machine.
#[derive(Default)]
struct Supplies {
    batteries: Vec<PathBuf>,
    /// The `online` files of the mains adapters.
    adapters: Vec<PathBuf>,
    /// The `online` files of the USB ports that can feed the machine.
    ports: Vec<PathBuf>,
}

impl Supplies {
    fn list(system: &System) -> Result<Self, ReadError> {
        let root = Path::new(ROOT);
        let mut supplies = Self::default();
        for name in attribute::list(system, root)? {
            let dir = root.join(&name);
            let line = |file: &str| system.line(&format!("{ROOT}/{name}/{file}"));
            match line("type").as_str() {
                _ if line("scope") == "Device" => {}
                "Battery" if line("present") != "0" => supplies.batteries.push(dir),
                "Mains" => supplies.adapters.push(dir.join("online")),
                "USB" => supplies.ports.push(dir.join("online")),
                _ => {}
            }
        }
        Ok(supplies)
    }

    /// Returns an error unless only the batteries feed the machine.
    fn discharge(&self, system: &System) -> Result<(), ReadError> {
        // If no adapter can be read, the ports and the batteries' status decide.
        let online = |file: &PathBuf| attribute::unsigned(system, file).ok();
        let told = self.adapters.iter().any(|file| online(file).is_some());
        let judged = if told { &self.adapters } else { &self.ports };
        let feeds = |file: &&PathBuf| online(file).is_some_and(|n| n != 0);
        if let Some(file) = judged.iter().find(feeds) {
            return Err(not_alone(file, "the machine is plugged in"));
        }
        let mut discharging = false;
        for battery in &self.batteries {
            let file = battery.join("status");
            let status = attribute::text(system, &file)?;
            match status.trim() {
                "Discharging" => discharging = true,
                // A second battery that waits delivers nothing.
                "Not charging" | "Full" | "Unknown" if self.batteries.len() > 1 => {}
                other => return Err(not_alone(&file, &format!("its status is {other:?}"))),
            }
        }
        match discharging {
            true => Ok(()),
            false => Err(not_alone(Path::new(ROOT), "no battery discharges")),
        }
    }
}

fn not_alone(path: &Path, why: &str) -> ReadError {
    let detail = format!("{why}, so that the battery does not tell what the machine draws");
    attribute::failed(&path.display().to_string(), detail)
}

fn open(system: &System, supplies: Supplies) -> Opened {
    let refuse = |reason, detail: String, fix: &str| {
        Unavailable::new(ID, format!("/{ROOT}"), reason, detail).with_fix(fix)
    };
    if let Err(error) = supplies.discharge(system) {
        return Err(refuse(
            Reason::Absent,
            match &error {
                ReadError::Io { path, detail } => format!("{path}: {detail}"),
                other => other.to_string(),
            },
            "unplug the machine, wait until its battery discharges, and keep it so for 10 minutes \
             or more",
        ));
    }
    let tells = [Tells::Power, Tells::CurrentAndVoltage]
        .into_iter()
        .find(|tells| total_w(system, &supplies, *tells).is_ok_and(|w| w > 0.0 && w <= MAX_W))
        .or_else(|| {
            let energies = energies_uj(system, &supplies);
            energies.is_ok().then_some(Tells::EnergyLeft)
        });
    let Some(tells) = tells else {
        let error = match total_w(system, &supplies, Tells::Power) {
            Ok(_) => "power_now is not a believable power".into(),
            Err(error) => error.to_string(),
        };
        return Err(refuse(
            Reason::Malformed,
            format!("it tells neither power nor energy: {error}"),
            STATE_POWER,
        ));
    };
    let info = describe_battery(system, &supplies, tells);
    let clock = system.clock.clone();
    let system = system.clone();
    if tells != Tells::EnergyLeft {
        return Ok(Box::new(Watts {
            info,
            what: ROOT.into(),
            watts: Box::new(move || {
                supplies.discharge(&system)?;
                total_w(&system, &supplies, tells)
            }),
            max_w: MAX_W,
            pace: PACE,
        }));
    }
    // One of two batteries may rest for any length of time.
    let frozen_s = (supplies.batteries.len() == 1).then_some(FROZEN_S);
    let counter = |battery: &PathBuf| {
        let what = battery.join("energy_now").display().to_string();
        let diff = CounterDiff::endless(MAX_W, SLACK_S);
        Accumulator::new(what, diff, frozen_s, 0, clock.now_s())
    };
    let counters = supplies.batteries.iter().map(counter).collect();
    let values = Box::new(move || {
        supplies.discharge(&system)?;
        energies_uj(&system, &supplies)
    });
    let limits = Limits::default();
    let counted = Counted::start(info, clock, counters, values, limits, PACE);
    Ok(Box::new(counted))
}

/// Longest time in seconds between updates of a battery's meter.
const SLOWEST_UPDATE_S: f64 = 30.0;

fn describe_battery(system: &System, supplies: &Supplies, tells: Tells) -> MeterInfo {
    let quantity = match tells {
        Tells::EnergyLeft => Quantity::EnergyJ,
        _ => Quantity::PowerW,
    };
    let mut info = MeterInfo::new(
        ID,
        "everything the machine draws from its battery, its display included",
        Covers::Machine,
        Boundary::DcIn,
        quantity,
    );
    // Its slowest update, if power is what it tells.
    info.look_back_s = (quantity == Quantity::PowerW).then_some(SLOWEST_UPDATE_S);
    info.domains = supplies.batteries.iter().map(|b| name(b)).collect();
    info.notes.extend([
        match tells {
            Tells::Power => "from power_now".into(),
            Tells::CurrentAndVoltage => "from current_now times voltage_now".into(),
            Tells::EnergyLeft => "from energy_now, the energy left, which steps coarsely".into(),
        },
        "losses of a power supply are not in it".into(),
        "a battery's meter updates every 1 to 30 s, longer than perwatt watches it when it is \
         opened; measure 10 minutes or more"
            .into(),
        NO_SCALE_ERROR.into(),
    ]);
    let online = |file: &&PathBuf| attribute::unsigned(system, file).is_ok_and(|n| n != 0);
    if supplies.ports.iter().any(|port| online(&port)) {
        info.notes.push(
            "a USB port says that it is online; the mains adapter says that nothing feeds the \
             machine, and the battery discharges"
                .into(),
        );
    }
    for battery in &supplies.batteries {
        let file = battery.join("capacity_error_margin");
        if let Ok(percent) = attribute::unsigned(system, &file) {
            let name = name(battery);
            let note = format!("{name} states its charge to within {percent} %");
            info.notes.push(note);
        }
    }
    info
}

/// The name of the battery's directory, such as `BAT0`.
fn name(battery: &Path) -> String {
    let name = battery.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Sum of the power of all batteries, in watts.
fn total_w(system: &System, supplies: &Supplies, tells: Tells) -> Result<f64, ReadError> {
    supplies
        .batteries
        .iter()
        .map(|battery| {
            // The sign gives the direction only with some drivers; the status gives
            // it with all of them.
            let micro = |file: &str| {
                attribute::signed(system, &battery.join(file))
                    .map(|n| n.unsigned_abs() as f64 * 1e-6)
            };
            match tells {
                Tells::CurrentAndVoltage => Ok(micro("current_now")? * micro("voltage_now")?),
                _ => micro("power_now"),
            }
        })
        .sum()
}

/// The energy that each battery has delivered, in microjoules, counted from a
/// content of [`MAX_UWH`]. It rises while the energy left falls.
fn energies_uj(system: &System, supplies: &Supplies) -> Result<Vec<u64>, ReadError> {
    supplies
        .batteries
        .iter()
        .map(|battery| {
            let file = battery.join("energy_now");
            let left_uwh = attribute::unsigned(system, &file)?;
            match left_uwh {
                1..=MAX_UWH => Ok((MAX_UWH - left_uwh) * UJ_PER_UWH),
                _ => Err(ReadError::malformed(&file, &left_uwh.to_string())),
            }
        })
        .collect()
}
