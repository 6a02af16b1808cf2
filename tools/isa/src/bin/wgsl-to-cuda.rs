//! Reads a WGSL compute shader and prints it as CUDA C++.
//!
//! naga translates it to Metal Shading Language, a dialect of C++ like CUDA's. A header
//! (`metal.h`) defines the types and functions that Metal has and CUDA lacks, and the
//! kernel's parameters are rewritten: a uniform becomes a parameter by value, which is in
//! constant memory like a uniform of Vulkan; workgroup memory becomes `__shared__`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read as _;

use naga::back::msl;
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ValidationFlags, Validator};

fn main() -> Result<(), Box<dyn Error>> {
    let mut wgsl = String::new();
    std::io::stdin().read_to_string(&mut wgsl)?;
    print!("{}", cuda(&metal(&wgsl)?)?);
    Ok(())
}

/// The part of Metal's standard library that CUDA lacks.
const HEADER: &str = include_str!("metal.h");

/// Built-in values of an invocation, in CUDA's terms.
const BUILTINS: &[(&str, &str)] = &[
    (
        "thread_position_in_grid",
        "metal::uint3(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y, blockIdx.z * blockDim.z + threadIdx.z)",
    ),
    (
        "thread_position_in_threadgroup",
        "metal::uint3(threadIdx.x, threadIdx.y, threadIdx.z)",
    ),
    (
        "thread_index_in_threadgroup",
        "threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)",
    ),
    (
        "threadgroup_position_in_grid",
        "metal::uint3(blockIdx.x, blockIdx.y, blockIdx.z)",
    ),
    (
        "threadgroups_per_grid",
        "metal::uint3(gridDim.x, gridDim.y, gridDim.z)",
    ),
];

/// Converts naga's Metal to CUDA C++.
fn cuda(metal: &str) -> Result<String, String> {
    let mut out = HEADER.to_owned();
    let mut lines = metal.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("#include") {
            continue;
        }
        // The only line with the attribute, qualifier and name of the kernel.
        let Some((attribute, function)) = line.split_once("]] kernel void ") else {
            out += line;
            out.push('\n');
            continue;
        };
        let threads = attribute
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'))
            .ok_or_else(|| format!("{attribute:?} names no workgroup size"))?;
        let (mut parameters, mut body) = (Vec::new(), Vec::new());
        for line in lines.by_ref().take_while(|line| *line != ") {") {
            let line = line.trim_start_matches([',', ' ']);
            parameter(line, &mut parameters, &mut body)?;
        }
        let name = function.trim_end_matches('(');
        let parameters = parameters.join(", ");
        out += &format!("kernel void __launch_bounds__({threads}) {name}({parameters}) {{\n");
        out += &body.concat();
    }
    Ok(out)
}

/// Rewrites a parameter of the kernel to a CUDA parameter or to a line at the beginning of
/// its body.
fn parameter(
    line: &str,
    parameters: &mut Vec<String>,
    body: &mut Vec<String>,
) -> Result<(), String> {
    let (declaration, attribute) = match line.split_once(" [[") {
        Some((declaration, attribute)) => (declaration, attribute.trim_end_matches("]]")),
        None => (line, ""),
    };
    let unknown = || format!("no way is known to pass {line:?} in CUDA");
    if let Some(shared) = declaration.strip_prefix("threadgroup ") {
        let (of, name) = shared.split_once("& ").ok_or_else(unknown)?;
        body.push(format!("  __shared__ {of} {name};\n"));
    } else if let Some(uniform) = declaration.strip_prefix("constant ") {
        let (of, name) = uniform.split_once("& ").ok_or_else(unknown)?;
        parameters.push(format!("const __grid_constant__ {of} {name}"));
    } else if let Some(buffer) = declaration.strip_prefix("device ") {
        let (of, name) = buffer.split_once("& ").ok_or_else(unknown)?;
        parameters.push(format!("{of} *{name}_buffer"));
        body.push(format!("  {of} &{name} = *{name}_buffer;\n"));
    } else {
        let (_, value) = BUILTINS
            .iter()
            .find(|(name, _)| *name == attribute)
            .ok_or_else(unknown)?;
        body.push(format!("  {declaration} = {value};\n"));
    }
    Ok(())
}

/// Metal without checks, as wgpu generates it for a trusted module.
fn metal(wgsl: &str) -> Result<String, Box<dyn Error>> {
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| error.emit_to_string(wgsl))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .map_err(|error| error.emit_to_string(wgsl))?;
    let entry = module.entry_points.first().ok_or("no entry point")?;
    let bindings = module
        .global_variables
        .iter()
        .filter_map(|(_, variable)| variable.binding);
    let resources: msl::BindingMap = bindings
        .enumerate()
        .map(|(slot, binding)| {
            let target = msl::BindTarget {
                buffer: Some(slot as u8),
                mutable: true,
                ..Default::default()
            };
            (binding, target)
        })
        .collect();
    let resources = msl::EntryPointResources {
        sizes_buffer: Some(resources.len() as u8),
        resources,
        immediates_buffer: None,
    };
    let options = msl::Options {
        lang_version: (2, 4),
        per_entry_point_map: BTreeMap::from([(entry.name.clone(), resources)]),
        fake_missing_bindings: false,
        // Unchecked.
        bounds_check_policies: BoundsCheckPolicies::default(),
        zero_initialize_workgroup_memory: false,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    let (text, _) = msl::write_string(&module, &info, &options, &Default::default())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADER: &str = "
@group(0) @binding(0) var<uniform> size: u32;
@group(0) @binding(1) var<storage, read_write> data: array<u32, 64>;
var<workgroup> tile: array<u32, 64>;
@compute @workgroup_size(32) fn run(@builtin(local_invocation_index) i: u32) {
  tile[i + size] = data[i];
  workgroupBarrier();
  data[i] = tile[i];
}";

    #[test]
    fn parameters_are_cudas() {
        let text = cuda(&metal(SHADER).unwrap()).unwrap();
        assert!(text.starts_with("// What naga's Metal text uses"));
        let (_, kernel) = text.split_once("__launch_bounds__").unwrap();
        let has = |line: &str| assert!(kernel.contains(line), "{line:?} is not in {kernel}");
        has("(32) run(const __grid_constant__ uint size, type_1 *data_buffer) {");
        has("uint i = threadIdx.x + blockDim.x");
        has("type_1 &data = *data_buffer;");
        has("__shared__ type_1 tile;");
        has("metal::threadgroup_barrier");
    }

    #[test]
    fn what_is_not_known_is_said() {
        let line = "uint lane [[thread_index_in_simdgroup]]";
        let error = parameter(line, &mut Vec::new(), &mut Vec::new()).unwrap_err();
        assert!(error.contains("thread_index_in_simdgroup"), "{error}");
        assert!(metal("fn main() {").is_err());
    }
}
