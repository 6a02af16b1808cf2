//! Workloads as types: name, version, unit, the work of a step, the proof, number formats.
//!
//! A record holds a workload as a name with parameters
//! ([`WorkloadKey`](crate::schema::WorkloadKey)). [`Work`] is the type of the names that
//! this build knows, and [`Named`] also keeps unknown ones. Decisions that depend on the
//! workload match on [`Work`] or [`Family`] without a wildcard: a new variant does not
//! compile until each of them handles it.
//!
//! * [`Matmul`], [`Gemv`]: products by number format, and their operations or bytes
//! * [`Stream`]: passes over arrays, and their bytes
//! * [`NumberFormat`]: formats of elements
//! * [`rounding`]: the tolerance of the check of a product
//! * [`not_ai`]: whether a product is its device's AI figure
//! * [`EnergyUnit`]: units of joules per unit of work
//! * [`Named`]: the name of a workload, known or not

mod ai;
mod energy;
mod named;
mod number;
mod product;
mod rounding;
mod stream;
mod terms;

pub use ai::{NotAi, has_bf16, not_ai};
pub use energy::EnergyUnit;
pub use named::Named;
pub use number::NumberFormat;
pub use product::{Gemv, Matmul, product_bytes};
pub use rounding::rounding;
pub use stream::{Stream, array_elements};
pub use terms::Params;

use self::terms::named_enum;
use crate::schema::{Proof, Unit};

/// A workload that this build knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// Search for a nonce by double SHA-256.
    Sha256d,
    /// A product of two matrices.
    Matmul(Matmul),
    /// A product of a vector and a matrix.
    Gemv(Gemv),
    /// A pass over arrays in memory.
    Stream(Stream),
}

named_enum! {
    /// Workloads that share the first part of their names.
    Family {
        /// The nonce search, a family of one workload.
        Sha256d = "sha256d",
        /// Products of two matrices, one workload for each number format.
        Matmul = "matmul",
        /// Products of a vector and a matrix, one workload for each number format.
        Gemv = "gemv",
        /// Passes over arrays, one workload for each kernel.
        Stream = "stream",
    }
}

/// The axis of the energy gap on which a family of workloads is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Joules per hash, against an ASIC.
    HashEnergy,
    /// Operations per joule, against accelerators in the same number format.
    ArithmeticEnergy,
    /// Memory bandwidth, the slope of a device's own roofline.
    Bandwidth,
    /// No axis: the figure is not compared on one.
    None,
}

/// A method of showing that work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofMethod {
    /// Shares that are hashed again.
    Shares,
    /// Freivalds' test of a matrix product.
    Freivalds,
    /// Comparison of every element of the result.
    Exact,
}

impl ProofMethod {
    /// The method as words of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::Freivalds => "Freivalds' test",
            Self::Exact => "comparison of elements",
        }
    }

    /// The method of a recorded proof.
    pub fn of(proof: &Proof) -> Self {
        match proof {
            Proof::Shares { .. } | Proof::Pool { .. } | Proof::PoolSum => Self::Shares,
            Proof::Freivalds { .. } => Self::Freivalds,
            Proof::Exact { .. } => Self::Exact,
        }
    }

    /// The method for a workload that this build does not know, chosen by its unit.
    pub fn of_unit(unit: Unit) -> Self {
        match unit {
            Unit::Hash => Self::Shares,
            Unit::Flop | Unit::Op => Self::Freivalds,
            Unit::Byte => Self::Exact,
        }
    }
}

impl Family {
    /// The family of a workload's name, also of an unknown one; `stream` for
    /// `stream/scale`.
    pub fn of(name: &str) -> Option<Self> {
        let family = Self::find(name.split('/').next()?)?;
        let whole = match family {
            Self::Sha256d => true,
            Self::Matmul | Self::Gemv | Self::Stream => false,
        };
        ((name == family.name()) == whole).then_some(family)
    }

    /// The workloads of the family.
    pub fn works(self) -> Vec<Work> {
        match self {
            Self::Sha256d => vec![Work::Sha256d],
            Self::Matmul => Matmul::ALL.iter().copied().map(Work::Matmul).collect(),
            Self::Gemv => Gemv::ALL.iter().copied().map(Work::Gemv).collect(),
            Self::Stream => Stream::ALL.iter().copied().map(Work::Stream).collect(),
        }
    }

