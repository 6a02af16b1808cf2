//! The search on every adapter of this machine, including software adapters, against the
//! CPU's kernels.

mod common;

use std::ops::ControlFlow;

use common::{LIMIT, devices};
use perwatt_gpu::sha256d::algorithm::Select;
use perwatt_gpu::sha256d::search::{Found, Range, Searcher};
use perwatt_gpu::sha256d::wgsl::Variant;
use perwatt_sha256d::{Backend, Header, JobGroup, Target};

fn header(seed: u8) -> Header {
    let bytes: Vec<u8> = (0..80u32)
        .map(|i| (i * 41 + u32::from(seed) * 7) as u8)
        .collect();
    Header::from_bytes(&bytes).unwrap()
}

fn range(group: &JobGroup, first: u32, nonces: u32) -> Range<'_> {
    Range {
        group,
        first,
        nonces,
        mask: group.jobs()[0].mask(),
    }
}

/// The hits found by the CPU.
fn expected(group: &JobGroup, first: u32, nonces: u32) -> Vec<(usize, u32)> {
    let mut hits = Vec::new();
    Backend::detect().scan_rolled(group, first, first + (nonces - 1), &mut |job, hit| {
        hits.push((job, hit.nonce));
        ControlFlow::Continue(())
    });
    hits.sort_unstable();
    hits
}

fn sorted(found: Found) -> Vec<(usize, u32)> {
    assert_eq!(
        found.count as usize,
        found.candidates.len(),
        "more than fit"
    );
    let mut candidates = found.candidates;
    candidates.sort_unstable();
    candidates
}

/// Nonces around each real header's own that are searched again.
const WINDOW: u32 = 1 << 16;
/// The same for software adapters, which are a hundred times slower.
const SLOW_WINDOW: u32 = 1 << 10;

/// The headers of real blocks.
fn blocks() -> Vec<Header> {
    let text = include_str!("../../sha256d/tests/data/headers.csv");
    let headers: Vec<Header> = text
        .lines()
        .skip(1)
        .map(|line| Header::from_hex(line.split(',').nth(2).unwrap()).unwrap())
        .collect();
    assert!(headers.len() >= 20, "{} headers", headers.len());
    headers
}

// A software driver compiles the variants of eight versions for as long as all the others,
// so each half has a test of its own, and with it a CPU.
#[test]
fn eight_versions_find_what_the_cpu_finds_and_the_nonce_of_every_block() {
    assert_finds(|variant| variant.midstates == 8);
}

#[test]
fn fewer_versions_find_what_the_cpu_finds_and_the_nonce_of_every_block() {
    assert_finds(|variant| variant.midstates < 8);
}

fn assert_finds(wanted: fn(&Variant) -> bool) {
    for (adapter, device) in devices() {
        let slow = adapter.name.contains("SwiftShader");
        let window = if slow { SLOW_WINDOW } else { WINDOW };
        let variants = Variant::all().into_iter().enumerate();
        for (seed, variant) in variants.filter(|(_, variant)| wanted(variant)) {
            if slow && variant.midstates > 2 && variant.select == Select::Or {
                eprintln!("skipped: {variant:?}, which takes {} long", adapter.name);
                continue;
            }
            let versions: Vec<u32> = (0..variant.midstates as u32).collect();
            // About 16 hits.
            let nonces = (1 << 16) / variant.midstates as u32;
            let target = Target::from_leading_zero_bits(12);
            let group = JobGroup::new(&header(seed as u8), target, &versions).unwrap();
            let searcher = Searcher::new(&device, variant).unwrap();
            let first = 0xdead_0000 + seed as u32;
            let found = searcher.dispatch(range(&group, first, nonces), LIMIT);
            let found = found.unwrap();
            let expected = expected(&group, first, nonces);
            assert!(!expected.is_empty());
            assert_eq!(sorted(found), expected, "{} {variant:?}", adapter.name);

            for block in blocks() {
                // Its own version comes last; the other versions find nothing.
                let versions: Vec<u32> = (0..variant.midstates as u32)
                    .rev()
                    .map(|i| block.version ^ (i << 13))
                    .collect();
                let group = JobGroup::new(&block, block.target().unwrap(), &versions).unwrap();
                let first = block.nonce.saturating_sub(window / 2);
                let found = searcher.dispatch(range(&group, first, window), LIMIT);
                let found = found.unwrap();
                let own = (variant.midstates - 1, block.nonce);
                // The mask is coarser than the target: there may be further candidates.
                assert!(
                    found.candidates.contains(&own) && found.count < 4,
                    "{} {variant:?}: {found:?} without {own:?}",
                    adapter.name
                );
            }
        }
    }
}

/// Without demanded bits every nonce is a candidate: all are counted, and as many as fit
/// are listed.
#[test]
fn more_hits_than_fit_are_counted() {
    for (adapter, device) in devices() {
        let variant = Variant::all()[0];
        let group = JobGroup::new(&header(3), Target::MAX, &[1]).unwrap();
        let searcher = Searcher::new(&device, variant).unwrap();
        let found = searcher.dispatch(range(&group, 77, 1 << 12), LIMIT);
        let found = found.unwrap();
        assert_eq!(found.count, 1 << 12, "{}", adapter.name);
        assert_eq!(found.candidates.len(), 63);
        for (job, nonce) in found.candidates {
            assert!(job == 0 && (77..77 + (1 << 12)).contains(&nonce));
        }
    }
}

#[test]
fn what_the_kernel_cannot_do_is_said() {
    for (_, device) in devices() {
        let searcher = Searcher::new(&device, Variant::all()[0]).unwrap();
        let group = |versions: &[u32]| JobGroup::new(&header(4), Target::MAX, versions).unwrap();
        let two = "takes 1 versions of a header and was given 2";
        for (group, nonces, says) in [
            (group(&[1, 2]), 256, two),
            (group(&[1]), 255, "255 nonces are not a positive multiple"),
            (group(&[1]), 0, "0 nonces are not a positive multiple"),
        ] {
            let refused = searcher.dispatch(range(&group, 0, nonces), LIMIT);
            let error = refused.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        // The device still works after all of this.
        device.check().unwrap();
    }
}
