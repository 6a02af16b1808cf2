// Passes over memory: one of read, write, copy and triad.
//
// This is the frame. crates/gpu/src/stream/mod.rs writes the work of the pass on a
// group of four numbers in place of EACH, and its bindings, end and helpers in place of
// the other words in capitals.
//
// Workgroup: 256 x 1 x 1. Each has GROUPS groups of four numbers per invocation, 256
// apart, so that neighbours touch neighbouring groups.
// Grid: one dimension, from part.first_block on.
// Binding 0: the blocks, and the scalar. Bindings 1 to 3: the arrays that the pass
// touches, those it only reads first, padded to whole blocks. The last binding: the
// number of workgroups that ended.
struct Part {
  first_block: u32,
  scalar: f32,
}

@group(0) @binding(0) var<uniform> part: Part;
BINDINGS

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let block = part.first_block + group.x;
  let at = block * (256u * GROUPSu) + index;
BEGIN
EACH
END
  if (index == 0u) {
    atomicAdd(&counted, 1u);
  }
}
