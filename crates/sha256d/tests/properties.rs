//! Properties of kernels, headers, hashes and targets over random inputs.
#![cfg(not(miri))] // kernels.rs is Miri's share

mod common;

use common::{backends, decide, decide_rolled, sha2_hash, sha2_hits, sha2_rolled_hits};
use perwatt_sha256d::{Hash256, Header, Target, TargetError};
use proptest::array::uniform32;
use proptest::prelude::*;

fn any_header() -> impl Strategy<Value = Header> {
    let bytes = proptest::collection::vec(any::<u8>(), Header::SIZE);
    bytes.prop_map(|bytes| Header::from_bytes(&bytes).unwrap())
}

/// Up to 600 nonces, anywhere, at the very beginning, or at the very end.
fn any_range() -> impl Strategy<Value = (u32, u32)> {
    (
        prop_oneof![Just(0), Just(u32::MAX), 0u32..40, any::<u32>()],
        0u32..600,
    )
        .prop_map(|(first, len)| match first.checked_add(len) {
            Some(last) => (first, last),
            None => (u32::MAX - len, u32::MAX),
        })
}

/// From "all nonces hit" to "one in a thousand", on and between powers of two.
fn easy_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (0u32..11).prop_map(Target::from_leading_zero_bits),
        // Cleared leading bits, followed by random ones.
        (0usize..11, uniform32(any::<u8>())).prop_map(|(zeros, bytes)| {
            let mut hash = Hash256(bytes);
            hash.0[31] &= (0xffu16 >> zeros.min(8)) as u8;
            hash.0[30] &= 0xff >> zeros.saturating_sub(8);
            Target::from_hex(&hash.to_string()).unwrap_or(Target::MAX)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 384,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_backend_agrees_with_sha2(
        header in any_header(),
        (first, last) in any_range(),
        target in easy_target(),
    ) {
        let expected = sha2_hits(&header, target, first, last);
        for backend in backends() {
            let (decided, hits) = decide(backend, &header, target, first, last);
            prop_assert_eq!(decided, u64::from(last - first) + 1);
            prop_assert_eq!(&hits, &expected, "{}", backend);
        }
    }

    #[test]
    fn every_rolled_backend_agrees_with_sha2(
        header in any_header(),
        versions in proptest::collection::vec(any::<u32>(), 8),
        (first, last) in any_range(),
        target in easy_target(),
    ) {
        for backend in backends() {
            let Some(versions) = versions.get(..backend.roll_width()) else {
                panic!("{backend} takes more versions than this test has");
            };
            if versions.len() == 1 {
                continue;
            }
            let (decided, hits) = decide_rolled(backend, &header, target, versions, first, last);
            prop_assert_eq!(decided, (u64::from(last - first) + 1) * versions.len() as u64);
            let expected = sha2_rolled_hits(&header, target, versions, first, last);
            prop_assert_eq!(hits, expected, "{}", backend);
        }
    }

    #[test]
    fn headers_survive_bytes_and_hex(header in any_header()) {
        prop_assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header));
        prop_assert_eq!(Header::from_hex(&header.to_hex()), Ok(header));
        prop_assert_eq!(header.hash(), sha2_hash(&header));
        prop_assert_eq!(header.hash().to_string().parse(), Ok(header.hash()));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,170}") {
        let _ = Header::from_hex(&text);
        let _ = text.parse::<Hash256>();
        let _ = Target::from_hex(&text);
    }

    #[test]
    fn comparison_is_that_of_the_printed_numbers(
        hash in uniform32(any::<u8>()),
        target in uniform32(any::<u8>()),
        zeros in 0usize..32,
    ) {
        let mut hash = Hash256(hash);
        let mut text = Hash256(target).to_string();
        hash.0[32 - zeros..].fill(0);
        text.replace_range(..2 * zeros, &"0".repeat(2 * zeros));
        if let Ok(target) = Target::from_hex(&text) {
            prop_assert_eq!(target.is_met_by(&hash), hash.to_string() <= text);
            let equal: Hash256 = target.to_hex().parse().unwrap();
            prop_assert!(target.is_met_by(&equal));
        }
    }

    /// Compact targets written in their shortest form come back unchanged;
    /// every other valid one denotes the same number as its shortest form.
    #[test]
    fn compact_round_trips(bits in any::<u32>(), size in 0u32..40) {
        let bits = size << 24 | bits & 0x00ff_ffff;
        match Target::from_compact(bits) {
            Ok(target) => {
                let compact = target.to_compact();
                prop_assert_eq!(Target::from_compact(compact), Ok(target));
                if bits & 0x00ff_8000 != 0 && size > 3 {
                    prop_assert_eq!(compact, bits);
                }
            }
            Err(error) => {
                let known = matches!(
                    error,
                    TargetError::Negative { bits: b }
                        | TargetError::Overflow { bits: b }
                        | TargetError::Zero { bits: b } if b == bits
                );
                prop_assert!(known, "{:?}", error);
            }
        }
    }

    #[test]
    fn compact_rounds_down_by_less_than_one_in_2_to_15(bytes in uniform32(any::<u8>()), zeros in 0usize..28) {
        let mut hash = Hash256(bytes);
        hash.0[32 - zeros..].fill(0);
        let exact = Target::from_hex(&hash.to_string()).unwrap();
        let rounded = Target::from_compact(exact.to_compact()).unwrap();
        prop_assert!(rounded <= exact);
        let ratio = exact.difficulty() / rounded.difficulty();
        prop_assert!(ratio > 1.0 - 1.0 / 32768.0, "{ratio}");
    }
}
