//! Real records for tests that edit one, measured once for all tests.

use std::path::Path;
use std::sync::LazyLock;

use perwatt_record::{Record, commitment, derive, file};
use serde_json::Value;

use crate::sandbox::{Sandbox, TINY, printed_path, stderr, words};

/// A complete record with hashes, shares and the user's watts.
pub static HASHES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let args = words(
        "run --workload sha256d --backend portable --rounds 2 --seconds 0.2 --threads 1 --watts 65",
    );
    // One honest session in a thousand fails its share count, so a second one is tried.
    measure(&args)
        .or_else(|| measure(&args))
        .expect("a verified session")
});

/// A complete record of two rounds of a small matrix product.
pub static PRODUCTS: LazyLock<Vec<u8>> =
    LazyLock::new(|| measure(&TINY).expect("a verified session"));

/// The record of a session; `None` if its work was not verified.
fn measure(args: &[&str]) -> Option<Vec<u8>> {
    let sandbox = Sandbox::new();
    let assert = sandbox.perwatt(args);
    if assert.get_output().status.code() == Some(4) {
        eprintln!("{}", stderr(&assert));
        return None;
    }
    let assert = assert.code(0);
    Some(std::fs::read(printed_path(&sandbox, &assert)).expect("the record that was printed"))
}

pub fn document(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("a record is JSON")
}

pub fn typed(bytes: &[u8]) -> Record {
    file::parse(Path::new("record"), bytes)
        .expect("a record")
        .record
}

/// The record in a file.
pub fn read(path: &Path) -> Record {
    typed(&std::fs::read(path).expect("a record"))
}

/// Rates with a small scatter, the same in each call.
pub fn eight_above(least: f64) -> Vec<f64> {
    let rate = |i| least * (1.0 + 0.001 * f64::from(i));
    (0..8).map(rate).collect()
}

/// The bytes of a document after an edit, with its old seal.
pub fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = document(bytes);
    edit(&mut document);
    serde_json::to_vec(&document).expect("JSON")
}

/// The bytes of a document as [`edited`], with the seal renewed, as by a careful forger.
pub fn resealed(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    edited(bytes, |document| {
        edit(document);
        let digest = perwatt_record::digest::of_document(document).expect("a canonical form");
        document["digest"] = digest.into();
    })
}

/// The record as it was before its last run, consistent except for the shares of a record
/// whose facts were edited.
pub fn unfinished(bytes: &[u8], edit: impl FnOnce(&mut Record)) -> Vec<u8> {
    let mut record = typed(bytes);
    record.runs.pop().expect("a run");
    record.complete = false;
    edit(&mut record);
    record.session.id = commitment::id(&record).expect("a canonical form");
    record.summary = derive::summarise(&record);
    record.seal().expect("a record is JSON");
    record.to_bytes().expect("a record is JSON")
}
