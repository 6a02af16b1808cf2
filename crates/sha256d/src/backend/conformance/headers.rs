//! Real block headers: fields, hashes, and their nonces found again.

use super::common::{backends, decide, sha2_hash};
use crate::Header;

/// Nonces searched around each real one; `PERWATT_TEST_WINDOW` reduces them where an
/// emulator runs the kernels.
fn window() -> u32 {
    match std::env::var("PERWATT_TEST_WINDOW") {
        Ok(text) => text.parse().expect("PERWATT_TEST_WINDOW is a number"),
        Err(_) => 1 << 20,
    }
}

struct Row {
    height: u32,
    hash: String,
    header_hex: String,
    version_hex: String,
    bits_hex: String,
    nonce: u32,
    time: u32,
    difficulty: f64,
    prev_hash: String,
    merkle_root: String,
    source: String,
}

/// Only the source, the last field, may be quoted or contain commas; it is kept unchanged.
fn rows() -> Vec<Row> {
    let text = include_str!("../../../tests/data/headers.csv");
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "height,hash,header_hex,version_hex,bits_hex,nonce,time_unix,time_utc,difficulty,prev_hash,merkle_root,source"
    );
    lines
        .map(|line| {
            let fields: Vec<&str> = line.splitn(12, ',').collect();
            assert!(fields[..11].iter().all(|field| !field.contains('"')));
            Row {
                height: fields[0].parse().unwrap(),
                hash: fields[1].to_owned(),
                header_hex: fields[2].to_owned(),
                version_hex: fields[3].to_owned(),
                bits_hex: fields[4].to_owned(),
                nonce: fields[5].parse().unwrap(),
                time: fields[6].parse().unwrap(),
                difficulty: fields[8].parse().unwrap(),
                prev_hash: fields[9].to_owned(),
                merkle_root: fields[10].to_owned(),
                source: fields[11].to_owned(),
            }
        })
        .collect()
}

#[test]
fn every_field_and_hash_is_as_published() {
    let rows = rows();
    assert!(rows.len() >= 20, "{} headers", rows.len());
    for row in rows {
        let at = format!("height {} ({})", row.height, row.source);
        let header = Header::from_hex(&row.header_hex).unwrap();
        assert_eq!(header.to_hex(), row.header_hex, "{at}");
        assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header), "{at}");
        assert_eq!(format!("{:08x}", header.version), row.version_hex, "{at}");
        assert_eq!(format!("{:08x}", header.bits), row.bits_hex, "{at}");
        assert_eq!(header.nonce, row.nonce, "{at}");
        assert_eq!(header.time, row.time, "{at}");
        assert_eq!(header.prev_hash.to_string(), row.prev_hash, "{at}");
        assert_eq!(header.merkle_root.to_string(), row.merkle_root, "{at}");
        assert_eq!(header.hash().to_string(), row.hash, "{at}");
        assert_eq!(header.hash(), sha2_hash(&header), "{at}");

        let target = header.target().unwrap();
        assert!(target.is_met_by(&header.hash()), "{at}");
        assert_eq!(target.to_compact(), header.bits, "{at}");
        let relative = target.difficulty() / row.difficulty - 1.0;
        assert!(relative.abs() < 1e-9, "{at}: {}", target.difficulty());
    }
}

#[test]
#[cfg_attr(miri, ignore = "too many hashes for Miri; kernels.rs is its share")]
fn every_backend_finds_the_nonce_again() {
    let window = window();
    for row in rows() {
        let header = Header::from_hex(&row.header_hex).unwrap();
        let target = header.target().unwrap();
        // At an end of u32 the window moves inwards and keeps its size.
        let first = row
            .nonce
            .saturating_sub(window / 2)
            .min(u32::MAX - (window - 1));
        let last = first + (window - 1);
        // For one header, a backend that rolls does the same as its plain one.
        for backend in backends().into_iter().filter(|b| b.roll_width() == 1) {
            let (decided, hits) = decide(backend, &header, target, first, last);
            assert_eq!(decided, u64::from(window));
            assert!(
                hits.iter().any(|hit| hit.nonce == row.nonce),
                "{backend} misses the nonce of height {}",
                row.height
            );
            // Any other hit must be valid by the `sha2` crate too.
            for hit in hits {
                let found = Header {
                    nonce: hit.nonce,
                    ..header
                };
                assert_eq!(hit.hash, sha2_hash(&found));
                assert!(target.is_met_by(&hit.hash));
            }
        }
    }
}
