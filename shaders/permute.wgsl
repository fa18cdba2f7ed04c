// Seeded permutations by Fisher-Yates, the same bits as src/gpu/permutation.ts (keep in sync).
//
// One invocation = one permutation. Layout: orders[place][permutation of this chunk], so that neighbouring invocations
// of mantel.wgsl read neighbouring words.
//! include shared/philox.wgsl

struct Chunk {
  n: u32,
  first: u32, // number of the chunk's first permutation
  count: u32, // permutations in this chunk
  stride: u32, // permutations the buffer has room for
  seed: vec2u, // low and high word
}

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read_write> orders: array<u32>;

@compute @workgroup_size(64)
fn permute(@builtin(global_invocation_id) id: vec3u) {
  let lane = id.x;
  if (lane >= chunk.count) { return; }
  for (var i = 0u; i < chunk.n; i++) { orders[i * chunk.stride + lane] = i; }
  let index = chunk.first + lane;
  // Number 0 is the identity: the observed statistic is one of the permutations.
  if (index == 0u) { return; }
  var words = vec4u();
  var steps = 0u;
  for (var i = chunk.n - 1u; i > 0u; i--) {
    if ((steps & 3u) == 0u) { words = philox(vec4u(steps >> 2u, index, 0u, 0u), chunk.seed); }
    let j = mulhi(words[steps & 3u], i + 1u);
    steps++;
    let held = orders[i * chunk.stride + lane];
    orders[i * chunk.stride + lane] = orders[j * chunk.stride + lane];
    orders[j * chunk.stride + lane] = held;
  }
}
