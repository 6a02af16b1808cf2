//! The state of NVIDIA cards: temperature, clocks, limits, throttling, memory, fan.

use super::device::{self, Card};
use crate::info::Covers;
use crate::state::limits::{default_limit, partitions};
use crate::state::{Channel, Gauge, Probe};
use crate::system::System;
use nvml_wrapper::Device;
use nvml_wrapper::enum_wrappers::device::{Clock, PerformancePolicy, TemperatureSensor};
use nvml_wrapper::sys_exports::field_id;

/// Length of a nanosecond in seconds.
const NS: f64 = 1e-9;

/// One query of a card's state.
#[derive(Clone, Copy)]
enum Asks {
    Temperature,
    SmClock,
    MemoryClock,
    PowerLimit,
    /// Nanoseconds below the requested clock, by cause: the field, and the older
    /// call for the same figure.
    Throttled(u32, fn() -> PerformancePolicy),
    MemoryUsed,
    Fan,
}

/// All channels: name, query, gauge, and a one-line description.
#[rustfmt::skip]
const CHANNELS: [(&str, Asks, Gauge, &str); 10] = [
    ("temp", Asks::Temperature, Gauge::TemperatureC, "chip temperature"),
    ("sm-clock", Asks::SmClock, Gauge::ClockHz, "clock of the multiprocessors"),
    ("memory-clock", Asks::MemoryClock, Gauge::ClockHz, "memory clock"),
    ("power-limit", Asks::PowerLimit, Gauge::PowerLimitW, "power limit in force"),
    (
        "throttled-power",
        Asks::Throttled(field_id::NVML_FI_DEV_PERF_POLICY_POWER, || {
            PerformancePolicy::Power
        }),
        Gauge::ThrottledS,
        "time slowed by the power limit",
    ),
    (
        "throttled-thermal",
        Asks::Throttled(field_id::NVML_FI_DEV_PERF_POLICY_THERMAL, || {
            PerformancePolicy::Thermal
        }),
        Gauge::ThrottledS,
        "time slowed by heat",
    ),
    (
        "throttled-sync-boost",
        Asks::Throttled(field_id::NVML_FI_DEV_PERF_POLICY_SYNC_BOOST, || {
            PerformancePolicy::SyncBoost
        }),
        Gauge::ThrottledS,
        "time slowed to the pace of other cards",
    ),
    (
        "throttled-board",
        Asks::Throttled(field_id::NVML_FI_DEV_PERF_POLICY_BOARD_LIMIT, || {
            PerformancePolicy::BoardLimit
        }),
        Gauge::ThrottledS,
        "time slowed by a limit of the board",
    ),
    ("memory-used", Asks::MemoryUsed, Gauge::MemoryUsedBytes, "memory in use"),
    ("fan", Asks::Fan, Gauge::FanRpm, "first fan"),
];

/// One probe for each card that answers at least one query.
pub(crate) fn probes(system: &System) -> Vec<Box<dyn Probe>> {
    let Ok((nvml, count)) = super::open_library(system) else {
        return Vec::new();
    };
    (0..count)
        .filter_map(|number| Card::open(&nvml, number).ok())
        .map(CardState::of)
        .filter(|state| !state.channels.is_empty())
        .map(|state| Box::new(state) as Box<dyn Probe>)
        .collect()
}

struct CardState {
    card: Card,
    channels: Vec<Channel>,
    asks: Vec<Asks>,
}

impl CardState {
    /// Keeps the channels that can be read now.
    fn of(card: Card) -> Self {
        let covers = Covers::card(card.pci_address.clone());
        let answers = |asks: Asks| card.device().ok().and_then(|d| ask(&d, asks)).is_some();
        let (channels, asks) = CHANNELS
            .into_iter()
            .filter(|(_, asks, ..)| answers(*asks))
            .map(|(name, asks, gauge, description)| {
                let channel = Channel {
                    id: format!("{}/{name}", card.id),
                    description: format!("{}: {description}", card.name),
                    covers: covers.clone(),
                    gauge,
                };
                (channel, asks)
            })
            .unzip();
        Self {
            card,
            channels,
            asks,
        }
    }
}

impl Probe for CardState {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self) -> Vec<Option<f64>> {
        let device = self.card.device().ok();
        self.asks
            .iter()
            .map(|asks| ask(device.as_ref()?, *asks))
            .collect()
    }

    fn settings(&mut self) -> Vec<(String, String)> {
        let id = &self.card.id;
        let device = self.card.device().ok();
        let device = device.as_ref();
        let default = device.and_then(|device| device.power_management_limit_default().ok());
        let default = default.map(|mw| default_limit(id, f64::from(mw) * 1e-3));
        let mig = device.and_then(|device| device.mig_mode().ok());
        let mig = mig.map(|mode| partitions(id, mode.current != 0));
        let versions = [
            (format!("{id}/driver"), self.card.driver.clone()),
            (format!("{id}/nvml"), self.card.library.clone()),
        ];
        versions.into_iter().chain(default).chain(mig).collect()
    }
}

fn ask(device: &Device<'_>, asks: Asks) -> Option<f64> {
    let hertz = |clock| Some(f64::from(device.clock_info(clock).ok()?) * 1e6);
    match asks {
        Asks::Temperature => Some(f64::from(device.temperature(TemperatureSensor::Gpu).ok()?)),
        Asks::SmClock => hertz(Clock::SM),
        Asks::MemoryClock => hertz(Clock::Memory),
        Asks::PowerLimit => Some(f64::from(device.enforced_power_limit().ok()?) * 1e-3),
        Asks::Throttled(field, policy) => device::field(device, field)
            .ok()
            .or_else(|| Some(device.violation_status(policy()).ok()?.violation_time as f64))
            .map(|ns| ns * NS),
        Asks::MemoryUsed => Some(device.memory_info().ok()?.used as f64),
        Asks::Fan => Some(f64::from(device.fan_speed_rpm(0).ok()?)),
    }
}
