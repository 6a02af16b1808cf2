//! What keeps a card below its rate, by the settings that its driver states: a power limit
//! below the maker's, and partitions.

use std::collections::BTreeMap;

use super::{Channel, Gauge};

/// Ends of the names of settings and of the channel.
const DEFAULT_LIMIT: &str = "/default-power-limit";
const PARTITIONS: &str = "/mig";
const LIMIT: &str = "/power-limit";
const PARTITIONED: &str = "on";

/// The setting with the maker's power limit.
pub(crate) fn default_limit(id: &str, watts: f64) -> (String, String) {
    (format!("{id}{DEFAULT_LIMIT}"), format!("{watts} W"))
}

/// The setting that says whether a card is partitioned (MIG).
pub(crate) fn partitions(id: &str, on: bool) -> (String, String) {
    let value = if on { PARTITIONED } else { "off" };
    (format!("{id}{PARTITIONS}"), value.to_owned())
}

/// The maker's power limit in watts of the card whose limit in force a channel reads.
pub fn default_limit_w(channel: &Channel, settings: &BTreeMap<String, String>) -> Option<f64> {
    let text = settings.get(&format!("{}{DEFAULT_LIMIT}", card(channel)?))?;
    let watts: f64 = text.strip_suffix(" W")?.parse().ok()?;
    (watts.is_finite() && watts > 0.0).then_some(watts)
}

/// True if the card whose power limit a channel reads is partitioned.
pub fn is_partitioned(channel: &Channel, settings: &BTreeMap<String, String>) -> bool {
    let value = card(channel).and_then(|id| settings.get(&format!("{id}{PARTITIONS}")));
    value.is_some_and(|value| value == PARTITIONED)
}

/// The identifier of the card whose power limit a channel reads.
fn card(channel: &Channel) -> Option<&str> {
    let id = channel.id.strip_suffix(LIMIT)?;
    (channel.gauge == Gauge::PowerLimitW).then_some(id)
}
