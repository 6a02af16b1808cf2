//! Shared libraries compiled by `cc` for tests.

use std::path::PathBuf;
use std::process::Command;

/// A shared library made from `source`, in a directory that lives as long as the handle.
pub(super) fn library(source: &str, defines: &[&str]) -> Option<(tempfile::TempDir, PathBuf)> {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("stub.c");
    let output = directory.path().join("libstub.so");
    std::fs::write(&input, source).unwrap();
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-w", "-o"])
        .args([&output, &input])
        .args(defines.iter().map(|define| format!("-D{define}")))
        .status();
    match compiled {
        Ok(status) => assert!(status.success(), "the stub does not compile"),
        Err(error) => {
            println!("skipped: no C compiler ({error})");
            return None;
        }
    }
    Some((directory, output))
}
