//! Coverage, origin and quality of a source's figures.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parts of the machine that a figure covers, innermost first.
///
/// The order is by what is enclosed, so that `a < b` reads "a covers less than
/// b" within one machine. It says nothing about accuracy.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug,
)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// Part of a processor: its cores, its graphics, one chiplet.
    Die,
    /// The whole processor package (socket); memory and regulators excluded.
    Package,
    /// Every processor package plus its memory (RAPL package + dram).
    PackageDram,
    /// The platform as its maker wired it (RAPL psys): packages, memory, and
    /// an unstated part of the board.
    Platform,
    /// One add-in board, with its memory and regulators (a GPU).
    Board,
    /// The machine's direct-current input, after any power supply: a laptop on
    /// battery, a module's input rail.
    DcIn,
    /// The input of the machine's power supply as the supply itself reports it
    /// (IPMI, Redfish).
    PsuIn,
    /// Alternating current at the wall, by a meter outside the machine.
    Wall,
}

impl Boundary {
    /// Every boundary, innermost first.
    #[rustfmt::skip]
    pub const ALL: [Self; 8] = [
        Self::Die, Self::Package, Self::PackageDram, Self::Platform, Self::Board, Self::DcIn,
        Self::PsuIn, Self::Wall,
    ];

    /// The word in records and options.
    pub fn word(self) -> &'static str {
        match self {
            Self::Die => "die",
            Self::Package => "package",
            Self::PackageDram => "package-dram",
            Self::Platform => "platform",
            Self::Board => "board",
            Self::DcIn => "dc-in",
            Self::PsuIn => "psu-in",
            Self::Wall => "wall",
        }
    }

    /// True if the figure covers a whole machine, or the part that its maker counts as one.
    pub fn covers_whole_machine(self) -> bool {
        match self {
            Self::Platform | Self::DcIn | Self::PsuIn | Self::Wall => true,
            Self::Die | Self::Package | Self::PackageDram | Self::Board => false,
        }
    }

    /// True if the figure includes the losses of the power supply.
    pub fn at_wall(self) -> bool {
        match self {
            Self::PsuIn | Self::Wall => true,
            Self::Die
            | Self::Package
            | Self::PackageDram
            | Self::Platform
            | Self::Board
            | Self::DcIn => false,
        }
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Origins of a figure.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// A hardware energy counter, read at both edges.
    Counter,
    /// Sampled power readings, integrated over time.
    PowerSamples,
    /// A figure the device itself calculates rather than measures.
    DeviceEstimate,
    /// The maker's data sheet.
    Nameplate,
    /// A number the user typed.
    User,
    /// No energy figure at all.
    None,
}

impl Provenance {
    /// True if the figure is an estimate rather than a measurement.
    pub fn is_estimate(self) -> bool {
        match self {
            Self::DeviceEstimate | Self::Nameplate | Self::User => true,
            Self::Counter | Self::PowerSamples | Self::None => false,
        }
    }
}

/// Quantities of a reading.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Joules since the source was opened: unwrapped, never decreasing.
    EnergyJ,
    /// Watts, instantaneous or averaged by the meter.
    PowerW,
}

/// The device whose energy a figure holds.
///
/// A figure of one device says nothing about work that was done on another: the
/// processor's counter misses a card's energy, and a card's its processor's.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Eq, Hash, Debug, Default)]
#[serde(rename_all = "kebab-case", tag = "device", content = "pci_address")]
pub enum Covers {
    /// Everything in the machine, whatever it works on.
    #[default]
    Machine,
    /// The processor, and what shares its package: integrated graphics.
    Cpu,
    /// The device at this PCI address, such as `0000:01:00.0`.
    Pci(String),
    /// A graphics device whose PCI address is not known.
    UnknownGpu,
    /// The miner of this name, which works beside the machine: `bitaxe` of `asic:bitaxe`.
    Asic(String),
    /// All miners of the session together.
    Asics,
}

impl Covers {
    /// The graphics card at this PCI address.
    pub(crate) fn card(pci_address: Option<String>) -> Self {
        pci_address.map_or(Self::UnknownGpu, Self::Pci)
    }
}

/// Everything a reader needs to judge a source's figures.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Debug)]
pub struct MeterInfo {
    /// Stable identifier, the name `--meter` takes: `rapl`, `rapl:psys`,
    /// `user-watts`.
    pub id: String,
    /// One line for people.
    pub description: String,
    /// The device that it covers.
    #[serde(default)]
    pub covers: Covers,
    /// The part of the machine that it covers.
    pub boundary: Boundary,
    /// Origin of the figure.
    pub provenance: Provenance,
    /// Joules or watts.
    pub quantity: Quantity,
    /// The domains whose sum the figure is. No two overlap.
    pub domains: Vec<String>,
    /// Domains that exist but are not added, each with the reason.
    pub excluded_domains: Vec<String>,
    /// The smallest step of the reading, in joules; `None` when unknown or when
    /// the reading is not energy.
    pub quantum_j: Option<f64>,
    /// The smallest step of the reading, in watts; `None` when unknown or when the
    /// reading is not power.
    #[serde(default)]
    pub quantum_w: Option<f64>,
    /// Time between updates of the reading in seconds, measured when the source
    /// was opened; `None` when it does not apply or could not be seen.
    pub update_period_s: Option<f64>,
    /// Time in seconds over which the meter itself averages power before it shows
    /// it; `None` when it does not, or the time is not stated.
    #[serde(default)]
    pub averaging_s: Option<f64>,
    /// Longest time in seconds before an update of the reading whose power it may still
    /// show: the time that the meter averages over, and its delay, as stated or assumed.
    /// Absent in records of builds before it existed, whose figures take no account of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_back_s: Option<f64>,
    /// Relative scale error of the source at coverage factor 2 (0.03 = 3 %);
    /// `None` when none is stated. It does not shrink with repetition.
    pub gain_uncertainty_rel: Option<f64>,
    /// Further remarks for readers.
    pub notes: Vec<String>,
}

impl MeterInfo {
    /// A counter or a power meter; fields that not every source can state are empty.
    pub fn new(
        id: impl Into<String>,
        description: impl Into<String>,
        covers: Covers,
        boundary: Boundary,
        quantity: Quantity,
    ) -> Self {
        Self {
            id: id.into(),
            description: description.into(),
            covers,
            boundary,
            provenance: match quantity {
                Quantity::EnergyJ => Provenance::Counter,
                Quantity::PowerW => Provenance::PowerSamples,
            },
            quantity,
            domains: Vec::new(),
            excluded_domains: Vec::new(),
            quantum_j: None,
            quantum_w: None,
            update_period_s: None,
            averaging_s: None,
            look_back_s: None,
            gain_uncertainty_rel: None,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_have_the_words_of_records() {
        for boundary in Boundary::ALL {
            let word = serde_json::to_value(boundary).unwrap();
            assert_eq!(word, boundary.word());
            assert!(!boundary.at_wall() || boundary.covers_whole_machine());
        }
        assert!(Boundary::ALL.is_sorted());
    }
}
