// The nonce search: one nonce of one or more versions of a header per
// invocation.
//
// This is the frame. crates/gpu/src/sha256d/wgsl.rs writes the straight-line code of the
// double hash in place of PROGRAM, with the nonce word in `x`, and sets the other
// capitalised words too.
//
// Workgroup: WORKGROUP x 1 x 1. Grid: two-dimensional, rows of equal length;
// the nonce is first_nonce plus the invocation's place in the grid.
// Binding 0: the job. Binding 1: the candidates.

struct Job {
  first_nonce: u32,
  // Bits of word 7 of the digest that must be zero.
  mask: u32,
  unused_0: u32,
  unused_1: u32,
  // Amounts of rotation, for the variants that do not have them as literals.
  rotations: array<vec4<u32>, ROTATIONS>,
  // Values of the header and its midstates that the program reads, computed on the
  // host.
  numbers: array<vec4<u32>, NUMBERS>,
}

struct Hits {
  // May exceed the length of the list.
  count: atomic<u32>,
  found: array<u32, HITS>,
}

@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(1) var<storage, read_write> hits: Hits;

fn report(which: u32) {
  let place = atomicAdd(&hits.count, 1u);
  if (place < HITSu) {
    hits.found[place] = which;
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) id: vec3<u32>,
) {
  // All but the last term is the same for the workgroup.
  let place = (group.y * groups.x + group.x) * WORKGROUPu;
  let nonce = (job.first_nonce + place) + id.x;
  // The bytes reversed: of two rotations, every other byte each.
  let x = (((nonce >> 8u) | (nonce << 24u)) & 0xff00ff00u)
    | (((nonce << 8u) | (nonce >> 24u)) & 0x00ff00ffu);
PROGRAM}
