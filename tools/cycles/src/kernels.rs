//! The kernels, the marks of a step of each in the assembly, and its largest permitted
//! cost.

use crate::asm::{Function, Instruction};
use crate::classify::{self, Class};
use crate::region::{self, Weighted};

/// Rotations of one double hash. Rounds 4 to 63 of hash 1 and 1 to 56 of hash 2
/// have six each, rounds 57 to 60 three.
const ROUND_ROTATIONS: u32 = 6 * 60 + 6 * 56 + 3 * 4;
/// Two rotations in each σ₀ and σ₁ of a schedule. In hash 1 σ₀ is taken of the nonce and
/// W18 to W48, σ₁ of W18 to W61 (W16 and W17 are constants).
const FIRST_SCHEDULE: u32 = 2 * (1 + 31 + 44);
/// The same for hash 2: σ₀ is taken of W1 to W7 and W16 to W45, σ₁ of W16 to W58.
const SECOND_SCHEDULE: u32 = 2 * (7 + 30 + 43);
/// SHA instructions for rounds 4 to 63 of hash 1 and 1 to 60 of hash 2, two
/// rounds each.
const SHA_ROUNDS: u32 = 30 + 30;

/// The mark of a step: the number of rotations that any form of the algorithm needs, or the
/// number of SHA instructions. A miscounted loop cannot have it by chance.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// `rol`, `ror`, `rorx`, `vprold`.
    Rotations(u32),
    /// Shifts, of which a rotation takes two and each σ has one more.
    ShiftPairs(u32),
    /// `sha256rnds2`, and `sha256msg2`: 11 quads of hash 1's schedule, 11 of hash 2's.
    Rounds(u32, u32),
    /// AArch64's `sha256h2`, four rounds each; the last one has no `sha256h`.
    Rounds2(u32),
}

/// A kernel.
pub struct Kernel {
    /// The backend's name, and the interleave width where there are several.
    pub name: &'static str,
    /// The name of the instruction set: "x86_64" or "aarch64".
    pub arch: &'static str,
    /// Parts of the mangled name of the function that contains the step.
    symbols: &'static [&'static str],
    /// Iterations of the loops within a step, outermost first.
    trips: &'static [u32],
    mark: Mark,
    /// The number of hashes in one step.
    pub hashes: u32,
    /// Bits of a vector register.
    pub vector_bits: u32,
    /// Largest number of vector operations in a step, for `--check`.
    pub budget: Option<u32>,
}

/// 1176 shifts and rotations in one plain hash, where a rotation is two shifts.
const fn shifts(schedules: u32, hashes: u32) -> u32 {
    2 * (hashes * (ROUND_ROTATIONS + SECOND_SCHEDULE) + schedules * FIRST_SCHEDULE)
        + hashes * SECOND_SCHEDULE / 2
        + schedules * FIRST_SCHEDULE / 2
}

const fn rotations(schedules: u32, hashes: u32) -> u32 {
    hashes * (ROUND_ROTATIONS + SECOND_SCHEDULE) + schedules * FIRST_SCHEDULE
}

