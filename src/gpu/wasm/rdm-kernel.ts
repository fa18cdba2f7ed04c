/**
 * Squared Euclidean distances between rows in WebAssembly SIMD, by difference and in float64 like the twin, so that
 * near-duplicates keep their digits. Two rows against four at a time: eight sums stay in registers.
 */
import { assemble, f64x2, i32, repeatWhile, Routine, v128, type Code, type Local } from './assemble.ts';

/** Numbers that one turn of the inner loop takes; rows are filled up to a multiple with zeros. */
export const numbersPerStep = 4;
/** Rows and columns of a tile are whole numbers of these. */
export const rowsPerStep = 2;
export const columnsPerStep = 4;

/**
 * `tile(rows, columns, out, stride, rowCount, columnCount)`: out[row][column] = |row - column|², float64.
 *
 * - `rows`, `columns`: addresses of the first row of either side; row-major, `stride` bytes each
 * - `stride`: a multiple of 32
 */
export function tileRoutine(): Routine {
  const tile = new Routine('tile', 6);
  const [rows, columns, out, stride, rowCount, columnCount] = Array.from({ length: 6 }, (_, k) => tile.parameter(k)) as [
    Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>,
  ];
  const [row, column, to, end, columnStart, outBytes] = tile.locals('i32', 6) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
  const left = tile.locals('i32', rowsPerStep);
  const right = tile.locals('i32', columnsPerStep);
  const own = tile.locals('v128', rowsPerStep);
  const [other, difference] = tile.locals('v128', 2) as [Local<'v128'>, Local<'v128'>];
  const totals = Array.from({ length: rowsPerStep }, () => tile.locals('v128', columnsPerStep));
  const stepBytes = numbersPerStep * 8;

  const products = (offset: number): Code<'nothing'>[] => [
    ...own.map((values, r) => values.set(v128.load(left[r]!.get, offset))),
    ...right.flatMap((address, c) => [
      other.set(v128.load(address.get, offset)),
      ...own.flatMap((values, r) => {
        const total = totals[r]![c]!;
        return [difference.set(f64x2.subtract(values.get, other.get)), total.set(f64x2.add(total.get, f64x2.multiply(difference.get, difference.get)))];
      }),
    ]),
  ];
  const step = (pointer: Local<'i32'>, by: Code<'i32'>): Code<'nothing'> => pointer.set(i32.add(pointer.get, by));

  tile.add(
    outBytes.set(i32.multiply(columnCount.get, i32.const(8))),
    row.set(i32.const(0)),
    repeatWhile(i32.less(row.get, rowCount.get), [
      column.set(i32.const(0)),
      columnStart.set(columns.get),
      to.set(out.get),
      repeatWhile(i32.less(column.get, columnCount.get), [
        ...left.map((pointer, r) => pointer.set(r === 0 ? rows.get : i32.add(left[r - 1]!.get, stride.get))),
        ...right.map((pointer, c) => pointer.set(c === 0 ? columnStart.get : i32.add(right[c - 1]!.get, stride.get))),
        columnStart.set(i32.add(right[columnsPerStep - 1]!.get, stride.get)),
        end.set(i32.add(rows.get, stride.get)),
        ...totals.flat().map((total) => total.set(v128.zero)),
        repeatWhile(i32.less(left[0]!.get, end.get), [
          ...products(0), ...products(16),
          ...[...left, ...right].map((pointer) => step(pointer, i32.const(stepBytes))),
        ]),
        // The two halves of a sum: numbers at even and at odd places.
        ...totals.flatMap((sums, r) => [0, 2].map((c) => (
          v128.store(r === 0 ? to.get : i32.add(to.get, outBytes.get), f64x2.add(v128.lowerHalves(sums[c]!, sums[c + 1]!), v128.upperHalves(sums[c]!, sums[c + 1]!)), c * 8)
        ))),
        step(to, i32.const(columnsPerStep * 8)),
        step(column, i32.const(columnsPerStep)),
      ]),
      out.set(i32.add(out.get, i32.multiply(i32.const(rowsPerStep), outBytes.get))),
      rows.set(i32.add(rows.get, i32.multiply(i32.const(rowsPerStep), stride.get))),
      step(row, i32.const(rowsPerStep)),
    ]),
  );
  return tile;
}

export function rdmModule(): Uint8Array<ArrayBuffer> {
  return assemble([tileRoutine()]);
}
