//! A build for this machine's own CPU, in which the compiler may use AVX anywhere. The SHA
//! kernels, which such code can slow down 36 times, must be equally fast in it.

use perwatt_tools::shell::{line, run};

pub fn native() -> anyhow::Result<()> {
    let test = "cargo test --locked -p perwatt-sha256d --test avx_state --target-dir target/native";
    let mut test = line(test);
    test.env("RUSTFLAGS", "-C target-cpu=native");
    run(test)
}
