//! All checks that must pass before a change lands.

use anyhow::{Context, ensure};
use perwatt_tools::shell::{command, line, output, root, run, text};

use crate::program::Program;
use crate::steps::{Background, Steps};
use crate::{aarch64, archive, check, export, fuzz, layers, miri, native, setup, swiftshader};

/// The file of the generated JSON Schema that is checked in.
const SCHEMA: &str = "crates/record/schema/record.v1.schema.json";

/// The header of block 125552.
const HEADER: &str = "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695";
/// The nonce of that header.
const NONCE: &str = "2504433986";
/// The third quarter of the nonces, which holds it.
const NONCES: &str = "0x80000000..=0xbfffffff";

/// The time of each fuzz target here, in seconds.
const FUZZ_SECONDS: u32 = 1;

/// Runs all checks; stops at the first failure. The time that each step took is printed at
/// the end.
pub fn test() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    // Downloads run in the background while the CPUs do other work.
    let packages = Background::start(setup::packages);
    steps.step("format", || run(line("cargo fmt --all --check")))?;
    steps.step("layers", layers::layers)?;
    steps.step("lints", lints)?;
    steps.step("documentation", documentation)?;
    steps.step("build of programs and tests", || Program::Tested.build())?;
    steps.step("packages, what is left of them", || packages.join())?;
    steps.step("tests", tests)?;
    steps.step("swiftshader", swiftshader::swiftshader)?;
    steps.step("native", native::native)?;
    // Miri keeps one core busy for minutes and shares only its compiler with later steps,
    // so that must be installed first. Steps that measure time come before.
    steps.step("nightly compiler", || {
        setup::miri();
        Ok(())
    })?;
    let interpreted = Background::start(miri::miri);
    steps.step("check", || check::check(&check::MOST_DIFFERENT))?;
    steps.step("fuzz", || fuzz::fuzz(FUZZ_SECONDS))?;
    steps.step("aarch64", aarch64::aarch64)?;
    steps.step("cycles", || tool("perwatt-cycles", &["--check"]))?;
    steps.step("isa", isa)?;
    steps.step("miri, what is left of it", || interpreted.join())?;
    steps.step("session", session)?;
    steps.step("export", || export::export(Program::Tested))?;
    steps.step("archive", || {
        archive::archive(archive::FEW, Program::Tested)
    })
}

/// Runs a tool that is already built.
fn tool(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    run(command(&Program::Tested.path(name)?, arguments))
}

/// AMD's kernels within their budgets. The check is required where the environment variable
/// `CI` is set, because it must be possible there.
fn isa() -> anyhow::Result<()> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: the GPUs' compilers that this uses run on Linux only");
        return Ok(());
    }
    let strict = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let arguments = ["--check", "--require-amd"];
    tool("perwatt-isa", &arguments[..if strict { 2 } else { 1 }])
}

fn lints() -> anyhow::Result<()> {
    run(line(
        "cargo clippy --workspace --all-targets --locked -- -D warnings",
    ))
}

fn documentation() -> anyhow::Result<()> {
    let mut docs = line("cargo doc --workspace --no-deps --locked --quiet");
    docs.env("RUSTDOCFLAGS", "-D warnings");
    run(docs)
}

fn tests() -> anyhow::Result<()> {
    let mut tests = command("cargo", &["test", "--workspace", "--locked"]);
    // Many tests wait for a session, so that more of them than there are CPUs run at once.
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    tests.env("RUST_TEST_THREADS", (cpus + cpus.div_ceil(2)).to_string());
    run(tests)
}

/// Rewrites the checked-in schema; a test fails while it differs from the generated one.
pub fn write_schema() -> anyhow::Result<()> {
    let schema = output(line("cargo run --quiet -- schema"))?;
    let path = root().join(SCHEMA);
    std::fs::write(&path, schema).with_context(|| format!("cannot write {}", path.display()))
}

/// The digest of a record as the Python in `docs/record.md` computes it.
fn digest_by_others(record: &str) -> anyhow::Result<()> {
    let Some(python) = setup::python() else {
        return Ok(());
    };
    let page = root().join("docs/record.md");
    let page = std::fs::read_to_string(page).context("docs/record.md")?;
    let block = page.split("```python\n").nth(1);
    let code = block.and_then(|rest| rest.split("```").next());
    let code = code.context("docs/record.md has no block of Python")?;
    let dir = root().join("target/session");
    std::fs::copy(record, dir.join("record.json")).context("cannot copy the record")?;
    let mut check = command(&python, &["-c", code]);
    check.current_dir(&dir);
    run(check)?;
    std::fs::remove_file(dir.join("record.json")).context("cannot remove the copy")
}

/// The two main functions of the program: a session that passes its checks, and a search.
fn session() -> anyhow::Result<()> {
    let perwatt = Program::Tested.path("perwatt")?;
    let perwatt = perwatt.as_str();
    let out = root().join("target/session");
    let args = "run --suite quick --rounds 1 --seconds 0.5 --out";
    let args: Vec<&str> = args.split(' ').chain([text(&out)?]).collect();
    let printed = output(command(perwatt, &args))?;
    print!("{printed}");
    let path = printed.lines().last().context("run printed no path")?;
    run(command(perwatt, &["check", path]))?;
    digest_by_others(path)?;

    let search = ["search", HEADER, "--nonces", NONCES];
    let found = output(command(perwatt, &search))?;
    print!("{found}");
    let lines: Vec<&str> = found.lines().collect();
    ensure!(
        lines.len() == 1 && lines[0].starts_with(&format!("nonce {NONCE} ")),
        "{NONCES} of block 125552 gave {lines:?}, not its nonce {NONCE} alone"
    );
    Ok(())
}
