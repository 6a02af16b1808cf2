//! The multi-threaded driver: exact counts, and all ways in which a search can end.

mod common;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::{backends, genesis, sha2_hash};
use perwatt_sha256d::{
    Backend, Finished, Header, Progress, RollKinds, Rolls, SearchConfig, SearchOutcome, Share,
    Target, search,
};

/// Hashes between two checks of the cancel flag, as documented.
const BATCH: u64 = 1 << 14;

fn config(threads: usize, first_nonce: u32, last_nonce: u32) -> SearchConfig<'static> {
    SearchConfig {
        backend: Backend::detect(),
        threads: NonZeroUsize::new(threads).unwrap(),
        first_nonce,
        last_nonce,
        on_thread_start: &|_| (),
    }
}

fn by(backend: Backend, threads: usize, first: u32, last: u32) -> SearchConfig<'static> {
    SearchConfig {
        backend,
        ..config(threads, first, last)
    }
}

/// Rolls in which all three fields change after a few rolls: the template's time is one
/// second below its maximum.
fn rolls(target: Target, rolled: RollKinds) -> Rolls {
    let template = Header {
        time: u32::MAX - 1,
        ..genesis()
    };
    let root = |extranonce: u64| {
        let mut root = [0xa5; 32];
        root[20..28].copy_from_slice(&extranonce.to_le_bytes());
        root
    };
    Rolls::new(template, target, Arc::new(root), rolled)
}

const TIME_ONLY: RollKinds = RollKinds {
    time: true,
    ..RollKinds::NONE
};

fn backends_and_threads() -> impl Iterator<Item = (Backend, usize)> {
    backends()
        .into_iter()
        .flat_map(|backend| (1..=4).map(move |threads| (backend, threads)))
}

/// Runs a search and collects its shares, sorted.
fn run(rolls: &Rolls, config: &SearchConfig<'_>) -> (SearchOutcome, Progress, Vec<Share>) {
    until(rolls, config, |_| false)
}

