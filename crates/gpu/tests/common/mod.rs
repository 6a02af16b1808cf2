//! Helpers of the behaviour tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::time::Duration;

use perwatt_gpu::adapter::{Adapter, adapters};
use perwatt_gpu::device::Device;
use perwatt_gpu::matmul::{Element, Inputs, Output};
use perwatt_matmul::{LayerSet, Shape, reference};

/// More time than any piece of work here takes.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Every adapter of this machine, opened; prints that a test is skipped where there is
/// none. `PERWATT_EXPECT_ADAPTER` names one that must be present.
pub fn devices() -> Vec<(Adapter, Device)> {
    devices_as(|adapter| Device::open(adapter).unwrap())
}

/// The same, opened by `open`.
pub fn devices_as(open: impl Fn(&Adapter) -> Device) -> Vec<(Adapter, Device)> {
    let found = adapters();
    if let Ok(name) = std::env::var("PERWATT_EXPECT_ADAPTER") {
        let there = found.iter().any(|adapter| adapter.name.contains(&name));
        assert!(there, "no adapter {name:?} among {found:?}");
    }
    if found.is_empty() {
        eprintln!("skipped: there is no adapter; Debian's mesa-vulkan-drivers has a software one");
    }
    found
        .into_iter()
        .map(|adapter| {
            let device = open(&adapter);
            (adapter, device)
        })
        .collect()
}

/// Every adapter of this machine, opened, without what is known of it before.
pub fn opened() -> impl Iterator<Item = Device> {
    devices().into_iter().map(|(_, device)| device)
}

pub fn shape(m: usize, n: usize, k: usize) -> Shape {
    Shape::new(m, n, k).unwrap()
}

/// Element by element against the reference, and by Freivalds' test.
pub fn assert_right(element: Element, inputs: &Inputs, output: &Output, what: &str) {
    assert_every_element(element, inputs, output, element != Element::F16, what);
    let agreement = inputs.verify(element, output, 3, 11).unwrap();
    assert!(agreement.max_ratio <= 1.0, "{what}");
}

/// Each element against the reference, within its rigorous bound or within its share of
/// Freivalds' tolerance, which takes one reference product where the bound takes two.
pub fn assert_every_element(
    element: Element,
    inputs: &Inputs,
    output: &Output,
    is_rigorous: bool,
    what: &str,
) {
    match (inputs, output) {
        (Inputs::Real(problem), Output::Real(c)) => {
            let rounding = element.rounding().unwrap();
            let ratio = match is_rigorous {
                true => reference::max_ratio(problem, c),
                false => reference::max_statistical_ratio(problem, c, rounding),
            };
            assert!(ratio < 1.0, "{what}: {ratio}");
        }
        (Inputs::Integer(problem), Output::Integer(c)) => {
            let expected = reference::integer_product(problem);
            let same = c.iter().map(|c| i64::from(*c)).eq(expected);
            assert!(same, "{what}");
        }
        _ => panic!("{what}: a result of the wrong kind"),
    }
}

/// The products of a model on inputs of seed 2, each by its shape and result.
pub fn assert_layers<P>(
    element: Element,
    set: &LayerSet,
    products: &[P],
    read: impl Fn(&P) -> (Shape, Output),
) {
    for (product, (shape, _)) in products.iter().zip(&set.products) {
        let (found, output) = read(product);
        assert_eq!(found, *shape);
        let inputs = Inputs::generate(element, *shape, 2).unwrap();
        inputs.verify(element, &output, 2, 1).unwrap();
    }
}
