//! Compilation for NVIDIA's instruction sets by its own compiler.
//!
//! The shader is translated through Metal's language to CUDA C++ (`wgsl-to-cuda`), which
//! NVRTC compiles; nvdisasm disassembles the result. The Vulkan driver has another front
//! end and the same back end, so that its counts may differ by a few percent.

mod nvrtc;
mod sass;
mod wheels;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use self::nvrtc::Nvrtc;
use crate::cost::{Cost, Counts};
use crate::kernels::Kernel;

/// An architecture, and the limits on the number of subgroups in a multiprocessor: its
/// largest number of them, and its kibibytes of shared memory (CUDA C++ Programming Guide,
/// "Technical Specifications per Compute Capability").
struct Arch {
    name: &'static str,
    warps: u32,
    shared_kib: u32,
}

/// A100, RTX 40, H100, RTX 50.
const ARCHS: &[Arch] = &[
    arch("sm_80", 64, 164),
    arch("sm_89", 48, 100),
    arch("sm_90", 64, 228),
    arch("sm_120", 48, 100),
];

const fn arch(name: &'static str, warps: u32, shared_kib: u32) -> Arch {
    Arch {
        name,
        warps,
        shared_kib,
    }
}

/// Registers of a multiprocessor, on all of these architectures.
const REGISTERS: u32 = 65_536;
/// Registers are allocated to a warp in multiples of this (CUDA Occupancy Calculator).
const REGISTER_UNIT: u32 = 256;
const WARP: u32 = 32;

/// Compiles the kernels for every architecture; the disassemblies are written to `out`.
/// Returns the compiler's name, with its version, and the costs.
pub fn costs(kernels: &[Kernel], out: &Path) -> anyhow::Result<(String, Vec<Cost>)> {
    let tools = wheels::tools(&out.join("nvidia"))?;
    let nvrtc = Nvrtc::load(&tools.libraries)?;
    let mut cuda = Vec::new();
    // A kernel for one of these architectures is for all of them.
    let own = |kernel: &&Kernel| ARCHS.iter().all(|arch| kernel.is_for(arch.name));
    for kernel in kernels.iter().filter(own) {
        let text = to_cuda(&kernel.wgsl).with_context(|| kernel.name.clone())?;
        cuda.push((kernel, text));
    }
    let mut costs = Vec::new();
    for arch in ARCHS {
        let folder = out.join(arch.name);
        fs::create_dir_all(&folder)?;
        for (kernel, text) in &cuda {
            let name = || format!("{} for {}", kernel.name, arch.name);
            let compiled = nvrtc.compile(text, arch.name).with_context(name)?;
            let binary = folder.join(format!("{}.cubin", kernel.name));
            fs::write(&binary, &compiled.cubin)?;
            let output = Command::new(&tools.nvdisasm)
                .arg("-c")
                .arg(&binary)
                .output()
                .context("cannot start nvdisasm")?;
            ensure!(output.status.success(), "nvdisasm failed on {}", name());
            fs::write(folder.join(format!("{}.s", kernel.name)), &output.stdout)?;
            let text = String::from_utf8(output.stdout)?;
            let counts = Counts::of(kernel.workload, &sass::instructions(&text));
            let usage = sass::usage(&compiled.log)
                .with_context(|| format!("NVRTC says no registers of {}", name()))?;
            costs.push(Cost {
                kernel: kernel.name.clone(),
                workload: kernel.workload,
                target: arch.name,
                vector: counts.vector(),
                counts,
                registers: usage.registers,
                spills: usage.spilled_bytes,
                shared_bytes: usage.shared_bytes,
                waves: arch.resident(&usage, kernel.workgroup),
            });
        }
    }
    Ok((format!("NVRTC-{}", wheels::VERSION), costs))
}

impl Arch {
    /// The number of a kernel's subgroups that a multiprocessor holds.
    fn resident(&self, usage: &sass::Usage, workgroup: u32) -> u32 {
        let warps = workgroup.div_ceil(WARP);
        let per_warp = (usage.registers * WARP).next_multiple_of(REGISTER_UNIT);
        // A workgroup is resident as a whole or not at all.
        let by_registers = REGISTERS / per_warp.max(REGISTER_UNIT) / warps;
        let by_shared = match usage.shared_bytes {
            0 => u32::MAX,
            bytes => self.shared_kib * 1024 / bytes,
        };
        let by_warps = self.warps / warps;
        warps * by_registers.min(by_shared).min(by_warps)
    }
}

/// Translates the shader to CUDA C++ by `wgsl-to-cuda`, which is built first if needed.
fn to_cuda(wgsl: &str) -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = "run --quiet --locked --package perwatt-isa --no-default-features --features cuda --bin wgsl-to-cuda";
    let mut child = Command::new(cargo)
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo to run wgsl-to-cuda")?;
    // It reads all input before it writes, so that neither process waits for the other.
    if let Some(mut input) = child.stdin.take() {
        input.write_all(wgsl.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "wgsl-to-cuda failed");
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scarcest_bounds_the_residents() {
        let usage = |registers, shared_bytes| sass::Usage {
            registers,
            spilled_bytes: 0,
            shared_bytes,
        };
        let ada = arch("sm_89", 48, 100);
        // 40 registers are 1280 a warp: 51 warps, of which 48 fit.
        assert_eq!(ada.resident(&usage(40, 0), 256), 48);
        // 117 are rounded up to 120: 17 warps, two workgroups of eight.
        assert_eq!(ada.resident(&usage(117, 16_384), 256), 16);
        assert_eq!(ada.resident(&usage(40, 49_152), 256), 16);
        assert_eq!(ada.resident(&usage(255, 0), 1024), 0);
    }
}
