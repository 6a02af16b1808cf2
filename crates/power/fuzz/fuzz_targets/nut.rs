//! A line of upsd, from any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::parse::nut::{Answer, MAX_LINE, answer, number, quoted};

fuzz_target!(|line: &[u8]| {
    let Ok(parsed) = answer(line) else {
        return;
    };
    assert!(line.len() <= MAX_LINE);
    let Answer::Var { ups, name, value } = parsed else {
        return;
    };
    assert!(number(&value).is_none_or(f64::is_finite));
    let again = format!("VAR {} {} {}", quoted(&ups), quoted(&name), quoted(&value));
    if again.len() <= MAX_LINE {
        assert_eq!(
            answer(again.as_bytes()),
            Ok(Answer::Var { ups, name, value })
        );
    }
});
