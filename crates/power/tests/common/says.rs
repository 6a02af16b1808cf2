//! Assertions on the texts of messages.
#![allow(dead_code, reason = "each test binary uses its own part")]

use perwatt_power::{Reason, Unavailable};

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
