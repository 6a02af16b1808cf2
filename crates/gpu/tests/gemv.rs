//! Products of a vector with a matrix on every adapter of this machine.

mod common;

use common::{LIMIT, assert_layers, assert_right, opened as devices, shape};
use perwatt_gpu::gemv::{Gemv, GemvSet, available, splits};
use perwatt_gpu::matmul::{Element, Inputs};
use perwatt_gpu::{Banded, GpuError, run};
use perwatt_matmul::{LayerSet, Shape};

fn elements() -> impl Iterator<Item = Element> {
    let all = Element::ALL.into_iter();
    all.filter(|element| available(*element).is_ok())
}

fn one_row(n: usize, k: usize) -> Shape {
    shape(1, n, k)
}

#[test]
fn every_split_of_every_element_is_right_checked_and_unchecked() {
    for device in devices() {
        for element in elements() {
            for shape in [one_row(1, 1), one_row(31, 63), one_row(1029, 4111)] {
                let inputs = Inputs::generate(element, shape, 8).unwrap();
                for split in splits(&device, element) {
                    let what = format!("{element} {split} {shape} on {}", device.name);
                    let [unchecked, checked] =
                        [(false, u32::MAX), (true, 100)].map(|(checked, bands)| {
                            let gemv =
                                Gemv::new(&device, element, split, &inputs, checked).unwrap();
                            run(&device, &gemv, bands, LIMIT).unwrap();
                            gemv.read(LIMIT).unwrap()
                        });
                    assert_right(element, &inputs, &unchecked, &what);
                    assert_eq!(unchecked, checked, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_token_goes_through_a_whole_model() {
    let set = LayerSet::find("llama8b-1of16-decode1").unwrap();
    for device in devices() {
        for element in elements() {
            let split = splits(&device, element)[0];
            let model = GemvSet::new(&device, element, &set, |_| split, 2, false).unwrap();
            assert_eq!(model.flop(), set.flop_per_step());
            assert!(model.bytes() > set.weight_bytes(element.input_bytes()));
            run(&device, &model, 1000, LIMIT).unwrap();
            assert_layers(element, &set, model.products(), |product| {
                (product.shape(), product.read(LIMIT).unwrap())
            });
        }
    }
}

#[test]
fn bytes_are_those_of_the_matrix_the_vector_and_the_result() {
    for device in devices() {
        for (element, bytes) in [
            (Element::F32, 4 * (3 * 5 + 5 + 3)),
            (Element::F16F32, 2 * (3 * 5 + 5) + 4 * 3),
            (Element::I8, 3 * 5 + 5 + 4 * 3),
        ] {
            let inputs = Inputs::generate(element, one_row(3, 5), 1).unwrap();
            let split = splits(&device, element)[0];
            let gemv = Gemv::new(&device, element, split, &inputs, false).unwrap();
            assert_eq!((gemv.bytes(), gemv.flop()), (bytes, 30));
            assert_eq!(gemv.bands(), 1);
        }
    }
}

#[test]
fn what_it_cannot_do_is_refused() {
    for device in devices() {
        let split = splits(&device, Element::F32)[0];
        let refused = |element, inputs: &Inputs| {
            let refused = Gemv::new(&device, element, split, inputs, false);
            let refused = refused.err().unwrap();
            assert!(matches!(refused, GpuError::Unsupported { .. }));
            refused.to_string()
        };
        let two_rows = Inputs::generate(Element::F32, shape(2, 3, 4), 1).unwrap();
        assert!(refused(Element::F32, &two_rows).contains("2x3x4"));
        let one = Inputs::generate(Element::F32, one_row(3, 4), 1).unwrap();
        assert!(refused(Element::I8, &one).contains("i8"));
        assert!(refused(Element::F16, &one).contains("f16-f32"));
        assert!(splits(&device, Element::CoopF16F32).is_empty());
    }
}
