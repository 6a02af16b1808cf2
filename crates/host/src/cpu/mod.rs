//! The processors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::Gaps;
use crate::tree::Tree;

mod arm;
mod arm_parts;
mod cache;
mod cpuinfo;
mod frequency;
pub(crate) mod hybrid;
mod identity;
mod isa;
mod switched_off;
mod topology;

pub use cache::{Cache, CacheKind};
pub use cpuinfo::CpuInfo;
pub use topology::CoreType;

/// The sysfs directory in which Linux describes CPUs.
pub(crate) const SYS_CPU: &str = "/sys/devices/system/cpu";

/// The processors of the machine. Counts include what is switched off, except `threads`
/// and those of caches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cpu {
    /// The maker as the CPU names it: `GenuineIntel`, `AuthenticAMD`, `ARM`.
    pub vendor: Option<String>,
    /// The model name, such as `AMD Ryzen 9 7950X 16-Core Processor`; on Arm the
    /// names of the cores.
    pub model: Option<String>,
    /// Display family on x86; architecture version on Arm.
    pub family: Option<u32>,
    /// Display model on x86; part number of the first CPU on Arm.
    pub model_number: Option<u32>,
    /// Stepping on x86; variant × 16 + revision on Arm.
    pub stepping: Option<u32>,
    /// Microcode revision as the kernel prints it. A hypervisor may invent one.
    pub microcode: Option<String>,
    /// Instruction set architecture, such as `x86_64` or `aarch64`.
    pub architecture: Option<String>,
    /// Processor packages.
    pub sockets: Option<u32>,
    /// Physical cores, those that are switched off included.
    pub cores: Option<u32>,
    /// Hardware threads online.
    pub threads: Option<u32>,
    /// Hardware threads present, online or not: unlike `threads` it does not
    /// change when SMT is switched off at run time.
    pub threads_present: Option<u32>,
    /// True if any core runs more than one thread.
    pub smt_active: Option<bool>,
    /// NUMA nodes.
    pub numa_nodes: Option<u32>,
    /// Kinds of core where they differ; empty when all are alike.
    pub core_types: Vec<CoreType>,
    /// Caches, from the first level up.
    pub caches: Vec<Cache>,
    /// Instruction set extensions that matter to hashing and matrix products,
    /// by their Rust `target_feature` names, sorted.
    pub isa: Vec<String>,
    /// Lowest clock the driver offers, in MHz.
    pub min_mhz: Option<f64>,
    /// Highest clock of any core, boost included, in MHz.
    pub max_mhz: Option<f64>,
    /// Guaranteed clock, in MHz.
    pub base_mhz: Option<f64>,
    /// Linux cpufreq driver, such as `intel_pstate` or `amd-pstate-epp`.
    pub scaling_driver: Option<String>,
    /// Linux cpufreq governor; `mixed: a, b` when CPUs differ.
    pub governor: Option<String>,
    /// Energy-performance preference; `mixed: a, b` when CPUs differ.
    pub energy_performance_preference: Option<String>,
    /// True if clocks above the base are allowed (turbo, core performance boost).
    pub boost: Option<bool>,
}

impl Cpu {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        let info = CpuInfo::read(tree);
        let mut cpu = Self::default();
        identity::read(tree, &info, gaps, &mut cpu);
        let online = topology::read(tree, &info, gaps, &mut cpu);
        frequency::read(tree, gaps, &mut cpu);
        let caches = gaps.keep("cpu.caches", cache::read(tree, &online));
        cpu.caches = caches.unwrap_or_default();
        let isa = gaps.keep("cpu.isa", isa::read(tree, &info));
        cpu.isa = isa.unwrap_or_default();
        cpu
    }
}
