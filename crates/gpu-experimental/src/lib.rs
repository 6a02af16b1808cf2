//! The two calls of wgpu that Rust marks unsafe and that perwatt makes: enabling
//! experimental features, and compiling shaders without run-time checks. They are in a
//! crate of their own so that `perwatt-gpu` can forbid unsafe code.

/// Allows features whose names begin with `EXPERIMENTAL`, such as cooperative
/// matrices.
#[must_use]
pub fn experimental_features() -> wgpu::ExperimentalFeatures {
    // SAFETY: the caller must know that the implementation of such a feature may have
    // faults, and report them. The results of every kernel that uses one are verified.
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}

/// Compiles a shader without bounds checks, loop bounds and division checks.
///
/// For sources that the program itself generates and whose every index is in range by
/// construction: buffers padded to whole tiles, dimensions checked before, loops that end.
/// Tests must also run the same sources with checks and compare the results. Sources from
/// outside the program must never be given.
#[must_use]
pub fn unchecked_module(
    device: &wgpu::Device,
    descriptor: wgpu::ShaderModuleDescriptor<'_>,
) -> wgpu::ShaderModule {
    // SAFETY: callers give only generated sources, as the documentation demands: no access
    // is out of bounds, no loop is endless, no divisor is zero.
    unsafe {
        device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
    }
}
