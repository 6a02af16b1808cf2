//! The parser of `--meter` on any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perwatt_power::{Boundary, MeterSpec, public_text};

fuzz_target!(|text: &str| {
    let public = public_text(text);
    assert!(text.is_empty() || !public.is_empty());
    let Ok(spec) = text.parse::<MeterSpec>() else {
        return;
    };
    assert!(text.starts_with(&spec.kind) && !spec.kind.is_empty());
    assert!(!spec.id().is_empty());
    assert!(
        spec.options
            .iter()
            .all(|(k, v)| !k.is_empty() && !v.is_empty())
    );
    assert_eq!(text.parse(), Ok(spec.clone()));
    if let Ok(Some(accuracy)) = spec.accuracy_rel() {
        assert!(accuracy > 0.0 && accuracy <= 1.0);
    }
    if let Ok(interval_s) = spec.interval_s(1.0) {
        assert!((0.05..=3600.0).contains(&interval_s));
    }
    if let Err(error) = spec.boundary(Boundary::Wall) {
        assert!(!error.why.is_empty());
    }
});
