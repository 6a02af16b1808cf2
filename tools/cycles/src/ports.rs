//! The ports of CPUs: the number of instructions that they can execute in a cycle.
//!
//! A bound is the load of a CPU's most loaded resource: no schedule is faster, and a real
//! one may be slower.

use std::collections::BTreeMap;

use crate::classify::Class;
use crate::classify::Class::{Add, Logic, Rounds, Rounds2, Schedule1, Schedule2, Shift, Shuffle};

/// The cycles for which one instruction of some classes occupies a group of ports.
type Cycles = &'static [(&'static [Class], f64)];

const PLAIN: &[Class] = &[Add, Logic, Shift, Shuffle];
const MOVES: &[Class] = &[Shift, Shuffle];
const SHA: &[Class] = &[Rounds, Rounds2, Schedule1, Schedule2];

/// A CPU core for one width of vectors.
pub struct Cpu {
    pub name: &'static str,
    pub arch: &'static str,
    /// Widths of vectors that the figures are for.
    bits: &'static [u32],
    /// Groups of ports that classes of instructions share.
    resources: &'static [(&'static str, Cycles)],
    /// Instructions renamed per cycle.
    rename: f64,
    /// The source of the figures.
    pub source: &'static str,
}

/// The CPUs with known figures.
pub const CPUS: &[Cpu] = &[
    Cpu {
        name: "Zen 3",
        arch: "x86_64",
        bits: &[128, 256],
        resources: &[
            (
                "four vector pipes",
                &[
                    (PLAIN, 0.25),
                    (&[Rounds], 0.25),
                    (&[Schedule1], 0.5),
                    (&[Schedule2], 1.0),
                ],
            ),
            ("two for shifts and shuffles", &[(MOVES, 0.5)]),
            ("sha256rnds2", &[(&[Rounds], 1.0)]),
            ("sha256msg2", &[(&[Schedule2], 2.0)]),
        ],
        rename: 6.0,
        source: "measured on an EPYC: sha256rnds2 1 a cycle, msg1 2 and msg2 4 micro-operations, msg2 one in 2 cycles, shifts and shuffles 2 a cycle; four rounds with their schedule took 3.37 cycles, which these figures make 3",
    },
    Cpu {
        name: "Golden Cove",
        arch: "x86_64",
        bits: &[128, 256],
        resources: &[
            ("three vector ports", &[(PLAIN, 1.0 / 3.0)]),
            ("two for shifts", &[(&[Shift], 0.5)]),
            ("two for shuffles", &[(&[Shuffle], 0.5)]),
            ("sha256rnds2", &[(&[Rounds], 3.0)]),
            ("sha256msg1", &[(&[Schedule1], 4.5)]),
            ("sha256msg2", &[(&[Schedule2], 2.1)]),
        ],
        rename: 6.0,
        source: "SHA instructions measured on a Xeon of family 6 model 207: one sha256rnds2 in 3.0 cycles, msg1 in 4.5, msg2 in 2.1, and two rnds2 with their schedule in 6.0; the ports by Intel's optimization manual",
    },
    Cpu {
        name: "Golden Cove",
        arch: "x86_64",
        bits: &[512],
        resources: &[
            ("ports 0 and 5", &[(PLAIN, 0.5)]),
            ("port 0 for shifts", &[(&[Shift], 1.0)]),
            ("port 5 for shuffles", &[(&[Shuffle], 1.0)]),
        ],
        rename: 6.0,
        source: "Intel's optimization manual; llvm-mca 19 agrees",
    },
    Cpu {
        name: "Zen 4",
        arch: "x86_64",
        bits: &[512],
        resources: &[
            ("four pipes, two passes", &[(PLAIN, 0.5)]),
            ("two for shifts and shuffles, two passes", &[(MOVES, 1.0)]),
        ],
        rename: 6.0,
        source: "llvm-mca 19, not measured",
    },
    Cpu {
        name: "Zen 5",
        arch: "x86_64",
        bits: &[512],
        resources: &[
            ("four vector pipes", &[(PLAIN, 0.25)]),
            ("two for shifts and shuffles", &[(MOVES, 0.5)]),
        ],
        rename: 8.0,
        source: "assumed: full 512-bit pipes in the places of Zen 4's; not measured",
    },
    Cpu {
        name: "Neoverse N1",
        arch: "aarch64",
        bits: &[128],
        resources: &[
            ("two vector pipes", &[(PLAIN, 0.5), (SHA, 0.5)]),
            ("one for shifts", &[(&[Shift], 1.0)]),
            ("one for SHA", &[(SHA, 1.0)]),
        ],
        rename: 4.0,
        source: "llvm-mca 19, not measured",
    },
    Cpu {
        name: "Neoverse V1, V2",
        arch: "aarch64",
        bits: &[128],
        resources: &[
            ("four vector pipes", &[(PLAIN, 0.25), (SHA, 0.25)]),
            ("two for shifts", &[(&[Shift], 0.5)]),
            ("one for SHA", &[(SHA, 1.0)]),
        ],
        rename: 8.0,
        source: "llvm-mca 19, not measured",
    },
    Cpu {
        name: "Apple M1",
        arch: "aarch64",
        bits: &[128],
        resources: &[
            ("four vector pipes", &[(PLAIN, 0.25), (&[Schedule1], 0.25)]),
            (
                "the unit for sha256h and sha256h2",
                &[(&[Rounds, Rounds2], 2.0)],
            ),
        ],
        rename: 8.0,
        source: "dougallj.github.io/applecpu (measured there)",
    },
];

