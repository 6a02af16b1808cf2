//! Helpers of the behaviour tests, with the `sha2` crate as reference.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::ops::ControlFlow;

use perwatt_sha256d::{Backend, Hash256, Header, Hit, Job, JobGroup, Target};
use sha2::{Digest, Sha256};

/// The block hash of `header` by the `sha2` crate.
pub fn sha2_hash(header: &Header) -> Hash256 {
    Hash256(Sha256::digest(Sha256::digest(header.to_bytes())).into())
}

/// Every hit of a range by the `sha2` crate, with a separate comparison.
pub fn sha2_hits(header: &Header, target: Target, first: u32, last: u32) -> Vec<Hit> {
    let target = target.to_hex();
    (first..=last)
        .map(|nonce| Hit {
            nonce,
            hash: sha2_hash(&Header { nonce, ..*header }),
        })
        // Both are 64 digits, highest first: text order is number order.
        .filter(|hit| hit.hash.to_string() <= target)
        .collect()
}

/// Scans a range; returns the nonces decided and the hits in the order reported.
pub fn decide(
    backend: Backend,
    header: &Header,
    target: Target,
    first: u32,
    last: u32,
) -> (u64, Vec<Hit>) {
    let mut hits = Vec::new();
    let job = Job::new(header, target);
    let decided = backend.scan(&job, first, last, &mut |hit| {
        hits.push(hit);
        ControlFlow::Continue(())
    });
    (decided, hits)
}

/// Every hit of a range for `header` under each of `versions` by the `sha2` crate, sorted
/// by nonce and then by the version's index.
pub fn sha2_rolled_hits(
    header: &Header,
    target: Target,
    versions: &[u32],
    first: u32,
    last: u32,
) -> Vec<(usize, Hit)> {
    let of = |(i, &version): (usize, &u32)| {
        let header = Header { version, ..*header };
        let hits = sha2_hits(&header, target, first, last).into_iter();
        hits.map(move |hit| (i, hit))
    };
    let mut hits: Vec<_> = versions.iter().enumerate().flat_map(of).collect();
    hits.sort_by_key(|(i, hit)| (hit.nonce, *i));
    hits
}

/// Scans a range under several versions; returns the hashes decided and the hits in the
/// order reported.
pub fn decide_rolled(
    backend: Backend,
    header: &Header,
    target: Target,
    versions: &[u32],
    first: u32,
    last: u32,
) -> (u64, Vec<(usize, Hit)>) {
    let mut hits = Vec::new();
    let group = JobGroup::new(header, target, versions).unwrap();
    let decided = backend.scan_rolled(&group, first, last, &mut |job, hit| {
        hits.push((job, hit));
        ControlFlow::Continue(())
    });
    (decided, hits)
}

/// The backends under test. With `PERWATT_EXPECT_BACKENDS=all` a run fails if this CPU
/// cannot run one of those in this build.
pub fn backends() -> Vec<Backend> {
    match std::env::var("PERWATT_EXPECT_BACKENDS").as_deref() {
        Err(_) => {}
        Ok("all") => {
            for backend in Backend::all().iter().filter(|b| b.is_compiled_in()) {
                assert_eq!(backend.unavailable_reason(), None, "{}", backend.name());
            }
        }
        Ok(other) => panic!("PERWATT_EXPECT_BACKENDS is {other:?}, not \"all\""),
    }
    Backend::available()
}

/// Bitcoin's first header.
pub fn genesis() -> Header {
    Header::from_hex(concat!(
        "0100000000000000000000000000000000000000000000000000000000000000",
        "000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa",
        "4b1e5e4a29ab5f49ffff001d1dac2b7c",
    ))
    .unwrap()
}
