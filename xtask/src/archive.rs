//! Time and memory of `compare` and `export` over a generated archive of the size of a
//! fleet's.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use perwatt_tools::shell::{command, root, run, text};

use crate::program::Program;

/// The number of records for which the program has to meet its limits.
pub const FLEET: u32 = 5000;
/// A number of records that is enough for a functional test, and larger than the number
/// that `compare` verifies in full, which the shares of generated records do not pass.
pub const FEW: u32 = 200;

/// A real record of the size that `run` writes.
const TEMPLATE: &str = "results/20261124T151647Z_quick_46dcb2fe_14a18e.json";
/// Largest memory that either command may take.
const MEMORY_KIB: u64 = 1 << 20;

/// Generates the archive, runs both commands over it and prints their time and memory.
/// Fails when one fails or takes too much memory; time depends on the machine and is only
/// printed.
pub fn archive(count: u32, program: Program) -> anyhow::Result<()> {
    let dir = root().join("target/archive");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).context("cannot remove the old archive")?;
    }
    let dir = text(&dir)?;
    let count = count.to_string();
    program.build()?;
    run(command(
        &program.path("perwatt-fleet")?,
        &[TEMPLATE, dir, &count],
    ))?;
    for args in [
        &["compare", dir][..],
        &["compare", dir, "--format", "json"],
        &["export", dir],
        &["export", dir, "--format", "ndjson"],
    ] {
        let (time, peak_kib) = measure(&program.path("perwatt")?, args)?;
        println!(
            "{} of {count} records: {:.2} s, {} MiB at most",
            args.join(" ").replace(dir, "DIR"),
            time.as_secs_f64(),
            peak_kib >> 10
        );
        ensure!(
            peak_kib < MEMORY_KIB,
            "{args:?} took {peak_kib} KiB of memory; {MEMORY_KIB} is the most"
        );
    }
    std::fs::remove_dir_all(dir).context("cannot remove the archive")?;
    Ok(())
}

/// Runs the program and discards its output; returns the time, and the peak memory in KiB.
fn measure(perwatt: &str, args: &[&str]) -> anyhow::Result<(Duration, u64)> {
    let start = Instant::now();
    let mut child = command(perwatt, args)
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {perwatt}"))?;
    let mut peak_kib = 0;
    let status = loop {
        // The kernel keeps the peak, so that reading it from time to time misses little.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let line = status.unwrap_or_default();
        let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak_kib = peak_kib.max(kib.unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    ensure!(status.success(), "{args:?} failed: {status}");
    Ok((start.elapsed(), peak_kib))
}
