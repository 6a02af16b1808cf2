//! Options that name a directory of result files.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

/// Refuses what stands for standard output: results go to files of their own.
fn directory(path: PathBuf) -> Result<PathBuf, String> {
    match path.as_os_str() == "-" {
        true => Err("results are files in a directory and cannot go to standard output; name a directory, and print a file with perwatt show".into()),
        false => Ok(path),
    }
}

/// The parser of options that name a directory of result files.
pub fn directory_parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(directory)
}
