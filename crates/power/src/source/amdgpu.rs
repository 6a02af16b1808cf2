//! AMD graphics cards, and AMD processors with graphics, through the `amdgpu`
//! driver.
//!
//! Facts of the interface (Linux `Documentation/gpu/amdgpu`):
//!
//! - A chip named `amdgpu` in `/sys/class/hwmon` has `power1_average` or, from
//!   Linux 6.6 on, `power1_input`, both in microwatts; a chip seldom has both. "On
//!   APUs this includes the CPU".
//! - `device/gpu_metrics` of some has an energy counter ([`metrics`]).
//! - The figure is the power of the socket as the firmware reports it (PPT): the chip and
//!   memory in its package, not the whole board.
//! - While the card is suspended (`device/power/runtime_status`) the driver does
//!   not wake it for a reading: it answers EBUSY, or EPERM to any user.
//! - Of the two dies of an MI250, the first reports the power of both, and the
//!   second reports nothing.
//!
//! `amdgpu:0` is the power reading of the card with the lowest PCI address, and
//! `amdgpu:0:energy` its energy counter. The numbers stay the same as long as no
//! card is moved.

mod check;
mod metrics;

use super::absent::LookedFor;
use super::hwmon::{self, Chip};
use super::meter::{Watts, believed, note_period};
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Pace, Quantity};
use super::{Query, ReadError, Reason, System, Unavailable, attribute, card};
use crate::period::{self, Watch};
use check::Seen;
use metrics::Metrics;
use std::path::{Path, PathBuf};

pub(super) const ENTRY: Entry = Entry::local("amdgpu", probe).described(
    "AMD graphics: power and energy through the amdgpu driver",
    "amdgpu[:N|:N:energy]",
);

const KIND: LookedFor<'static> = LookedFor {
    id: "amdgpu",
    looked_for: "/sys/class/hwmon/*/name amdgpu",
    what: "AMD graphics card",
    pci_vendor: Some(0x1002),
    load: "sudo modprobe amdgpu",
};

/// Files with the power, in order of preference.
const POWER_FILES: [&str; 2] = ["power1_average", "power1_input"];
/// Values that the firmware shows where it has no figure, in microwatts: 0xFFFF mW
/// and W, 0xFFFFFFFF µW and mW.
const NO_FIGURE_UW: [u64; 4] = [65_535_000, 65_535_000_000, 4_294_967_295, 4_294_967_295_000];
/// Largest plausible power in watts, above any card sold.
const MAX_W: f64 = 3000.0;
/// PCI device numbers of the MI250X and MI250: two dies, of which the first reports
/// for both.
const TWO_DIES: [&str; 2] = ["0x7408", "0x740c"];
/// PCI device number of the MI300A, a processor with graphics whose metrics do not
/// identify it as one.
const INTEGRATED: [&str; 1] = ["0x74a0"];

struct Card {
    id: String,
    /// The chip's own name for the figure, such as `PPT`.
    label: String,
    chip: Chip,
    integrated: bool,
    two_dies: bool,
    max_w: f64,
    /// The file with the power, or the reason that there is none.
    power: Result<PathBuf, ReadError>,
    /// `Ok` if the card has an energy counter, otherwise the reason that it has none.
    energy: Result<(), String>,
    /// True while the card is suspended, so that nothing can be read.
    asleep: bool,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let chips = hwmon::chips(system, |name| name == "amdgpu");
    let cards: Vec<Card> = KIND
        .found(system, chips, "no chip \"amdgpu\" is listed")?
        .into_iter()
        .enumerate()
        .map(|(number, chip)| Card::read(system, number, chip))
        .collect();
    let (periods_s, seen) = watch(system, &cards);
    let mut found = Vec::new();
    for ((card, periods_s), seen) in cards.iter().zip(periods_s.chunks(2)).zip(&seen) {
        found.push(card.power_source(system, periods_s[0]).into());
        found.push(card.energy_source(system, periods_s[1], seen).into());
    }
    Ok(found)
}

