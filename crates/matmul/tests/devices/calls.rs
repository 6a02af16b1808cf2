//! Calls of driver and library that fail, one by one.

use perwatt_vendor::lt::{Fault, Format, Road};

use crate::machine::{Build, Machine};
use crate::{SHAPES, real, road};

/// Every function of a driver and a library, by NVIDIA's name, and true for those without
/// which there is no result.
const CALLS: [(&str, bool); 34] = [
    ("cuInit", true),
    ("cuDriverGetVersion", true),
    ("cuGetErrorString", false),
    ("cuDeviceGetCount", true),
    ("cuDeviceGet", true),
    ("cuDeviceGetName", true),
    ("cuDeviceGetPCIBusId", false),
    ("cuDeviceGetAttribute", true),
    ("cuDeviceTotalMem_v2", true),
    ("cuDevicePrimaryCtxRetain", true),
    ("cuCtxSetCurrent", true),
    ("cuMemGetInfo_v2", false),
    ("cuMemAlloc_v2", true),
    ("cuMemFree_v2", false),
    ("cuMemcpyHtoD_v2", true),
    ("cuMemcpyDtoH_v2", true),
    ("cuMemsetD32Async", true),
    ("cuStreamCreate", true),
    ("cuStreamSynchronize", true),
    ("cuEventCreate", true),
    ("cuEventRecord", true),
    ("cuEventSynchronize", true),
    ("cuEventElapsedTime", true),
    ("cublasLtCreate", true),
    ("cublasLtDestroy", false),
    ("cublasLtMatmulDescCreate", true),
    ("cublasLtMatmulDescDestroy", false),
    ("cublasLtMatmulDescSetAttribute", true),
    ("cublasLtMatrixLayoutCreate", true),
    ("cublasLtMatrixLayoutDestroy", false),
    ("cublasLtMatmulPreferenceCreate", true),
    ("cublasLtMatmulPreferenceSetAttribute", true),
    ("cublasLtMatmul", true),
    ("cublasLtMatmulAlgoGetHeuristic", true),
];

/// A product between two events.
fn timed(road: &Road) -> Result<Vec<u8>, Fault> {
    let device = road.device(0)?;
    let (begin, end) = (device.event()?, device.event()?);
    let (plan, _) = real(&device, Format::Bf16, SHAPES[0])?;
    device.mark(begin)?;
    plan.fill(f32::NAN.to_bits())?;
    plan.enqueue()?;
    device.mark(end)?;
    device.wait(end)?;
    device.between(begin, end)?;
    plan.result()
}

/// A call that fails is an error with its name or its status, and never a result.
#[test]
fn every_call_may_fail() {
    for build in [Build::Nvidia, Build::Amd] {
        let machine = Machine::new(build, "");
        let right = timed(&road(build, &machine).unwrap()).unwrap();
        for (call, needed) in CALLS {
            let machine = Machine::new(build, &format!("fails {call}"));
            let found = road(build, &machine);
            let found = found.and_then(|road| timed(&road).map_err(|fault| fault.to_string()));
            match found {
                Ok(result) => assert!(!needed && result == right, "{call}"),
                Err(said) => assert!(needed && said.contains("999"), "{call}: {said}"),
            }
        }
    }
}
