//! The search kernels for AArch64, built by a cross compiler and run by an emulator: every
//! instruction that they use is executed, independent of this machine's CPU.

use perwatt_tools::shell::{line, run};

use crate::setup;

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// Nonces searched around each real one; few, because an emulated kernel is many times
/// slower.
const WINDOW: &str = "16384";

pub fn aarch64() -> anyhow::Result<()> {
    if cfg!(target_arch = "aarch64") {
        eprintln!("skipped: this machine is AArch64, where the plain tests run those kernels");
        return Ok(());
    }
    if !setup::aarch64(TARGET)? {
        return Ok(());
    }
    let options = "--lib --test properties";
    let mut tests = line(&format!(
        "cargo test --locked -p perwatt-sha256d --target {TARGET} {options}"
    ));
    tests
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            "qemu-aarch64 -L /usr/aarch64-linux-gnu",
        )
        .env("PERWATT_TEST_WINDOW", WINDOW)
        .env("PERWATT_EXPECT_BACKENDS", "all");
    run(tests)
}
