//! Every change of a byte of a record is noticed.

mod common;

use std::path::Path;
use std::sync::OnceLock;

use perwatt_record::check::check;
use perwatt_record::digest::exact;
use perwatt_record::file::{Loaded, parse};
use proptest::prelude::*;

/// A record short enough to be checked thousands of times.
fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| common::incomplete(2).to_bytes().unwrap())
}

/// True if the file has the same content as the original, digest included.
fn same_document(original: &[u8], loaded: &Loaded) -> bool {
    let original = parse(Path::new("original.json"), original).unwrap();
    (original.digest, &original.record.digest) == (loaded.digest.clone(), &loaded.record.digest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_noticed(at in any::<prop::sample::Index>(), mask in 1u8..) {
        let original = bytes();
        let at = at.index(original.len());
        let mut changed = original.to_vec();
        changed[at] ^= mask;
        if let Ok(loaded) = parse(Path::new("flipped.json"), &changed) {
            // White space, `e` for `E`, or a digit beyond a float's precision: the bytes
            // differ, but the document is the same.
            let same = same_document(original, &loaded);
            let report = check(&loaded);
            prop_assert!(report.failed() != same, "byte {} ^ {:#x}: {:#?}", at, mask, report);
        }
    }

    #[test]
    fn any_cut_is_noticed(at in any::<prop::sample::Index>()) {
        // The last byte is the line's end.
        let at = at.index(bytes().len() - 1);
        prop_assert!(parse(Path::new("cut.json"), &bytes()[..at]).is_err());
    }

    #[test]
    fn any_doubled_stretch_is_noticed(at in any::<prop::sample::Index>(), length in 1usize..400) {
        let original = bytes();
        let at = at.index(original.len() - length);
        let mut changed = original[..at + length].to_vec();
        changed.extend_from_slice(&original[at..]);
        if let Ok(loaded) = parse(Path::new("doubled.json"), &changed) {
            let same = same_document(original, &loaded);
            prop_assert!(check(&loaded).failed() != same);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_an_error(garbage in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(parse(Path::new("garbage"), &garbage).is_err());
    }

    /// Numbers set to arbitrary values and the record sealed again: never a panic, and a
    /// broken rule in the report if a sample of work was moved far behind the next one.
    #[test]
    fn resealed_nonsense_never_panics(
        run in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        t in any::<u64>(),
        value in any::<u64>(),
        watts in any::<f64>().prop_filter("JSON has no such number", |x| x.is_finite()),
        which in 0..6,
    ) {
        let t = exact(t);
        let mut record = common::incomplete(4);
        let index = run.index(record.runs.len());
        let run = &mut record.runs[index];
        let sample = at.index(run.work.len());
        match which {
            0 => run.work[sample] = (t, exact(value)),
            1 => run.energy[0].samples[sample] = (t, watts),
            2 => run.energy[1].samples[sample] = (t, watts),
            3 => run.steady.as_mut().unwrap().from_ns = t,
            4 => run.started_ns = t,
            _ => run.steady.as_mut().unwrap().to_ns = t,
        }
        record.seal().unwrap();
        let report = common::check_of(&record);
        prop_assert_eq!(report.lines.len(), 14);
        if which == 0 && t < u64::MAX / 2 && t > 1_000_000_000_000 && sample + 1 < record.runs[index].work.len() {
            prop_assert!(report.failed());
        }
    }
}
