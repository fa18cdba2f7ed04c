// Sums over pairs of a permuted reference RDM times candidate RDMs. Twin: src/gpu/cpu/mantel.ts.
//
// One invocation = one permutation and one slice of the rows; one gather from the reference serves up to 16 candidates.
// Layouts: reference[i][j] (square); candidates[pair][quad] (condensed, four candidates a vec4, filled up with zeros);
// orders[place][permutation] from permute.wgsl; sums[permutation][slice][quad], for ranks [permutation][slice][high,
// low][quad]. Slice s has the rows s, s + slices, ...; JavaScript adds the slices in float64.
// Limits: quads 1 to 4; ranks n to 256: their products fit i32, and so do the sums of low halves (32,640 x 65,535).

struct Chunk {
  n: u32,
  count: u32,  // permutations in this chunk
  stride: u32, // permutations the buffer `orders` has room for
  slices: u32,
}

// Vec4s of candidates; an override, so that the compiler drops what is not used.
override quads: u32 = 1u;

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read> orders: array<u32>;

@group(0) @binding(2) var<storage, read> reference: array<f32>;
@group(0) @binding(3) var<storage, read> candidates: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>;

// Standardised distances in float32: a sum per row, then a sum of rows, keeps the error small.
@compute @workgroup_size(64)
fn distances(@builtin(global_invocation_id) id: vec3u) {
  let lane = id.x;
  let slice = id.y;
  if (lane >= chunk.count) { return; }
  var total0 = vec4f();
  var total1 = vec4f();
  var total2 = vec4f();
  var total3 = vec4f();
  for (var i = slice; i + 1u < chunk.n; i += chunk.slices) {
    let row = orders[i * chunk.stride + lane] * chunk.n;
    var at = (i * chunk.n - (i * (i + 1u)) / 2u) * quads;
    var row0 = vec4f();
    var row1 = vec4f();
    var row2 = vec4f();
    var row3 = vec4f();
    for (var j = i + 1u; j < chunk.n; j++) {
      let a = reference[row + orders[j * chunk.stride + lane]];
      row0 += a * candidates[at];
      if (quads > 1u) { row1 += a * candidates[at + 1u]; }
      if (quads > 2u) { row2 += a * candidates[at + 2u]; }
      if (quads > 3u) { row3 += a * candidates[at + 3u]; }
      at += quads;
    }
    total0 += row0;
    total1 += row1;
    total2 += row2;
    total3 += row3;
  }
  let out = (lane * chunk.slices + slice) * quads;
  sums[out] = total0;
  if (quads > 1u) { sums[out + 1u] = total1; }
  if (quads > 2u) { sums[out + 2u] = total2; }
  if (quads > 3u) { sums[out + 3u] = total3; }
}

@group(0) @binding(2) var<storage, read> reference_ranks: array<i32>;
@group(0) @binding(3) var<storage, read> candidate_ranks: array<vec4i>;
@group(0) @binding(4) var<storage, read_write> rank_sums: array<vec4i>;

const low_half = vec4i(0xffff);
const half = vec4u(16u);

// Centred doubled ranks: exact integer sums, the same on every device, in two halves of 16 bits.
@compute @workgroup_size(64)
fn ranks(@builtin(global_invocation_id) id: vec3u) {
  let lane = id.x;
  let slice = id.y;
  if (lane >= chunk.count) { return; }
  var high0 = vec4i();
  var high1 = vec4i();
  var high2 = vec4i();
  var high3 = vec4i();
  var low0 = vec4i();
  var low1 = vec4i();
  var low2 = vec4i();
  var low3 = vec4i();
  for (var i = slice; i + 1u < chunk.n; i += chunk.slices) {
    let row = orders[i * chunk.stride + lane] * chunk.n;
    var at = (i * chunk.n - (i * (i + 1u)) / 2u) * quads;
    for (var j = i + 1u; j < chunk.n; j++) {
      let a = reference_ranks[row + orders[j * chunk.stride + lane]];
      let product0 = a * candidate_ranks[at];
      high0 += product0 >> half;
      low0 += product0 & low_half;
      if (quads > 1u) {
        let product1 = a * candidate_ranks[at + 1u];
        high1 += product1 >> half;
        low1 += product1 & low_half;
      }
      if (quads > 2u) {
        let product2 = a * candidate_ranks[at + 2u];
        high2 += product2 >> half;
        low2 += product2 & low_half;
      }
      if (quads > 3u) {
        let product3 = a * candidate_ranks[at + 3u];
        high3 += product3 >> half;
        low3 += product3 & low_half;
      }
      at += quads;
    }
  }
  let out = (lane * chunk.slices + slice) * 2u * quads;
  rank_sums[out] = high0;
  rank_sums[out + quads] = low0;
  if (quads > 1u) {
    rank_sums[out + 1u] = high1;
    rank_sums[out + quads + 1u] = low1;
  }
  if (quads > 2u) {
    rank_sums[out + 2u] = high2;
    rank_sums[out + quads + 2u] = low2;
  }
  if (quads > 3u) {
    rank_sums[out + 3u] = high3;
    rank_sums[out + quads + 3u] = low3;
  }
}
