//! The real library, where the tests' installation has put it or `PERWATT_ONEDNN` names it,
//! and stand-ins compiled by `cc`. Without them the tests print that and pass.

use std::path::{Path, PathBuf};

use half::{bf16, f16};

use perwatt_vendor::onednn::Input;

use super::*;
use crate::backend::test_library::library;
use crate::reference;

/// Small shapes with odd sides, one of them with a side of 1.
const SHAPES: [(usize, usize, usize); 7] = [
    (1, 1, 1),
    (1, 65, 63),
    (2, 3, 5),
    (17, 1, 100),
    (48, 80, 112),
    (7, 33, 129),
    (67, 31, 1),
];

/// The real library.
fn real() -> Option<PathBuf> {
    let installed = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/onednn/libdnnl.so.3"
    );
    let named = std::env::var_os("PERWATT_ONEDNN").map(PathBuf::from);
    let path = named.unwrap_or_else(|| PathBuf::from(installed));
    if !path.exists() {
        println!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

/// The stand-in with these macros.
fn stub(defines: &[&str]) -> Option<(tempfile::TempDir, PathBuf)> {
    library(include_str!("stub.c"), defines)
}

/// Products of each shape by the library, without regard to the CPU's capability, are right:
/// exact ones exactly, others within the bound of their rounding.
fn right<T: Element>(file: &Path, threads: usize) {
    let library = OneDnn::open_file(file, threads).unwrap_or_else(|error| panic!("{error}"));
    for (m, n, k) in SHAPES {
        let shape = Shape { m, n, k };
        let problem = T::generate(shape, 7).unwrap();
        let mut product = library.product([m, n, k], &problem.b).unwrap();
        let mut c = vec![T::Sum::default(); shape.c_len()];
        // Twice, with another A: nothing of the first product may be left.
        for seed in [8, 7] {
            let a = T::generate(shape, seed).unwrap().a;
            product.multiply(&a, &mut c).unwrap();
        }
        let c: Vec<f64> = c.into_iter().map(Into::into).collect();
        let wide = problem.widened();
        if T::FORMAT == perwatt_vendor::onednn::Format::I8 {
            assert_eq!(c, reference::product(&wide), "{shape}");
        } else {
            let c: Vec<f32> = c.into_iter().map(|c| c as f32).collect();
            let ratio = reference::max_ratio(&wide, &c);
            assert!(ratio <= 1.0, "{shape}: {ratio}");
        }
    }
}

#[test]
fn f32_by_the_real_library_is_right() {
    let Some(file) = real() else {
        return;
    };
    for threads in [1, 2] {
        right::<f32>(&file, threads);
    }
    let library = OneDnn::open_file(&file, 2).unwrap();
    let opened = Opened::<f32>::new(library, 2).unwrap_or_else(|error| panic!("{error}"));
    let described = opened.describe();
    assert_eq!((described.threads, described.threads_known), (2, true));
    let config = described.config.unwrap();
    assert!(config.starts_with("0x") && config.contains("OpenMP, B packed once, "));
}

/// Products are right if the CPU has the arithmetic; otherwise the reason is named.
#[test]
fn short_formats_by_the_real_library_are_right_or_refused() {
    fn case<T: Element>(file: &Path, features: bool) {
        let library = OneDnn::open_file(file, 2).unwrap();
        match Opened::<T>::new(library, 2) {
            Ok(_) => {
                assert!(features, "this CPU has no arithmetic for {:?}", T::FORMAT);
                right::<T>(file, 2);
            }
            Err(error) => {
                println!("{error}");
                assert!(error.to_string().contains("products of"), "{error}");
            }
        }
    }
    let Some(file) = real() else {
        return;
    };
    let lacks = perwatt_vendor::onednn::cpu_lacks;
    case::<bf16>(&file, lacks(bf16::FORMAT).is_none());
    case::<f16>(&file, lacks(f16::FORMAT).is_none());
    case::<i8>(&file, lacks(i8::FORMAT).is_none());
}

#[test]
fn products_are_right_in_every_format_by_primitives_and_by_single_calls() {
    let (Some((_a, three)), Some((_b, two))) = (stub(&[]), stub(&["MAJOR=2"])) else {
        return;
    };
    for file in [&three, &two] {
        right::<f32>(file, 2);
        right::<bf16>(file, 2);
        right::<i8>(file, 2);
    }
    right::<f16>(&three, 2);
    let library = OneDnn::open_file(&two, 1).unwrap();
    let refused = library.product([1, 1, 1], &[f16::ONE]).err().unwrap();
    assert!(refused.contains("no function"), "{refused}");
    assert!(library.config.contains("B packed in each"));
}

/// The end of a refusal of f32, or of its product.
fn refusal(defines: &[&str], threads: usize) -> Option<String> {
    let (_directory, file) = stub(defines)?;
    let opened = OneDnn::open_file(&file, threads).map_err(unavailable);
    let opened = opened.and_then(|library| Opened::<f32>::new(library, threads));
    Some(
        opened
            .err()
            .map_or_else(String::new, |error| error.to_string()),
    )
}

#[test]
fn faults_are_refused_with_the_reason() {
    for (defines, threads, part) in [
        (&[][..], 1, ""),
        (&["NAME=\"ref:any\""], 1, "reference implementation"),
        (&["NAME=\"\""], 1, "reference implementation"),
        (
            &["MAJOR=1"],
            1,
            "version 1.1.2, and perwatt knows versions 2 and 3",
        ),
        (&["MAJOR=4"], 1, "version 4.1.2"),
        (&["RUNTIME=8"], 1, "cpu_runtime 8"),
        (&["RUNTIME=1"], 2, "without threads"),
        (&["RUNTIME=1"], 1, ""),
        (&["FAILS=3"], 1, "not implemented (status 3)"),
        (&["dnnl_stream_wait=other"], 1, "no symbol dnnl_stream_wait"),
        (&["dnnl_version=other"], 1, "not oneDNN"),
    ] {
        let Some(refusal) = refusal(defines, threads) else {
            return;
        };
        assert!(refusal.contains(part), "{defines:?}: {refusal}");
        assert_eq!(
            refusal.is_empty(),
            part.is_empty(),
            "{defines:?}: {refusal}"
        );
    }
}

#[test]
fn a_file_that_is_no_library_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("libdnnl.so.3");
    std::fs::write(&text, "not a library").unwrap();
    for file in [
        directory.path(),
        &text,
        Path::new("/nonexistent/libdnnl.so.3"),
    ] {
        let error = OneDnn::open_file(file, 1).err().unwrap().to_string();
        assert!(error.contains("PERWATT_ONEDNN names"), "{error}");
        assert!(error.contains("cannot be loaded"), "{error}");
    }
}

/// The small product of the first test passes; Freivalds' test finds it at full size.
#[test]
fn sums_that_saturate_are_found() {
    let Some((_directory, file)) = stub(&["SATURATES"]) else {
        return;
    };
    right::<f32>(&file, 1);
    let library = OneDnn::open_file(&file, 1).unwrap();
    let small = [1, 2, 3, 4, 5, 6];
    let mut c = [0; 4];
    let mut product = library
        .product([2, 2, 3], &[7, 8, 9, 10, 11, 12_i8])
        .unwrap();
    product.multiply(&small, &mut c).unwrap();
    assert_eq!(c, [58, 64, 139, 154]);

    let shape = Shape {
        m: 256,
        n: 256,
        k: 256,
    };
    let problem = i8::generate(shape, 1).unwrap();
    let mut c = vec![0; shape.c_len()];
    let mut product = library.product([256; 3], &problem.b).unwrap();
    product.multiply(&problem.a, &mut c).unwrap();
    let found = i8::check(&problem, &c, 2, 1).unwrap_err();
    assert!(found.to_string().contains("is not exact"), "{found}");
}
