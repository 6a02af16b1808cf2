//! Matrix products on every adapter of this machine, including software adapters, against
//! products in double precision or 64-bit integers.

mod common;

use std::time::Duration;

use common::{LIMIT, assert_every_element, assert_layers, assert_right, opened as devices, shape};
use perwatt_gpu::device::Device;
use perwatt_gpu::matmul::{
    Element, Inputs, Output, Product, ProductSet, Source, Tile, variants, wgsl,
};
use perwatt_gpu::{Banded, GpuError, run};
use perwatt_matmul::LayerSet;

/// The elements that a device supports; the reason is printed for the others.
fn elements(device: &Device) -> Vec<Element> {
    let is_there = |element: &Element| {
        let available = element.available(device);
        available
            .inspect_err(|lacks| eprintln!("skipped: {element} on {}: {lacks}", device.name))
            .is_ok()
    };
    Element::ALL.into_iter().filter(is_there).collect()
}

/// A tile whose blocks of C are squares.
fn square(block: u32, bk: u32, piece: u32, source: Source) -> Tile {
    Tile {
        bm: block,
        bn: block,
        bk,
        tm: piece,
        tn: piece,
        source,
    }
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

/// The tile that reads least from memory, and the last, which suits software.
fn quick(tiles: &[Tile]) -> impl Iterator<Item = Tile> {
    [tiles.first(), tiles.last()].into_iter().flatten().copied()
}

#[test]
fn every_tile_of_every_element_is_right_checked_and_unchecked() {
    for device in devices() {
        for element in elements(&device) {
            // More than one block each way of every tile.
            let inputs = Inputs::generate(element, shape(145, 137, 63), 5).unwrap();
            let tiles = variants(&device, element);
            for tile in &tiles {
                let tile = *tile;
                let what = format!("{element} {tile} on {}", device.name);
                let unchecked = multiply(&device, element, tile, &inputs, false, u32::MAX);
                assert_right(element, &inputs, &unchecked, &what);
                // The checks are in the shader, whichever driver compiles it, and SwiftShader
                // takes a second for each.
                let again = !device.name.contains("SwiftShader");
                if !again && !quick(&tiles).any(|quick| quick == tile) {
                    continue;
                }
                let checked = multiply(&device, element, tile, &inputs, true, 1);
                assert_eq!(unchecked, checked, "{what}");
            }
        }
    }
}

#[test]
fn small_odd_shapes_are_right() {
    for device in devices() {
        for element in elements(&device) {
            let tiles = variants(&device, element);
            for shape in [shape(1, 1, 1), shape(17, 31, 63)] {
                let inputs = Inputs::generate(element, shape, 5).unwrap();
                for tile in quick(&tiles) {
                    let what = format!("{element} {tile} {shape} on {}", device.name);
                    let output = multiply(&device, element, tile, &inputs, false, 2);
                    assert_right(element, &inputs, &output, &what);
                }
            }
        }
    }
}

#[test]
fn a_large_odd_shape_is_right() {
    for device in devices() {
        for element in elements(&device) {
            // More dispatches than one, of either tile.
            let inputs = Inputs::generate(element, shape(511, 1153, 1023), 6).unwrap();
            let tiles = variants(&device, element);
            let mut first = None;
            for tile in quick(&tiles) {
                let what = format!("{element} {tile} on {}", device.name);
                let output = multiply(&device, element, tile, &inputs, false, 16);
                let agreement = inputs.verify(element, &output, 4, 3);
                assert!(agreement.is_ok(), "{what}: {agreement:?}");
                first.get_or_insert(output);
            }
            let what = format!("{element} on {}", device.name);
            assert_every_element(element, &inputs, &first.unwrap(), false, &what);
        }
    }
}

#[test]
fn a_model_runs_in_bands_and_every_product_is_right() {
    let set = LayerSet::find("llama8b-1of16-prefill8").unwrap();
    for device in devices() {
        for element in elements(&device).into_iter().take(1) {
            let tile = square(32, 4, 4, Source::Direct);
            let model = ProductSet::new(&device, element, &set, |_| tile, 2, false).unwrap();
            assert_eq!(model.flop(), set.flop_per_step());
            let repeats = set.products.iter().map(|(_, repeats)| repeats);
            let products = model.products().iter().zip(repeats);
            let bands: u32 = products.map(|(one, repeats)| one.bands() * repeats).sum();
            assert_eq!(model.bands(), bands);
            run(&device, &model, 1000, LIMIT).unwrap();
            assert_layers(element, &set, model.products(), |product| {
                (product.shape(), product.read(LIMIT).unwrap())
            });
        }
    }
}

#[test]
fn a_product_of_which_a_band_is_left_out_is_found() {
    for device in devices() {
        for element in elements(&device) {
            let tile = variants(&device, element)[0];
            let inputs = Inputs::generate(element, shape(300, 40, 50), 4).unwrap();
            let product = Product::new(&device, element, tile, &inputs, false).unwrap();
            assert!(product.bands() > 1);
            run(&device, &AllButOne(&product), u32::MAX, LIMIT).unwrap();
            let c = product.read(LIMIT).unwrap();
            assert!(inputs.verify(element, &c, 2, 1).is_err(), "{element}");
        }
    }
}

/// A product that lacks its last band.
struct AllButOne<'a>(&'a Product<'a>);

impl Banded for AllButOne<'_> {
    fn bands(&self) -> u32 {
        self.0.bands() - 1
    }

    fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32) {
        self.0.record(pass, first, bands.min(self.bands() - first));
    }

    fn clear(&self, encoder: &mut wgpu::CommandEncoder) {
        self.0.clear(encoder);
    }

    fn confirm(&self, limit: Duration) -> Result<(), GpuError> {
        self.0.confirm(limit)
    }
}

