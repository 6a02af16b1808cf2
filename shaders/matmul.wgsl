// C = A*B in blocks of BLOCK_M x BLOCK_N per workgroup, with THREAD_M x THREAD_N
// elements of it in the registers of each invocation.
//
// This is the frame. crates/gpu/src/matmul/wgsl.rs writes the unrolled parts in
// place of the words in capitals.
//
// Workgroup: THREADS_X x THREADS_Y. An invocation has every THREADS_Y-th row of the
// block and every THREADS_X-th group of four columns, so that neighbours read
// neighbouring groups.
// Grid: one workgroup per block of C, in one dimension, from part.first_block on.
// Binding 0: the blocks. Bindings 1, 2: A and B, padded with zeros to whole blocks,
// row-major, in groups of four; 8-bit integers are packed four to a word along k.
// Binding 3: C, padded likewise. Binding 4: the number of workgroups that ended.
//
// Every index is in range because the host pads all three matrices to whole blocks
// and dispatches no more workgroups than there are blocks.
ENABLE
struct Part {
  first_block: u32,
  block_rows: u32,
  block_columns: u32,
  // Blocks of BLOCK_K along k.
  steps: u32,
  // Groups of four in a row of each matrix.
  a_stride: u32,
  b_stride: u32,
  c_stride: u32,
}

@group(0) @binding(0) var<uniform> part: Part;
@group(0) @binding(1) var<storage, read> a_matrix: array<vec4<INPUT>>;
@group(0) @binding(2) var<storage, read> b_matrix: array<vec4<INPUT>>;
@group(0) @binding(3) var<storage, read_write> c_matrix: array<vec4<OUTPUT>>;
@group(0) @binding(4) var<storage, read_write> counted: atomic<u32>;
SHARED
@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  // Eight rows of blocks are gone through column by column, so that the workgroups
  // that run at the same time read the same few rows of A and columns of B.
  let block = part.first_block + group.x;
  let stripe = block / (8u * part.block_columns);
  let within = block - stripe * 8u * part.block_columns;
  let rows = min(part.block_rows - 8u * stripe, 8u);
  let block_column = within / rows;
  let block_row = 8u * stripe + within - block_column * rows;
BEFORE
  for (var step = 0u; step < part.steps; step++) {
INSIDE
  }
AFTER
  if (index == 0u) {
    atomicAdd(&counted, 1u);
  }
}
