/** Sets of dimensions: those of the study, and each dimension by itself. */
import { expect, test } from 'vitest';
import { dimensionIds, dimensions, dimensionSets, inSet } from '../../src/data/dimensions.ts';
import { setLabel } from '../../src/figures/metric.ts';

test('every dimension is a set of its own, beside Motor, Sensory and All', () => {
  expect(dimensions.map(({ id }) => id)).toEqual([...dimensionIds]);
  const members = dimensionSets.map((set) => dimensionIds.filter((id) => inSet(id, set)).length);
  expect(members).toEqual([5, 6, 11, ...dimensionIds.map(() => 1)]);
});

test('names in other languages belong to the same sets, other scales to All alone', () => {
  expect(dimensionSets.filter((set) => inSet('Horen', set))).toEqual(['sensory', 'all', 'Auditory']);
  expect(dimensionSets.filter((set) => inSet('valence', set))).toEqual(['all']);
});

test('a reader sees sets by their labels', () => {
  expect(['motor', 'all', 'Foot_leg', 'Head'].map((set) => setLabel(set as 'motor'))).toEqual(['Motor', 'All', 'Foot/leg', 'Head']);
});
