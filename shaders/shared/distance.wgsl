// Distances of one pair from its raw rows, by difference: exact where a Gram matrix cancels (near-duplicates).
// The kernel that includes this declares:
//   rows:  array<vec4f>, raw rows times a power of two, each padded with zeros to whole vec4s
//   facts: array<vec4f>, per row: x = squared length of the packed row, y = length of the scaled raw row (centred for
//          correlation), z = mean of the scaled raw row (correlation, else 0)
// and the override below. In angular metrics each raw row is scaled to a length in [1, 2).

// 0 cosine, 1 correlation, 2 euclidean, 3 sqeuclidean, 4 manhattan, 5 chebyshev, 6 minkowski3 (4 to 6 by difference
// only, in rdm_direct.wgsl). Keep in sync with src/gpu/rdm.ts.
override metric: u32 = 0u;

fn is_angular() -> bool { return metric < 2u; }

fn sum4(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }

// 1 for the components of quad k that exist, 0 for the padding.
fn present(k: u32, d: u32) -> vec4f {
  return select(vec4f(0.0), vec4f(1.0), vec4u(4u * k) + vec4u(0u, 1u, 2u, 3u) < vec4u(d));
}

fn squared_difference(row_a: u32, row_b: u32, quads: u32) -> f32 {
  var sum = vec4f(0.0);
  for (var k = 0u; k < quads; k++) {
    let e = rows[row_a + k] - rows[row_b + k];
    sum += e * e;
  }
  return sum4(sum);
}

// 1 - cos of the angle between a and b. The part of a orthogonal to b is also the part of e = a - b orthogonal to b,
// and e is exact where a and b are close; its length over that of a is the sine. For correlation all three are centred.
fn angular_distance(row_a: u32, row_b: u32, quads: u32, d: u32, facts_a: vec4f, facts_b: vec4f) -> f32 {
  // Lengths are in [1, 2): near-duplicates on both sides of a power of two meet again by a factor of two, exactly.
  let ratio = facts_b.y / facts_a.y;
  let scale = select(select(1.0, 0.5, ratio > 1.5), 2.0, ratio < 0.75);
  let length_b = facts_b.y * scale;
  var mean_e = 0.0;
  let mean_b = facts_b.z * scale;
  if (metric == 1u) {
    var sum = vec4f(0.0);
    for (var k = 0u; k < quads; k++) { sum += rows[row_a + k] - scale * rows[row_b + k]; }
    mean_e = sum4(sum) / f32(d);
  }
  var along = vec4f(0.0);
  for (var k = 0u; k < quads; k++) {
    let b = scale * rows[row_b + k];
    let e = rows[row_a + k] - b;
    along += (e - mean_e) * (b - mean_b) * present(k, d);
  }
  let e_along_b = sum4(along) / (length_b * length_b);
  var squares = vec4f(0.0);
  for (var k = 0u; k < quads; k++) {
    let b = scale * rows[row_b + k];
    let e = rows[row_a + k] - b;
    let r = ((e - mean_e) - e_along_b * (b - mean_b)) * present(k, d);
    squares += r * r;
  }
  let sine2 = sum4(squares) / (facts_a.y * facts_a.y);
  let cosine = (1.0 + e_along_b) * length_b / facts_a.y;
  // Away from small angles the cosine itself has the digits.
  return select(1.0 - cosine, sine2 / (1.0 + sqrt(max(0.0, 1.0 - sine2))), sine2 < 0.25 && cosine > 0.0);
}

fn largest4(v: vec4f) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }

fn manhattan_distance(row_a: u32, row_b: u32, quads: u32) -> f32 {
  var sum = vec4f(0.0);
  for (var k = 0u; k < quads; k++) { sum += abs(rows[row_a + k] - rows[row_b + k]); }
  return sum4(sum);
}

fn chebyshev_distance(row_a: u32, row_b: u32, quads: u32) -> f32 {
  var largest = vec4f(0.0);
  for (var k = 0u; k < quads; k++) { largest = max(largest, abs(rows[row_a + k] - rows[row_b + k])); }
  return largest4(largest);
}

// Differences over the largest of them first: cubes of small ones would leave float32.
fn minkowski3_distance(row_a: u32, row_b: u32, quads: u32) -> f32 {
  let largest = chebyshev_distance(row_a, row_b, quads);
  if (largest == 0.0) { return 0.0; }
  var sum = vec4f(0.0);
  for (var k = 0u; k < quads; k++) {
    let e = abs(rows[row_a + k] - rows[row_b + k]) / largest;
    sum += e * e * e;
  }
  // The sum is in [1, d]. `pow` is loose on some devices; one step of Newton's method makes it good.
  let cubes = sum4(sum);
  let root = pow(cubes, 1.0 / 3.0);
  return largest * (root - (root * root * root - cubes) / (3.0 * root * root));
}

// The distance of one pair, whatever the metric.
fn direct_distance(row_a: u32, row_b: u32, quads: u32, d: u32, facts_a: vec4f, facts_b: vec4f) -> f32 {
  if (is_angular()) { return angular_distance(row_a, row_b, quads, d, facts_a, facts_b); }
  if (metric == 4u) { return manhattan_distance(row_a, row_b, quads); }
  if (metric == 5u) { return chebyshev_distance(row_a, row_b, quads); }
  if (metric == 6u) { return minkowski3_distance(row_a, row_b, quads); }
  let squared = squared_difference(row_a, row_b, quads);
  return select(squared, sqrt(squared), metric == 2u);
}
