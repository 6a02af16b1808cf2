//! The two calls of wgpu that Rust calls unsafe and perwatt makes: the features
//! that wgpu still calls experimental, and shaders without run-time checks.
//! They are here so that `perwatt-gpu` can forbid unsafe code.

/// Allows features whose names begin with `EXPERIMENTAL`, such as cooperative
/// matrices.
#[must_use]
pub fn experimental_features() -> wgpu::ExperimentalFeatures {
    // SAFETY: what is asked of the caller is to know that the implementation of
    // such a feature may have faults and to report them. The results of every
    // kernel that uses one are verified.
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}

/// Compiles a shader without bounds checks, loop bounds and division checks.
///
/// For sources that the program itself writes and whose every index is in range by
/// construction: buffers padded to whole tiles, dimensions checked before, loops
/// that end. The same sources must also be run checked, in tests, with the same
/// results. Nothing that comes from outside may be given.
#[must_use]
pub fn unchecked_module(
    device: &wgpu::Device,
    descriptor: wgpu::ShaderModuleDescriptor<'_>,
) -> wgpu::ShaderModule {
    // SAFETY: callers give generated sources alone, as the documentation demands:
    // no access is out of bounds, no loop is endless, no divisor is zero.
    unsafe {
        device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
    }
}
