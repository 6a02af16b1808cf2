//! The instruction sets that the library uses, and the formats whose arithmetic they have.

use crate::search::Unavailable;

/// The number format of a product's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit floats with the exponent of 32-bit ones.
    Bf16,
    /// Signed 8-bit integers.
    I8,
}

/// The instruction sets of x86 that matter here, as bits of the code of version 3. The
/// code of version 2 has other bits for some.
const AVX2_VNNI: u32 = 0x8;
const AVX512: u32 = 0x20;
const AVX512_VNNI: u32 = 0x40;
const AVX512_BF16: u32 = 0x80;
const AVX512_FP16: u32 = 0x100;
const AMX_INT8: u32 = 0x400;
const AMX_BF16: u32 = 0x800;
const AMX_FP16: u32 = 0x1000;

/// Codes of `dnnl_cpu_isa_t` in dnnl_types.h of version 3.
const NAMES: &[(u32, &str)] = &[
    (0x1, "SSE4.1"),
    (0x3, "AVX"),
    (0x7, "AVX2"),
    (0xf, "AVX2_VNNI"),
    (0x1f, "AVX2_VNNI_2"),
    (0x27, "AVX512_CORE"),
    (0x67, "AVX512_CORE_VNNI"),
    (0xe7, "AVX512_CORE_BF16"),
    (0x1ef, "AVX512_CORE_FP16"),
    (0xfef, "AVX512_CORE_AMX"),
    (0x1fef, "AVX512_CORE_AMX_FP16"),
    (0x201ff, "AVX10_2"),
    (0x22fff, "AVX10_2_AMX_2"),
    (0xa03ff, "AVX10_2_ACE"),
];

/// Codes of version 2 that are not those of version 3, and their equivalents there.
const OF_VERSION_2: &[(u32, u32)] = &[(0xf, 0x7), (0x1f, 0x7), (0x3e7, 0xfef), (0x407, 0xf)];

/// Codes of AArch64, in cpu_isa_traits.hpp.
const ARM_NAMES: &[(u32, &str)] = &[
    (0x1, "ASIMD"),
    (0x3, "SVE_128"),
    (0x7, "SVE_256"),
    (0x27, "SVE_512"),
];

/// The instruction set that a library uses on this CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Isa {
    /// The code as the library gives it.
    pub(super) code: u32,
    /// The equivalent code of version 3.
    bits: u32,
}

impl Isa {
    pub(super) fn new(major: i32, code: u32) -> Self {
        let known = OF_VERSION_2.iter().find(|(old, _)| *old == code);
        let bits = match known {
            Some((_, bits)) if major == 2 => *bits,
            _ => code,
        };
        Self { code, bits }
    }

    /// Code and name, such as `0x7 (AVX2)`.
    pub(super) fn words(self) -> String {
        let names = match cfg!(target_arch = "aarch64") {
            true => ARM_NAMES,
            false => NAMES,
        };
        let named = names.iter().find(|(code, _)| *code == self.bits);
        let name = named.map_or("not known to perwatt", |(_, name)| name);
        format!("{:#x} ({name})", self.code)
    }

    /// The reason that products of a format are not at this CPU's rate, or not right.
    pub(super) fn lacks(self, format: Format, cpu: u32) -> Option<Unavailable> {
        let (needed, names, otherwise) = match format {
            Format::F32 => return None,
            Format::Bf16 => (
                AVX512_BF16 | AMX_BF16,
                "bf16 (AVX512_BF16, AMX, or Arm's BF16)",
                "a library would emulate them",
            ),
            Format::F16 => (
                AVX512_FP16 | AMX_FP16,
                "f16 (AVX512_FP16, AMX, or Arm's FP16)",
                "a library would convert them to f32",
            ),
            Format::I8 => (
                AVX2_VNNI | AVX512_VNNI | AMX_INT8,
                "8-bit integers with 32-bit sums (VNNI, AMX, or Arm's DotProd)",
                "pairs of them saturate at 16 bits, so that large results are wrong",
            ),
        };
        if cpu & needed == 0 {
            return Some(Unavailable {
                reason: format!("this CPU has no products of {names}: {otherwise}"),
                fix: "measure matmul/f32 here".into(),
            });
        }
        let used = match cfg!(target_arch = "aarch64") {
            // The code of AArch64 says only how wide the vectors are.
            true => cpu,
            false => self.bits,
        };
        (used & needed == 0).then(|| Unavailable {
            reason: format!(
                "the library uses {} of this CPU, without its products of {names}: {otherwise}",
                self.words()
            ),
            fix: REMEDY.into(),
        })
    }

    /// The warning where the library uses less than the CPU has.
    pub(super) fn below(self, cpu: u32) -> Option<String> {
        // CPUs with AVX-512 do not need the forms for narrower registers.
        let wide = cpu & AVX512 != 0;
        let missing = cpu & !self.bits & if wide { !AVX2_VNNI } else { !0 };
        (cfg!(target_arch = "x86_64") && missing != 0).then(|| {
            format!(
                "this oneDNN uses {} and this CPU has more: {REMEDY}",
                self.words()
            )
        })
    }
}

