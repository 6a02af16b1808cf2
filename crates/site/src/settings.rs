//! What a scenario says that is no number: names, choices, files.

use serde::Serialize;

/// What a site can be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The rigs that are there go on.
    KeepMining,
    /// Newer rigs take their place.
    NewerAsics,
    /// A shell with power and cooling is let; the tenant brings the accelerators.
    Hosting,
    /// The site's owner buys accelerators and rents them out.
    GpuCloud,
    /// Part is hosting, the rest mines and stops when power is dear.
    Mixed,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::KeepMining,
        Self::NewerAsics,
        Self::Hosting,
        Self::GpuCloud,
        Self::Mixed,
    ];

    /// The name in scenarios.
    pub fn id(self) -> &'static str {
        match self {
            Self::KeepMining => "keep-mining",
            Self::NewerAsics => "newer-asics",
            Self::Hosting => "hosting",
            Self::GpuCloud => "gpu-cloud",
            Self::Mixed => "mixed",
        }
    }

    /// The name above a narrow column.
    pub fn short(self) -> &'static str {
        match self {
            Self::KeepMining => "keep",
            Self::NewerAsics => "newer",
            Self::Hosting => "hosting",
            Self::GpuCloud => "cloud",
            Self::Mixed => "mixed",
        }
    }

    /// The name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::KeepMining => "keep mining",
            Self::NewerAsics => "newer ASICs",
            Self::Hosting => "host AI (shell only)",
            Self::GpuCloud => "GPU cloud",
            Self::Mixed => "mixed, curtailed",
        }
    }
}

/// Who pays for the tenant's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaidBy {
    /// It is passed through.
    Tenant,
    /// It is in the rent.
    Landlord,
}

/// How power is bought where its prices are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// At the price of each interval.
    Index,
    /// At a fixed price, all of it; what is not used is sold at the price of the
    /// interval.
    Fixed,
}

/// A file of power prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceFile {
    /// Its path, relative to the scenario.
    pub path: String,
    /// The column of times.
    pub time_column: Option<String>,
    /// The column of prices.
    pub price_column: Option<String>,
    /// The time zone of times without an offset.
    pub timezone: Option<String>,
    /// How power is bought.
    pub contract: Contract,
}

/// What is no number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// The scenario's name.
    pub name: String,
    /// What it is about.
    pub about: Option<String>,
    /// The uses to look at, in their usual order.
    pub uses: Vec<Use>,
    /// Who pays for the tenant's power; absent where nothing is let.
    pub power_paid_by: Option<PaidBy>,
    /// The accelerator of the cloud.
    pub accelerator: String,
    /// The rigs that are there, if they were named.
    pub mining_asic: Option<String>,
    /// The newer rigs, by name.
    pub newer_asic: Option<String>,
    /// Power prices.
    pub prices: Option<PriceFile>,
}