/// The same, until a share breaks the search.
fn until(
    rolls: &Rolls,
    config: &SearchConfig<'_>,
    is_last: impl Fn(&Share) -> bool + Sync,
) -> (SearchOutcome, Progress, Vec<Share>) {
    let progress = Progress::new(config.threads.get());
    let shares = Mutex::new(Vec::new());
    let outcome = search(rolls, config, &progress, &|share| {
        shares.lock().unwrap().push(share);
        match is_last(&share) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    let mut shares = shares.into_inner().unwrap();
    shares.sort_by_key(|share| (share.roll, share.nonce));
    (outcome, progress, shares)
}

#[test]
fn every_hash_is_counted_once_whatever_the_threads() {
    let target = Target::from_leading_zero_bits(12);
    let rolls = rolls(target, TIME_ONLY);
    // Neither end is on a batch or lane boundary.
    let (first, last) = (12_345, 12_345 + 300_000);
    let mut reference = None;
    for backend in backends() {
        for threads in 1..=4 {
            let (outcome, progress, shares) = run(&rolls, &by(backend, threads, first, last));
            assert_eq!(outcome.finished, Finished::Exhausted);
            assert_eq!(outcome.hashes, 2 * 300_001);
            assert_eq!(progress.hashes(), outcome.hashes);
            let by_thread: u64 = (0..threads).map(|i| progress.hashes_of(i)).sum();
            assert_eq!(by_thread, outcome.hashes);
            let reference = reference.get_or_insert_with(|| shares.clone());
            assert_eq!(&shares, reference, "{backend}, {threads} threads");
        }
    }
    // The mean is 146; the limits are six standard deviations from it.
    let found = reference.unwrap().len();
    assert!((74..=219).contains(&found), "{found} shares");
}

/// Rolled and plain backends decide the same hashes with any number of threads.
#[test]
fn versions_rolled_together_are_each_counted_once() {
    let version = true;
    let rolls = rolls(
        Target::from_leading_zero_bits(10),
        RollKinds {
            version,
            ..RollKinds::NONE
        },
    );
    let expected = run(&rolls, &by(Backend::portable(), 2, 33, 39));
    assert_eq!(expected.0.hashes, 65_536 * 7);
    for backend in backends() {
        for threads in 1..=3 {
            let (outcome, progress, shares) = run(&rolls, &by(backend, threads, 33, 39));
            assert_eq!(outcome, expected.0, "{backend}, {threads} threads");
            assert_eq!(progress.hashes(), outcome.hashes);
            assert_eq!(shares, expected.2, "{backend}, {threads} threads");
        }
    }
    // The mean is 448; the limits are six standard deviations from it.
    let found = expected.2.len();
    assert!((321..=575).contains(&found), "{found} shares");
    for share in expected.2 {
        let header = rolls.header(share.roll).unwrap();
        assert_eq!(header.version, share.version);
    }
}

#[test]
fn shares_carry_all_that_rebuilds_their_header() {
    let target = Target::from_leading_zero_bits(8);
    let rolls = rolls(target, RollKinds::ALL);
    // One nonce per roll, so that the search reaches the second extranonce.
    let (outcome, _, shares) = until(&rolls, &config(2, 7, 7), |share| share.extranonce == 2);
    assert_eq!(outcome.finished, Finished::Stopped);
    assert!(shares.iter().any(|share| share.extranonce == 1));
    for share in shares {
        let header = Header {
            nonce: share.nonce,
            ..rolls.header(share.roll).unwrap()
        };
        assert_eq!((header.version, header.time), (share.version, share.time));
        assert_eq!(sha2_hash(&header), share.hash);
        assert!(target.is_met_by(&share.hash));
    }
}

#[test]
fn finds_the_genesis_nonce_among_threads() {
    let header = genesis();
    let rolls = Rolls::fixed(header, header.target().unwrap());
    let config = config(3, header.nonce - 2_000_000, header.nonce + 2_000_000);
    let (outcome, _, shares) = run(&rolls, &config);
    assert_eq!(outcome.hashes, 4_000_001);
    assert_eq!(shares.len(), 1);
    assert_eq!((shares[0].roll, shares[0].nonce), (0, header.nonce));
    assert_eq!(shares[0].hash, header.hash());
}

#[test]
fn ends_of_the_nonce_range() {
    let rolls = Rolls::fixed(genesis(), Target::MAX);
    for (first, last) in [(0, 0), (u32::MAX, u32::MAX), (u32::MAX - 40_000, u32::MAX)] {
        let (outcome, _, shares) = run(&rolls, &config(2, first, last));
        assert_eq!(outcome.hashes, u64::from(last - first) + 1);
        let nonces: Vec<u32> = shares.iter().map(|share| share.nonce).collect();
        assert_eq!(nonces, (first..=last).collect::<Vec<_>>());
    }
    let (outcome, progress, _) = run(&rolls, &config(2, 9, 8));
    assert_eq!(outcome.finished, Finished::Exhausted);
    assert_eq!((outcome.hashes, progress.hashes()), (0, 0));
}

/// Cancelling from a share: the batches in flight end, no other begins, and the counters
/// hold exactly the nonces decided. Every nonce is a hit, so the shares themselves count
/// the nonces.
#[test]
fn cancelling_ends_within_a_batch_and_counts_exactly() {
    for (backend, threads) in backends_and_threads() {
        let rolls = rolls(Target::MAX, RollKinds::ALL);
        let progress = Progress::new(threads);
        let reported = AtomicU64::new(0);
        let config = by(backend, threads, 0, u32::MAX);
        let outcome = search(&rolls, &config, &progress, &|_| {
            if reported.fetch_add(1, Ordering::Relaxed) == 3 * BATCH {
                progress.cancel();
            }
            ControlFlow::Continue(())
        });
        assert_eq!(outcome.finished, Finished::Cancelled);
        assert_eq!(outcome.hashes, reported.into_inner());
        assert_eq!(progress.hashes(), outcome.hashes);
        let most = 3 * BATCH + threads as u64 * BATCH;
        assert!(outcome.hashes <= most, "{} > {most}", outcome.hashes);
    }
}

#[test]
fn a_cancelled_search_decides_nothing_more() {
    let progress = Progress::new(2);
    progress.cancel();
    let rolls = Rolls::fixed(genesis(), Target::MAX);
    let outcome = search(&rolls, &config(2, 0, u32::MAX), &progress, &|_| {
        ControlFlow::Continue(())
    });
    assert_eq!(outcome.finished, Finished::Cancelled);
    assert_eq!((outcome.hashes, progress.hashes()), (0, 0));
}

#[test]
fn breaking_stops_all_threads_and_counts_up_to_the_share() {
    for (backend, threads) in backends_and_threads() {
        let progress = Progress::new(threads);
        let rolls = rolls(Target::MAX, RollKinds::ALL);
        let reported = AtomicU64::new(0);
        let config = by(backend, threads, 0, u32::MAX);
        let outcome = search(&rolls, &config, &progress, &|_| match reported
            .fetch_add(1, Ordering::Relaxed)
            == BATCH + 77
        {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        });
        assert_eq!(outcome.finished, Finished::Stopped);
        assert_eq!(outcome.hashes, reported.into_inner());
        assert_eq!(progress.hashes(), outcome.hashes);
        if threads == 1 {
            assert_eq!(outcome.hashes, BATCH + 78);
        }
    }
}

/// A finite set of rolls ends by itself, each roll searched in full.
#[test]
fn rolls_run_out() {
    let version = true;
    let rolls = rolls(
        Target::MAX,
        RollKinds {
            version,
            ..TIME_ONLY
        },
    );
    assert_eq!(rolls.len(), Some(2 * 65_536));
    for backend in backends() {
        let progress = Progress::new(2);
        let seen = AtomicU64::new(0);
        let last_roll = AtomicU64::new(0);
        let outcome = search(&rolls, &by(backend, 2, 5, 5), &progress, &|share| {
            seen.fetch_add(1, Ordering::Relaxed);
            last_roll.fetch_max(share.roll, Ordering::Relaxed);
            ControlFlow::Continue(())
        });
        assert_eq!(outcome.finished, Finished::Exhausted, "{backend}");
        assert_eq!(outcome.hashes, 2 * 65_536, "{backend}");
        assert_eq!(seen.into_inner(), 2 * 65_536, "{backend}");
        assert_eq!(last_roll.into_inner(), 2 * 65_536 - 1, "{backend}");
    }
}

/// The search would never end by itself. If this returns, the panic ended the other
/// threads; the panic must arrive here unchanged.
#[test]
fn a_panic_in_a_callback_ends_the_search() {
    let rolls = rolls(Target::MAX, RollKinds::ALL);
    let progress = Progress::new(3);
    let reported = AtomicU64::new(0);
    let result = catch_unwind(AssertUnwindSafe(|| {
        search(&rolls, &config(3, 0, u32::MAX), &progress, &|_| {
            if reported.fetch_add(1, Ordering::Relaxed) == 5 {
                std::panic::panic_any("share store is full");
            }
            ControlFlow::Continue(())
        })
    }));
    let payload = result.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"share store is full"));
}

#[test]
fn a_panic_at_thread_start_ends_the_search() {
    let rolls = rolls(Target::from_leading_zero_bits(200), RollKinds::ALL);
    let progress = Progress::new(2);
    let on_thread_start = |thread: usize| assert_ne!(thread, 1, "no core 1");
    let config = SearchConfig {
        on_thread_start: &on_thread_start,
        ..config(2, 0, u32::MAX)
    };
    let result = catch_unwind(AssertUnwindSafe(|| {
        search(&rolls, &config, &progress, &|_| ControlFlow::Continue(()))
    }));
    assert!(result.is_err());
}

#[test]
fn every_thread_announces_itself_once() {
    let started: [AtomicUsize; 4] = Default::default();
    let on_thread_start = |thread: usize| {
        started[thread].fetch_add(1, Ordering::Relaxed);
    };
    let config = SearchConfig {
        on_thread_start: &on_thread_start,
        ..config(4, 0, 100_000)
    };
    let rolls = Rolls::fixed(genesis(), Target::from_leading_zero_bits(60));
    run(&rolls, &config);
    for count in started {
        assert_eq!(count.into_inner(), 1);
    }
}