const REMEDY: &str = "install a newer oneDNN, or unset ONEDNN_MAX_CPU_ISA";

/// The instruction sets of this CPU, as the bits above.
#[cfg(target_arch = "x86_64")]
pub(super) fn of_cpu() -> u32 {
    let core = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    // The standard library has no stable name for AMX.
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = info.lines().find(|line| line.starts_with("flags"));
    let amx = |name| flags.is_some_and(|line| line.split_whitespace().any(|flag| flag == name));
    [
        (is_x86_feature_detected!("avxvnni"), AVX2_VNNI),
        (core, AVX512),
        (core && is_x86_feature_detected!("avx512vnni"), AVX512_VNNI),
        (core && is_x86_feature_detected!("avx512bf16"), AVX512_BF16),
        (core && is_x86_feature_detected!("avx512fp16"), AVX512_FP16),
        (amx("amx_int8"), AMX_INT8),
        (amx("amx_bf16"), AMX_BF16),
        (amx("amx_fp16"), AMX_FP16),
    ]
    .into_iter()
    .fold(0, |bits, (has, bit)| if has { bits | bit } else { bits })
}

/// The equivalents of this CPU's extensions.
#[cfg(target_arch = "aarch64")]
pub(super) fn of_cpu() -> u32 {
    use std::arch::is_aarch64_feature_detected as has;
    let dots = has!("dotprod") || has!("i8mm");
    [
        (dots, AVX2_VNNI),
        (has!("bf16"), AVX512_BF16),
        (has!("fp16"), AVX512_FP16),
    ]
    .into_iter()
    .fold(0, |bits, (has, bit)| if has { bits | bit } else { bits })
}

/// Nothing is known of other architectures.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn of_cpu() -> u32 {
    0
}

/// The reason that this CPU does not compute products of a format by itself.
#[must_use]
pub fn cpu_lacks(format: Format) -> Option<Unavailable> {
    let cpu = of_cpu();
    Isa {
        code: cpu,
        bits: cpu,
    }
    .lacks(format, cpu)
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    const EMERALD: u32 = AVX2_VNNI | AVX512 | AVX512_VNNI | AVX512_BF16 | AVX512_FP16;

    #[test]
    fn formats_follow_the_instruction_sets_of_library_and_cpu() {
        let lacking = |code, cpu| {
            let isa = Isa::new(3, code);
            [Format::F32, Format::Bf16, Format::F16, Format::I8]
                .map(|format| isa.lacks(format, cpu).is_some())
        };
        assert_eq!(lacking(0x7, 0), [false, true, true, true]);
        assert_eq!(lacking(0xf, AVX2_VNNI), [false, true, true, false]);
        assert_eq!(lacking(0x1ef, EMERALD), [false; 4]);
        assert_eq!(lacking(0xe7, EMERALD), [false, false, true, false]);
        // An old or limited library on a CPU that has everything.
        assert_eq!(lacking(0x27, EMERALD), [false, true, true, true]);
        let limited = Isa::new(3, 0x27).lacks(Format::I8, EMERALD).unwrap();
        assert!(limited.reason.contains("0x27 (AVX512_CORE)"), "{limited}");
        assert!(limited.fix.contains("MAX_CPU_ISA"), "{limited}");
        let old = Isa::new(3, 0x7).lacks(Format::I8, 0).unwrap();
        assert!(
            old.reason
                .contains("this CPU has no products of 8-bit integers")
        );
    }

    #[test]
    fn codes_of_version_2_are_translated() {
        let of = |code| Isa::new(2, code);
        assert!(of(0xf).lacks(Format::I8, AVX2_VNNI).is_some(), "Xeon Phi");
        assert!(of(0x407).lacks(Format::I8, AVX2_VNNI).is_none());
        assert_eq!(of(0x407).words(), "0x407 (AVX2_VNNI)");
        assert_eq!(of(0x3e7).words(), "0x3e7 (AVX512_CORE_AMX)");
        assert_eq!(Isa::new(3, 0x5).words(), "0x5 (not known to perwatt)");
    }

    #[test]
    fn a_library_below_the_cpu_is_warned_of() {
        assert_eq!(Isa::new(3, 0x7).below(0), None);
        assert_eq!(Isa::new(3, 0x1ef).below(EMERALD), None);
        assert_eq!(Isa::new(3, 0xe7).below(EMERALD & !AVX512_FP16), None);
        for (code, cpu) in [
            (0x27, EMERALD),
            (0x7, AVX2_VNNI),
            (0x1ef, EMERALD | AMX_INT8),
        ] {
            let warning = Isa::new(3, code).below(cpu).unwrap();
            assert!(warning.contains("newer oneDNN"), "{warning}");
        }
    }
}
