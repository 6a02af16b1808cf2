//! Detects an OpenBLAS whose chosen kernels do not fit this CPU.
//!
//! A `DYNAMIC_ARCH` build recognises CPUs by family and model, so that one older than
//! the CPU may not know it and fall back to its oldest kernels: version 0.3.21 takes
//! an Emerald Rapids Xeon for a Prescott and runs at a tenth of its rate.

/// The variable that names the kernels that OpenBLAS must use.
pub(super) const VARIABLE: &str = "OPENBLAS_CORETYPE";

/// Names of x86-64 kernels without AVX, as they stand in `openblas_get_config`.
const WITHOUT_AVX: &str = "Prescott Core2 Penryn Dunnington Nehalem Atom Athlon Opteron Opteron_SSE3 Barcelona \
    Bobcat Nano Katmai Coppermine Northwood Banias";

/// The kernels that fit this CPU, when `config` names kernels without AVX.
pub(super) fn better(config: &str) -> Option<&'static str> {
    let is_old = |word: &str| {
        WITHOUT_AVX
            .split(' ')
            .any(|core| core.eq_ignore_ascii_case(word))
    };
    let outdated = config.split_whitespace().any(is_old);
    fitting().filter(|_| outdated && config.contains("DYNAMIC_ARCH"))
}

/// The warning for the record.
pub(super) fn warning(config: &str) -> Option<String> {
    better(config).map(|core| {
        format!(
            "this OpenBLAS does not know this CPU and uses kernels without AVX: set {VARIABLE}={core} before starting, or install a newer OpenBLAS"
        )
    })
}

/// The widest kernels in every OpenBLAS since 0.3.10 that this CPU runs.
#[cfg(target_arch = "x86_64")]
fn fitting() -> Option<&'static str> {
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
    {
        Some("SkylakeX")
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Some("Haswell")
    } else {
        None
    }
}

/// On other architectures OpenBLAS asks the system for the CPU's features.
#[cfg(not(target_arch = "x86_64"))]
fn fitting() -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_outdated_dynamic_kernels_are_replaced() {
        let old = "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Prescott MAX_THREADS=64";
        assert_eq!(better(old), fitting());
        assert_eq!(warning(old).is_some(), fitting().is_some());
        for fine in [
            old.replace("Prescott", "SkylakeX"),
            old.replace("Prescott", "Zen"),
            // Built for one CPU: the variable would change nothing.
            old.replace("DYNAMIC_ARCH ", ""),
        ] {
            assert_eq!((better(&fine), warning(&fine)), (None, None), "{fine}");
        }
    }
}