/// Watches the power and the counter of all cards at the same time. Returns their
/// update periods, two for each card, and the values that each card showed.
fn watch(system: &System, cards: &[Card]) -> (Vec<Option<f64>>, Vec<Seen>) {
    let mut seen: Vec<Seen> = cards.iter().map(|_| Seen::default()).collect();
    let clock = system.clock.as_ref();
    let periods_s = period::update_periods_s(clock, Watch::SLOW, || {
        let mut values = Vec::with_capacity(2 * cards.len());
        for (card, seen) in cards.iter().zip(&mut seen) {
            let power_w = card
                .power
                .iter()
                .find_map(|file| power_w(system, file).ok());
            let metrics = match card.energy {
                Ok(()) => read_metrics(system, &card.metrics_file()).ok(),
                Err(_) => None,
            };
            let energy_uj = metrics.and_then(|m| m.energy_uj);
            let socket_w = metrics.and_then(|m| m.socket_power_w).map(f64::from);
            seen.see(clock.now_s(), energy_uj, power_w.or(socket_w));
            values.push(power_w.map(f64::to_bits));
            values.push(energy_uj);
        }
        values
    });
    (periods_s, seen)
}

impl Card {
    fn read(system: &System, number: usize, chip: Chip) -> Self {
        let device = system.line(&chip.device_file("device").display().to_string());
        let bytes = system.files.read_bytes(&chip.device_file("gpu_metrics"));
        let integrated = INTEGRATED.contains(&device.as_str())
            || bytes.as_ref().is_ok_and(|b| metrics::is_integrated(b))
            // Only processors have a voltage of their north bridge.
            || chip.label(system, "in1_label").as_deref() == Some("vddnb");
        let caps_w = ["power1_cap_max", "power1_cap"]
            .iter()
            .filter_map(|file| attribute::unsigned(system, &chip.file(file)).ok())
            .map(|uw| uw as f64 * 1e-6);
        let max_w = card::plausible_w(caps_w, MAX_W);
        let power = power_file(system, &chip, max_w);
        let asleep = power.is_err() && asleep(system, &chip);
        let energy = match &bytes {
            Ok(bytes) => metrics::parse(bytes)
                .map_err(|why| format!("gpu_metrics is {why}"))
                .and_then(|m| match m.energy_uj {
                    Some(_) => Ok(()),
                    None => Err("gpu_metrics has no energy figure on this chip".into()),
                }),
            Err(e) => Err(format!("gpu_metrics cannot be read: {e}")),
        };
        let label = chip.label(system, "power1_label");
        Self {
            id: format!("amdgpu:{number}"),
            label: label.unwrap_or_else(|| "socket".into()),
            integrated,
            two_dies: TWO_DIES.contains(&device.as_str()),
            power,
            energy,
            asleep,
            max_w,
            chip,
        }
    }

    fn metrics_file(&self) -> PathBuf {
        self.chip.device_file("gpu_metrics")
    }

    fn describe(&self, id: String, what: &str, quantity: Quantity) -> MeterInfo {
        let address = &self.chip.pci_address;
        let covers = match self.integrated {
            true => Covers::Cpu,
            false => Covers::card(address.clone()),
        };
        let place = address.as_deref().unwrap_or("unknown address");
        let description = format!("AMD graphics at {place}: {what}");
        let mut info = MeterInfo::new(id, description, covers, Boundary::Package, quantity);
        info.domains = vec![self.label.clone()];
        info.notes.push(if self.integrated {
            "the whole processor's power: graphics and processor cores share its package".into()
        } else {
            "partial: the power of the socket (the chip, and memory in its package) as the firmware \
             tells it; the rest of the board, its regulators and fans are not in it"
                .into()
        });
        if self.two_dies {
            info.notes
                .push("the figure is of both dies of the card".into());
        }
        info.notes.push(NO_SCALE_ERROR.into());
        info
    }

    /// The report of a reading `id` that is unavailable because the card is suspended.
    fn sleeps(&self, id: String) -> Unavailable {
        let control = match &self.chip.pci_address {
            Some(address) => format!("/sys/bus/pci/devices/{address}/power/control"),
            None => format!("/{}", self.chip.device_file("power/control").display()),
        };
        let looked_for = format!("/{}", self.chip.file("power1_*").display());
        let detail = "the card sleeps, and its driver does not wake it for a reading";
        Unavailable::new(id, looked_for, Reason::Unreachable, detail).with_fix(format!(
            "use the card while it is looked for, or keep it awake: echo on | sudo tee {control}"
        ))
    }

