//! The assembly of the search crate as rustc prints it, divided into functions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use perwatt_tools::shell::{command, root, run};

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub mnemonic: String,
    pub operands: String,
}

/// A function: its instructions, and the positions of its labels among them.
#[derive(Debug, Default)]
pub struct Function {
    /// The mangled name.
    pub name: String,
    pub instructions: Vec<Instruction>,
    pub labels: HashMap<String, usize>,
}

/// Compiles the search crate for `target` as in a release and reads the assembly.
///
/// `kernels/kernels.rs` is a static library of the search functions. One that is linked
/// whole goes through link-time optimisation as the program does, unlike the crate's own
/// object, and needs no linker, for this machine's architecture or another.
pub fn functions(target: &str) -> anyhow::Result<Vec<Function>> {
    let mut rustc = command("cargo", &["rustc", "--locked", "--quiet", "--release"]);
    rustc.args(["-p", "perwatt-cycles-kernels", "--example", "kernels"]);
    rustc.args(["--target-dir", FOLDER, "--target", target]);
    rustc.args(["--", "--emit", "asm"]);
    if target.starts_with("x86_64") {
        rustc.args(["-C", "llvm-args=-x86-asm-syntax=intel"]);
    }
    // Releases are built without them.
    rustc
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(rustc)?;
    let folder = root().join(FOLDER).join(target).join("release/examples");
    let text = newest_assembly(&folder)?;
    Ok(parse(&text))
}

const FOLDER: &str = "target/cycles";

/// After a change of the toolchain there are older files beside the new one.
fn newest_assembly(folder: &Path) -> anyhow::Result<String> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.contains(".perwatt_sha256d-") || !name.ends_with(".s") {
            continue;
        }
        let changed = entry.metadata()?.modified()?;
        if newest.as_ref().is_none_or(|(latest, _)| changed > *latest) {
            newest = Some((changed, entry.path()));
        }
    }
    let (_, path) =
        newest.with_context(|| format!("the build left no assembly in {}", folder.display()))?;
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Divides assembly into functions.
pub fn parse(text: &str) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    for line in text.lines() {
        // AArch64 marks comments with `//` and immediate operands with `#`.
        let line = line.split("# ").next().unwrap_or_default();
        let line = line.split("//").next().unwrap_or_default().trim();
        if let Some(label) = line.strip_suffix(':') {
            if label.starts_with("_ZN") || label.starts_with("_R") {
                functions.push(Function {
                    name: label.to_owned(),
                    ..Function::default()
                });
            } else if let Some(function) = functions.last_mut() {
                let at = function.instructions.len();
                function.labels.insert(label.to_owned(), at);
            }
            continue;
        }
        if line.is_empty() || line.starts_with(['.', '#']) {
            continue;
        }
        let (mnemonic, operands) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if let Some(function) = functions.last_mut() {
            function.instructions.push(Instruction {
                mnemonic: mnemonic.to_ascii_lowercase(),
                operands: operands.trim().to_owned(),
            });
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_labels_and_instructions() {
        let text = "\t.text\n_ZN1a:\n\tmov\teax, 1\n.LBB0_1:\n\tadd eax, eax # twice\n\t#APP\n\
                    \t.intel_syntax noprefix\n\tsha256rnds2 xmm1, xmm2\n\t#NO_APP\n\tjne .LBB0_1\n\
                    .Lfunc_end0:\n_ZN1b:\n\tret\n";
        let functions = parse(text);
        assert_eq!(functions.len(), 2);
        let [a, b] = &functions[..] else { panic!() };
        let mnemonics: Vec<_> = a.instructions.iter().map(|i| &i.mnemonic[..]).collect();
        assert_eq!(mnemonics, ["mov", "add", "sha256rnds2", "jne"]);
        assert_eq!(a.instructions[1].operands, "eax, eax");
        assert_eq!(a.labels[".LBB0_1"], 1);
        assert_eq!(b.instructions.len(), 1);
    }
}