impl Cpu {
    /// True where its figures apply to vectors of this number of bits.
    pub fn is_for(&self, arch: &str, vector_bits: u32) -> bool {
        self.arch == arch && self.bits.contains(&vector_bits)
    }

    /// The bound in cycles of one step with these numbers of instructions of each class,
    /// and the resource that sets it.
    pub fn bound(&self, counts: &BTreeMap<Class, u32>) -> (f64, &'static str) {
        let instructions: u32 = counts.values().sum();
        let mut worst = (f64::from(instructions) / self.rename, "renaming");
        for (name, each) in self.resources {
            let count = |class| f64::from(*counts.get(class).unwrap_or(&0));
            let loads = each.iter().flat_map(|(classes, cycles)| {
                classes.iter().map(move |class| cycles * count(class))
            });
            let cycles = loads.sum();
            if cycles > worst.0 {
                worst = (cycles, name);
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(name: &str, bits: u32) -> &'static Cpu {
        let of = |cpu: &&Cpu| cpu.name == name && cpu.bits.contains(&bits);
        CPUS.iter().find(of).unwrap()
    }

    /// The ideal counts of the reference give its limits: 89 cycles per hash with AVX-512
    /// on Golden Cove, 240 with AVX2, 180 on Zen 3.
    #[test]
    fn known_limits() {
        let zmm = BTreeMap::from([(Add, 1036), (Logic, 670), (Shift, 1149)]);
        let (cycles, by) = cpu("Golden Cove", 512).bound(&zmm);
        assert_eq!((cycles / 16.0).round(), 89.0);
        assert_eq!(by, "ports 0 and 5");
        let ymm = BTreeMap::from([(Add, 1000), (Logic, 2603), (Shift, 2156)]);
        assert_eq!((cpu("Golden Cove", 256).bound(&ymm).0 / 8.0).round(), 240.0);
        assert_eq!((cpu("Zen 3", 256).bound(&ymm).0 / 8.0).round(), 180.0);
    }

    #[test]
    fn rounds_alone_take_three_cycles_each_on_golden_cove() {
        let sha = BTreeMap::from([(Rounds, 60), (Schedule1, 19), (Schedule2, 22), (Add, 50)]);
        assert_eq!(cpu("Golden Cove", 128).bound(&sha), (180.0, "sha256rnds2"));
    }

    #[test]
    fn many_cheap_instructions_are_bound_by_renaming() {
        let counts = BTreeMap::from([(Class::Scalar, 600)]);
        assert_eq!(cpu("Zen 3", 128).bound(&counts), (100.0, "renaming"));
    }
}
