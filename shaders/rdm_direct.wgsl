// Distances between all rows of each layer, each pair by difference from its raw rows: for layers where most pairs are
// near-duplicates and the tiled kernel would compute nearly everything twice, and for metrics that no dot product gives
// (manhattan, chebyshev, minkowski3). Twin: src/gpu/cpu/rdm.ts.
//
// One invocation = one pair; workgroup y = layer.
// Limits: n to 46,340; 65,535 x 64 pairs a chunk.
//! include shared/triangle.wgsl
//! include shared/distance.wgsl

struct Chunk {
  n: u32,
  d: u32,          // true length of a row
  quads: u32,      // vec4s in a raw row
  first_pair: u32, // of this chunk
  count: u32,      // pairs in this chunk
  pairs: u32,      // n(n-1)/2
}

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> facts: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> distances: array<f32>; // layer, then condensed

@compute @workgroup_size(64)
fn pairs(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= chunk.count) { return; }
  let pair = chunk.first_pair + id.x;
  // Without its diagonal the triangle of n rows is one of n - 1 rows with it.
  let cell = triangle_cell(pair, chunk.n - 1u);
  let a = id.y * chunk.n + cell.x;
  let b = id.y * chunk.n + cell.y + 1u;
  distances[id.y * chunk.pairs + pair] = direct_distance(a * chunk.quads, b * chunk.quads, chunk.quads, chunk.d, facts[a], facts[b]);
}
