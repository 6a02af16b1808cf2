//! Reading, naming and writing of record files.

#[path = "../common/mod.rs"]
mod common;
mod reading;
mod writing;

use std::fs;
use std::path::Path;

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
