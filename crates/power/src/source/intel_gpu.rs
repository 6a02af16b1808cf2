//! Intel graphics cards through the `i915` and `xe` drivers.
//!
//! Facts of the interface (Linux `Documentation/ABI/testing/sysfs-driver-intel-*`
//! and the drivers' `*_hwmon.c`):
//!
//! - A chip named `i915` or `xe` in `/sys/class/hwmon`, of discrete cards only,
//!   has energy counters in microjoules and no power readings. `i915` has one,
//!   `energy1_input`, of the card's processor package; `xe` names them by
//!   `energy*_label`: `card` is the whole card, `pkg` its package.
//! - A card with several tiles has a chip `i915_gtN` for each tile, beside the chip
//!   of the card, which contains them.
//! - The hardware register has 32 bits of 2^-14 J. The driver adds up its
//!   differences only when the file is read: 262144 J or more between two readings
//!   are lost.
//! - `power1_max` is the sustained limit. `power1_crit` is a limit of current and
//!   gives no information about power.
//!
//! `intel-gpu:0` is the counter without a label of the card with the lowest PCI
//! address; `intel-gpu:0:card`, `:pkg` and `:gt1` are the counters with a label.

use super::absent::LookedFor;
use super::hwmon::{self, Chip};
use super::meter::{Limits, note_period};
use super::{Boundary, Covers, Entry, Found, MeterInfo, NO_SCALE_ERROR, Opened, Quantity, Query};
use super::{Reason, System, Unavailable, attribute, card};
use crate::pci;
use crate::period::{self, Watch};
use std::path::PathBuf;

pub(super) const ENTRY: Entry = Entry::local("intel-gpu", probe).described(
    "Intel graphics cards: energy through the i915 and xe drivers",
    "intel-gpu[:N[:card|:pkg|:gtN]]",
);

const KIND: LookedFor<'static> = LookedFor {
    id: "intel-gpu",
    looked_for: "/sys/class/hwmon/*/name i915, xe",
    what: "Intel graphics card",
    pci_vendor: Some(INTEL),
    load: "sudo modprobe xe   (or i915, by the card's age)",
};

const INTEL: u32 = 0x8086;
/// PCI address of all graphics that are part of the processor.
const WITHIN_PROCESSOR: &str = "0000:00:02.0";

/// Upper bound of the counters of one chip.
const MAX_COUNTERS: usize = 8;
/// Joules after which the 32-bit register restarts at 0.
const REGISTER_J: f64 = 262_144.0;
/// Step of the register in joules, 2^-14 J.
const QUANTUM_J: f64 = 6.103_515_625e-5;
/// Seconds between readings within which a wrap is impossible at any power of a card.
const READ_WITHIN_S: f64 = 60.0;
/// Plausible maximum in watts where the limit cannot be read.
const MAX_W: f64 = 1500.0;

/// One counter of one card.
struct Counter {
    id: String,
    file: PathBuf,
    boundary: Boundary,
    what: String,
    covers: Covers,
    max_w: f64,
    /// Counters of the same card that overlap with it.
    overlaps: Vec<String>,
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let is_ours = |name: &str| matches!(name, "i915" | "xe") || name.starts_with("i915_gt");
    let chips = hwmon::chips(system, is_ours);
    if chips.as_ref().is_ok_and(Vec::is_empty) && pci::displays(system, INTEL) == [WITHIN_PROCESSOR]
    {
        let detail = format!(
            "the graphics at {WITHIN_PROCESSOR} are part of the processor and have no counter of \
             their own"
        );
        let why = Unavailable::new(KIND.id, KIND.looked_for, Reason::Absent, detail);
        return Err(why.with_fix("use rapl, whose package contains them"));
    }
    let chips = KIND.found(system, chips, "no chip \"i915\" or \"xe\" is listed")?;
    let counters = counters(system, &chips);
    if counters.is_empty() {
        let detail = "the driver offers no energy counter of this card";
        let why = Unavailable::new(KIND.id, "energy*_input", Reason::Absent, detail);
        return Err(why.with_fix("use a newer kernel: i915 counts from Linux 6.2 on"));
    }
    let read = |counter: &Counter| attribute::unsigned(system, &counter.file);
    let periods_s = period::update_periods_s(system.clock.as_ref(), Watch::FAST, || {
        counters.iter().map(|c| read(c).ok()).collect()
    });
    Ok(counters
        .into_iter()
        .zip(periods_s)
        .map(|(counter, period_s)| open(system, counter, period_s).into())
        .collect())
}

