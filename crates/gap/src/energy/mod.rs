//! Energy gap of measured devices: to an ASIC in hashes, and to accelerators in arithmetic.
//! Two axes, never one score.
//!
//! Every figure of a device has two intervals at 95 %. The first is of re-runs: the range
//! of the median of another session ([`rerun`](mod@rerun)). The second adds the
//! uncertainties that re-runs do not show: the scale error of the meter (k = 2, in joules
//! only) and the tolerances of the name plate on the other side (k = 2). Independent errors
//! add in quadrature, on the logarithmic scale.
//!
//! * [`group`](mod@group), [`subject`](mod@subject), [`machine`](mod@machine): grouping of
//!   runs, and what was measured
//! * [`hashing`](mod@hashing), [`arithmetic`](mod@arithmetic): the two axes
//! * [`memory`](mod@memory): memory traffic, beside the two
//! * [`ai`](mod@ai): the figure of a device as an accelerator
//! * [`roof`](mod@roof): a device against its own limits
//! * [`figure`](mod@figure), [`rerun`](mod@rerun): intervals

pub mod ai;
pub mod arithmetic;
mod boundary;
pub mod figure;
pub mod group;
pub mod hashing;
pub mod machine;
pub mod memory;
pub mod rerun;
pub mod roof;
pub mod subject;

pub use perwatt_compare::load::{Loaded, Skipped};
use perwatt_record::work::{Axis, Work};
use serde::Serialize;

pub use ai::{AiFigures, AiRow};
pub use arithmetic::{Against, Arithmetic, ArithmeticEnergy, Side};
pub use figure::{Figure, Measured};
pub use group::{Joules, LeftOut, STATED};
pub use hashing::{HashEnergy, Hashing};
pub use machine::Machine;
pub use memory::{Memory, MemoryEnergy, MemoryRival};
pub use rerun::Scope;
pub use roof::{AluShare, RooflineShare};
pub use subject::Subject;

use crate::catalogue::{
    Accelerator, Asic, BEST, Catalogue, Format, MeasuredAsic, Metered, NameError,
};
use perwatt_table::{Evidence, Source};

/// The accelerator that is shown beside the best ones unless others are named.
pub const DEFAULT_ACCELERATOR: &str = "H100 SXM5";
/// US dollars per megawatt-hour unless another price is given.
pub const DEFAULT_USD_PER_MWH: f64 = 45.0;

/// Statement on the arithmetic of every ASIC.
pub const NO_ARITHMETIC: &str = "an ASIC does no arithmetic but SHA-256: 0 FLOP";

/// A figure, or the reason that there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer<T> {
    /// It is known.
    Is(T),
    /// The reason that it is not known.
    Not(String),
}

impl<T> Answer<T> {
    /// The figure, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Not(_) => None,
        }
    }
}

/// The price of electricity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PowerPrice {
    /// US dollars per megawatt-hour.
    pub usd_per_mwh: f64,
    /// Source of the price.
    pub source: Source,
}

impl Default for PowerPrice {
    fn default() -> Self {
        Self {
            usd_per_mwh: DEFAULT_USD_PER_MWH,
            source: Source {
                evidence: Evidence::Sourced,
                text: "median electricity cost of miners, Cambridge Digital Mining Industry Report"
                    .into(),
                date: Some("2025-04-28".into()),
            },
        }
    }
}

impl PowerPrice {
    /// A price that the user gives.
    pub fn given(usd_per_mwh: f64) -> Self {
        Self {
            usd_per_mwh,
            source: Source {
                evidence: Evidence::Assumed,
                text: "given on the command line, in perwatt.toml or by the caller".into(),
                date: None,
            },
        }
    }
}

/// Function from the name of a device and a workload to the limit by the device's model,
/// units per second, and its source; `None` if there is no model of the device.
pub type Limits<'a> = &'a dyn Fn(&str, Work) -> Option<(f64, String)>;

/// Options of an energy gap.
pub struct Options<'a> {
    /// The ASIC.
    pub asic: Asic,
    /// Its meter, where perwatt measured it.
    pub metered: Option<Metered>,
    /// The price of electricity.
    pub power_price: PowerPrice,
    /// True for a row for every backend instead of only the best one.
    pub all_backends: bool,
    /// Watts that the user states for the whole machine under every load: rows without
    /// joules get an estimate from them.
    pub stated_w: Option<f64>,
    /// Limits by models of devices.
    pub limits: Limits<'a>,
    catalogue: &'a Catalogue,
    named: Vec<Accelerator>,
}

