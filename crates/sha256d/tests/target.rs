//! Compact targets, difficulty and expected work against published values.

use perwatt_sha256d::hex::HexError;
use perwatt_sha256d::{Hash256, Target, TargetError, U256};

/// Bitcoin Core, `src/test/arith_uint256_tests.cpp`, `bignum_SetCompact`: the (hexadecimal)
/// number that each compact value expands to, and the value that this compresses to.
#[test]
fn bitcoin_core_vectors_with_a_value() {
    for (bits, hex, back) in [
        (0x0112_3456, "12", 0x0112_0000),
        (0x0200_8000, "80", 0x0200_8000),
        (0x0212_3456, "1234", 0x0212_3400),
        (0x0312_3456, "123456", 0x0312_3456),
        (0x0412_3456, "12345600", 0x0412_3456),
        (0x0500_9234, "92340000", 0x0500_9234),
        (
            0x2012_3456,
            &format!("123456{}", "0".repeat(58)),
            0x2012_3456,
        ),
    ] {
        let target = Target::from_compact(bits).unwrap();
        assert_eq!(target, Target::from_hex(hex).unwrap(), "{bits:08x}");
        assert_eq!(target.to_compact(), back, "{bits:08x}");
    }
    // Bitcoin Core ensures that bit 0x0080_0000 never becomes a sign.
    assert_eq!(Target::from_hex("80").unwrap().to_compact(), 0x0200_8000);
}

#[test]
fn bitcoin_core_vectors_that_are_zero() {
    let positive = [0, 0x12_3456, 0x100_3456, 0x200_0056, 0x300_0000, 0x400_0000];
    let negative = [0x92_3456, 0x180_3456, 0x280_0056, 0x380_0000, 0x480_0000];
    for bits in positive.into_iter().chain(negative) {
        let error = Target::from_compact(bits).unwrap_err();
        assert_eq!(error, TargetError::Zero { bits });
        assert!(error.to_string().contains(&format!("{bits:08x}")));
    }
}

#[test]
fn bitcoin_core_vectors_that_are_negative_or_too_large() {
    for bits in [0x01fe_dcba, 0x0492_3456] {
        let error = Target::from_compact(bits).unwrap_err();
        assert_eq!(error, TargetError::Negative { bits });
    }
    let bits = 0xff12_3456;
    assert_eq!(
        Target::from_compact(bits),
        Err(TargetError::Overflow { bits })
    );
}

/// The highest mantissa byte may reach the top of 32 bytes and no further.
#[test]
fn overflow_begins_where_the_number_leaves_256_bits() {
    for bits in [0x207f_ffff, 0x2100_ffff, 0x2200_00ff] {
        let target = Target::from_compact(bits).unwrap();
        assert!(target.leading_zeros() <= 1, "{bits:08x}");
    }
    for bits in [0x2101_0000, 0x2200_0100, 0x2300_0001] {
        assert_eq!(
            Target::from_compact(bits),
            Err(TargetError::Overflow { bits })
        );
    }
}

#[test]
fn difficulty_one() {
    let target = Target::from_compact(0x1d00_ffff).unwrap();
    assert_eq!(target.to_hex(), format!("00000000ffff{}", "0".repeat(52)));
    assert_eq!(target.leading_zeros(), 32);
    assert_eq!(target.difficulty(), 1.0);
    // Bitcoin Core's chain work of block 0.
    assert_eq!(target.expected_work(), U256::from(0x1_0001_0001));
    let hashes = 1.0 / target.probability();
    assert!((hashes - 4_295_032_833.0).abs() < 1.0, "{hashes}");
}

/// Bitcoin's documented examples: `getdifficulty` for 1b0404cb.
#[test]
fn difficulty_of_a_known_compact_value() {
    let target = Target::from_compact(0x1b04_04cb).unwrap();
    let difficulty = target.difficulty();
    let error = difficulty - 16_307.420_938_523_983;
    assert!(error.abs() < 1e-9, "{difficulty}");
}

#[test]
fn leading_zero_bits() {
    assert_eq!(Target::from_leading_zero_bits(0), Target::MAX);
    assert_eq!(Target::MAX.probability(), 1.0);
    assert_eq!(Target::MAX.expected_work(), U256::ONE);
    for zeros in [1u32, 7, 16, 24, 32, 63, 64, 65, 200, 255] {
        let target = Target::from_leading_zero_bits(zeros);
        assert_eq!(target.leading_zeros(), zeros);
        assert_eq!(target.expected_work(), U256::ONE << zeros);
        assert_eq!(target.probability(), 0.5f64.powi(zeros as i32));
    }
    let smallest = Target::from_hex("1").unwrap();
    assert_eq!(Target::from_leading_zero_bits(256), smallest);
    assert_eq!(Target::from_leading_zero_bits(u32::MAX), smallest);
}

#[test]
fn a_hash_equal_to_the_target_meets_it() {
    let target = Target::from_compact(0x1d00_ffff).unwrap();
    let mut hash: Hash256 = target.to_hex().parse().unwrap();
    assert!(target.is_met_by(&hash));
    hash.0[0] = 1;
    assert!(!target.is_met_by(&hash));
}

#[test]
fn hex_forms() {
    let target = Target::from_hex("0xFfff").unwrap();
    assert_eq!(target, Target::from_hex("ffff").unwrap());
    assert_eq!(target.to_string(), format!("{}ffff", "0".repeat(60)));
    for (text, digits) in [("", 0), ("0x", 0), (&"1".repeat(65), 65)] {
        let error = TargetError::Hex(HexError::Length { digits });
        assert_eq!(Target::from_hex(text), Err(error), "{text}");
    }
    let error = Target::from_hex("0x12z4").unwrap_err().to_string();
    assert!(error.starts_with("'z' at position 4 "), "{error}");
    assert_eq!(Target::from_hex("000").unwrap_err(), TargetError::HexZero);
    assert_eq!(Target::from_value(U256::ZERO), Err(TargetError::HexZero));
    assert_eq!(Target::from_value(target.value()), Ok(target));
}
