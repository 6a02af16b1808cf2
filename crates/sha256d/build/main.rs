//! Generates the assembly of the x86 SHA kernels; see `x86_sha.rs` beside this file.

#[path = "../src/backend/x86_sha/kernel/offsets.rs"]
mod offsets;
mod x86_sha;

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/backend/x86_sha/kernel/offsets.rs");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let write = |name: &str, text: String| {
        let path = Path::new(&out).join(name);
        if let Err(error) = fs::write(&path, text) {
            panic!("cannot write {}: {error}", path.display());
        }
    };
    for streams in x86_sha::PLAIN {
        write(&format!("x86_sha_{streams}.s"), x86_sha::plain(streams));
    }
    write("x86_sha_rolled.s", x86_sha::rolled());
}
