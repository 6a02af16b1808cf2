//! Developer commands: `cargo xtask COMMAND`.

#![forbid(unsafe_code)]

mod aarch64;
mod acceptance;
mod archive;
mod check;
mod cycles;
mod export;
mod fuzz;
mod isa;
mod miri;
mod native;
mod peers;
mod program;
mod setup;
mod shell;
mod steps;
mod swiftshader;
mod test;

use std::process::ExitCode;

use crate::program::Program;

const USAGE: &str = "\
cargo xtask COMMAND

  test     everything that must pass: set-up, format, lints, tests, Miri, fuzzing, AArch64,
           a real session
  miri     the search kernels under Miri, which executes their SIMD instructions
  fuzz     the parsers of foreign bytes on input made up by libFuzzer; --help says more
  native   the SHA kernels keep their speed in a build for this machine's own CPU
  aarch64  the AArch64 search kernels under an emulator
  cycles   what a hash costs in each search kernel: instructions, and bounds by ports
  isa      the GPU kernels in real GPUs' instructions, without a GPU; --help says more
  peers    the search beside other programs, one thread each, by turns; --help says more
  swiftshader
           the GPU kernels on a second implementation of Vulkan
  archive  how long compare and export take over 5000 made-up records
  export   the README's query over an export of results/, by DuckDB
  check    type checks for Windows, macOS and AArch64 Linux
  gpu-acceptance
           builds the program and accepts this machine's GPUs: `perwatt gpu-acceptance`
  schema   rewrite the checked-in JSON Schema from the types";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("test") => test::test(),
        Some("miri") => miri::miri(),
        Some("fuzz") => match fuzz::seconds(&arguments[1..]) {
            Ok(Some(seconds)) => fuzz::fuzz(seconds),
            Ok(None) => help(fuzz::USAGE),
            Err(error) => return refuse(&error, fuzz::USAGE),
        },
        Some("native") => native::native(),
        Some("aarch64") => aarch64::aarch64(),
        Some("cycles") => match cycles::Options::read(&arguments[1..]) {
            Ok(Some(options)) => cycles::cycles(&options),
            Ok(None) => help(cycles::USAGE),
            Err(error) => return refuse(&error, cycles::USAGE),
        },
        Some("isa") => isa::isa(&arguments[1..]),
        Some("peers") => {
            let variable = |name: &str| std::env::var(name).ok();
            match peers::Options::read(arguments[1..].to_vec(), variable) {
                Ok(Some(options)) => peers::peers(&options),
                Ok(None) => help(peers::USAGE),
                Err(error) => return refuse(&error, peers::USAGE),
            }
        }
        Some("swiftshader") => swiftshader::swiftshader(),
        Some("archive") => archive::archive(archive::FLEET, Program::Optimised),
        Some("export") => export::export(Program::Optimised),
        Some("check") => check::check(),
        Some("gpu-acceptance") => acceptance::acceptance(&arguments[1..]),
        Some("schema") => test::write_schema(),
        Some("help" | "--help" | "-h") => help(USAGE),
        Some(other) => return refuse(&format!("no command {other:?}"), USAGE),
        None => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help(usage: &str) -> anyhow::Result<()> {
    println!("{usage}");
    Ok(())
}

fn refuse(error: &str, usage: &str) -> ExitCode {
    eprintln!("error: {error}\n\n{usage}");
    ExitCode::from(2)
}