/// A kernel of x86-64 with one hash in a step, without loops and without vectors.
const fn x86(name: &'static str, symbols: &'static [&'static str], mark: Mark) -> Kernel {
    Kernel {
        name,
        arch: "x86_64",
        symbols,
        trips: &[],
        mark,
        hashes: 1,
        vector_bits: 0,
        budget: None,
    }
}

/// A kernel of x86's SHA instructions that searches some nonces together.
const fn x86_sha(name: &'static str, nonces: u32, budget: u32) -> Kernel {
    let mark = Mark::Rounds(nonces * SHA_ROUNDS, nonces * 22);
    x86(name, &["7x86_sha"], mark).vectors(128, nonces, budget)
}

/// A kernel of AArch64 with four hashes in a step.
const fn aarch64(name: &'static str, symbols: &'static [&'static str], mark: Mark) -> Kernel {
    Kernel {
        arch: "aarch64",
        hashes: 4,
        vector_bits: 128,
        ..x86(name, symbols, mark)
    }
}

impl Kernel {
    /// With vectors of this width, this number of hashes in a step, and a budget.
    const fn vectors(mut self, bits: u32, hashes: u32, budget: u32) -> Self {
        self.vector_bits = bits;
        self.hashes = hashes;
        self.budget = Some(budget);
        self
    }

    /// With these loops in a step.
    const fn trips(mut self, trips: &'static [u32]) -> Self {
        self.trips = trips;
        self
    }
}

/// The marks of one version of a header, and of four on one schedule.
const PLAIN: Mark = Mark::Rotations(rotations(1, 1));
const PLAIN_SHIFTS: Mark = Mark::ShiftPairs(shifts(1, 1));
const SHA_ROLLED: Mark = Mark::Rounds(4 * SHA_ROUNDS, 11 + 4 * 11);

/// All kernels.
pub const KERNELS: &[Kernel] = &[
    x86(
        "avx512-rolled",
        &["6avx512", "11scan_rolled"],
        Mark::Rotations(rotations(1, 8)),
    )
    .vectors(512, 16 * 8, 19_700)
    .trips(&[4, 2]),
    x86("avx512", &["6avx512", "4scan"], PLAIN).vectors(512, 16, 2_900),
    x86("x86-sha-rolled", &["7x86_sha", "11scan_rolled"], SHA_ROLLED).vectors(128, 4, 640),
    x86_sha("x86-sha (4 nonces)", 4, 830),
    x86_sha("x86-sha (3 nonces)", 3, 623),
    x86_sha("x86-sha (2 nonces)", 2, 416),
    x86(
        "avx2-rolled",
        &["4avx2", "11scan_rolled"],
        Mark::ShiftPairs(shifts(1, 8)),
    )
    .vectors(256, 8 * 8, 40_500)
    .trips(&[8, 7]),
    x86("avx2", &["4avx2", "4scan"], PLAIN_SHIFTS)
        .vectors(256, 8, 5_850)
        .trips(&[7]),
    x86("portable (BMI)", &["8portable", "8scan_bmi"], PLAIN),
    x86("portable", &["8portable", "4scan"], PLAIN),
    aarch64("aarch64-sha2", &["12aarch64_sha2"], Mark::Rounds2(4 * 30)).trips(&[2, 2]),
    aarch64("neon", &["4neon", "4scan"], PLAIN_SHIFTS),
];

impl Kernel {
    /// The class of an instruction.
    pub fn class(&self, instruction: &Instruction) -> Class {
        match self.arch {
            "aarch64" => classify::aarch64(instruction),
            _ => classify::x86(instruction),
        }
    }

    /// A step of the kernel; `None` when no stretch of the assembly has its mark.
    pub fn step<'a>(&self, functions: &'a [Function]) -> Option<Weighted<'a>> {
        self.own(functions)
            .filter_map(|function| region::step(function, self.trips, |step| self.has_mark(step)))
            .min_by_key(Vec::len)
    }

    /// The functions that contain its step.
    fn own<'a>(&self, functions: &'a [Function]) -> impl Iterator<Item = &'a Function> {
        let has = |function: &&Function| self.symbols.iter().all(|s| function.name.contains(s));
        functions.iter().filter(has)
    }

    fn has_mark(&self, step: &Weighted<'_>) -> bool {
        self.marks(step) == self.mark.wanted()
    }

    /// The counts in a stretch that the kernel's mark compares.
    fn marks(&self, step: &Weighted<'_>) -> Vec<u32> {
        let count = |is: &dyn Fn(&Instruction) -> bool| -> u32 {
            let of = step.iter().filter(|(instruction, _)| is(instruction));
            of.map(|(_, weight)| weight).sum()
        };
        let class = |class| count(&|instruction| self.class(instruction) == class);
        match self.mark {
            Mark::Rotations(_) => {
                let names = ["rol", "ror", "rorx", "vprold", "vprord"];
                let is_rotation = |i: &Instruction| names.contains(&&i.mnemonic[..]);
                vec![count(&is_rotation)]
            }
            Mark::ShiftPairs(_) => vec![class(Class::Shift)],
            Mark::Rounds(..) => vec![class(Class::Rounds), class(Class::Schedule2)],
            Mark::Rounds2(_) => vec![class(Class::Rounds2)],
        }
    }

    /// These counts for every stretch, for the message that none is a step.
    pub fn candidates(&self, functions: &[Function]) -> String {
        let found = std::cell::RefCell::new(Vec::new());
        for function in self.own(functions) {
            region::step(function, self.trips, |step| {
                found.borrow_mut().push(format!("{:?}", self.marks(step)));
                false
            });
        }
        let found = found.into_inner().join(" ");
        format!("wanted {:?}, found {found}", self.mark.wanted())
    }
}

impl Mark {
    fn wanted(self) -> Vec<u32> {
        match self {
            Self::Rotations(n) | Self::ShiftPairs(n) | Self::Rounds2(n) => vec![n],
            Self::Rounds(n, schedules) => vec![n, schedules],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_bear_the_names_of_their_backends() {
        for kernel in KERNELS {
            let backend = kernel.name.split(' ').next();
            let mut known = perwatt_sha256d::Backend::all().iter();
            let is_known = known.any(|known| Some(known.name()) == backend);
            assert!(is_known, "{}", kernel.name);
        }
    }

    /// The reference counts: about 1149 rotations and shifts of a plain AVX-512 hash, about
    /// twice the rotations with AVX2.
    #[test]
    fn marks_by_the_algorithm() {
        assert_eq!(rotations(1, 1), 1020);
        assert_eq!(shifts(1, 1), 2 * 1020 + 156);
        assert_eq!(rotations(1, 8), 8 * 868 + 152);
    }
}
