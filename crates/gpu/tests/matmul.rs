//! Matrix products on every adapter that this machine has, software ones too, against
//! products in double precision or 64-bit integers.

use std::time::Duration;

use perwatt_gpu::adapter::adapters;
use perwatt_gpu::device::Device;
use perwatt_gpu::matmul::{
    Element, Inputs, Output, Product, ProductSet, Source, Tile, variants, wgsl,
};
use perwatt_gpu::{Banded, GpuError, run};
use perwatt_matmul::freivalds::F16_ROUNDOFF;
use perwatt_matmul::{LayerSet, Shape, reference};

const LIMIT: Duration = Duration::from_secs(60);

fn devices() -> Vec<Device> {
    let found = adapters();
    if found.is_empty() {
        eprintln!("skipped: there is no adapter; Debian's mesa-vulkan-drivers has a software one");
    }
    found
        .iter()
        .map(|adapter| Device::open(adapter).unwrap())
        .collect()
}

/// The elements that a device has; what it lacks is printed.
fn elements(device: &Device) -> Vec<Element> {
    Element::ALL
        .into_iter()
        .filter(|element| match element.available(device) {
            Ok(()) => true,
            Err(lacks) => {
                eprintln!("skipped: {element} on {}: {lacks}", device.name);
                false
            }
        })
        .collect()
}

fn multiply(
    device: &Device,
    element: Element,
    tile: Tile,
    inputs: &Inputs,
    checked: bool,
    bands: u32,
) -> Output {
    let product = Product::new(device, element, tile, inputs, checked).unwrap();
    run(device, &product, bands, LIMIT).unwrap();
    product.read(LIMIT).unwrap()
}

/// Element by element against the reference, and by Freivalds' test.
fn assert_right(element: Element, inputs: &Inputs, output: &Output, what: &str) {
    match (inputs, output) {
        (Inputs::Real(problem), Output::Real(c)) if element == Element::F16 => {
            let ratio = reference::max_statistical_ratio(problem, c, F16_ROUNDOFF);
            assert!(ratio < 1.0, "{what}: {ratio}");
        }
        (Inputs::Real(problem), Output::Real(c)) => {
            let ratio = reference::max_ratio(problem, c);
            assert!(ratio < 1.0, "{what}: {ratio}");
        }
        (Inputs::Integer(problem), Output::Integer(c)) => {
            let expected = reference::integer_product(problem);
            assert_eq!(c.len(), expected.len(), "{what}");
            let same = c.iter().zip(&expected).all(|(c, e)| i64::from(*c) == *e);
            assert!(same, "{what}");
        }
        _ => panic!("{what}: a result of the wrong kind"),
    }
    let agreement = inputs.verify(element, output, 3, 11).unwrap();
    assert!(agreement.max_ratio <= 1.0, "{what}");
}

fn shape(m: usize, n: usize, k: usize) -> Shape {
    Shape::new(m, n, k).unwrap()
}

#[test]
fn every_tile_of_every_element_is_right_checked_and_unchecked() {
    for device in devices() {
        for element in elements(&device) {
            let tiles = variants(&device, element);
            assert!(!tiles.is_empty());
            for shape in [shape(1, 1, 1), shape(17, 31, 63), shape(130, 70, 37)] {
                let inputs = Inputs::generate(element, shape, 5).unwrap();
                for &tile in &tiles {
                    let what = format!("{element} {tile} {shape} on {}", device.name);
                    let unchecked = multiply(&device, element, tile, &inputs, false, u32::MAX);
                    assert_right(element, &inputs, &unchecked, &what);
                    if shape.m != 17 {
                        continue;
                    }
                    let checked = multiply(&device, element, tile, &inputs, true, 1);
                    assert_right(element, &inputs, &checked, &what);
                    assert_eq!(unchecked, checked, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_large_odd_shape_is_right() {
    for device in devices() {
        for element in elements(&device) {
            let inputs = Inputs::generate(element, shape(511, 3585, 1023), 6).unwrap();
            let tiles = variants(&device, element);
            // The software tile is the last, the one that reads least the first.
            for tile in [tiles.first(), tiles.last()].into_iter().flatten() {
                let what = format!("{element} {tile} on {}", device.name);
                let output = multiply(&device, element, *tile, &inputs, false, 64);
                let agreement = inputs.verify(element, &output, 4, 3);
                assert!(agreement.is_ok(), "{what}: {agreement:?}");
            }
        }
    }
}

#[test]
fn every_kernel_is_valid_wherever_it_can_run() {
    use naga::valid::{Capabilities, ValidationFlags, Validator};
    for element in Element::ALL {
        let tiles: Vec<Tile> = match element {
            // No adapter is needed to write these.
            Element::CoopF16F32 => [(128, 16, 64), (64, 8, 32)]
                .map(|(block, edge, piece)| Tile {
                    bm: block,
                    bn: block,
                    bk: edge,
                    tm: piece,
                    tn: piece,
                    source: Source::Cooperative(edge),
                })
                .into(),
            _ => [Source::Staged, Source::Prefetched, Source::Direct]
                .map(|source| Tile {
                    bm: 64,
                    bn: 64,
                    bk: 8,
                    tm: 8,
                    tn: 8,
                    source,
                })
                .into(),
        };
        for tile in tiles {
            let source = wgsl(element, &tile);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&source)));
            let mut validator = Validator::new(ValidationFlags::all(), Capabilities::all());
            if let Err(error) = validator.validate(&module) {
                panic!("{element} {tile}: {}", error.emit_to_string(&source));
            }
        }
    }
}
