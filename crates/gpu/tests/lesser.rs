//! Devices with fewer capabilities than this machine's: without half precision, without a
//! clock of their own, with the lowest limits that WebGPU allows, with no memory left.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{LIMIT, shape};
use perwatt_gpu::adapter::{Adapter, Kind};
use perwatt_gpu::device::Device;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::gemv::{Gemv, splits};
use perwatt_gpu::matmul::{Element, Inputs, Product, variants};
use perwatt_gpu::pump::pump;
use perwatt_gpu::sha256d::driver::Driver;
use perwatt_gpu::sha256d::search::Searcher;
use perwatt_gpu::sha256d::wgsl::Variant;
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_gpu::{GpuError, run};
use perwatt_sha256d::{Header, RollKinds, Rolls, Target};

/// Every adapter, opened without any optional feature.
fn devices() -> Vec<(Adapter, Device)> {
    common::devices_as(|adapter| {
        Device::open_as(adapter, wgpu::Features::all(), wgpu::Limits::default()).unwrap()
    })
}

#[test]
fn what_needs_half_precision_says_so_and_the_rest_is_right() {
    let inner = shape(17, 31, 63);
    for (_, device) in devices() {
        for element in [Element::F16, Element::F16F32, Element::CoopF16F32] {
            let lacks = element.available(&device).unwrap_err();
            assert!(lacks.contains("half-precision"), "{lacks}");
            assert!(variants(&device, element).is_empty());
        }
        for element in [Element::F32, Element::I8] {
            let inputs = Inputs::generate(element, inner, 3).unwrap();
            let tiles = variants(&device, element);
            assert!(tiles.len() > 2, "{tiles:?}");
            for tile in [tiles[0], tiles[tiles.len() - 1]] {
                let product = Product::new(&device, element, tile, &inputs, false).unwrap();
                run(&device, &product, 1, LIMIT).unwrap();
                let output = product.read(LIMIT).unwrap();
                inputs.verify(element, &output, 10, 5).unwrap();
            }
        }
        // Weights in half precision are unpacked, which every device supports.
        let inputs = Inputs::generate(Element::F16F32, shape(1, 31, 63), 3).unwrap();
        let split = splits(&device, Element::F16F32)[0];
        let gemv = Gemv::new(&device, Element::F16F32, split, &inputs, false).unwrap();
        run(&device, &gemv, 1, LIMIT).unwrap();
        let output = gemv.read(LIMIT).unwrap();
        inputs.verify(Element::F16F32, &output, 10, 5).unwrap();
    }
}

#[test]
fn a_device_without_a_clock_gives_the_hosts_time_alone() {
    let root = |extranonce: u64| [extranonce as u8; 32];
    let header = Header::from_bytes(&[9; 80]).unwrap();
    for (adapter, device) in devices() {
        let searcher = Searcher::new(&device, Variant::all()[0]).unwrap();
        let target = Target::from_leading_zero_bits(40);
        let rolls = Rolls::new(header, target, Arc::new(root), RollKinds::ALL);
        let mut driver = Driver::new(&searcher, rolls, 0, 0).unwrap();
        let mut sizer = DispatchSizer::new(Kind::Software, 1 << 10, 256, 1 << 10);
        let pumped = pump(&device, &mut driver, &mut sizer, &mut |pieces| {
            Ok::<_, GpuError>(pieces < 1 << 13)
        })
        .unwrap();
        assert_eq!(pumped.kernel, None, "{}", adapter.name);
        assert!(pumped.wall > Duration::ZERO && pumped.pieces >= 1 << 13);
    }
}

#[test]
fn a_matrix_beyond_a_binding_is_refused_with_both_numbers() {
    // B has 256 MiB, and the lowest limit is 128.
    let large = shape(1, 8192, 8192);
    for (_, device) in devices() {
        let inputs = Inputs::generate(Element::F32, large, 3).unwrap();
        let tile = variants(&device, Element::F32)[0];
        let refused = Product::new(&device, Element::F32, tile, &inputs, false);
        let message = refused.err().unwrap().to_string();
        assert!(
            message.contains("268435456 bytes") && message.contains("134217728"),
            "{message}"
        );
    }
}

/// The name of the test below, and the variable that tells it to run in this process.
#[cfg(target_os = "linux")]
const OUT_OF_MEMORY: (&str, &str) = (
    "memory_that_runs_out_fails_what_needs_it_and_nothing_else",
    "PERWATT_TEST_OUT_OF_MEMORY",
);

/// The memory of a software adapter is its process's, which can be limited. The test does
/// so in a process of its own, since any other test would be affected too.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_runs_out_fails_what_needs_it_and_nothing_else() {
    let (name, alone) = OUT_OF_MEMORY;
    if std::env::var_os(alone).is_some() {
        return run_out_of_memory();
    }
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(alone, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{}: {said}", child.status);
    eprint!("{said}");
}

#[cfg(target_os = "linux")]
fn run_out_of_memory() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const ARRAY: u64 = 128 << 20;
    for (adapter, device) in common::devices() {
        if adapter.kind != Kind::Software {
            eprintln!("skipped: {} has memory of its own", adapter.name);
            continue;
        }
        let unlimited = getrlimit(Resource::As);
        // Room for two arrays of three, and some for the host.
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find(|line| line.starts_with("VmSize:"));
        let kib = size.unwrap().split_whitespace().nth(1).unwrap();
        let in_use = 1024 * kib.parse::<u64>().unwrap();
        let current = Some(in_use + 5 * ARRAY / 2);
        setrlimit(
            Resource::As,
            Rlimit {
                current,
                ..unlimited
            },
        )
        .unwrap();
        let failed = Stream::new(&device, Kernel::Triad, ARRAY, false).err();
        setrlimit(Resource::As, unlimited).unwrap();
        let error = failed.expect("there is not that much memory");
        assert!(matches!(error, GpuError::OutOfMemory { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("none is left for the 134217728 bytes"),
            "{text}"
        );

        // Work that fits still runs on the same device.
        device.check().unwrap();
        let stream = Stream::new(&device, Kernel::Triad, 1 << 20, false).unwrap();
        run(&device, &stream, u32::MAX, LIMIT).unwrap();
        stream.verify(LIMIT).unwrap();
    }
}
