//! Whole benches: counted bytes, exact results, threads and invalid input.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use perwatt_stream::{Bench, Kernel, StreamError};
use proptest::prelude::*;

#[test]
fn every_kernel_verifies_after_each_pass() {
    for kernel in Kernel::ALL {
        // Not a multiple of the thread count, of a vector or of 8 bytes.
        let mut bench = Bench::new(kernel, 8 * 100_003 + 5, 3, None).unwrap();
        assert_eq!(bench.bytes_per_array(), 8 * 100_003);
        assert_eq!(bench.bytes_per_pass(), 100_003 * kernel.bytes_per_element());
        bench.verify().unwrap();
        for number in 1..=5 {
            bench.pass();
            assert_eq!(bench.passes(), number);
            bench.verify().unwrap();
        }
    }
}

#[test]
fn the_hook_runs_once_on_every_thread() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let seen = Arc::clone(&seen);
        let id = || std::thread::current().id();
        Arc::new(move |index| seen.lock().unwrap().push((index, id())))
    };
    let mut bench = Bench::new(Kernel::Triad, 1 << 16, 4, Some(hook)).unwrap();
    bench.pass();
    let seen = seen.lock().unwrap();
    let mut indices: Vec<usize> = seen.iter().map(|s| s.0).collect();
    indices.sort_unstable();
    assert_eq!(indices, [0, 1, 2, 3]);
    assert_eq!(seen.iter().map(|s| s.1).collect::<HashSet<_>>().len(), 4);
}

#[test]
fn a_hook_that_panics_is_an_error() {
    let hook = Arc::new(|index| assert_ne!(index, 1, "this thread must not start"));
    let error = Bench::new(Kernel::Read, 1 << 16, 3, Some(hook))
        .err()
        .unwrap();
    let said = error.to_string();
    assert!(said.starts_with("thread 1 of 3 does not run"), "{said}");
}

#[test]
fn impossible_sizes_are_errors() {
    let many = (u64::from(u32::MAX), usize::MAX);
    for (bytes, threads) in [(0, 1), (7, 1), (64, 0), (64, 9), many] {
        let error = Bench::new(Kernel::Read, bytes, threads, None)
            .err()
            .unwrap();
        assert!(matches!(error, StreamError::TooSmall { .. }), "{error}");
        assert!(error.to_string().contains(&bytes.to_string()));
    }
    let error = Bench::new(Kernel::Triad, u64::MAX, 2, None).err().unwrap();
    assert!(matches!(error, StreamError::NoMemory { .. }), "{error}");
    // Larger than every address space, but without overflow of the total.
    let error = Bench::new(Kernel::Read, 1 << 63, 1, None).err().unwrap();
    assert!(matches!(error, StreamError::NoMemory { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_size_and_thread_count_verifies(
        elements in 1u64..20_000,
        threads in 1usize..9,
        passes in 0u32..3,
        kernel in prop::sample::select(Kernel::ALL.to_vec()),
    ) {
        prop_assume!(elements >= threads as u64);
        let mut bench = Bench::new(kernel, 8 * elements, threads, None).unwrap();
        for _ in 0..passes {
            bench.pass();
        }
        prop_assert_eq!(bench.verify(), Ok(()));
        prop_assert_eq!(bench.bytes_per_pass(), elements * kernel.bytes_per_element());
    }
}
