//! Every backend against the `sha2` crate on fixed cases. Small enough to run
//! under Miri, which checks the intrinsics' use.

mod common;

use std::ops::ControlFlow;

use common::{backends, decide, genesis, sha2_hits};
use perwatt_sha256d::{Backend, Header, Job, Target};

/// Headers whose bytes share no pattern.
fn header(seed: u32) -> Header {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let bytes: [u8; 80] = std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    });
    Header::from_bytes(&bytes).unwrap()
}

/// Half, a quarter, … of all nonces hit, so that steps hold several hits.
#[test]
fn easy_targets_give_every_hit_and_no_other() {
    let len = if cfg!(miri) { 10 } else { 5001 };
    let zeros: &[u32] = if cfg!(miri) { &[0, 2] } else { &[0, 1, 2, 5] };
    for backend in backends() {
        for &zeros in zeros {
            let header = header(zeros);
            let target = Target::from_leading_zero_bits(zeros);
            let first = 1_000_003 * (zeros + 1);
            let expected = sha2_hits(&header, target, first, first + len);
            assert!(!expected.is_empty() || cfg!(miri));
            let (decided, hits) = decide(backend, &header, target, first, first + len);
            assert_eq!(hits, expected, "{backend}, {zeros} zero bits");
            assert_eq!(decided, u64::from(len) + 1);
        }
    }
}

/// A target between two powers of two: the early reject passes nonces that the
/// full comparison must refuse.
#[test]
fn the_whole_target_counts_not_only_its_zeros() {
    let len = if cfg!(miri) { 17 } else { 20_000 };
    let target = Target::from_hex(&format!("29{}", "0".repeat(62))).unwrap();
    for backend in backends() {
        let header = header(77);
        let expected = sha2_hits(&header, target, 0, len);
        assert!(!expected.is_empty());
        assert_eq!(decide(backend, &header, target, 0, len).1, expected);
    }
}

#[test]
fn every_length_up_to_three_steps_at_both_ends() {
    for backend in backends() {
        let header = header(5);
        let target = Target::from_leading_zero_bits(1);
        let lanes = backend.lanes() as u32;
        let lengths = if cfg!(miri) {
            vec![0, lanes, 2 * lanes - 2]
        } else {
            (0..=3 * lanes).collect()
        };
        for len in lengths {
            for (first, last) in [(0, len), (u32::MAX - len, u32::MAX)] {
                let (decided, hits) = decide(backend, &header, target, first, last);
                assert_eq!(decided, u64::from(len) + 1, "{backend} {first}..={last}");
                assert_eq!(
                    hits,
                    sha2_hits(&header, target, first, last),
                    "{backend} {first}..={last}"
                );
            }
        }
    }
}

#[test]
fn finds_the_genesis_nonce() {
    let genesis = genesis();
    let target = genesis.target().unwrap();
    let around = if cfg!(miri) { 5 } else { 50_000 };
    for backend in backends() {
        let first = genesis.nonce - around;
        let (_, hits) = decide(backend, &genesis, target, first, genesis.nonce + around);
        assert_eq!(hits.len(), 1, "{backend}");
        assert_eq!(hits[0].nonce, genesis.nonce);
        assert_eq!(hits[0].hash, genesis.hash());
    }
}

#[test]
fn breaking_off_counts_the_nonces_up_to_that_hit() {
    for backend in backends() {
        let job = Job::new(&header(3), Target::MAX);
        let stops: &[u32] = if cfg!(miri) {
            &[0, 9]
        } else {
            &[0, 1, 2, 9, 10]
        };
        for &stop_after in stops {
            let mut seen = Vec::new();
            let decided = backend.scan(&job, 100, 200, &mut |hit| {
                seen.push(hit.nonce);
                if hit.nonce == 100 + stop_after {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            assert_eq!(decided, u64::from(stop_after) + 1, "{backend}");
            assert_eq!(seen, (100..=100 + stop_after).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_reversed_range_is_empty() {
    for backend in backends() {
        let (decided, hits) = decide(backend, &header(1), Target::MAX, 5, 4);
        assert_eq!((decided, hits.len()), (0, 0));
    }
}

/// Alternating kernels: whatever AVX2 leaves in the registers must not reach
/// the SHA kernel, nor the other way round.
#[test]
fn kernels_do_not_disturb_each_other() {
    let header = header(11);
    let target = Target::from_leading_zero_bits(2);
    let expected = sha2_hits(&header, target, 40, 51);
    for _ in 0..2 {
        for backend in Backend::available() {
            assert_eq!(decide(backend, &header, target, 40, 51).1, expected);
        }
    }
}
