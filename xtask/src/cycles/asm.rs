//! The assembly of the search crate as rustc prints it, cut into functions.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::shell::{command, root, run};

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub mnemonic: String,
    pub operands: String,
}

/// A function: its instructions, and where its labels stand among them.
#[derive(Debug, Default)]
pub struct Function {
    /// Mangled.
    pub name: String,
    pub instructions: Vec<Instruction>,
    pub labels: HashMap<String, usize>,
}

/// Compiles the search crate as it ships and reads the assembly. `target` is
/// for another architecture than this machine's; its linker is not needed.
pub fn functions(target: Option<&str>) -> anyhow::Result<Vec<Function>> {
    let mut rustc = command("cargo", &["rustc", "--locked", "--quiet", "--release"]);
    rustc.args(["-p", "perwatt-sha256d", "--lib", "--target-dir", FOLDER]);
    let mut folder = root().join(FOLDER);
    if let Some(target) = target {
        rustc.args(["--target", target]);
        folder.push(target);
    }
    folder.push("release/deps");
    // A file of an earlier build must not be taken for this one's.
    for path in assembly_in(&folder) {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    rustc.args(["--", "--emit", "asm"]);
    if target.is_none() {
        rustc.args(["-C", "llvm-args=-x86-asm-syntax=intel"]);
    }
    // Removed output does not make cargo build again; a changed flag does.
    rustc.args(["--cfg", &format!("cycles_{}", std::process::id())]);
    run(rustc)?;
    let files = assembly_in(&folder);
    ensure!(
        files.len() == 1,
        "{} should hold the assembly of one build and holds {}",
        folder.display(),
        files.len()
    );
    let text = std::fs::read_to_string(&files[0])
        .with_context(|| format!("cannot read {}", files[0].display()))?;
    Ok(parse(&text))
}

const FOLDER: &str = "target/cycles";

fn assembly_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("perwatt_sha256d-") && name.ends_with(".s")
        })
        .collect()
}

/// Cuts assembly into functions.
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
