/** Small values that tests of the statistics build on. */
import { PhiloxStream } from '../../src/gpu/philox.ts';
import type { Layer, RepresentationValue } from '../../src/data/values.ts';

/** Numbers in [0, 1), the same for the same seed. */
export function uniforms(count: number, seed: number): Float64Array<ArrayBuffer> {
  const stream = new PhiloxStream(seed, 77);
  return Float64Array.from({ length: count }, () => stream.uniform());
}

/** Roughly normal numbers: sums of twelve uniforms, minus 6. */
export function normals(count: number, seed: number): Float64Array<ArrayBuffer> {
  const stream = new PhiloxStream(seed, 78);
  return Float64Array.from({ length: count }, () => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += stream.uniform();
    return sum;
  });
}

export function ratings(
  label: string, words: readonly string[], dimensions: readonly string[], values: Float64Array, more: Partial<RepresentationValue> = {},
): RepresentationValue {
  const layer: Layer = { name: 'ratings', index: 0, d: dimensions.length, data: values };
  return {
    type: 'representation', label, words, language: 'en', categories: [], split: [], layers: [layer], dimensions, origin: 'model', dropped: [], ...more,
  };
}

export function states(label: string, words: readonly string[], d: number, layers: readonly Float32Array[]): RepresentationValue {
  return {
    type: 'representation', label, words, language: 'en', categories: [], split: [], dimensions: [], origin: 'model', dropped: [],
    layers: layers.map((data, index) => ({ name: index === 0 ? 'embeddings' : `layer ${index}`, index, d, data })),
  };
}

/** w0, w1, ... */
export function wordList(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `w${i}`);
}

/** Upper triangle of a square matrix given as rows. */
export function condense(square: readonly (readonly number[])[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(square.flatMap((row, i) => row.slice(i + 1)));
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = Math.abs(a.length - b.length);
  for (let k = 0; k < b.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
  return most;
}