/// All counters of all cards.
fn counters(system: &System, chips: &[Chip]) -> Vec<Counter> {
    let mut addresses: Vec<Option<&str>> = chips.iter().map(|c| c.pci_address.as_deref()).collect();
    addresses.dedup();
    let mut found = Vec::new();
    for (number, address) in addresses.into_iter().enumerate() {
        let card = chips.iter().filter(|c| c.pci_address.as_deref() == address);
        let counters = card.flat_map(|chip| of_chip(system, number, chip));
        let mut of_card: Vec<Counter> = counters.collect();
        let ids: Vec<String> = of_card.iter().map(|c| c.id.clone()).collect();
        for counter in &mut of_card {
            let others = ids.iter().filter(|id| **id != counter.id);
            counter.overlaps = others.cloned().collect();
        }
        found.extend(of_card);
    }
    found
}

fn of_chip(system: &System, number: usize, chip: &Chip) -> Vec<Counter> {
    let limit_uw = attribute::unsigned(system, &chip.file("power1_max"));
    let max_w = card::plausible_w(limit_uw.iter().map(|uw| *uw as f64 * 1e-6), MAX_W);
    let covers = Covers::card(chip.pci_address.clone());
    (1..=MAX_COUNTERS)
        .filter_map(|i| {
            let file = chip.file(&format!("energy{i}_input"));
            if !attribute::exists(system, &file) {
                return None;
            }
            let label = chip.label(system, &format!("energy{i}_label"));
            let part = match (&label, chip.name.strip_prefix("i915_")) {
                (Some(label), _) => Some(label.to_lowercase()),
                (None, Some(tile)) => Some(tile.to_owned()),
                // A second counter without a label would have no distinct identifier.
                (None, None) if i > 1 => return None,
                (None, None) => None,
            };
            let (boundary, what) = match part.as_deref() {
                Some("card") => (Boundary::Board, "the whole card"),
                Some("pkg") | None => (Boundary::Package, "its processor package"),
                Some(part) if part.starts_with("gt") => (Boundary::Die, "one tile"),
                Some(_) => (Boundary::Die, "a part"),
            };
            Some(Counter {
                id: match &part {
                    Some(part) => format!("{}:{number}:{part}", KIND.id),
                    None => format!("{}:{number}", KIND.id),
                },
                file,
                boundary,
                what: what.to_owned(),
                covers: covers.clone(),
                max_w,
                overlaps: Vec::new(),
            })
        })
        .collect()
}

fn open(system: &System, counter: Counter, period_s: Option<f64>) -> Opened {
    let what = counter.file.display().to_string();
    let looked_for = format!("/{what}");
    let first_uj = match attribute::unsigned(system, &counter.file) {
        Ok(0) => {
            let (reason, detail) = (Reason::Malformed, "its counter stands at 0");
            return Err(Unavailable::new(counter.id, looked_for, reason, detail));
        }
        Ok(uj) => uj,
        Err(error) => {
            let mut why = attribute::refusal(counter.id, looked_for, &error);
            why.fix = (why.reason == Reason::NotPermitted)
                .then(|| format!("sudo chmod a+r /{what}   (until reboot)"));
            return Err(why);
        }
    };
    let mut info = MeterInfo::new(
        counter.id,
        format!("Intel graphics card: energy of {}", counter.what),
        counter.covers,
        counter.boundary,
        Quantity::EnergyJ,
    );
    info.domains = vec![counter.what];
    info.excluded_domains = counter
        .overlaps
        .iter()
        .map(|id| format!("{id}: a counter of the same card"))
        .collect();
    info.quantum_j = Some(QUANTUM_J);
    info.notes.push(NO_SCALE_ERROR.into());
    note_period(&mut info, period_s);
    let (reader, file) = (system.clone(), counter.file);
    let value_uj = move || attribute::unsigned(&reader, &file);
    let mut counted = card::counted(system, info, what, counter.max_w, first_uj, value_uj);
    counted.limits = Limits {
        read_within_s: Some(READ_WITHIN_S),
        certain_for_s: Some(REGISTER_J / counter.max_w),
    };
    Ok(Box::new(counted))
}
