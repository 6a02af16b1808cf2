//! Every backend of the registry, including the toy, against the `sha2` crate and on real
//! headers. The tests read the registry, so that a new backend is tested as soon as it is
//! listed there.

#[path = "../../../tests/common/mod.rs"]
mod common;
mod headers;
mod kernels;

#[test]
fn the_toy_backend_is_tested_with_the_others() {
    assert!(common::backends().iter().any(|b| b.name() == "toy"));
}
