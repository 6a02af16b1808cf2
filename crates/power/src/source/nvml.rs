//! NVIDIA graphics cards through the driver's management library (NVML), which is
//! loaded on first use.
//!
//! Facts of the interface (NVIDIA's `nvml.h`, and measurements of many cards by
//! Yang, Adamek and Armour, arXiv 2312.02741):
//!
//! - `nvmlDeviceGetTotalEnergyConsumption`: millijoules since the driver was
//!   loaded, from Volta on, refreshed every 20 to 100 ms. It starts again at 0
//!   when the driver is reloaded or the card reset.
//! - Field 186 is power without averaging, field 185 is power averaged over a
//!   second. Both are in milliwatts, and only newer drivers have them.
//! - `nvmlDeviceGetPowerUsage` is averaged over a second on Ampere and newer cards
//!   except GA100 (A100, A30), and not averaged on GA100 and older cards.
//! - On some cards "not averaged" is the mean over a part of each 100 ms: over 25
//!   ms of them on A100 and H100. This is correct under steady load, but not under
//!   bursts.
//! - Against a meter on the card's supply, energies were off by 5.5 % (root mean
//!   square of 13 cards), mostly too low. The error of one card is mostly one
//!   factor and one offset.
//! - On Grace Hopper only the power of the module, processor included, may be reported.
//!
//! `nvml:0` is the card that NVML and `nvidia-smi` number 0, in the order of the
//! PCI addresses. Its readings are `nvml:0:energy`, `nvml:0:instant` and
//! `nvml:0:average`.

mod absent;
mod device;
pub(crate) mod state;

use super::meter::{Watts, believed, note_period};
use super::{Boundary, Covers, Entry, Found, MeterInfo, Opened, Pace, Quantity, Query, System};
use super::{Unavailable, card};
use crate::period::{self, Watch};
use device::{Card, Power};
use nvml_wrapper::Nvml;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry::local("nvml", probe).described(
    "NVIDIA graphics: energy and power through the driver's library",
    "nvml[:N:energy|:N:instant|:N:average]",
);

/// Scale error of any NVML figure at k=2: twice the 5.5 % stated above.
const GAIN_REL: f64 = 0.11;
/// Plausible maximum in watts where the limit cannot be read, above any card or
/// module sold.
const MAX_W: f64 = 3000.0;

/// Loads the library and counts the cards.
fn open_library(system: &System) -> Result<(Arc<Nvml>, u32), Unavailable> {
    let path = system.drivers.nvml_library.as_deref();
    let path = path.ok_or_else(|| absent::not_asked(system))?;
    let nvml = Nvml::builder().lib_path(path.as_os_str()).init();
    let opened = nvml.and_then(|nvml| Ok((nvml.device_count()?, nvml)));
    match opened.map_err(|error| absent::no_library(system, path, &error))? {
        (0, _) => Err(absent::no_card(path)),
        (count, nvml) => Ok((Arc::new(nvml), count)),
    }
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, Unavailable> {
    let system = query.system;
    let (nvml, count) = open_library(system)?;
    let cards: Vec<Result<Card, Unavailable>> = (0..count)
        .map(|number| {
            Card::open(&nvml, number).map_err(|e| absent::card(&format!("nvml:{number}"), &e))
        })
        .collect();
    let mut periods_s = watch(system, cards.iter().flatten()).into_iter();
    let mut found = Vec::new();
    for card in cards {
        match card {
            Err(why) => found.push(Found::Unavailable(why)),
            Ok(card) => {
                let [energy_s, instant_s, average_s] = [(); 3].map(|()| periods_s.next().flatten());
                found.push(energy(system, &card, energy_s).into());
                found.push(power(&card, Power::Instant, instant_s).into());
                found.push(power(&card, Power::Average, average_s).into());
            }
        }
    }
    Ok(found)
}

/// Update periods of the energy, instant and average power of each card. All are
/// watched at the same time, so that eight cards take no longer than one.
fn watch<'a>(system: &System, cards: impl Iterator<Item = &'a Card> + Clone) -> Vec<Option<f64>> {
    period::update_periods_s(system.clock.as_ref(), Watch::SLOW, || {
        cards
            .clone()
            .flat_map(|card| {
                [
                    card.energy_uj().ok(),
                    card.power_w(Power::Instant).ok().map(f64::to_bits),
                    card.power_w(Power::Average).ok().map(f64::to_bits),
                ]
            })
            .collect()
    })
}

