/**
 * The inner loops of the permutation test in WebAssembly SIMD. For each pair of words, the entry of the permuted
 * reference is read once and multiplied with that pair of all candidates, which lie side by side in vectors.
 */
import { assemble, f32x4, f64x2, i32, repeatWhile, Routine, v128, type Code, type Local } from './assemble.ts';

/** Float32 products, added per row and then in float64; or float64 throughout, exact for ranks. */
export type Precision = 'float32' | 'float64';

/** One way to cut the work. */
export interface MantelShape {
  readonly precision: Precision;
  /** Vectors of 16 bytes that hold one pair of all candidates: four candidates each in float32, two in float64. */
  readonly vectors: number;
  /** Permutations that go through the rows together. */
  readonly permutations: number;
}

/** Candidates that one vector holds. */
export function lanesOf(precision: Precision): number {
  return precision === 'float32' ? 4 : 2;
}

/**
 * The shape for a number of vectors: as many sums as stay in registers (16, of which one holds the reference's entry,
 * one a product, and `vectors` the candidates).
 */
export function mantelShape(precision: Precision, vectors: number): MantelShape {
  const permutations = [8, 4, 3][vectors - 1];
  if (permutations === undefined) throw new RangeError(`1 to ${mostVectors} vectors, not ${vectors}`);
  return { precision, vectors, permutations };
}

/** More vectors leave no registers for the sums of several permutations. */
export const mostVectors = 3;

/**
 * `rows(orders, groups, reference, candidates, sums, n, from, to)`: adds rows `from` to `to - 1` of all permutations.
 *
 * - `orders`: group, word, permutation of the group: the word's place in the order times the size of a number, 32 bits
 * - `reference`: n x n
 * - `candidates`: from row `from` on, pair, then candidate
 * - `sums`: group, permutation, candidate; float64, added to
 */
export function mantelRoutine({ precision, vectors, permutations }: MantelShape): Routine {
  const rows = new Routine('rows', 8);
  const [orders, groups, reference, candidates, sums, n, from, to] = Array.from({ length: 8 }, (_, k) => rows.parameter(k)) as [
    Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>,
  ];
  const [group, order, at, end, rowStart, sum] = rows.locals('i32', 6) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
  /** Where the row of each permutation begins in the reference. */
  const starts = rows.locals('i32', permutations);
  const pair = rows.locals('v128', vectors);
  const entry = rows.local('v128');
  const totals = Array.from({ length: permutations }, () => rows.locals('v128', vectors));
  const { splat, add, multiply } = precision === 'float32' ? f32x4 : f64x2;
  const orderBytes = permutations * 4;
  const pairBytes = vectors * 16;
  const sumBytes = vectors * (precision === 'float32' ? 32 : 16);

  /** One pair of words: its entry in each permuted reference times each vector of candidates. */
  const products = (step: number): Code<'nothing'>[] => [
    ...pair.map((values, v) => values.set(v128.load(at.get, step * pairBytes + v * 16))),
    ...starts.flatMap((start, p) => [
      entry.set(splat(i32.add(start.get, i32.load(order.get, step * orderBytes + p * 4)))),
      ...totals[p]!.map((total, v) => total.set(add(total.get, multiply(entry.get, pair[v]!.get)))),
    ]),
  ];
  const advance = (steps: number): Code<'nothing'>[] => [
    at.set(i32.add(at.get, i32.const(steps * pairBytes))),
    order.set(i32.add(order.get, i32.const(steps * orderBytes))),
  ];
  const addTo = (offset: number, values: Code<'v128'>): Code<'nothing'> => v128.store(sum.get, f64x2.add(v128.load(sum.get, offset), values), offset);

  rows.add(
    repeatWhile(i32.less(from.get, to.get), [
      rowStart.set(candidates.get),
      candidates.set(i32.add(candidates.get, i32.multiply(i32.const(pairBytes), i32.subtract(i32.subtract(n.get, from.get), i32.const(1))))),
      group.set(i32.const(0)),
      repeatWhile(i32.less(group.get, groups.get), [
        order.set(i32.add(orders.get, i32.multiply(i32.const(orderBytes), i32.add(i32.multiply(group.get, n.get), from.get)))),
        sum.set(i32.add(sums.get, i32.multiply(i32.const(permutations * sumBytes), group.get))),
        ...starts.map((start, p) => start.set(i32.add(reference.get, i32.multiply(n.get, i32.load(order.get, p * 4))))),
        ...totals.flat().map((total) => total.set(v128.zero)),
        at.set(rowStart.get),
        end.set(candidates.get),
        order.set(i32.add(order.get, i32.const(orderBytes))),
        repeatWhile(i32.less(at.get, end.get), [...products(0), ...advance(1)]),
        ...totals.flatMap((own, p) => own.flatMap((total, v) => (
          precision === 'float64'
            ? [addTo(p * sumBytes + v * 16, total.get)]
            : [addTo(p * sumBytes + v * 32, f64x2.fromLowerF32(total.get)), addTo(p * sumBytes + v * 32 + 16, f64x2.fromLowerF32(v128.upperHalf(total)))]
        ))),
        group.set(i32.add(group.get, i32.const(1))),
      ]),
      from.set(i32.add(from.get, i32.const(1))),
    ]),
  );
  return rows;
}

/** The module of one shape. */
export function mantelModule(shape: MantelShape): Uint8Array<ArrayBuffer> {
  return assemble([mantelRoutine(shape)]);
}
