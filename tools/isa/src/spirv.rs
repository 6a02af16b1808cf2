//! WGSL to SPIR-V, with the options of wgpu's Vulkan backend
//! (`compile_stage` and `naga_options` of wgpu-hal 30.0.1).

use anyhow::{Context, anyhow};
use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, ShaderStage};

/// With or without the checks that naga adds for safety: as `create_shader_module`, or as
/// `create_shader_module_trusted` with no checks and workgroup memory not set to zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checks {
    On,
    Off,
}

/// A buffer that a shader binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Binding {
    pub group: u32,
    pub binding: u32,
    pub uniform: bool,
}

/// A shader in the form that Vulkan takes.
#[derive(Debug)]
pub struct Spirv {
    pub words: Vec<u32>,
    pub entry_point: String,
    pub bindings: Vec<Binding>,
}

fn parse(wgsl: &str) -> anyhow::Result<naga::Module> {
    let parsed = naga::front::wgsl::parse_str(wgsl);
    parsed.map_err(|error| anyhow!("{}", error.emit_to_string(wgsl)))
}

/// Invocations of a workgroup of a compute shader.
pub fn workgroup(wgsl: &str) -> anyhow::Result<u32> {
    let module = parse(wgsl)?;
    let entry = module.entry_points.first();
    let entry = entry.context("the shader has no entry point")?;
    Ok(entry.workgroup_size.iter().product())
}

/// Translates a compute shader with one entry point.
pub fn spirv(wgsl: &str, checks: Checks) -> anyhow::Result<Spirv> {
    let module = parse(wgsl)?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .map_err(|error| anyhow!("{}", error.emit_to_string(wgsl)))?;
    let entry = module
        .entry_points
        .first()
        .context("the shader has no entry point")?;
    let stage = (ShaderStage::Compute, entry.name.as_str());
    let (module, info) = naga::back::pipeline_constants::process_overrides(
        &module,
        &info,
        Some(stage),
        &Default::default(),
    )?;
    let mut bindings = Vec::new();
    let mut map = spv::BindingMap::default();
    for (_, variable) in module.global_variables.iter() {
        let Some(at) = variable.binding else {
            continue;
        };
        bindings.push(Binding {
            group: at.group,
            binding: at.binding,
            uniform: variable.space == AddressSpace::Uniform,
        });
        let info = spv::BindingInfo {
            descriptor_set: at.group,
            binding: at.binding,
            binding_array_size: None,
        };
        map.insert(at, info);
    }
    let on = checks == Checks::On;
    let options = spv::Options {
        lang_version: (1, 6),
        flags: spv::WriterFlags::LABEL_VARYINGS | spv::WriterFlags::FORCE_POINT_SIZE,
        fake_missing_bindings: false,
        binding_map: map,
        // The hardware checks buffers, where it has robustBufferAccess2.
        bounds_check_policies: BoundsCheckPolicies {
            index: match on {
                true => BoundsCheckPolicy::Restrict,
                false => BoundsCheckPolicy::Unchecked,
            },
            ..BoundsCheckPolicies::default()
        },
        zero_initialize_workgroup_memory: match on {
            true => spv::ZeroInitializeWorkgroupMemoryMode::Native,
            false => spv::ZeroInitializeWorkgroupMemoryMode::None,
        },
        force_loop_bounding: on,
        emit_int_div_checks: on,
        ..Default::default()
    };
    let pipeline = spv::PipelineOptions {
        shader_stage: ShaderStage::Compute,
        entry_point: entry.name.clone(),
    };
    Ok(Spirv {
        words: spv::write_vec(&module, &info, &options, Some(&pipeline))?,
        entry_point: entry.name.clone(),
        bindings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADER: &str = "
@group(0) @binding(0) var<uniform> size: u32;
@group(1) @binding(2) var<storage, read_write> data: array<u32>;
var<workgroup> shared_data: array<u32, 64>;
@compute @workgroup_size(8, 4) fn run(@builtin(local_invocation_index) i: u32) {
  shared_data[i + size] = data[i];
  workgroupBarrier();
  data[i] = shared_data[i];
}";

    #[test]
    fn a_shader_is_translated_with_its_bindings() {
        let shader = spirv(SHADER, Checks::Off).unwrap();
        assert_eq!(shader.words[0], 0x0723_0203, "SPIR-V's magic number");
        assert_eq!(shader.entry_point, "run");
        let binding = |group, binding, uniform| Binding {
            group,
            binding,
            uniform,
        };
        assert_eq!(shader.bindings, [binding(0, 0, true), binding(1, 2, false)]);
        assert_eq!(workgroup(SHADER).unwrap(), 32);
    }

    #[test]
    fn checks_make_it_longer() {
        let words = |checks| spirv(SHADER, checks).unwrap().words.len();
        assert!(words(Checks::On) > words(Checks::Off));
    }

    #[test]
    fn what_is_no_shader_is_refused() {
        for text in ["fn main() {", "fn main() {}"] {
            assert!(spirv(text, Checks::Off).is_err(), "{text}");
        }
    }
}
