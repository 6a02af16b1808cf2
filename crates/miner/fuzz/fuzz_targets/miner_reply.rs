//! A reply of a miner, from any bytes, as the answer to every request of every kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_miner::{kinds, read_replies, repair};

fuzz_target!(|reply: &[u8]| {
    let Ok((value, _)) = repair::parse(reply) else {
        return;
    };
    // What was repaired is whole, and stays what it is.
    let again = serde_json::to_vec(&value).unwrap();
    let (read, repairs) = repair::parse(&again).unwrap();
    assert!(read == value && repairs.is_empty());
    for kind in kinds() {
        for claim in read_replies(kind, &[reply; 8]).claims {
            assert!(claim.value.is_none_or(f64::is_finite));
            assert!(claim.text.chars().count() <= 80);
        }
    }
});