    /// The axis of the energy gap on which its figures are placed.
    pub fn axis(self) -> Axis {
        match self {
            Self::Sha256d => Axis::HashEnergy,
            Self::Matmul => Axis::ArithmeticEnergy,
            Self::Gemv => Axis::None,
            Self::Stream => Axis::Bandwidth,
        }
    }

    /// True if the arrays are as large as the machine's caches demand (STREAM's own rule),
    /// so that their size is a property of the machine and not of the work.
    pub fn sized_by_machine(self) -> bool {
        match self {
            Self::Stream => true,
            Self::Sha256d | Self::Matmul | Self::Gemv => false,
        }
    }

    /// The method that proves its work.
    pub fn proof(self) -> ProofMethod {
        match self {
            Self::Sha256d => ProofMethod::Shares,
            Self::Matmul | Self::Gemv => ProofMethod::Freivalds,
            Self::Stream => ProofMethod::Exact,
        }
    }
}

impl Work {
    /// Every workload, in the order of tables.
    pub fn all() -> impl Iterator<Item = Self> {
        Family::ALL.iter().flat_map(|family| family.works())
    }

    /// Finds a workload by its name in records.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|work| work.name() == name)
    }

    /// The workload's name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256d => Family::Sha256d.name(),
            Self::Matmul(of) => of.name(),
            Self::Gemv(of) => of.name(),
            Self::Stream(of) => of.name(),
        }
    }

    /// The family of the workload.
    pub fn family(self) -> Family {
        match self {
            Self::Sha256d => Family::Sha256d,
            Self::Matmul(_) => Family::Matmul,
            Self::Gemv(_) => Family::Gemv,
            Self::Stream(_) => Family::Stream,
        }
    }

    /// The version of the workload, raised whenever its computation or its count changes.
    pub const fn version(self) -> u32 {
        match self {
            Self::Sha256d | Self::Matmul(_) | Self::Gemv(_) | Self::Stream(_) => 1,
        }
    }

    /// The unit in which its work is counted.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Sha256d => Unit::Hash,
            Self::Matmul(of) => of.unit(),
            Self::Gemv(_) | Self::Stream(_) => Unit::Byte,
        }
    }

    /// The work of one step; `None` if a parameter is missing or does not belong to this
    /// workload.
    pub fn per_step(self, params: &Params) -> Option<u64> {
        match self {
            Self::Sha256d => Some(1),
            Self::Matmul(of) => of.flop(params),
            Self::Gemv(of) => of.bytes(params),
            Self::Stream(of) => of.bytes(params),
        }
    }

    /// The number format of its inputs, if the definition fixes one.
    pub const fn input(self) -> Option<NumberFormat> {
        match self {
            Self::Matmul(of) => Some(of.input()),
            Self::Gemv(of) => Some(of.input()),
            Self::Sha256d | Self::Stream(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_round_trip() {
        for work in Work::all() {
            assert_eq!(Work::find(work.name()), Some(work));
            assert_eq!(Family::of(work.name()), Some(work.family()));
            assert!(work.family().works().contains(&work));
        }
        assert_eq!(Work::all().count(), 15);
    }

    #[test]
    fn a_family_is_told_by_the_first_part_of_a_name() {
        let cases = [
            ("sha256d", Some(Family::Sha256d)),
            ("sha256d/x", None),
            ("matmul/f64", Some(Family::Matmul)),
            ("matmul", None),
            ("matmulf32", None),
            ("gemv/", Some(Family::Gemv)),
            ("stream/scale", Some(Family::Stream)),
            ("criterion/stream/read", None),
            ("", None),
        ];
        for (name, family) in cases {
            assert_eq!(Family::of(name), family, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_other_name_is_taken_for_a_workload(name in "[a-z0-9/-]{0,14}") {
            match Work::find(&name) {
                Some(work) => prop_assert_eq!(work.name(), name),
                None => prop_assert!(Work::all().all(|work| work.name() != name)),
            }
        }

        #[test]
        fn no_parameters_panic(
            shape in "([0-9]{1,20}x){0,3}[0-9]{0,20}",
            format in "(f64|f32|i32|f16|i8|x)",
            bytes in "[0-9]{0,24}",
        ) {
            let params = Params::from([
                ("shape".into(), shape),
                ("dtype".into(), format.clone()),
                ("dtype_in".into(), format.clone()),
                ("dtype_out".into(), format),
                ("array_bytes".into(), bytes),
            ]);
            for work in Work::all() {
                let _ = work.per_step(&params);
            }
            let _ = product_bytes(&params);
        }
    }
}
