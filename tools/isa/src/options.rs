//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::spirv::Checks;

/// Compiles the GPU kernels for real GPUs, without one, and counts instructions.
///
/// AMD's by Mesa's RADV from Debian's backports (or the installed one); the
/// disassemblies are left in target/isa.
#[derive(Parser, Debug)]
#[command(
    bin_name = "cargo isa",
    after_help = "Example, the searches of one midstate on all GPUs:\n  cargo isa --nvidia sha256d-x1"
)]
pub struct Options {
    /// NVIDIA's too, by its compiler from PyPI.
    #[arg(long)]
    pub nvidia: bool,
    /// Fail when a kernel is over its budget (tools/isa/budgets.txt), which is for kernels
    /// without checks.
    #[arg(long, conflicts_with_all = ["checked", "product"])]
    pub check: bool,
    /// Fail when there is no RADV, or no budgets for its version.
    #[arg(long)]
    pub require_amd: bool,
    /// Write the counts as the new budgets: of all kernels, without checks.
    #[arg(long, conflicts_with_all = ["checked", "product", "kernels"])]
    pub write_budgets: bool,
    /// With naga's checks, as wgpu compiles shaders that it does not trust.
    #[arg(long)]
    checked: bool,
    /// Count the inner loop of the matrix kernel in a WGSL file too.
    #[arg(long = "product", id = "product", value_name = "FILE")]
    pub products: Vec<PathBuf>,
    /// Only kernels whose names begin so [default: all].
    #[arg(value_name = "KERNEL")]
    pub kernels: Vec<String>,
}

impl Options {
    pub fn checks(&self) -> Checks {
        match self.checked {
            true => Checks::On,
            false => Checks::Off,
        }
    }

    /// True for a kernel that is asked for.
    pub fn wants(&self, kernel: &str) -> bool {
        self.kernels.is_empty() || self.kernels.iter().any(|name| kernel.starts_with(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["isa"], arguments].concat())
    }

    #[test]
    fn options_are_read() {
        let plain = read(&[]).unwrap();
        assert_eq!(plain.checks(), Checks::Off);
        assert!(plain.wants("sha256d-x1-lit-or"));
        let some = read(&["--check", "sha256d-x1"]).unwrap();
        assert!(some.check);
        assert!(some.wants("sha256d-x1-lit-or") && !some.wants("sha256d-x2-lit-or"));
        let product = read(&["--checked", "--product", "a.wgsl"]).unwrap();
        assert_eq!(product.checks(), Checks::On);
        assert_eq!(product.products, [PathBuf::from("a.wgsl")]);
    }

    #[test]
    fn budgets_are_for_all_kernels_without_checks() {
        for arguments in [
            &["--write-budgets", "sha256d-x1"][..],
            &["--write-budgets", "--checked"],
            &["--write-budgets", "--product", "a.wgsl"],
            &["--check", "--checked"],
            &["--check", "--product", "a.wgsl"],
        ] {
            let error = read(arguments).unwrap_err().to_string();
            assert!(error.contains("cannot be used with"), "{error}");
        }
    }
}
