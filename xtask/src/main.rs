//! Developer commands: `cargo xtask COMMAND`.

#![forbid(unsafe_code)]

mod aarch64;
mod acceptance;
mod archive;
mod check;
mod export;
mod foreign;
mod fuzz;
mod layers;
mod miri;
mod native;
mod program;
mod setup;
mod steps;
mod swiftshader;
mod test;

use std::process::ExitCode;

use clap::{Parser, value_parser};
use perwatt_tools::shell;

use crate::program::Program;

/// Developer commands of the perwatt workspace.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "Tools with commands of their own: cargo cycles, cargo isa, cargo peers."
)]
enum Command {
    /// Everything that must pass before a change lands, and the packages that it needs.
    ///
    /// Installs Debian packages where this user may. Stops at the first failure; prints
    /// how long each step took.
    Test,
    /// The order of crates, circles of files, and the layers of the engine.
    ///
    /// The rules are in xtask/src/layers/rules.rs.
    Layers,
    /// The search kernels under Miri, which executes their SIMD instructions.
    Miri,
    /// The parsers of foreign bytes on input made up by libFuzzer.
    ///
    /// Builds and runs every fuzz target under crates/*/fuzz.
    #[command(after_help = "Example, a minute for each target:\n  cargo xtask fuzz --seconds 60")]
    Fuzz {
        /// Seconds that each target runs.
        #[arg(long, value_name = "N", default_value_t = 5)]
        #[arg(value_parser = value_parser!(u32).range(1..))]
        seconds: u32,
    },
    /// The Stratum pool against a client of others.
    Foreign,
    /// The SHA kernels keep their speed in a build for this machine's own CPU.
    Native,
    /// The AArch64 search kernels under an emulator.
    Aarch64,
    /// The GPU kernels on a second implementation of Vulkan.
    Swiftshader,
    /// Time and memory of compare and export over 5000 made-up records.
    Archive,
    /// The query of docs/export.md over an export of results/, by DuckDB.
    Export,
    /// Type checks for Windows, macOS and AArch64 Linux.
    Check,
    /// Builds the program and runs `perwatt gpu-acceptance` on this machine.
    #[command(disable_help_flag = true)]
    GpuAcceptance {
        /// Arguments of `perwatt gpu-acceptance`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Rewrites the checked-in JSON Schema from the types.
    Schema,
}

fn main() -> ExitCode {
    shell::exit_code(match Command::parse() {
        Command::Test => test::test(),
        Command::Layers => layers::layers(),
        Command::Miri => miri::miri(),
        Command::Fuzz { seconds } => fuzz::fuzz(seconds),
        Command::Foreign => foreign::foreign(),
        Command::Native => native::native(),
        Command::Aarch64 => aarch64::aarch64(),
        Command::Swiftshader => swiftshader::swiftshader(),
        Command::Archive => archive::archive(archive::FLEET, Program::Optimised),
        Command::Export => export::export(Program::Optimised),
        Command::Check => check::check(&check::ALL),
        Command::GpuAcceptance { arguments } => acceptance::acceptance(&arguments),
        Command::Schema => test::write_schema(),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Command::command().debug_assert();
        let read = |line: &str| Command::try_parse_from(line.split(' '));
        assert!(matches!(read("x fuzz"), Ok(Command::Fuzz { seconds: 5 })));
        for bad in ["x fuzz --seconds 0", "x fuzz nut", "x tests", "x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let Ok(Command::GpuAcceptance { arguments }) = read("x gpu-acceptance --help -x y") else {
            panic!()
        };
        assert_eq!(arguments, ["--help", "-x", "y"]);
    }
}
