//! A name for the machine that is the same in every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Environment;

/// The key's version. Any change to the factors or to their format must raise it,
/// because it gives every machine a new name.
const VERSION: u32 = 1;

/// Stands for a property that cannot be read.
const UNKNOWN: &str = "unknown";

/// The name of a machine, made from properties (what it is) and never from
/// readings (how it is set or what it is doing): not from clocks, governor,
/// load, microcode, kernel or the number of threads switched on, and not from
/// what names its owner: host name, serial numbers. Two machines built alike
/// have the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineKey {
    /// SHA-256 of the canonical string, 64 lower-case hexadecimal digits. The
    /// canonical string is `perwatt-machine-v1` followed by `|name=value` for
    /// each factor in order of its name; `%`, `|` and `=` in a value are
    /// written `%25`, `%7C` and `%3D`.
    pub key: String,
    /// Version of the factors and of the canonical string.
    pub version: u32,
    /// The properties; `unknown` for one that could not be read.
    pub factors: BTreeMap<String, String>,
}

impl MachineKey {
    /// The key of a machine.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let factors = factors(environment);
        Self {
            key: hex::encode(Sha256::digest(canonical(&factors))),
            version: VERSION,
            factors,
        }
    }

    /// The first 8 digits of the key, for file names and tables.
    #[must_use]
    pub fn short(&self) -> &str {
        self.key.get(..8).unwrap_or(&self.key)
    }
}

fn factors(environment: &Environment) -> BTreeMap<String, String> {
    let Environment {
        cpu,
        memory,
        board,
        virtualization,
        ..
    } = environment;
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let number = |value: Option<u32>| value.map_or(UNKNOWN.to_owned(), |n| n.to_string());
    let core_types: Vec<String> = cpu
        .core_types
        .iter()
        .map(|kind| format!("{} {}", kind.cores, kind.name))
        .collect();
    [
        ("cpu.vendor", text(&cpu.vendor)),
        ("cpu.model", squeeze(&text(&cpu.model))),
        ("cpu.family", number(cpu.family)),
        ("cpu.model_number", number(cpu.model_number)),
        ("cpu.stepping", number(cpu.stepping)),
        ("cpu.architecture", text(&cpu.architecture)),
        ("cpu.sockets", number(cpu.sockets)),
        ("cpu.cores", number(cpu.cores)),
        // Not `threads`: SMT can be switched at run time.
        (
            "cpu.threads_present",
            number(cpu.threads_present.or(cpu.threads)),
        ),
        ("cpu.core_types", core_types.join(" + ")),
        ("cpu.numa_nodes", number(cpu.numa_nodes)),
        (
            "memory.gib_class",
            memory.total_bytes.map_or(UNKNOWN.to_owned(), gib_class),
        ),
        ("board.vendor", squeeze(&text(&board.vendor))),
        ("board.product", squeeze(&text(&board.product))),
        (
            "virtualization.guest",
            virtualization
                .guest
                .map_or(UNKNOWN.to_owned(), |guest| guest.to_string()),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Collapses white space, which differs between firmware versions, to single spaces.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Installed memory in GiB, from the amount that the kernel manages. Kernel, firmware
/// and graphics reserve a part that changes from boot to boot, so the amount is rounded
/// up to the next quarter of a power of two, the steps in which memory is sold: 125.6
/// GiB is 128, 376 is 384, 7.6 is 8.
fn gib_class(bytes: u64) -> String {
    let gib = bytes as f64 / f64::from(1 << 30);
    let power = 2f64.powi(gib.log2().ceil() as i32 - 1);
    let step = power / 4.0;
    format!("{}", (gib / step).ceil() * step)
}

fn canonical(factors: &BTreeMap<String, String>) -> String {
    let mut text = format!("perwatt-machine-v{VERSION}");
    for (name, value) in factors {
        let value = value
            .replace('%', "%25")
            .replace('|', "%7C")
            .replace('=', "%3D");
        let _ = write!(text, "|{name}={value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn memory_classes() {
        for (gib, class) in [
            (0.92, "1"),
            (3.7, "4"),
            (7.6, "8"),
            (11.6, "12"),
            (15.5, "16"),
            (16.0, "16"),
            (23.4, "24"),
            (125.6, "128"),
            (376.0, "384"),
            (502.5, "512"),
            (1507.0, "1536"),
        ] {
            let bytes = (gib * f64::from(1 << 30)) as u64;
            assert_eq!(gib_class(bytes), class, "{gib} GiB");
        }
    }

    proptest! {
        /// A change of half a percent in the kernel's reserve does not change the class
        /// of a machine with a margin of 2 %.
        #[test]
        fn the_class_is_steady(quarters in 4u32..8, exponent in 1i32..12, kept in 0.02f64..0.10) {
            let installed = f64::from(quarters) * 2f64.powi(exponent);
            let bytes = |kept: f64| (installed * (1.0 - kept) * f64::from(1 << 30)) as u64;
            prop_assert_eq!(gib_class(bytes(kept)), gib_class(bytes(kept + 0.005)));
            prop_assert_eq!(gib_class(bytes(kept)), installed.to_string());
        }

        /// No value can imitate another factor.
        #[test]
        fn distinct_factors_have_distinct_strings(a in "[a|=%7C]{0,6}", b in "[a|=%7C]{0,6}", c in "[a|=%7C]{0,6}") {
            let of = |x: &str, y: &str| canonical(&BTreeMap::from([
                ("x".to_owned(), x.to_owned()), ("y".to_owned(), y.to_owned()),
            ]));
            if (&a, &b) != (&b, &c) {
                prop_assert_ne!(of(&a, &b), of(&b, &c));
            }
        }
    }
}
