//! Every backend on the same 2²⁶ hashes: all must find the same hits.
#![cfg(not(miri))]

mod common;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use common::{backends, genesis};
use perwatt_sha256d::{Backend, Hit, JobGroup, Target};

/// Hashes compared.
const HASHES: u32 = 1 << 26;
/// Hashes that one thread takes at once.
const PIECE: u32 = 1 << 21;
/// One hash in 4096 is a hit.
const ZERO_BITS: u32 = 12;

/// The hits of `versions` times `nonces`, sorted: the version's index and the hit. Two
/// threads share the work.
fn hits(backend: Backend, versions: &[u32], nonces: u32) -> Vec<(usize, Hit)> {
    let target = Target::from_leading_zero_bits(ZERO_BITS);
    let width = backend.roll_width();
    let groups: Vec<JobGroup> = versions
        .chunks(width)
        .map(|versions| JobGroup::new(&genesis(), target, versions).unwrap())
        .collect();
    let piece = PIECE / width as u32;
    let pieces_per_group = nonces / piece;
    let next = AtomicU32::new(0);
    let work = || {
        let mut hits = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (group, piece_number) = (number / pieces_per_group, number % pieces_per_group);
            let Some(jobs) = groups.get(group as usize) else {
                return hits;
            };
            let first = piece_number * piece;
            let decided = backend.scan_rolled(jobs, first, first + (piece - 1), &mut |job, hit| {
                hits.push((group as usize * width + job, hit));
                ControlFlow::Continue(())
            });
            assert_eq!(decided, u64::from(piece) * width as u64);
        }
    };
    let mut hits = thread::scope(|scope| {
        let (one, other) = (scope.spawn(work), scope.spawn(work));
        let mut hits = one.join().unwrap();
        hits.extend(other.join().unwrap());
        hits
    });
    hits.sort_by_key(|(version, hit)| (*version, hit.nonce));
    hits
}

/// Compares `backends` on all of `versions` times `nonces`.
fn compare(backends: &[Backend], versions: &[u32], nonces: u32) {
    assert_eq!(versions.len() as u32 * nonces, HASHES);
    let mut found: Option<(Backend, Vec<(usize, Hit)>)> = None;
    for &backend in backends {
        let hits = hits(backend, versions, nonces);
        // The mean is 16,384; the limits are six standard deviations from it.
        assert!((15_616..17_152).contains(&hits.len()), "{}", hits.len());
        match &found {
            None => found = Some((backend, hits)),
            Some((first, expected)) => {
                assert!(hits == *expected, "{backend} and {first} differ");
            }
        }
    }
    assert!(found.is_some());
}

#[test]
fn all_backends_find_the_same_among_2_to_26_nonces() {
    let plain: Vec<Backend> = backends()
        .into_iter()
        .filter(|backend| backend.roll_width() == 1)
        .collect();
    compare(&plain, &[genesis().version], HASHES);
}

#[test]
fn rolled_backends_find_the_same_among_2_to_26_versions_and_nonces() {
    let versions: Vec<u32> = (0..8u32).map(|i| 0x2000_0000 | i << 13).collect();
    let mut rolled: Vec<Backend> = backends()
        .into_iter()
        .filter(|backend| backend.roll_width() > 1)
        .collect();
    // And one that searches one version after the other.
    rolled.extend(backends().into_iter().find(|b| b.roll_width() == 1));
    compare(&rolled, &versions, HASHES / 8);
}
