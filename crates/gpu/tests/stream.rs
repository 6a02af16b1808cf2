//! Passes over memory on every adapter of this machine, including software adapters.

mod common;

use common::{LIMIT, opened as devices};
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_gpu::{Banded, GpuError, run};

#[test]
fn every_pass_is_exact_checked_and_unchecked() {
    for device in devices() {
        for kernel in Kernel::ALL {
            for bytes in [1, 65_536, 5 << 20] {
                for checked in [false, true] {
                    let stream = Stream::new(&device, kernel, bytes, checked).unwrap();
                    let padded = bytes.next_multiple_of(65_536);
                    assert_eq!(stream.bytes(), padded * kernel.arrays());
                    run(&device, &stream, 7, LIMIT).unwrap();
                    stream.verify(LIMIT).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_pass_that_was_not_made_is_found() {
    for device in devices() {
        for kernel in Kernel::ALL {
            let stream = Stream::new(&device, kernel, 1 << 20, false).unwrap();
            let error = stream.verify(LIMIT).unwrap_err();
            assert!(matches!(error, GpuError::Wrong { .. }), "{kernel}: {error}");
            assert!(error.to_string().contains("element 0"), "{error}");
            assert_eq!(stream.bands(), 16);
        }
    }
}

#[test]
fn arrays_beyond_the_limits_are_refused_with_numbers() {
    for (adapter, device) in common::devices() {
        let limit = adapter.limits().max_storage_buffer_binding_size;
        let Err(error) = Stream::new(&device, Kernel::Triad, limit + 1, false) else {
            panic!("{limit} bytes and one were taken");
        };
        assert!(matches!(error, GpuError::Unsupported { .. }));
        let text = error.to_string();
        let needed = (limit + 1).next_multiple_of(65_536);
        assert!(text.contains(&needed.to_string()), "{text}");
        for size in [0, u64::MAX] {
            let refused = Stream::new(&device, Kernel::Copy, size, false);
            assert!(matches!(refused, Err(GpuError::Unsupported { .. })));
        }
    }
}
