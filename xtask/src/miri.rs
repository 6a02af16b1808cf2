//! The search kernels under Miri: every intrinsic they use is executed by an
//! interpreter that checks memory, alignment and undefined behaviour, whatever
//! this machine's CPU can do.

use perwatt_tools::shell::{command, run};

use crate::setup;

/// Run-time detection answers from these under Miri.
const FEATURES: &str = "-C target-feature=+sha,+sse4.1,+ssse3,+avx2,+avx512f,+avx512bw";

pub fn miri() -> anyhow::Result<()> {
    if !setup::miri() {
        return Ok(());
    }
    let mut tests = command(
        "cargo",
        &[
            "+nightly",
            "miri",
            "test",
            "--locked",
            "-p",
            "perwatt-sha256d",
            "--lib",
            "conformance::kernels",
        ],
    );
    tests
        .env("RUSTFLAGS", FEATURES)
        .env("PERWATT_EXPECT_BACKENDS", "all")
        .env("MIRIFLAGS", "-Zmiri-env-forward=PERWATT_EXPECT_BACKENDS");
    run(tests)
}
