//! Every backend against the `sha2` crate on fixed cases, small enough to run under Miri,
//! which checks the use of the intrinsics.

use std::ops::ControlFlow;

use super::common::{backends, decide, decide_rolled, genesis, sha2_hits, sha2_rolled_hits};
use crate::{Backend, Header, Job, JobGroup, Target};

/// A header with pseudo-random bytes.
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

/// Half, a quarter, … of all nonces are hits, so that steps contain several hits.
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

/// A target between two powers of two: the early reject passes nonces that the full
/// comparison must reject.
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

/// Alternating kernels: the register contents that AVX2 leaves must not affect the SHA
/// kernel, and vice versa.
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

/// As many versions as the backend searches together, each different from its neighbours.
fn versions(len: usize) -> Vec<u32> {
    (0..len as u32)
        .map(|i| i.wrapping_mul(0x9e37_79b9) ^ 0x2000_0000)
        .collect()
}

/// Half, a quarter, … of all hashes are hits, so that steps contain several hits of several
/// versions.
#[test]
fn rolled_versions_give_every_hit_in_order_and_no_other() {
    let len = if cfg!(miri) { 17 } else { 2001 };
    let zeros: &[u32] = if cfg!(miri) { &[2] } else { &[0, 1, 2, 5] };
    for backend in backends().into_iter().filter(|b| b.roll_width() > 1) {
        let versions = versions(backend.roll_width());
        for &zeros in zeros {
            let header = header(zeros + 100);
            let target = Target::from_leading_zero_bits(zeros);
            let first = 1_000_003 * (zeros + 1);
            let last = first + len;
            let (decided, hits) = decide_rolled(backend, &header, target, &versions, first, last);
            let expected = sha2_rolled_hits(&header, target, &versions, first, last);
            assert_eq!(hits, expected, "{backend}, {zeros} zero bits");
            assert_eq!(decided, (u64::from(len) + 1) * versions.len() as u64);
            for job in 0..versions.len() {
                assert!(cfg!(miri) || hits.iter().any(|hit| hit.0 == job));
            }
        }
    }
}

#[test]
#[cfg_attr(
    miri,
    ignore = "minutes under Miri, and no code that the other tests miss"
)]
fn rolled_lengths_up_to_three_steps_at_both_ends() {
    for backend in backends().into_iter().filter(|b| b.roll_width() > 1) {
        let header = header(6);
        let target = Target::from_leading_zero_bits(1);
        let versions = versions(backend.roll_width());
        let lanes = backend.lanes() as u32;
        let lengths = if cfg!(miri) {
            vec![lanes]
        } else {
            (0..=3 * lanes).collect()
        };
        for len in lengths {
            for (first, last) in [(0, len), (u32::MAX - len, u32::MAX)] {
                let (decided, hits) =
                    decide_rolled(backend, &header, target, &versions, first, last);
                assert_eq!(decided, (u64::from(len) + 1) * versions.len() as u64);
                let expected = sha2_rolled_hits(&header, target, &versions, first, last);
                assert_eq!(hits, expected, "{backend} {first}..={last}");
            }
        }
    }
}

/// Groups of another width than the kernel's, and backends that do not roll: the same hits,
/// job after job.
#[test]
#[cfg_attr(
    miri,
    ignore = "minutes under Miri, and no code that the other tests miss"
)]
fn groups_of_any_size_are_searched() {
    let len = if cfg!(miri) { 1 } else { 300 };
    for backend in backends() {
        let width = backend.roll_width();
        for size in [1, width - 1, width + 1, 2 * width + 1] {
            if size == 0 || size == width && width > 1 {
                continue;
            }
            let (header, target) = (header(8), Target::from_leading_zero_bits(1));
            let versions = versions(size);
            let (decided, hits) = decide_rolled(backend, &header, target, &versions, 70, 70 + len);
            assert_eq!(decided, (u64::from(len) + 1) * size as u64);
            let mut expected = sha2_rolled_hits(&header, target, &versions, 70, 70 + len);
            expected.sort_by_key(|(job, hit)| (*job, hit.nonce));
            assert_eq!(hits, expected, "{backend}, {size} versions");
        }
    }
}

/// Every hash is a hit, so the number of hits reported is the number of hashes decided.
#[test]
fn breaking_off_a_group_counts_the_hashes_up_to_that_hit() {
    for backend in backends() {
        let width = backend.roll_width();
        for size in [width, width + 1] {
            let group = JobGroup::new(&header(4), Target::MAX, &versions(size)).unwrap();
            let stops: &[u64] = if cfg!(miri) {
                &[6]
            } else {
                &[1, 2, 6, 69, 121]
            };
            for &stop_after in stops {
                let mut seen = 0;
                let decided = backend.scan_rolled(&group, 100, 160, &mut |_, _| {
                    seen += 1;
                    if seen == stop_after {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
                let all = 61 * size as u64;
                assert_eq!(seen, stop_after.min(all), "{backend}, {size} versions");
                assert_eq!(decided, seen, "{backend}, {size} versions");
            }
            let none = backend.scan_rolled(&group, 5, 4, &mut |_, _| panic!("a hit of no nonce"));
            assert_eq!(none, 0);
        }
    }
}
