//! The search as sessions run it: rolled headers, dispatches in flight, and equal counts of
//! shares.

mod common;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use common::devices;
use perwatt_gpu::GpuError;
use perwatt_gpu::adapter::{Adapter, Kind};
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::pump::{Pumped, pump};
use perwatt_gpu::sha256d::algorithm::Select;
use perwatt_gpu::sha256d::driver::Driver;
use perwatt_gpu::sha256d::search::{Range, Searcher};
use perwatt_gpu::sha256d::wgsl::{Kernel, Rotate, Variant};
use perwatt_sha256d::{Backend, Header, RollKinds, Rolls, Share, Target};
use perwatt_stats::agreement;

const PLAIN: Variant = Variant {
    midstates: 1,
    rotate: Rotate::Literal,
    select: Select::Xor,
};

/// Fewer nonces for software adapters, which are a hundred times slower.
fn scaled(adapter: &Adapter, nonces: u64) -> u64 {
    match adapter.name.contains("SwiftShader") {
        true => nonces >> 7,
        false => nonces,
    }
}

fn header(seed: u32) -> Header {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let bytes: Vec<u8> = (0..80)
        .map(|_| {
            // xorshift32, Marsaglia 2003.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 11) as u8
        })
        .collect();
    Header::from_bytes(&bytes).unwrap()
}

fn rolls(seed: u32, zeros: u32) -> Rolls {
    let root = |extranonce: u64| [extranonce as u8 ^ 0x5a; 32];
    Rolls::new(
        header(seed),
        Target::from_leading_zero_bits(zeros),
        Arc::new(root),
        RollKinds::ALL,
    )
}

/// Runs until this number of pieces is done.
fn run(driver: &mut Driver, searcher: &Searcher, pieces: u64) -> Pumped {
    // So that there are several dispatches at any speed.
    by(driver, searcher, (pieces / 8).max(256), pieces).unwrap()
}

/// Runs until this number of pieces is done, `each` in a dispatch.
fn by(
    driver: &mut Driver,
    searcher: &Searcher,
    each: u64,
    pieces: u64,
) -> Result<Pumped, GpuError> {
    let mut sizer = DispatchSizer::new(Kind::Software, each, 256, each);
    let tell = &mut |done| Ok::<_, GpuError>(done < pieces);
    pump(searcher.device(), driver, &mut sizer, tell)
}

/// The shares among `pieces` nonces of each of `versions` rolls from the start on, computed
/// by the CPU.
fn expected(rolls: &Rolls, mut roll: u64, first: u32, pieces: u64, versions: u64) -> Vec<Share> {
    let mut shares = Vec::new();
    let (mut first, mut left) = (u64::from(first), pieces);
    while left > 0 {
        let take = left.min((1 << 32) - first);
        for roll in roll..roll + versions {
            let at = rolls.coordinates(roll).unwrap();
            let last = (first + take - 1) as u32;
            let job = rolls.job(roll).unwrap();
            Backend::detect().scan(&job, first as u32, last, &mut |hit| {
                shares.push(Share {
                    roll,
                    version: at.version,
                    time: at.time,
                    extranonce: at.extranonce,
                    nonce: hit.nonce,
                    hash: hit.hash,
                });
                ControlFlow::Continue(())
            });
        }
        left -= take;
        roll += versions;
        first = 0;
    }
    sorted(shares)
}

fn sorted(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_unstable_by_key(|share| (share.roll, share.nonce));
    shares
}

#[test]
fn twenty_jobs_give_the_same_hits_as_the_cpu() {
    for (adapter, device) in devices() {
        let searcher = Searcher::new(&device, PLAIN).unwrap();
        for seed in 0..20 {
            // About 60 hits; the last jobs demand more zeros than one word has.
            let zeros = if seed < 18 { 18 } else { 33 };
            let rolls = rolls(seed, zeros);
            let first = header(seed).nonce & 0x7fff_ffff;
            let mut driver = Driver::new(&searcher, rolls.clone(), 0, first).unwrap();
            let pumped = run(&mut driver, &searcher, scaled(&adapter, 1 << 24));
            let expected = expected(&rolls, 0, first, pumped.pieces, 1);
            assert!(pumped.pieces >= scaled(&adapter, 1 << 24));
            assert_eq!(sorted(driver.into_shares()), expected, "{}", adapter.name);
        }
    }
}

