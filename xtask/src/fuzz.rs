//! The fuzz targets, each for a few seconds: enough to keep them building and to find
//! simple errors. libFuzzer is built from its crate, with the flags of cargo-fuzz, so that
//! only a nightly compiler has to be installed.

use anyhow::{Context, bail, ensure};
use perwatt_tools::shell::{command, line, output, root, run, text};

use crate::setup;

/// The crates with fuzz targets, each in cargo-fuzz's layout, and the longest input tried
/// there in bytes: more than any limit that the parsers set on input that they process byte
/// by byte, and enough for a whole record.
const CRATES: [(&str, u32); 6] = [
    ("crates/power/fuzz", 4200),
    ("crates/record/fuzz", 12_000),
    ("crates/gap/fuzz", 4200),
    ("crates/site/fuzz", 4200),
    ("crates/stratum/fuzz", 4200),
    ("crates/miner/fuzz", 4200),
];

/// Coverage feedback and the address sanitizer.
const FLAGS: &str = "--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module \
                     -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs every target; prints the reason where it cannot.
pub fn fuzz(seconds: u32) -> anyhow::Result<()> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the fuzz targets are run on Linux alone");
        return Ok(());
    }
    if !setup::fuzz() {
        return Ok(());
    }
    let host = host()?;
    build(&host)?;
    for (fuzzed, longest) in CRATES {
        for target in targets(fuzzed)? {
            one(fuzzed, longest, &host, &target, seconds)?;
        }
    }
    Ok(())
}

/// Builds all targets.
fn build(host: &str) -> anyhow::Result<()> {
    // With an explicit target, the flags do not apply to build scripts and procedural macros.
    let mut build = line(&format!(
        "cargo +nightly build --locked --workspace --bins --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --target {host}"
    ));
    build.env("RUSTFLAGS", FLAGS);
    run(build)
}

/// The targets of one crate, each of which has seeds.
fn targets(fuzzed: &str) -> anyhow::Result<Vec<String>> {
    let corpus = root().join(fuzzed).join("corpus");
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(&corpus).context("no corpus of the fuzz targets")? {
        let name = entry?.file_name().into_string();
        targets.push(name.ok().context("a corpus whose name is not text")?);
    }
    targets.sort();
    let files = std::fs::read_dir(root().join(fuzzed).join("fuzz_targets"))?.count();
    ensure!(
        files == targets.len(),
        "{fuzzed} has {files} targets and seeds for {targets:?}; each needs its own"
    );
    Ok(targets)
}

/// Runs one target, starting from the seeds and from the inputs that earlier runs found.
fn one(fuzzed: &str, longest: u32, host: &str, target: &str, seconds: u32) -> anyhow::Result<()> {
    let found = format!("target/fuzz/corpus/{target}");
    std::fs::create_dir_all(root().join(&found))?;
    let seeds = format!("{fuzzed}/corpus/{target}");
    let program = root().join(format!("target/fuzz/{host}/debug/{target}"));
    let mut fuzzer = command(text(&program)?, &[&found, &seeds]);
    fuzzer.args(["-timeout=5", "-verbosity=0", "-print_final_stats=1"]);
    fuzzer.arg(format!("-max_total_time={seconds}"));
    fuzzer.arg(format!("-max_len={longest}"));
    fuzzer.arg(format!("-artifact_prefix=target/fuzz/{target}-"));
    // A panic is a finding; a backtrace would hide the input.
    fuzzer.env("RUST_BACKTRACE", "0");
    eprintln!("+ fuzzing {target} for {seconds} s");
    let outcome = fuzzer
        .output()
        .with_context(|| format!("cannot start the fuzz target {target}"))?;
    let said = String::from_utf8_lossy(&outcome.stderr);
    if !outcome.status.success() {
        bail!("the fuzz target {target} failed; the input is in target/fuzz/{target}-*\n{said}");
    }
    let runs = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .with_context(|| format!("the fuzz target {target} does not say how often it ran"))?;
    eprintln!("{target}: {} inputs, nothing found", runs.trim());
    Ok(())
}

/// The target triple of this machine.
fn host() -> anyhow::Result<String> {
    let version = output(line("rustc +nightly -vV"))?;
    match version.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("rustc -vV names no host"),
    }
}
