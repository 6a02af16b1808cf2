// y = x*W: one token through a weight matrix, bound by reading W once.
//
// This is the frame. crates/gpu/src/gemv/wgsl.rs writes the unrolled parts in place of
// the words in capitals.
//
// Workgroup: THREADS x 1 x 1. It makes ROWS outputs: its invocations go along k side by
// side, 16 bytes each, and then add up what they have.
// Grid: one dimension, from part.first_block on.
// Binding 0: the blocks. Binding 1: x, 16 bytes a group. Binding 2: W transposed, one
// row of groups per output, as checkpoints store it. Binding 3: y. x and W are padded
// with zeros to whole groups along k, W and y to whole blocks of outputs. Binding 4:
// the number of workgroups that ended.
struct Part {
  first_block: u32,
  // Groups of 16 bytes in x and in a row of W.
  groups: u32,
}

@group(0) @binding(0) var<uniform> part: Part;
@group(0) @binding(1) var<storage, read> x_vector: array<vec4<INPUT>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<INPUT>>;
@group(0) @binding(3) var<storage, read_write> y_vector: array<OUTPUT>;
@group(0) @binding(4) var<storage, read_write> counted: atomic<u32>;

var<workgroup> sums: array<OUTPUT, THREADSu * ROWSu>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = (part.first_block + group.x) * ROWSu;
  let groups = part.groups;
BEFORE
  // Here, since NVIDIA's compiler spills registers on sm_120 with it elsewhere, or
  // without it.
  if (index == 0u) {
    atomicAdd(&counted, 1u);
  }
  for (var at = index; at < groups; at += THREADSu) {
INSIDE
  }
AFTER
  for (var half = THREADSu / 2u; half > 0u; half = half >> 1u) {
    workgroupBarrier();
    if (index < half) {
ADD
    }
  }
  workgroupBarrier();
  if (index < ROWSu) {
    y_vector[first_row + index] = sums[index * THREADSu];
  }
}
