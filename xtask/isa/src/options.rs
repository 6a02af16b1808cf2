//! The command line.

use std::path::PathBuf;

use crate::spirv::Checks;

pub const USAGE: &str = "\
cargo xtask isa [OPTION...] [KERNEL...]

Compiles the GPU kernels for real GPUs, without one, and counts instructions.
AMD's by Mesa's RADV from Debian's backports (or the installed one); the
disassemblies are left in target/isa.

  --nvidia          NVIDIA's too, by its compiler from PyPI
  --check           fail when a kernel is over its budget (xtask/isa/budgets.txt)
  --require-amd     fail when there is no RADV, or no budgets for its version
  --write-budgets   make what was counted the budgets
  --checked         with naga's checks, as wgpu compiles what it does not trust
  --product FILE    count the inner loop of the matrix kernel in a WGSL file too
  KERNEL            only those whose name begins so";

/// What to do.
#[derive(Debug)]
pub struct Options {
    pub nvidia: bool,
    pub check: bool,
    pub require_amd: bool,
    pub write_budgets: bool,
    pub checks: Checks,
    pub products: Vec<PathBuf>,
    /// Beginnings of names; none: all.
    pub kernels: Vec<String>,
}

impl Options {
    /// Reads the command line. `None` when help is asked for.
    pub fn read(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self {
            nvidia: false,
            check: false,
            require_amd: false,
            write_budgets: false,
            checks: Checks::Off,
            products: Vec::new(),
            kernels: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match &argument[..] {
                "--nvidia" => options.nvidia = true,
                "--check" => options.check = true,
                "--require-amd" => options.require_amd = true,
                "--write-budgets" => options.write_budgets = true,
                "--checked" => options.checks = Checks::On,
                "--product" => {
                    let file = arguments.next().ok_or("--product needs a file")?;
                    options.products.push(file.into());
                }
                "--help" | "-h" => return Ok(None),
                option if option.starts_with('-') => return Err(format!("no option {option:?}")),
                kernel => options.kernels.push(kernel.to_owned()),
            }
        }
        let is_partial = !options.kernels.is_empty() || !options.products.is_empty();
        if options.write_budgets && (is_partial || options.checks == Checks::On) {
            return Err("--write-budgets is for all kernels, and those without checks".to_owned());
        }
        if options.check && options.checks == Checks::On {
            return Err("budgets are for kernels without checks: not with --checked".to_owned());
        }
        if options.check && !options.products.is_empty() {
            return Err("a kernel in a file has no budget: not --check with --product".to_owned());
        }
        Ok(Some(options))
    }

    /// Whether a kernel is wanted.
    pub fn wants(&self, kernel: &str) -> bool {
        self.kernels.is_empty() || self.kernels.iter().any(|name| kernel.starts_with(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Options>, String> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Options::read(&arguments)
    }

    #[test]
    fn options_are_read() {
        let plain = read(&[]).unwrap().unwrap();
        assert!(!plain.nvidia && !plain.check && plain.checks == Checks::Off);
        assert!(plain.wants("sha256d-x1-lit-or"));
        let arguments = ["--nvidia", "--check", "--require-amd", "sha256d-x1"];
        let some = read(&arguments).unwrap().unwrap();
        assert!(some.nvidia && some.check && some.require_amd);
        assert!(some.wants("sha256d-x1-lit-or") && !some.wants("sha256d-x2-lit-or"));
        let product = read(&["--checked", "--product", "a.wgsl"])
            .unwrap()
            .unwrap();
        assert_eq!(product.checks, Checks::On);
        assert_eq!(product.products, [PathBuf::from("a.wgsl")]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (arguments, says) in [
            (&["--frob"][..], "--frob"),
            (&["--product"], "needs a file"),
            (&["--write-budgets", "sha256d-x1"], "for all kernels"),
            (&["--write-budgets", "--checked"], "without checks"),
            (&["--check", "--checked"], "not with --checked"),
            (&["--check", "--product", "a.wgsl"], "has no budget"),
        ] {
            let error = read(arguments).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(read(&["-h"]).unwrap().is_none());
    }
}