/// With two versions, across the end of the nonces: the next group follows.
#[test]
fn headers_roll_when_their_nonces_are_used_up() {
    let variant = Variant {
        midstates: 2,
        ..PLAIN
    };
    for (adapter, device) in devices() {
        let searcher = Searcher::new(&device, variant).unwrap();
        let pieces = scaled(&adapter, 1 << 20);
        let first = u32::MAX - (pieces / 3) as u32;
        // Some hundred shares, whatever the number of nonces.
        let rolls = rolls(77, pieces.ilog2() - 6);
        let mut driver = Driver::new(&searcher, rolls.clone(), 0, first / 256 * 256).unwrap();
        let pumped = run(&mut driver, &searcher, pieces);
        let expected = expected(&rolls, 0, first / 256 * 256, pumped.pieces, 2);
        let reached = |roll| expected.iter().any(|share| share.roll == roll);
        assert!((0..4).all(reached), "rolls 0 to 3 in {expected:?}");
        assert_eq!(sorted(driver.into_shares()), expected, "{}", adapter.name);
        assert!(pumped.dispatches >= 8);
    }
}

/// A kernel that skips one nonce in eight, and one that skips none.
#[test]
fn dropped_work_shows_in_the_count_of_shares() {
    for (adapter, device) in devices() {
        let kernel = || Kernel::new(PLAIN);
        let whole = kernel().wgsl();
        let start = "let nonce = (job.first_nonce + place) + id.x;";
        let drops = whole.replace(
            start,
            &format!("if (id.x % 8u == 5u) {{ return; }} {start}"),
        );
        assert_ne!(whole, drops);
        for (wgsl, honest) in [(whole, true), (drops, false)] {
            let searcher = Searcher::with_shader(&device, kernel(), &wgsl).unwrap();
            let mut driver = Driver::new(&searcher, rolls(5, 8), 0, 0).unwrap();
            // Few nonces per dispatch, so that the list of hits never overflows.
            let pumped = by(&mut driver, &searcher, 1 << 12, 1 << 20).unwrap();
            let shares = driver.into_shares().len() as u64;
            let expected = pumped.pieces as f64 / 256.0;
            let counts = agreement(shares, expected, 1.0 - 1e-6);
            assert_eq!(
                counts.agrees, honest,
                "{}: {shares} shares, {expected} expected",
                adapter.name
            );
        }
    }
}

/// More shares in a dispatch than can be listed are an error, not a wrong count.
#[test]
fn a_share_target_that_is_too_easy_is_refused() {
    for (_, device) in devices() {
        let searcher = Searcher::new(&device, PLAIN).unwrap();
        let mut driver = Driver::new(&searcher, rolls(6, 1), 0, 0).unwrap();
        let error = by(&mut driver, &searcher, 1 << 12, u64::MAX).unwrap_err();
        assert!(error.to_string().contains("63 fit"), "{error}");
    }
}

/// A dispatch that takes longer than its time limit: the device counts as hung, and the
/// error has the time that was waited.
#[test]
fn a_dispatch_that_does_not_end_in_time_is_a_hang() {
    for (adapter, device) in devices() {
        let searcher = Searcher::new(&device, PLAIN).unwrap();
        let rolls = rolls(9, 64);
        let group = rolls.group(0, 1).unwrap();
        let range = |nonces| Range {
            group: &group,
            first: 0,
            nonces,
            mask: u32::MAX,
        };
        // Compiled first, so that the rest is only work: a second of it on two CPUs and
        // some milliseconds on any GPU.
        searcher
            .dispatch(range(256), Duration::from_secs(60))
            .unwrap();
        let nonces = scaled(&adapter, 1 << 25) as u32;
        let limit = Duration::from_millis(1);
        match searcher.dispatch(range(nonces), limit) {
            Err(GpuError::Hung { waited, .. }) => assert!(waited >= limit),
            other => panic!("{}: {other:?}", adapter.name),
        }
    }
}
