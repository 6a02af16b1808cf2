//! Which CPU features are present, asked at run time.

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(target_arch = "x86_64")]
pub(super) fn x86_features(required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    let has = |feature: &str| match feature {
        "sha" => std::arch::is_x86_feature_detected!("sha"),
        "sse4.1" => std::arch::is_x86_feature_detected!("sse4.1"),
        "ssse3" => std::arch::is_x86_feature_detected!("ssse3"),
        "avx2" => std::arch::is_x86_feature_detected!("avx2"),
        "avx512f" => std::arch::is_x86_feature_detected!("avx512f"),
        "avx512bw" => std::arch::is_x86_feature_detected!("avx512bw"),
        _ => false,
    };
    Ok(required
        .iter()
        .copied()
        .filter(|feature| !has(feature))
        .collect())
}

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn x86_features(_required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    Err(wrong_cpu("an x86-64"))
}

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(target_arch = "aarch64")]
pub(super) fn aarch64_features(required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    let has = |feature: &str| match feature {
        "sha2" => std::arch::is_aarch64_feature_detected!("sha2"),
        "neon" => std::arch::is_aarch64_feature_detected!("neon"),
        _ => false,
    };
    Ok(required
        .iter()
        .copied()
        .filter(|feature| !has(feature))
        .collect())
}

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(not(target_arch = "aarch64"))]
pub(super) fn aarch64_features(_required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    Err(wrong_cpu("an AArch64"))
}

/// Why a kernel for another instruction set cannot run in this build.
fn wrong_cpu(needed: &str) -> String {
    format!(
        "it needs {needed} CPU and this build is for {}",
        std::env::consts::ARCH
    )
}
