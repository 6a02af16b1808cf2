//! Power meters of the board's firmware (ACPI000D), NVIDIA Grace's among them.
//!
//! Facts of the interface (Linux `Documentation/hwmon/acpi_power_meter.rst`, and
//! NVIDIA's Grace performance tuning guide):
//!
//! - A chip named `power_meter` in `/sys/class/hwmon` has `power1_average` in
//!   microwatts, averaged over `power1_average_interval` milliseconds, and
//!   `power1_accuracy` (`90.0%`) where the firmware states it. Older kernels have
//!   these files, and `name`, in the chip's `device`.
//! - The firmware decides what a meter covers. Grace has four meters a socket,
//!   which `power1_oem_info` tells apart: `Module Power Socket 0` (everything on
//!   the module, a Hopper chip included), `Grace Power Socket 0` (the Grace chip
//!   and its memory), `CPU Power Socket 0` and `SysIO Power Socket 0` (parts of
//!   it). The first contains the rest, so that only readings of one kind are added
//!   over the sockets.
//! - ACPI's value for "not known" is 0xFFFFFFFF mW.

use super::absent::LookedFor;
use super::hwmon::{self, Chip};
use super::meter::{Watts, believed, note_period};
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Pace, Quantity};
use super::{Query, ReadError, Reason, System, Unavailable, attribute};
use crate::period::{self, Watch};
use std::path::{Path, PathBuf};

pub(super) const ENTRY: Entry = Entry::local("acpi-power", probe).described(
    "power meters of the board's firmware (ACPI, NVIDIA Grace)",
    "acpi-power[:N|:module|:grace|:cpu|:sysio]",
);

const KIND: LookedFor<'static> = LookedFor {
    id: "acpi-power",
    looked_for: "/sys/class/hwmon/*/name power_meter",
    what: "power meter of its board",
    pci_vendor: None,
    load: "sudo modprobe acpi_power_meter",
};

/// Values for "not known", in microwatts: 0, 0xFFFFFFFF mW and 0xFFFFFFFF µW.
const NOT_KNOWN_UW: [u64; 3] = [0, 4_294_967_295_000, 4_294_967_295];
/// Largest plausible power in watts, above the draw of any one board.
const MAX_W: f64 = 20_000.0;
/// Longest averaging interval that is believed, in milliseconds (one hour).
const MAX_INTERVAL_MS: u64 = 3_600_000;

/// The labels of Grace: the label's text, the part of the identifier, the boundary,
/// the device covered, and a description.
#[rustfmt::skip]
const GRACE: [(&str, &str, Boundary, Covers, &str); 4] = [
    (
        "Module Power",
        "module",
        Boundary::DcIn,
        Covers::Machine,
        "the whole module, with a graphics chip where it has one",
    ),
    ("Grace Power", "grace", Boundary::PackageDram, Covers::Cpu, "the Grace chip and its memory"),
    ("CPU Power", "cpu", Boundary::Die, Covers::Cpu, "the processor cores"),
    (
        "SysIO Power",
        "sysio",
        Boundary::Die,
        Covers::Cpu,
        "the links and controllers of the Grace chip",
    ),
];

/// Meters of one kind on different sockets, whose readings are added.
struct Sum {
    id: String,
    boundary: Boundary,
    covers: Covers,
    what: String,
    meters: Vec<(Chip, String)>,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let chips = hwmon::chips(system, |name| name == "power_meter");
    let chips = KIND.found(system, chips, "no chip \"power_meter\" is listed")?;
    let sums = sums(system, chips.into_iter().map(|c| with_files(system, c)));
    let shown = |sum: &Sum| total_w(system, &files(sum)).ok().map(f64::to_bits);
    let periods_s = period::update_periods_s(system.clock.as_ref(), Watch::FAST, || {
        sums.iter().map(shown).collect()
    });
    let ids: Vec<String> = sums.iter().map(|s| s.id.clone()).collect();
    Ok(sums
        .into_iter()
        .zip(periods_s)
        .map(|(sum, period_s)| open(system, sum, period_s, &ids).into())
        .collect())
}

/// The chip, with the device's directory where the kernel keeps the files there.
fn with_files(system: &System, chip: Chip) -> Chip {
    let has = |file: &Path| attribute::exists(system, file);
    if !has(&chip.file("power1_average")) && has(&chip.device_file("power1_average")) {
        return Chip {
            dir: chip.dir.join("device"),
            ..chip
        };
    }
    chip
}

