//! The settings of a scenario that are not numbers: names, choices, files.

use serde::Serialize;

/// A use of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The existing rigs keep running.
    KeepMining,
    /// The existing rigs are sold, and the site is left idle.
    SellNow,
    /// Newer rigs replace the existing ones.
    NewerAsics,
    /// A shell with power and cooling is let; the tenant brings the accelerators.
    Hosting,
    /// The site's owner buys accelerators and rents them out.
    GpuCloud,
    /// Part is hosting, the rest mines.
    Mixed,
}

impl Use {
    /// All uses, in their usual order.
    pub const ALL: [Self; 6] = [
        Self::KeepMining,
        Self::SellNow,
        Self::NewerAsics,
        Self::Hosting,
        Self::GpuCloud,
        Self::Mixed,
    ];

    /// The names in scenarios, above a narrow column, and in tables.
    fn names(self) -> [&'static str; 3] {
        match self {
            Self::KeepMining => ["keep-mining", "keep", "keep mining"],
            Self::SellNow => ["sell-now", "sell", "sell now"],
            Self::NewerAsics => ["newer-asics", "newer", "newer ASICs"],
            Self::Hosting => ["hosting", "hosting", "host AI (shell only)"],
            Self::GpuCloud => ["gpu-cloud", "cloud", "GPU cloud"],
            Self::Mixed => ["mixed", "mixed", "hosting and mining"],
        }
    }

    /// The name in scenarios.
    pub fn id(self) -> &'static str {
        self.names()[0]
    }

    /// The name above a narrow column.
    pub fn short(self) -> &'static str {
        self.names()[1]
    }

    /// The name in tables.
    pub fn title(self) -> &'static str {
        self.names()[2]
    }
}

/// The party that pays for the tenant's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaidBy {
    /// The tenant: power is passed through.
    Tenant,
    /// The landlord: power is in the rent.
    Landlord,
}

/// The contract under which power is bought, where its prices are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// At the price of each interval.
    Index,
    /// All power at a fixed price; the part that is not used is sold at the price of the
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
    /// The contract under which power is bought.
    pub contract: Contract,
}

/// The settings of a scenario that are not numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// The scenario's name.
    pub name: String,
    /// The description of the scenario.
    pub about: Option<String>,
    /// The uses to compare, in their usual order.
    pub uses: Vec<Use>,
    /// The party that pays for the tenant's power; absent if nothing is let.
    pub power_paid_by: Option<PaidBy>,
    /// The deal of hosting whose figures stand for those that the scenario leaves out.
    pub hosting_deal: &'static str,
    /// The accelerator of the cloud.
    pub accelerator: String,
    /// The existing rigs, if they were named.
    pub mining_asic: Option<String>,
    /// The newer rigs, by name.
    pub newer_asic: Option<String>,
    /// Power prices.
    pub prices: Option<PriceFile>,
}
