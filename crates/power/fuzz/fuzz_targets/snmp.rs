//! An SNMP response, from any bytes, and an object identifier, from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::snmp::{message, oid};

fuzz_target!(|bytes: &[u8]| {
    let asked = oid("1.3.6.1").expect("an identifier");
    if let Ok(number) = message(bytes, &asked) {
        assert!(number.value.is_finite());
        assert!(number.value != -1.0);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some(asked) = oid(text)
    {
        assert_eq!(
            asked.to_id_string(),
            oid(&asked.to_id_string()).expect("same").to_id_string()
        );
    }
});
