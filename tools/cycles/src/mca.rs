//! The estimate of llvm-mca, where it is installed.
//!
//! It simulates a core with LLVM's tables and inherits their errors: for Zen 3 and 4 they
//! start a `sha256rnds2` every second cycle where the CPU was measured to start one every
//! cycle, and for Zen 5 they repeat Zen 4. It does not model caches, instruction fetch or
//! branches, and assumes that every load is ready.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context, bail};
use perwatt_tools::shell::{command, output};

use crate::kernels::Kernel;
use crate::region::Weighted;

/// Its command names in Debian, the newest first.
pub const PROGRAMS: &str =
    "llvm-mca-21 llvm-mca-20 llvm-mca-19 llvm-mca-18 llvm-mca-17 llvm-mca-16 llvm-mca";

/// Steps simulated.
const ITERATIONS: u32 = 20;
const X86: &[(&str, &str)] = &[
    ("Zen 3", "znver3"),
    ("Zen 4", "znver4"),
    ("Golden Cove", "sapphirerapids"),
];
const ARM: &[(&str, &str)] = &[
    ("Neoverse N1", "neoverse-n1"),
    ("Neoverse V1, V2", "neoverse-v2"),
    ("Apple M1", "apple-m1"),
];

/// The program.
pub struct Mca {
    program: String,
    pub version: String,
}

impl Mca {
    pub fn new(program: &str) -> anyhow::Result<Self> {
        let version = output(command(program, &["--version"]))?;
        let line = version.lines().find(|line| line.contains("version"));
        let line = line.with_context(|| format!("{program} tells no version"))?;
        Ok(Self {
            program: program.to_owned(),
            version: line.trim().to_owned(),
        })
    }

    /// Cycles per hash for each CPU that has the kernel's instructions. The step must not
    /// contain loops.
    pub fn cycles(
        &self,
        kernel: &Kernel,
        step: &Weighted<'_>,
    ) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let mut text = String::new();
        if kernel.arch == "x86_64" {
            text.push_str(".intel_syntax noprefix\n");
        }
        for (instruction, _) in step {
            // Branches leave the step; their targets are outside of it.
            if is_straight(&instruction.mnemonic) {
                writeln!(text, "{} {}", instruction.mnemonic, instruction.operands)?;
            }
        }
        let (triple, cpus) = match kernel.arch {
            "aarch64" => ("aarch64", ARM),
            _ => ("x86_64", X86),
        };
        let mut cycles = Vec::new();
        for (name, cpu) in cpus {
            if kernel.vector_bits == 512 && *cpu == "znver3" {
                continue;
            }
            // An older version does not know every CPU.
            if let Some(total) = self.simulate(triple, cpu, &text)? {
                cycles.push((*name, total / f64::from(kernel.hashes)));
            }
        }
        Ok(cycles)
    }

    fn simulate(&self, triple: &str, cpu: &str, text: &str) -> anyhow::Result<Option<f64>> {
        let mut mca = command(&self.program, &[]);
        mca.arg(format!("-mtriple={triple}"))
            .arg(format!("-mcpu={cpu}"))
            .arg(format!("-iterations={ITERATIONS}"))
            .args((triple == "aarch64").then_some("-mattr=+sha2"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = mca
            .spawn()
            .with_context(|| format!("cannot start {}", self.program))?;
        let mut input = child.stdin.take().context("llvm-mca has no input")?;
        let text = text.to_owned();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output()?;
        // It may stop reading at an error, which its own message explains better.
        drop(writer.join());
        if !output.status.success() {
            bail!(
                "{} failed for {cpu}: {}",
                self.program,
                String::from_utf8_lossy(&output.stderr)
                    .lines()
                    .next()
                    .unwrap_or_default()
            );
        }
        total_cycles(&String::from_utf8_lossy(&output.stdout))
            .map(|cycles| Some(cycles / f64::from(ITERATIONS)))
            .with_context(|| format!("{} printed no total for {cpu}", self.program))
    }
}

fn is_straight(mnemonic: &str) -> bool {
    !(mnemonic.starts_with('j')
        || mnemonic.starts_with("b.")
        || ["call", "ret", "b", "bl", "cbz", "cbnz", "tbz", "tbnz"].contains(&mnemonic))
}

fn total_cycles(report: &str) -> Option<f64> {
    report
        .lines()
        .find_map(|line| line.strip_prefix("Total Cycles:"))
        .and_then(|cycles| cycles.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_the_report() {
        let report = "Iterations:        20\nInstructions:      100\nTotal Cycles:      43\n";
        assert_eq!(total_cycles(report), Some(43.0));
        assert_eq!(total_cycles("error: no such cpu"), None);
    }

    #[test]
    fn branches_are_left_out() {
        assert!(is_straight("jxx") != is_straight("vpaddd"));
        assert!(!is_straight("ret") && !is_straight("b.ne") && is_straight("bsl"));
    }
}
