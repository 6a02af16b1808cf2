//! Every backend on odd shapes, against the double-precision reference and Freivalds.

use std::sync::{Arc, Mutex};

use perwatt_matmul::{Backend, BackendError, Problem, Shape, freivalds, reference};
use proptest::prelude::*;

/// The names of the backends that can be opened here; the others are printed.
fn available() -> Vec<&'static str> {
    let all = Backend::list().into_iter();
    let all = all.inspect(|status| {
        if let Some(reason) = &status.reason {
            println!("skipped {}: {reason}", status.name);
        }
    });
    all.filter(|status| status.available)
        .map(|status| status.name)
        .collect()
}

fn agrees(name: &str, threads: usize, shape: Shape) {
    let problem = Problem::generate(shape, 11).unwrap();
    let mut c = vec![f32::NAN; shape.c_len()];
    let mut backend = Backend::open(name, threads, None).unwrap();
    backend.prepare(&problem).unwrap();
    // Twice: the second product must not add to the first.
    backend.multiply(&problem, &mut c);
    backend.multiply(&problem, &mut c);
    let ratio = reference::max_ratio(&problem, &c);
    assert!(ratio <= 1.0, "{name} {shape} {threads} threads: {ratio}");
    freivalds::check(&problem, &c, 3, 5).unwrap_or_else(|e| panic!("{name} {shape}: {e}"));
}

#[test]
fn odd_shapes_agree_with_the_reference() {
    for name in available() {
        for (m, n, k) in [
            (1, 1, 1),
            (1, 1, 1023),
            (1, 4097, 63),
            (2, 3, 5),
            (7, 1, 100),
            (8, 2050, 129),
            (9, 17, 1),
            (17, 31, 63),
            (129, 1, 2),
            (511, 300, 1023),
        ] {
            agrees(name, 2, Shape::new(m, n, k).unwrap());
        }
    }
}

#[test]
fn the_compiled_in_backends_are_always_there() {
    let names = available();
    for name in ["embedded", "gemm", "matrixmultiply"] {
        assert!(names.contains(&name));
    }
    for status in Backend::list() {
        assert_eq!(status.available, status.reason.is_none());
        assert_eq!(status.available, status.description.is_some());
        if let Some(description) = status.description {
            assert_eq!(description.name, status.name);
            assert!(!description.version.is_empty());
            assert_eq!(
                description.path.is_some(),
                ["cblas", "onednn"].contains(&status.name)
            );
        }
    }
}

#[test]
fn the_hook_runs_once_on_each_thread() {
    for name in ["embedded", "gemm", "matrixmultiply"] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let hook = {
            let seen = Arc::clone(&seen);
            Arc::new(move |index| seen.lock().unwrap().push(index))
        };
        let mut backend = Backend::open(name, 3, Some(hook)).unwrap();
        let problem = Problem::generate(Shape::new(64, 64, 64).unwrap(), 1).unwrap();
        backend.multiply(&problem, &mut vec![0.0; 64 * 64]);
        assert_eq!(backend.describe().threads, 3);
        drop(backend);
        let mut seen = seen.lock().unwrap();
        seen.sort_unstable();
        assert_eq!(*seen, [0, 1, 2], "{name}");
    }
}

#[test]
fn an_unknown_backend_names_the_known() {
    let error = Backend::open("cuda", 1, None).err().unwrap();
    assert!(matches!(&error, BackendError::Unknown { known, .. } if known.len() == 5));
    let known = "embedded, gemm, matrixmultiply, cblas, onednn";
    assert!(error.to_string().contains(known), "{error}");
}

#[test]
#[should_panic(expected = "lengths of A, B and C for 4x4x4")]
fn a_short_output_panics_before_it_is_written() {
    let problem = Problem::generate(Shape::new(4, 4, 4).unwrap(), 1).unwrap();
    let mut backend = Backend::open("gemm", 1, None).unwrap();
    backend.multiply(&problem, &mut [0.0; 15]);
}

/// The versions in records are those in the lock file.
#[test]
fn versions_match_the_lock_file() {
    let lock =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    for name in ["gemm", "matrixmultiply"] {
        let version = Backend::open(name, 1, None).unwrap().describe().version;
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&locked), "{name} {version}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_small_shape_on_any_thread_count(
        m in 1usize..70, n in 1usize..70, k in 1usize..70, threads in 1usize..6,
        name in prop::sample::select(vec!["embedded", "gemm", "matrixmultiply"]),
    ) {
        agrees(name, threads, Shape::new(m, n, k).unwrap());
    }
}
