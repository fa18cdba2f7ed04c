// Upper triangles by one index. Twin: src/gpu/condensed.ts (keep in sync). Sides up to 46,340, so that products fit u32.

// Place of the pair (i, j), i < j, in a condensed n x n matrix (scipy order).
fn pair_index(n: u32, i: u32, j: u32) -> u32 {
  return i * n - (i * (i + 1u)) / 2u + (j - i - 1u);
}

// Number of cells before row r of a triangle with `side` cells in its first row.
fn triangle_before(r: u32, side: u32) -> u32 {
  return (r * (2u * side - r + 1u)) / 2u;
}

// Cell number `t` of a triangle that includes its diagonal, row by row, as (row, column), row <= column.
fn triangle_cell(t: u32, side: u32) -> vec2u {
  // The float root is close; the loops make it exact.
  let f = f32(2u * side + 1u);
  var r = u32(max(0.0, floor((f - sqrt(max(0.0, f * f - 8.0 * f32(t)))) * 0.5)));
  r = min(r, side - 1u);
  while (r > 0u && triangle_before(r, side) > t) { r--; }
  while (r + 1u < side && triangle_before(r + 1u, side) <= t) { r++; }
  return vec2u(r, t - triangle_before(r, side) + r);
}
