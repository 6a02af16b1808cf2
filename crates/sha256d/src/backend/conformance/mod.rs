//! Every backend of the registry, the toy included, against the `sha2` crate and
//! on real headers. The tests take them from the registry: a new one is tested
//! as soon as it has its line there.

#[path = "../../../tests/common/mod.rs"]
mod common;
mod headers;
mod kernels;

#[test]
fn the_toy_backend_is_tested_with_the_others() {
    assert!(common::backends().iter().any(|b| b.name() == "toy"));
}
