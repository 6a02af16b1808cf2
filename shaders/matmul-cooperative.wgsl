// C = A*B by cooperative matrices (tensor cores) of EDGE x EDGE: half-precision
// operands, single-precision sums.
//
// This is the frame. crates/gpu/src/matmul/cooperative.rs writes the unrolled parts
// in place of the words in capitals.
//
// Workgroup: 128 x 1 x 1, in whatever number of subgroups the device makes of it. They
// share the workgroup's block of BLOCK_M x BLOCK_N among them, in pieces of
// PIECE_M x PIECE_N.
// Grid: one workgroup per block of C, in one dimension, from part.first_block on.
// Binding 0: the blocks. Binding 1: A, row-major. Binding 2: B transposed, row-major,
// so that a column of B is contiguous. Binding 3: C, row-major. All padded with zeros
// to whole blocks. Binding 4: the number of workgroups that ended.
//
// A and B are in groups of GROUP elements, which strides and places count: four, so
// that the compiler knows that rows are aligned and loads more than two bytes at once;
// one for Metal, whose loads take single elements.
//
// The operands of a store must be names: naga 30.0.1 does not write out anything else.
enable f16;
enable wgpu_cooperative_matrix;

struct Part {
  first_block: u32,
  block_rows: u32,
  block_columns: u32,
  // Steps of EDGE along k.
  steps: u32,
  // Elements in a row of each matrix.
  a_stride: u32,
  b_stride: u32,
  c_stride: u32,
}

@group(0) @binding(0) var<uniform> part: Part;
@group(0) @binding(1) var<storage, read> a_matrix: array<INPUT>;
@group(0) @binding(2) var<storage, read> b_matrix: array<INPUT>;
@group(0) @binding(3) var<storage, read_write> c_matrix: array<f32>;
@group(0) @binding(4) var<storage, read_write> counted: atomic<u32>;

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
) {
  let block = part.first_block + group.x;
  let stripe = block / (8u * part.block_columns);
  let within = block - stripe * 8u * part.block_columns;
  let rows = min(part.block_rows - 8u * stripe, 8u);
  let block_column = within / rows;
  let block_row = 8u * stripe + within - block_column * rows;
  let a_stride = part.a_stride / GROUP;
  let b_stride = part.b_stride / GROUP;
  let c_stride = part.c_stride;
  for (var piece = subgroup; piece < PIECES_M * PIECES_N; piece += subgroups) {
    let row = block_row * BLOCK_M + piece / PIECES_N * PIECE_M;
    let column = block_column * BLOCK_N + piece % PIECES_N * PIECE_N;
    var a_at = row * a_stride;
    var b_at = column * b_stride;
BEFORE
    for (var step = 0u; step < part.steps; step++) {
INSIDE
      a_at += STEP;
      b_at += STEP;
    }
AFTER
  }
  if (index == 0u) {
    atomicAdd(&counted, 1u);
  }
}
