//! Assertions on the texts of messages.
#![allow(dead_code, reason = "each test binary uses its own part")]

use perwatt_power::{ReadError, Reason, Source, Unavailable};

/// Asserts that a text contains each of these parts.
#[track_caller]
pub fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// Asserts the class of a reason and a part of its sentence.
#[track_caller]
pub fn told(why: Unavailable, reason: Reason, part: &str) -> Unavailable {
    assert_eq!(why.reason, reason, "{why:?}");
    has(&why.detail, &[part]);
    why
}

/// Asserts the class of a reason and a part of the advice.
#[track_caller]
pub fn advised(why: Unavailable, reason: Reason, part: &str) {
    assert_eq!(why.reason, reason, "{why:?}");
    has(&why.fix.unwrap_or_default(), &[part]);
}

/// The kind of an error, as records write it.
pub fn error_kind(error: &ReadError) -> String {
    let json = serde_json::to_value(error).unwrap();
    json["kind"].as_str().unwrap().to_owned()
}

/// Asserts that the next reading fails with this kind of error.
#[track_caller]
pub fn fails(source: &mut dyn Source, kind: &str) -> ReadError {
    let error = source.read().unwrap_err();
    assert_eq!(error_kind(&error), kind, "{error}");
    error
}
