//! The whole description of the machine.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::missing::{Absent, Gaps, Missing};
use crate::specimen::specimen;
use crate::tree::Tree;
use crate::{Board, Cpu, Memory, Os, PowerSupply, Virtualization};

/// Description of the machine and its settings, as far as they can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The processors.
    pub cpu: Cpu,
    /// Main memory.
    pub memory: Memory,
    /// The board or system the processors sit in.
    pub board: Board,
    /// The operating system and its settings.
    pub os: Os,
    /// The hypervisor, if perwatt runs on one.
    pub virtualization: Virtualization,
    /// Power supply of the machine.
    pub power_supply: PowerSupply,
    /// Runnable processes averaged over 1, 5 and 15 minutes, when collected.
    pub load_average: Option<[f64; 3]>,
    /// The machine among machines of its model: 32 hexadecimal digits, a hash of the
    /// operating system's machine id. The id itself does not follow from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specimen: Option<String>,
    /// Properties that could not be read, with the reasons.
    pub missing: Vec<Missing>,
}

impl Environment {
    /// Reads everything below `root`. For `/` it also uses system calls and CPUID; for
    /// any other root it only reads files.
    #[must_use]
    pub fn collect(root: &Path) -> Self {
        let tree = Tree::new(root);
        let mut gaps = Gaps::default();
        let cpu = Cpu::collect(&tree, &mut gaps);
        Self {
            memory: Memory::collect(&tree, &mut gaps),
            board: Board::collect(&tree, &mut gaps),
            os: Os::collect(&tree, &mut gaps),
            virtualization: Virtualization::collect(&tree, &mut gaps),
            power_supply: PowerSupply::collect(&tree, &mut gaps),
            load_average: gaps.keep("load_average", load_average(&tree)),
            specimen: gaps.keep("specimen", specimen(&tree)),
            cpu,
            missing: gaps.0,
        }
    }
}

/// The host name of this machine. Not part of [`Environment`]: it can identify the
/// owner, so a record holds it only if the user asks for it.
#[must_use]
pub fn hostname(root: &Path) -> Option<String> {
    let tree = Tree::new(root);
    let told = tree.text("/proc/sys/kernel/hostname").ok();
    told.or_else(|| {
        tree.is_live()
            .then(|| sysinfo::System::host_name().ok())
            .flatten()
    })
}

fn load_average(tree: &Tree) -> Result<[f64; 3], Absent> {
    let path = "/proc/loadavg";
    match tree.text(path) {
        Ok(text) => {
            let mut words = text.split_whitespace().map(str::parse::<f64>);
            let mut next = || words.next()?.ok().filter(|load| load.is_finite());
            match (next(), next(), next()) {
                (Some(one), Some(five), Some(fifteen)) => Ok([one, five, fifteen]),
                _ => Err(Absent::because(format!(
                    "{path} holds {text:?}, not three loads"
                ))),
            }
        }
        Err(absent) if tree.is_live() => match sysinfo::System::load_average() {
            Ok(load) => Ok([load.one, load.five, load.fifteen]),
            Err(error) => Err(Absent::because(format!("{}; {error}", absent.reason))),
        },
        Err(absent) => Err(absent),
    }
}
