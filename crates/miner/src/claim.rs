//! One statement of a miner about itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a claim is about. Each quantity has one unit, [`Quantity::unit`].
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The hash rate over the last seconds.
    RateNow,
    /// The hash rate over a longer time, which `field` names.
    RateAverage,
    /// The hash rate that the machine should have.
    RateNominal,
    /// The hash rate whose results the machine found to be wrong.
    RateErrors,
    /// Electrical power.
    Power,
    /// The power that the machine is set to.
    PowerLimit,
    /// Energy per hash.
    Efficiency,
    /// A temperature.
    Temperature,
    /// The speed of a fan.
    Fan,
    /// The part of the work that goes to the maker of the firmware.
    DevFee,
    /// The part of the results that the machine found to be wrong.
    HardwareErrors,
    /// Time since the mining program started.
    Uptime,
    /// The sum of the difficulties of accepted shares.
    DifficultyAccepted,
    /// A voltage.
    Voltage,
    /// A current.
    Current,
    /// What the machine does, in its own words.
    State,
}

/// The unit of a claim's value.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Hashes per second.
    #[serde(rename = "h/s")]
    HashPerSecond,
    /// Watts.
    #[serde(rename = "W")]
    Watt,
    /// Joules per 10^12 hashes.
    #[serde(rename = "J/TH")]
    JoulePerTerahash,
    /// Degrees Celsius.
    #[serde(rename = "degC")]
    Celsius,
    /// Revolutions per minute.
    #[serde(rename = "rpm")]
    Rpm,
    /// A part of one.
    #[serde(rename = "1")]
    Ratio,
    /// Seconds.
    #[serde(rename = "s")]
    Second,
    /// Multiples of the work of difficulty 1.
    #[serde(rename = "difficulty")]
    Difficulty,
    /// Volts.
    #[serde(rename = "V")]
    Volt,
    /// Amperes.
    #[serde(rename = "A")]
    Ampere,
    /// No number, but words.
    #[serde(rename = "text")]
    Text,
}

/// Where a claimed figure comes from, as far as the firmware says so.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Measured at the alternating current input of the power supply.
    SensorAc,
    /// Measured behind the power supply, whose losses are missing.
    SensorDc,
    /// Calculated by the firmware.
    Model,
    /// A fixed figure: the maker's, or a setting.
    Nameplate,
    /// The firmware does not say.
    Unknown,
}

/// One figure or state, as the firmware claims it. Nothing here is measured by perwatt.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Debug)]
pub struct Claim {
    /// What it is about.
    pub quantity: Quantity,
    /// The figure in `unit`; absent where the firmware gives words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The unit of `value`.
    pub unit: Unit,
    /// Where the figure comes from.
    pub provenance: Provenance,
    /// The request that it answers and its place in the reply: `summary/SUMMARY/0/GHS av`.
    pub field: String,
    /// The text in that place.
    pub text: String,
    /// What must be known to read the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// True if a rate is so far from the machine's nominal rate, or from the rate by its
    /// shares, that it is probably in another unit than the field should be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unit_doubtful: bool,
}

impl Claim {
    /// Appends a remark to the note.
    pub(crate) fn remark(&mut self, remark: &str) {
        match &mut self.note {
            Some(note) => {
                note.push_str("; ");
                note.push_str(remark);
            }
            None => self.note = Some(remark.to_owned()),
        }
    }
}

impl Quantity {
    /// The unit of this quantity's values.
    pub const fn unit(self) -> Unit {
        match self {
            Self::RateNow | Self::RateAverage | Self::RateNominal | Self::RateErrors => {
                Unit::HashPerSecond
            }
            Self::Power | Self::PowerLimit => Unit::Watt,
            Self::Efficiency => Unit::JoulePerTerahash,
            Self::Temperature => Unit::Celsius,
            Self::Fan => Unit::Rpm,
            Self::DevFee | Self::HardwareErrors => Unit::Ratio,
            Self::Uptime => Unit::Second,
            Self::DifficultyAccepted => Unit::Difficulty,
            Self::Voltage => Unit::Volt,
            Self::Current => Unit::Ampere,
            Self::State => Unit::Text,
        }
    }

    /// True for the hash rates that the guard of units judges.
    pub(crate) const fn is_rate(self) -> bool {
        matches!(self, Self::RateNow | Self::RateAverage | Self::RateNominal)
    }

    /// True if a value can be right. Firmware writes "unknown" as a negative figure, above all
    /// -1, and as a temperature of 0.
    pub(crate) fn allows(self, value: f64) -> bool {
        match self {
            Self::Temperature => value != 0.0 && (-60.0..200.0).contains(&value),
            _ => value.is_finite() && value >= 0.0,
        }
    }
}