    fn power_source(&self, system: &System, period_s: Option<f64>) -> Opened {
        let file = match &self.power {
            Ok(file) => file.clone(),
            Err(_) if self.asleep => return Err(self.sleeps(self.id.clone())),
            Err(error) => {
                let looked_for = self.chip.file("power1_*").display().to_string();
                let mut why = attribute::refusal(&self.id, looked_for, error);
                if self.two_dies {
                    why.detail += "; of a card with two dies the first one tells the power of both";
                }
                return Err(why);
            }
        };
        let mut info = self.describe(self.id.clone(), "power", Quantity::PowerW);
        note_period(&mut info, period_s);
        info.notes.push(match file.ends_with(POWER_FILES[0]) {
            true => "averaged by the firmware over a time that is not specified".into(),
            false => "instantaneous as the firmware tells it".into(),
        });
        let system = system.clone();
        Ok(Box::new(Watts {
            info,
            what: file.display().to_string(),
            watts: Box::new(move || power_w(&system, &file)),
            max_w: self.max_w,
            pace: Pace::LOCAL,
        }))
    }

    fn energy_source(&self, system: &System, period_s: Option<f64>, seen: &Seen) -> Opened {
        let id = format!("{}:energy", self.id);
        if self.asleep {
            return Err(self.sleeps(id));
        }
        let file = self.metrics_file();
        let fault = match &self.energy {
            Ok(()) => seen.fault().map(|why| (Reason::Malformed, why)),
            Err(why) => Some((Reason::Absent, why.clone())),
        };
        if let Some((reason, detail)) = fault {
            let looked_for = format!("/{}", file.display());
            return Err(Unavailable::new(id, looked_for, reason, detail));
        }
        let mut info = self.describe(id, "energy", Quantity::EnergyJ);
        note_period(&mut info, period_s);
        info.quantum_j = Some(metrics::STEP_J);
        info.notes
            .push("its counter agreed with its power reading when it was opened".into());
        let (what, reader) = (file.display().to_string(), system.clone());
        let value_uj = move || {
            let energy_uj = read_metrics(&reader, &file)?.energy_uj;
            energy_uj.ok_or_else(|| ReadError::malformed(&file, "no energy figure"))
        };
        let counted = card::counted(system, info, what, self.max_w, 0, value_uj);
        Ok(Box::new(counted))
    }
}

/// Returns true if the card is suspended, or if its driver refuses a read with the
/// error of a suspended card.
fn asleep(system: &System, chip: &Chip) -> bool {
    /// EPERM from a read. A file that this user may not open gives EACCES instead.
    const NOT_PERMITTED: i32 = 1;
    let status = chip.device_file("power/runtime_status");
    let status = system.line(&status.display().to_string());
    let refused = |name: &str| match system.files.read(&chip.file(name)) {
        Ok(_) => false,
        Err(e) => {
            e.kind() == std::io::ErrorKind::ResourceBusy
                || cfg!(unix) && e.raw_os_error() == Some(NOT_PERMITTED)
        }
    };
    matches!(status.as_str(), "suspended" | "suspending" | "resuming")
        || POWER_FILES.into_iter().any(refused)
}

/// The first power file that holds a plausible figure, or the error of a file that exists.
fn power_file(system: &System, chip: &Chip, max_w: f64) -> Result<PathBuf, ReadError> {
    let mut wrong = None;
    for name in POWER_FILES {
        let file = chip.file(name);
        let what = file.display().to_string();
        match power_w(system, &file).and_then(|w| believed(&what, w, max_w)) {
            Ok(_) => return Ok(file),
            Err(error) => {
                // The error of a file that exists is more useful than that of a
                // missing one.
                if !matches!(error, ReadError::Vanished { .. }) || wrong.is_none() {
                    wrong = Some(error);
                }
            }
        }
    }
    Err(wrong.unwrap_or(ReadError::Vanished {
        path: chip.file("power1_*").display().to_string(),
    }))
}

fn power_w(system: &System, file: &Path) -> Result<f64, ReadError> {
    attribute::power_w(system, file, &NO_FIGURE_UW)
}

fn read_metrics(system: &System, file: &Path) -> Result<Metrics, ReadError> {
    let bytes = system.files.read_bytes(file);
    let bytes = bytes.map_err(|e| ReadError::from_io(file, &e))?;
    metrics::parse(&bytes).map_err(|why| ReadError::malformed(file, &why))
}
