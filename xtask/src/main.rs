//! Developer commands: `cargo xtask COMMAND`.

#![forbid(unsafe_code)]

mod aarch64;
mod cycles;
mod miri;
mod native;
mod peers;
mod setup;
mod shell;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  test     everything that must pass: set-up, format, lints, tests, Miri, AArch64, a real session
  miri     the search kernels under Miri, which executes their SIMD instructions
  native   the SHA kernels keep their speed in a build for this machine's own CPU
  aarch64  the AArch64 search kernels under an emulator
  cycles   what a hash costs in each search kernel: instructions, and bounds by ports
  peers    the search beside other programs, one thread each, by turns; --help says more
  schema   rewrite the checked-in JSON Schema from the types";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("test") => test::test(),
        Some("miri") => miri::miri(),
        Some("native") => native::native(),
        Some("aarch64") => aarch64::aarch64(),
        Some("cycles") => cycles::cycles(&arguments[1..]),
        Some("peers") => {
            let variable = |name: &str| std::env::var(name).ok();
            match peers::Options::read(arguments[1..].to_vec(), variable) {
                Ok(Some(options)) => peers::peers(&options),
                Ok(None) => {
                    println!("{}", peers::USAGE);
                    Ok(())
                }
                Err(error) => {
                    eprintln!("error: {error}\n\n{}", peers::USAGE);
                    return ExitCode::from(2);
                }
            }
        }
        Some("schema") => test::write_schema(),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => {
            eprintln!("error: no command {other:?}\n\n{USAGE}");
            return ExitCode::from(2);
        }
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