#[test]
fn what_a_device_cannot_do_is_refused_with_the_reason() {
    for (adapter, device) in common::devices() {
        let tile = variants(&device, Element::F32)[0];
        let refused = |element, tile, inputs: &Inputs| {
            let refused = Product::new(&device, element, tile, inputs, false);
            let refused = refused.err().unwrap();
            assert!(matches!(refused, GpuError::Unsupported { .. }), "{refused}");
            refused.to_string()
        };
        let one = Inputs::generate(Element::F32, shape(4, 4, 4), 1).unwrap();
        assert!(refused(Element::I8, tile, &one).contains("i8"));
        let unknown = Tile { bm: 4096, ..tile };
        assert!(refused(Element::F32, unknown, &one).contains("4096x128"));
        // C exceeds the limit of a binding by itself, with little memory for A and B.
        let limit = adapter.limits().max_storage_buffer_binding_size;
        let edge = ((limit / 4) as f64).sqrt() as usize + 1;
        let padded = edge.next_multiple_of(128) as u64;
        if limit <= 1 << 31 {
            let wide = Inputs::generate(Element::F32, shape(edge, edge, 1), 1).unwrap();
            let text = refused(Element::F32, tile, &wide);
            let needs = format!("C needs {}", 4 * padded * padded);
            assert!(text.contains(&needs), "{text}");
            assert!(text.contains(&limit.to_string()), "{text}");
        }
        if Element::CoopF16F32.available(&device).is_err() {
            assert!(variants(&device, Element::CoopF16F32).is_empty());
        }
    }
}

#[test]
fn every_kernel_is_valid_wherever_it_can_run() {
    use naga::valid::{Capabilities, ValidationFlags, Validator};
    for element in Element::ALL {
        let tiles: Vec<Tile> = match element {
            // Generating these shaders needs no adapter.
            Element::CoopF16F32 => [(128, 16, 64), (64, 8, 32)]
                .map(|(block, edge, piece)| square(block, edge, piece, Source::Cooperative(edge)))
                .into(),
            _ => [Source::Staged, Source::Prefetched, Source::Direct]
                .map(|source| square(64, 8, 8, source))
                .into(),
        };
        let forms = tiles.iter().flat_map(|tile| [(tile, false), (tile, true)]);
        for (tile, metal) in forms {
            let source = wgsl(element, tile, metal);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&source)));
            let mut validator = Validator::new(ValidationFlags::all(), Capabilities::all());
            if let Err(error) = validator.validate(&module) {
                panic!("{element} {tile}: {}", error.emit_to_string(&source));
            }
        }
    }
}
