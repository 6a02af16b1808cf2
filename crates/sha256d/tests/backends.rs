//! The registry of backends, as users of the crate access it.

use perwatt_sha256d::{Backend, Descriptor};

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = Backend::from_name("cuda").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no SHA-256d backend \"cuda\"; choose one of \
         avx512-rolled, avx512, x86-sha-rolled, x86-sha, avx2-rolled, avx2, aarch64-sha2, neon, portable"
    );
}

#[test]
fn every_backend_says_what_it_is_and_runs_or_says_why_not() {
    for descriptor in Backend::all() {
        assert!(!descriptor.description().is_empty());
        let reason = descriptor.unavailable_reason();
        assert_eq!(descriptor.backend().is_none(), reason.is_some());
        assert!(descriptor.is_compiled_in() || reason.is_some());
    }
    let names: Vec<_> = Backend::all().iter().map(Descriptor::name).collect();
    for backend in Backend::available() {
        assert!(names.contains(&backend.name()));
        assert_eq!(backend.to_string(), backend.descriptor().name());
    }
}
