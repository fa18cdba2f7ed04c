/** RDMs over drawn words. */
import { expect, test } from 'vitest';
import { pairCount } from '../../../src/gpu/condensed.ts';
import { drawWeights, WeightedCorrelation } from '../../../src/rsa/inference/bootstrap.ts';
import { pearson } from '../../../src/rsa/comparators/correlate.ts';
import { resampledRdm, subRdm } from '../../../src/rsa/inference/resample.ts';
import { uniforms } from '../helpers.ts';

const n = 9;
const x = uniforms(pairCount(n), 1);
const y = uniforms(pairCount(n), 2);

test('a pair of a word with its copy is dropped, a repeated pair of two words is kept', () => {
  // Words 0, 0, 1: the pair 0-0 falls out, 0-1 stands twice.
  const { values, kept, size } = resampledRdm(x, n, [0, 0, 1]);
  expect([...values]).toEqual([x[0], x[0]]);
  expect([...kept]).toEqual([1, 2]);
  expect(size).toBe(3);
});

test('a resample correlates as the weights of its words say', () => {
  const weights = drawWeights(4, 0, new Uint32Array(n));
  const draw = [...weights].flatMap((weight, word) => Array<number>(weight).fill(word));
  const explicit = pearson(resampledRdm(x, n, draw).values, resampledRdm(y, n, draw).values);
  expect(new WeightedCorrelation(n, x, [y]).correlate(weights)[0]).toBeCloseTo(explicit, 12);
});

test('the RDM of some words holds their distances in their order', () => {
  expect([...subRdm(x, n, Uint32Array.of(0, 2, 1))]).toEqual([x[1], x[0], x[8]]);
  expect(subRdm(Float32Array.from(x), n, Uint32Array.of(3, 4))).toBeInstanceOf(Float32Array);
});

test('a word that is not there is refused', () => {
  expect(() => resampledRdm(x, n, [0, n])).toThrow(RangeError);
});