impl<'a> Options<'a> {
    /// Options with this ASIC ([`BEST`] for `None`) and these accelerators (if
    /// empty, in each format the best of the catalogue by peak and by sustained operations
    /// per joule, and [`DEFAULT_ACCELERATOR`]).
    ///
    /// # Errors
    /// [`NameError`]: a name fits no model of the catalogue, or several.
    pub fn new(
        catalogue: &'a Catalogue,
        asic: Option<&str>,
        accelerators: &[String],
        limits: Limits<'a>,
    ) -> Result<Self, NameError> {
        let asic = catalogue.asic(asic.unwrap_or(BEST))?.clone();
        let named = accelerators
            .iter()
            .map(|name| catalogue.accelerator(name).cloned())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            asic,
            metered: None,
            power_price: PowerPrice::default(),
            all_backends: false,
            stated_w: None,
            limits,
            catalogue,
            named,
        })
    }

    /// Takes a miner that perwatt measured for the ASIC.
    pub fn set_against(&mut self, of: &MeasuredAsic) {
        self.asic = of.asic.clone();
        self.metered = Some(of.metered.clone());
    }

    /// The accelerators for a format.
    fn accelerators(&self, format: Format) -> Vec<&Accelerator> {
        if !self.named.is_empty() {
            return self.named.iter().collect();
        }
        let best = |per_j: fn(&Accelerator, Format) -> Option<f64>| {
            let all = self.catalogue.accelerators.iter();
            all.filter_map(|of| Some((per_j(of, format)?, of)))
                // Of equals the first in the file.
                .reduce(|kept, next| if next.0 > kept.0 { next } else { kept })
                .map(|(_, of)| of)
        };
        let mut chosen: Vec<&Accelerator> = Vec::new();
        for of in [
            best(Accelerator::peak_per_j),
            self.catalogue.accelerator(DEFAULT_ACCELERATOR).ok(),
            best(Accelerator::sustained_per_j),
        ] {
            chosen.extend(of.filter(|of| !chosen.contains(of)));
        }
        chosen
    }
}

/// The energy gap of all records that were read.
#[derive(Debug, Clone, Serialize)]
pub struct EnergyGap {
    /// The machines that were measured.
    pub machines: Vec<Machine>,
    /// The ASIC.
    pub asic: Asic,
    /// Its meter, where perwatt measured it; else its figures are the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asic_metered: Option<Metered>,
    /// Its joules per terahash.
    pub asic_j_th: f64,
    /// The interval of the same from its tolerances, k = 2.
    pub asic_interval_j_th: [f64; 2],
    /// Its arithmetic: [`NO_ARITHMETIC`].
    pub asic_arithmetic: &'static str,
    /// The price of electricity.
    pub power_price: PowerPrice,
    /// Comparisons of hashes with the ASIC.
    pub hashing: Vec<Hashing>,
    /// The AI figures of each device.
    pub ai: Vec<AiFigures>,
    /// Comparisons of matrix products with accelerators.
    pub arithmetic: Vec<Arithmetic>,
    /// The fastest stream of each device, compared with the accelerator that moves most
    /// bytes per joule by its name plate.
    pub memory: Vec<Memory>,
    /// Rows that cannot be compared, with the reasons.
    pub left_out: Vec<LeftOut>,
    /// Files that were left out, with the reasons.
    pub skipped: Vec<Skipped>,
}

/// Compares all hashes and products of the sessions with the catalogue.
pub fn gap(loaded: &Loaded, options: &Options<'_>) -> EnergyGap {
    let (lines, left_out) = group::lines(loaded, options);
    let of = |axis: Axis| lines.iter().filter(move |line| line.axis() == axis);
    EnergyGap {
        machines: machine::all(loaded),
        asic: options.asic.clone(),
        asic_metered: options.metered.clone(),
        asic_j_th: options.asic.efficiency_j_th(),
        asic_interval_j_th: options.asic.efficiency_interval_j_th(),
        asic_arithmetic: NO_ARITHMETIC,
        power_price: options.power_price.clone(),
        hashing: of(Axis::HashEnergy)
            .map(|line| hashing::of(line, options))
            .collect(),
        ai: ai::figures(&lines, loaded),
        arithmetic: of(Axis::ArithmeticEnergy)
            .map(|line| arithmetic::of(line, &lines, options))
            .collect(),
        memory: memory::of(&lines, options),
        left_out,
        skipped: loaded.skipped.clone(),
    }
}