/// Time in seconds over which cards integrate power that the driver does not average: 0.08 to
/// 0.11 (arXiv 2312.02741).
const INSTANT_LOOK_BACK_S: f64 = 0.1;

fn plausible_w(card: &Card) -> f64 {
    card::plausible_w(card.limit_w().into_iter(), MAX_W)
}

fn describe_card(card: &Card, part: &str, what: &str, quantity: Quantity) -> MeterInfo {
    let mut info = MeterInfo::new(
        format!("{}:{part}", card.id),
        format!("{}: {what}", card.name),
        Covers::card(card.pci_address.clone()),
        Boundary::Board,
        quantity,
    );
    info.domains = vec!["board".into()];
    info.gain_uncertainty_rel = Some(GAIN_REL);
    info.notes = vec![
        format!("driver {}, library {}", card.driver, card.library),
        format!(
            "scale error of {:.0} % (k=2): twice the root mean square over 13 cards against a \
             meter on the card's supply (arXiv 2312.02741); most cards read too low",
            GAIN_REL * 100.0
        ),
    ];
    info.notes.extend(card.notes());
    info
}

fn energy(system: &System, card: &Card, period_s: Option<f64>) -> Opened {
    let first_uj = card
        .energy_uj()
        .map_err(|fault| absent::reading(card, "energy", fault))?;
    let what = "energy by its own counter";
    let mut info = describe_card(card, "energy", what, Quantity::EnergyJ);
    info.quantum_j = Some(1e-3);
    info.notes
        .push("from nvmlDeviceGetTotalEnergyConsumption".into());
    note_period(&mut info, period_s);
    let (id, reader) = (info.id.clone(), card.clone());
    let value_uj = move || reader.energy_uj().map_err(|f| f.while_reading(&id));
    let (what, max_w) = (info.id.clone(), plausible_w(card));
    let counted = card::counted(system, info, what, max_w, first_uj, value_uj);
    Ok(Box::new(counted))
}

fn power(card: &Card, kind: Power, period_s: Option<f64>) -> Opened {
    let max_w = plausible_w(card);
    let (part, what) = match kind {
        Power::Instant => ("instant", "power, not averaged by the driver"),
        Power::Average => ("average", "power averaged by the driver over a second"),
    };
    let id = format!("{}:{part}", card.id);
    card.power_w(kind)
        .and_then(|w| believed(&id, w, max_w).map_err(device::NvmlFault::Unbelievable))
        .map_err(|fault| absent::reading(card, part, fault))?;
    let mut info = describe_card(card, part, what, Quantity::PowerW);
    info.quantum_w = Some(1e-3);
    info.averaging_s = card.averaging_s(kind);
    info.look_back_s = Some(info.averaging_s.unwrap_or(INSTANT_LOOK_BACK_S));
    info.notes.push(format!("from {}", card.api(kind)));
    if kind == Power::Instant && card.is_sampled() {
        info.notes.push(
            "the card measures 25 ms of every 100 ms, so that bursty work may be missed or \
             counted fourfold"
                .into(),
        );
    }
    note_period(&mut info, period_s);
    let (reader, what) = (card.clone(), id.clone());
    Ok(Box::new(Watts {
        info,
        what,
        watts: Box::new(move || reader.power_w(kind).map_err(|f| f.while_reading(&id))),
        max_w,
        pace: Pace::LOCAL,
    }))
}
