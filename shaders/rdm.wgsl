// Distances between all rows of each layer: a symmetric tiled Gram matrix of packed rows, turned into distances in
// registers. Twin: src/gpu/cpu/rdm.ts.
//
// Packed rows (src/gpu/pack.ts) are unit rows for cosine, centred unit rows for correlation, scaled rows otherwise, in
// all cases minus the mean row: squared differences do not change by it, and the Gram matrix cancels less. So
// |a - b|^2 = |a|^2 + |b|^2 - 2 a.b serves all metrics, and 1 - cos is half of it. Pairs closer than a tenth of their
// own spread are computed again from the raw rows.
//
// Layout of panels: layer, tile of 64 rows, k, 16 vec4s (64 rows). Only tiles of the upper triangle are launched:
// workgroup x = tile of this chunk, y = layer. 8 x 8 invocations, each 8 rows by 8 columns.
// Limits: n to 46,340; panel_d a multiple of 8 (zeros); 65,535 tiles a chunk, 65,535 layers.
//! include shared/triangle.wgsl
//! include shared/distance.wgsl

struct Chunk {
  n: u32,
  d: u32,          // true length of a row
  panel_d: u32,    // its length in panels
  quads: u32,      // vec4s in a raw row
  first_tile: u32, // of this chunk
  tiles: u32,      // tiles along one side
  pairs: u32,      // n(n-1)/2
  _pad: u32,
}

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read> panels: array<vec4f>;
@group(0) @binding(2) var<storage, read> rows: array<vec4f>;
@group(0) @binding(3) var<storage, read> facts: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> distances: array<f32>; // layer, then condensed
@group(0) @binding(5) var<storage, read_write> refined: array<atomic<u32>>; // pairs computed again, per layer

const near = 1e-2; // of |a|^2 + |b|^2
const step = 8u;   // values of k staged at once

// Sixteen products a_r * b_c; column r of the result is row r of the tile. (`fma` is slower on SwiftShader.)
fn outer(a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(a.x * b, a.y * b, a.z * b, a.w * b);
}

// Where an invocation works. Columns go in two groups of four, so that neighbours read neighbouring memory.
struct Place {
  layer: u32,
  tile: vec2u,
  row: u32,
  column: u32,
}

fn place_of(workgroup: vec3u, local: vec3u) -> Place {
  let tile = triangle_cell(workgroup.x + chunk.first_tile, chunk.tiles);
  return Place(workgroup.y, tile, tile.x * 64u + local.y * 8u, tile.y * 64u + local.x * 4u);
}

// Distances of an 8 x 8 block from its dot products: dots[2 r + g] holds row r, column group g.
fn store(place: Place, dots: array<vec4f, 16>) {
  var block = dots;
  var count = 0u;
  let first = place.layer * chunk.n;
  for (var r = 0u; r < 8u; r++) {
    let i = place.row + r;
    for (var c = 0u; c < 8u; c++) {
      let j = place.column + (c >> 2u) * 32u + (c & 3u);
      if (j <= i || j >= chunk.n) { continue; }
      let facts_a = facts[first + i];
      let facts_b = facts[first + j];
      let spread = facts_a.x + facts_b.x;
      let squared = max(0.0, spread - 2.0 * block[2u * r + (c >> 2u)][c & 3u]);
      var value = squared;
      if (squared < near * spread) {
        value = direct_distance((first + i) * chunk.quads, (first + j) * chunk.quads, chunk.quads, chunk.d, facts_a, facts_b);
        count++;
      } else if (is_angular()) {
        value = 0.5 * squared;
      } else if (metric == 2u) {
        value = sqrt(squared);
      }
      distances[place.layer * chunk.pairs + pair_index(chunk.n, i, j)] = value;
    }
  }
  if (count > 0u) { atomicAdd(&refined[place.layer], count); }
}

// Reads the panels where they are: fastest on software adapters, whose memory is the CPU's cache.
@compute @workgroup_size(8, 8)
fn panel(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let place = place_of(workgroup, local);
  let layer = place.layer * chunk.tiles * chunk.panel_d * 16u;
  var at_a = layer + place.tile.x * chunk.panel_d * 16u + local.y * 2u;
  var at_b = layer + place.tile.y * chunk.panel_d * 16u + local.x;
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  for (var k = 0u; k < chunk.panel_d; k++) {
    let a0 = panels[at_a];
    let a1 = panels[at_a + 1u];
    let b0 = panels[at_b];
    let b1 = panels[at_b + 8u];
    c00 += outer(a0, b0);
    c01 += outer(a0, b1);
    c10 += outer(a1, b0);
    c11 += outer(a1, b1);
    at_a += 16u;
    at_b += 16u;
  }
  store(place, array<vec4f, 16>(
    c00[0], c01[0], c00[1], c01[1], c00[2], c01[2], c00[3], c01[3],
    c10[0], c11[0], c10[1], c11[1], c10[2], c11[2], c10[3], c11[3]));
}

var<workgroup> staged_a: array<vec4f, 16u * step>;
var<workgroup> staged_b: array<vec4f, 16u * step>;

// Stages the panels in workgroup memory: for GPUs, whose global memory is far.
@compute @workgroup_size(8, 8)
fn staged(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = place_of(workgroup, local);
  let layer = place.layer * chunk.tiles * chunk.panel_d * 16u;
  var from_a = layer + place.tile.x * chunk.panel_d * 16u + lane;
  var from_b = layer + place.tile.y * chunk.panel_d * 16u + lane;
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  for (var first = 0u; first < chunk.panel_d; first += step) {
    staged_a[lane] = panels[from_a];
    staged_a[lane + 64u] = panels[from_a + 64u];
    staged_b[lane] = panels[from_b];
    staged_b[lane + 64u] = panels[from_b + 64u];
    from_a += 16u * step;
    from_b += 16u * step;
    workgroupBarrier();
    for (var k = 0u; k < step; k++) {
      let a0 = staged_a[k * 16u + local.y * 2u];
      let a1 = staged_a[k * 16u + local.y * 2u + 1u];
      let b0 = staged_b[k * 16u + local.x];
      let b1 = staged_b[k * 16u + local.x + 8u];
      c00 += outer(a0, b0);
      c01 += outer(a0, b1);
      c10 += outer(a1, b0);
      c11 += outer(a1, b1);
    }
    workgroupBarrier();
  }
  store(place, array<vec4f, 16>(
    c00[0], c01[0], c00[1], c01[1], c00[2], c01[2], c00[3], c01[3],
    c10[0], c11[0], c10[1], c11[1], c10[2], c11[2], c10[3], c11[3]));
}