fn sums(system: &System, chips: impl Iterator<Item = Chip>) -> Vec<Sum> {
    let mut sums: Vec<Sum> = Vec::new();
    for chip in chips {
        let label = chip.label(system, "power1_oem_info").unwrap_or_default();
        let Some((_, part, boundary, covers, what)) =
            GRACE.iter().find(|(prefix, ..)| label.starts_with(prefix))
        else {
            let plain = sums.iter().filter(|s| s.boundary == Boundary::Platform);
            let plain = plain.count();
            let model = chip.label(system, "power1_model_number");
            let model = model.unwrap_or_else(|| "not named".into());
            sums.push(Sum {
                id: format!("{}:{plain}", KIND.id),
                boundary: Boundary::Platform,
                covers: Covers::Machine,
                what: match label.as_str() {
                    "" => format!("meter {plain} of the board ({model})"),
                    label => format!("{label} ({model})"),
                },
                meters: vec![(chip, label)],
            });
            continue;
        };
        let id = format!("{}:{part}", KIND.id);
        match sums.iter_mut().find(|sum| sum.id == id) {
            Some(sum) => sum.meters.push((chip, label)),
            None => sums.push(Sum {
                id,
                boundary: *boundary,
                covers: covers.clone(),
                what: (*what).to_owned(),
                meters: vec![(chip, label)],
            }),
        }
    }
    for sum in &mut sums {
        sum.meters.sort_by(|a, b| a.1.cmp(&b.1));
    }
    sums
}

fn files(sum: &Sum) -> Vec<PathBuf> {
    let chips = sum.meters.iter().map(|(chip, _)| chip);
    chips.map(|chip| chip.file("power1_average")).collect()
}

fn open(system: &System, sum: Sum, period_s: Option<f64>, ids: &[String]) -> Opened {
    let files = files(&sum);
    let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    let what = names.join(" + ");
    let began_s = system.clock.now_s();
    if let Err(error) = total_w(system, &files).and_then(|w| believed(&what, w, MAX_W)) {
        let why = attribute::refusal(sum.id, format!("/{what}"), &error);
        return Err(match why.reason {
            Reason::NotPermitted => why
                .with_fix("sudo chmod a+r /sys/class/hwmon/hwmon*/power1_average   (until reboot)"),
            _ => why,
        });
    }
    let answer_s = system.clock.now_s() - began_s;
    let mut info = MeterInfo::new(
        sum.id.clone(),
        format!("power meter of the board's firmware: {}", sum.what),
        sum.covers,
        sum.boundary,
        Quantity::PowerW,
    );
    info.domains = sum
        .meters
        .iter()
        .map(|(chip, label)| match label.as_str() {
            "" => chip.dir.display().to_string(),
            label => label.to_owned(),
        })
        .collect();
    info.excluded_domains = ids
        .iter()
        .filter(|id| **id != sum.id)
        .map(|id| format!("{id}: overlaps or is not known not to"))
        .collect();
    if sum.boundary == Boundary::Platform {
        info.notes.push(
            "what it covers is the firmware's choice and not stated; of several meters some may \
             contain others, and none are added"
                .into(),
        );
    }
    let first = &sum.meters[0].0;
    info.averaging_s = attribute::unsigned(system, &first.file("power1_average_interval"))
        .ok()
        .filter(|ms| (1..=MAX_INTERVAL_MS).contains(ms))
        .map(|ms| ms as f64 * 1e-3);
    let accuracy = first.label(system, "power1_accuracy");
    info.gain_uncertainty_rel = accuracy.as_deref().and_then(error_rel);
    info.notes.push(match info.gain_uncertainty_rel {
        Some(_) => "its accuracy is the firmware's own statement, taken as k=2".into(),
        None => NO_SCALE_ERROR.into(),
    });
    note_period(&mut info, period_s);
    let system = system.clone();
    // Some of these files are served by a management controller, which is slow.
    let interval_s = info.averaging_s.map_or(0.1, |s| (s / 2.0).clamp(0.05, 1.0));
    let pace = Pace::blocking(interval_s).answering(answer_s, &mut info);
    Ok(Box::new(Watts {
        pace,
        info,
        what,
        watts: Box::new(move || total_w(&system, &files)),
        max_w: MAX_W,
    }))
}

/// The relative error that an accuracy such as `98.5%` allows (here 0.015).
fn error_rel(accuracy: &str) -> Option<f64> {
    let percent: f64 = accuracy.trim().strip_suffix('%')?.trim().parse().ok()?;
    (percent > 0.0 && percent < 100.0).then(|| (100.0 - percent) / 100.0)
}

fn total_w(system: &System, files: &[PathBuf]) -> Result<f64, ReadError> {
    let power_w = |file: &PathBuf| attribute::power_w(system, file, &NOT_KNOWN_UW);
    files.iter().map(power_w).sum()
}
