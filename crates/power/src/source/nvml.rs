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

use super::meter::{Counted, Limits, Watts, note_period};
use super::{Entry, Pace, Query};
use crate::accumulate::Accumulator;
use crate::counter::CounterDiff;
use crate::info::{Boundary, Covers, MeterInfo, Quantity};
use crate::period::{self, Watch};
use crate::select::Found;
use crate::spec::SpecError;
use crate::system::System;
use crate::unavailable::Unavailable;
use device::{Card, Power};
use nvml_wrapper::Nvml;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry::automatic("nvml", probe).described(
    "NVIDIA graphics: energy and power through the driver's library",
    "nvml[:N:energy|:N:instant|:N:average]",
);

/// Scale error of any NVML figure at k=2: twice the 5.5 % stated above.
const GAIN_REL: f64 = 0.11;
/// Plausible maximum in watts where the limit cannot be read, above any card or
/// module sold.
const MAX_W: f64 = 3000.0;
/// Power accepted as plausible, as a multiple of the limit in force.
const LIMIT_FACTOR: f64 = 2.0;
/// Least plausible maximum, in watts.
const MIN_PLAUSIBLE_W: f64 = 200.0;
/// Longest delay of the counter's updates, in seconds.
const SLACK_S: f64 = 0.25;
/// Seconds without a step after which the counter is taken as stopped: a running
/// card always uses some energy.
const FROZEN_S: f64 = 5.0;

/// Loads the library and counts the cards.
fn open_library(system: &System) -> Result<(Arc<Nvml>, u32), Box<Unavailable>> {
    let path = system
        .drivers
        .nvml_library
        .as_deref()
        .ok_or_else(|| Box::new(absent::not_asked(system)))?;
    let nvml = Nvml::builder()
        .lib_path(path.as_os_str())
        .init()
        .map_err(|e| Box::new(absent::no_library(system, path, &e)))?;
    let count = nvml
        .device_count()
        .map_err(|e| Box::new(absent::no_library(system, path, &e)))?;
    match count {
        0 => Err(Box::new(absent::no_card(path))),
        _ => Ok((Arc::new(nvml), count)),
    }
}

fn probe(query: &Query<'_>) -> Result<Vec<Found>, SpecError> {
    let system = query.system;
    let (nvml, count) = match open_library(system) {
        Ok(opened) => opened,
        Err(why) => return Ok(vec![Found::Unavailable(*why)]),
    };
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
                found.push(energy(system, &card, energy_s));
                found.push(power(&card, Power::Instant, instant_s));
                found.push(power(&card, Power::Average, average_s));
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

fn plausible_w(card: &Card) -> f64 {
    card.limit_w()
        .map(|w| LIMIT_FACTOR * w)
        .filter(|w| *w > 0.0 && *w <= MAX_W)
        .map_or(MAX_W, |w| w.max(MIN_PLAUSIBLE_W))
}

fn describe_card(card: &Card, part: &str, what: &str, quantity: Quantity) -> MeterInfo {
    let mut info = MeterInfo::new(
        format!("{}:{part}", card.id),
        format!("{}: {what}", card.name),
        match &card.pci_address {
            Some(address) => Covers::Pci(address.clone()),
            None => Covers::UnknownGpu,
        },
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

fn energy(system: &System, card: &Card, period_s: Option<f64>) -> Found {
    let first_uj = match card.energy_uj() {
        Ok(uj) => uj,
        Err(fault) => return Found::Unavailable(absent::reading(card, "energy", fault)),
    };
    let mut info = describe_card(
        card,
        "energy",
        "energy by its own counter",
        Quantity::EnergyJ,
    );
    info.quantum_j = Some(1e-3);
    info.notes
        .push("from nvmlDeviceGetTotalEnergyConsumption".into());
    note_period(&mut info, period_s);
    let diff = CounterDiff {
        range_uj: u64::MAX,
        max_w: plausible_w(card),
        slack_s: SLACK_S,
    };
    let now_s = system.clock.now_s();
    let counter = Accumulator::new(info.id.clone(), diff, Some(FROZEN_S), first_uj, now_s);
    let id = info.id.clone();
    let card = card.clone();
    Found::Available(Box::new(Counted::start(
        info,
        system.clock.clone(),
        vec![counter],
        Box::new(move || Ok(vec![card.energy_uj().map_err(|f| f.while_reading(&id))?])),
        Limits::default(),
        Pace::LOCAL,
    )))
}

fn power(card: &Card, kind: Power, period_s: Option<f64>) -> Found {
    let max_w = plausible_w(card);
    let (part, what) = match kind {
        Power::Instant => ("instant", "power, not averaged by the driver"),
        Power::Average => ("average", "power averaged by the driver over a second"),
    };
    let id = format!("{}:{part}", card.id);
    let first = card.power_w(kind).and_then(|w| {
        super::meter::believed(&id, w, max_w).map_err(device::NvmlFault::Unbelievable)
    });
    if let Err(fault) = first {
        return Found::Unavailable(absent::reading(card, part, fault));
    }
    let mut info = describe_card(card, part, what, Quantity::PowerW);
    info.quantum_w = Some(1e-3);
    info.averaging_s = card.averaging_s(kind);
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
    Found::Available(Box::new(Watts {
        info,
        what,
        watts: Box::new(move || reader.power_w(kind).map_err(|f| f.while_reading(&id))),
        max_w,
        pace: Pace::LOCAL,
    }))
}
