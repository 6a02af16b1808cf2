//! The search kernels under Miri: an interpreter executes every intrinsic that they use and
//! checks memory, alignment and undefined behaviour, independent of this machine's CPU.

use perwatt_tools::shell::{line, run};

use crate::setup;

/// The features that run-time detection reports under Miri.
const FEATURES: &str = "-C target-feature=+sha,+sse4.1,+ssse3,+avx2,+avx512f,+avx512bw";

pub fn miri() -> anyhow::Result<()> {
    if !setup::miri() {
        return Ok(());
    }
    let filter = "--lib conformance::kernels";
    let mut tests = line(&format!(
        "cargo +nightly miri test --locked -p perwatt-sha256d {filter}"
    ));
    tests
        .env("RUSTFLAGS", FEATURES)
        .env("PERWATT_EXPECT_BACKENDS", "all")
        .env("MIRIFLAGS", "-Zmiri-env-forward=PERWATT_EXPECT_BACKENDS");
    run(tests)
}
