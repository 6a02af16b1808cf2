//! Bad input: each case gives an error that names the value and the remedy, with the right
//! exit code; nothing goes to standard output, and no file is left behind.

mod records;
mod resume;
mod run;
mod search;

use std::ffi::OsStr;
use std::path::Path;

use crate::records::{HASHES, PRODUCTS, edited, resealed, unfinished};
use crate::sandbox::{Sandbox, TINY, stderr, stdout, tiny};

const GENESIS: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

/// Runs the program and checks that it refuses with `code`, that the message has each part
/// of `says` (the value given and a remedy), and that nothing else happened.
fn refused<S: AsRef<OsStr>>(
    sandbox: &Sandbox,
    args: impl IntoIterator<Item = S>,
    code: i32,
    says: &[&str],
) {
    let args: Vec<S> = args.into_iter().collect();
    let shown: Vec<_> = args
        .iter()
        .map(|arg| arg.as_ref().to_string_lossy().into_owned())
        .collect();
    let shown: String = shown.join(" ").chars().take(200).collect();
    let assert = sandbox.perwatt(args);
    let errors = stderr(&assert);
    assert_eq!(
        assert.get_output().status.code(),
        Some(code),
        "{shown}: {errors}"
    );
    assert_eq!(stdout(&assert), "", "{shown}");
    assert!(errors.starts_with("error: "), "{shown}: {errors}");
    for part in says {
        assert!(errors.contains(part), "{shown}: no {part:?} in: {errors}");
    }
    assert!(
        !sandbox.results().exists(),
        "{shown} left {:?}",
        sandbox.result_files()
    );
}

/// The genesis header with other bits, as written in hex.
fn header_with_bits(bits: u32) -> String {
    let bytes: String = bits
        .to_le_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}{bytes}{}", &GENESIS[..144], &GENESIS[152..])
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::new();
    let odd = OsStr::from_bytes(b"odd\xff");
    let label = [OsStr::new("run"), OsStr::new("--label"), odd];
    refused(&sandbox, label, 2, &["UTF-8"]);
    refused(
        &sandbox,
        [OsStr::new("show"), odd],
        2,
        &["odd", "check the path"],
    );
    // The name of a directory may contain any characters.
    let args = TINY
        .iter()
        .map(OsStr::new)
        .chain([OsStr::new("--out"), odd]);
    sandbox.perwatt(args).code(0);
    assert_eq!(
        std::fs::read_dir(sandbox.path("").join(odd))
            .unwrap()
            .count(),
        1
    );
}
