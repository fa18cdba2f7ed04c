// Weighted sum of the token states of each item. Twin: src/gpu/cpu/pool.ts.
//
// Layout: states[item][token][k], weights[item][token] (they sum to 1), pooled[item][k]. One invocation = one k of one
// item; workgroup y = item of this chunk.
// Limits: 65,535 items a chunk. A token of weight 0 is not read: padding may hold anything, also NaN.

struct Chunk {
  tokens: u32,
  d: u32,
  first_item: u32,
}

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read> states: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> pooled: array<f32>;

@compute @workgroup_size(64)
fn pool(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  if (k >= chunk.d) { return; }
  let item = chunk.first_item + id.y;
  var sum = 0.0;
  for (var t = 0u; t < chunk.tokens; t++) {
    let token = item * chunk.tokens + t;
    let weight = weights[token];
    if (weight != 0.0) { sum += weight * states[token * chunk.d + k]; }
  }
  pooled[item * chunk.d + k] = sum;
}
