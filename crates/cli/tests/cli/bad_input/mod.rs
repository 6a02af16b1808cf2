//! Bad input: each case gives an error that names the value and the remedy, with the right
//! exit code; nothing goes to standard output, and no file is left behind.

mod records;
mod resume;
mod run;
mod search;

use std::ffi::OsStr;
use std::path::Path;

use crate::records::{HASHES, PRODUCTS, edited, resealed, unfinished};
use crate::sandbox::{Sandbox, TINY, has, stderr, stdout, tiny};

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
    let texts = args.iter().map(|arg| arg.as_ref().to_string_lossy());
    let shown: String = Vec::from_iter(texts).join(" ").chars().take(200).collect();
    let assert = sandbox.perwatt(args);
    let errors = stderr(&assert);
    let status = assert.get_output().status;
    assert_eq!(status.code(), Some(code), "{shown}: {errors}");
    assert_eq!(stdout(&assert), "", "{shown}");
    assert!(errors.starts_with("error: "), "{shown}: {errors}");
    for part in says {
        assert!(errors.contains(part), "{shown}: no {part:?} in: {errors}");
    }
    let left = sandbox.result_files();
    assert!(!sandbox.results().exists(), "{shown} left {left:?}");
}

/// As [`refused`], for a command line that is wrong in any directory.
fn misused(args: &[&str], says: &[&str]) {
    refused(&Sandbox::new(), args, 2, says);
}

/// The genesis header with other bits, as written in hex.
fn header_with_bits(bits: u32) -> String {
    let bits = bits.swap_bytes();
    format!("{}{bits:08x}{}", &GENESIS[..144], &GENESIS[152..])
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::new();
    let odd = OsStr::from_bytes(b"odd\xff");
    let label = [OsStr::new("run"), OsStr::new("--label"), odd];
    refused(&sandbox, label, 2, &["UTF-8"]);
    let show = [OsStr::new("show"), odd];
    refused(&sandbox, show, 2, &["odd", "check the path"]);
    // The name of a directory may contain any characters.
    let out = [OsStr::new("--out"), odd];
    let args = TINY.iter().map(OsStr::new).chain(out);
    sandbox.ends(0, args);
    let made = std::fs::read_dir(sandbox.path("").join(odd)).unwrap();
    assert_eq!(made.count(), 1);
}
