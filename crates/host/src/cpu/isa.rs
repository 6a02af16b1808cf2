//! Instruction set extensions that hashing and matrix kernels can use.

use super::cpuinfo::CpuInfo;
use crate::missing::Absent;
use crate::tree::Tree;

/// Rust's `target_feature` names, each with Linux's name in `/proc/cpuinfo` where that is
/// another.
const X86: &str = "aes amx-bf16=amx_bf16 amx-fp16=amx_fp16 amx-int8=amx_int8 amx-tile=amx_tile avx \
    avx2 avx512bf16=avx512_bf16 avx512bitalg=avx512_bitalg avx512bw avx512cd avx512dq \
    avx512f avx512fp16=avx512_fp16 avx512ifma avx512vbmi avx512vbmi2=avx512_vbmi2 \
    avx512vl avx512vnni=avx512_vnni avx512vpopcntdq=avx512_vpopcntdq avxvnni=avx_vnni \
    bmi1 bmi2 f16c fma gfni sha=sha_ni sha512 sse2 sse4.1=sse4_1 ssse3 vaes";

const AARCH64: &str = "aes bf16 dotprod=asimddp fp16=asimdhp i8mm neon=asimd sha2 sha3 sha512 sme sme2 sve \
    sve2";

/// The extensions that the kernel offers to programs. A feature that the CPU has but
/// the kernel or the hypervisor hides is not listed, because programs cannot use it.
pub(super) fn read(tree: &Tree, info: &CpuInfo) -> Result<Vec<String>, Absent> {
    let (key, names) = match info.is_arm() {
        true => ("Features", AARCH64),
        false => ("flags", X86),
    };
    match info.first(key) {
        Ok(flags) => {
            let has = |name: &str| flags.split_whitespace().any(|flag| flag == name);
            let names = names.split(' ');
            let names = names.map(|name| name.split_once('=').unwrap_or((name, name)));
            let names = names.filter(|(_, linux)| has(linux));
            Ok(names.map(|(rust, _)| rust.to_owned()).collect())
        }
        Err(absent) if tree.is_live() => detected().ok_or(absent),
        Err(absent) => Err(absent),
    }
}

macro_rules! detect {
    ($detected:ident: $($name:tt)*) => {
        Some([$(($name, std::arch::$detected!($name))),*]
            .into_iter()
            .filter(|(_, has)| *has)
            .map(|(name, _): (&str, bool)| name.to_owned())
            .collect())
    };
}

/// Extensions found by the standard library, for systems without `/proc/cpuinfo`. It
/// has no stable name for AMX.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn detected() -> Option<Vec<String>> {
    detect!(is_x86_feature_detected:
        "aes" "avx" "avx2" "avx512bf16" "avx512bitalg" "avx512bw" "avx512cd" "avx512dq"
        "avx512f" "avx512fp16" "avx512ifma" "avx512vbmi" "avx512vbmi2" "avx512vl"
        "avx512vnni" "avx512vpopcntdq" "avxvnni" "bmi1" "bmi2" "f16c" "fma" "gfni" "sha"
        "sha512" "sse2" "sse4.1" "ssse3" "vaes")
}

#[cfg(target_arch = "aarch64")]
fn detected() -> Option<Vec<String>> {
    detect!(is_aarch64_feature_detected:
        "aes" "bf16" "dotprod" "fp16" "i8mm" "neon" "sha2" "sha3" "sve" "sve2")
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn detected() -> Option<Vec<String>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn names_are_sorted() {
        for names in [X86, AARCH64] {
            let rust = names.split(' ').map(|name| name.split('=').next());
            assert!(rust.is_sorted_by(|a, b| a < b));
        }
    }

    /// Both methods of detection must agree on the machine that runs the test.
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    #[test]
    fn kernel_and_standard_library_agree() {
        let tree = Tree::new(Path::new("/"));
        let listed = read(&tree, &CpuInfo::read(&tree)).unwrap();
        for name in detected().unwrap() {
            assert!(listed.contains(&name), "{name} is detected but not listed");
        }
    }
}
