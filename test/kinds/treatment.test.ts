/** Settings of distances that a form offers and the chosen dissimilarity never reads. */
import { expect, test } from 'vitest';
import { distanceFields, idleSettings } from '../../src/kinds/treatment.ts';
import { paramsOf } from './context.ts';

function told(raw: Readonly<Record<string, unknown>>): string[] {
  const warnings: string[] = [];
  idleSettings(paramsOf(distanceFields, raw), (message) => void warnings.push(message));
  return warnings;
}

test.each([
  {}, { metric: 'mahalanobis', shrinkage: 'full', perChannel: true }, { metric: 'crossnobis', perMeasurement: true }, { metric: 'crossnobis', shrinkage: 'none' },
  { metric: 'sqeuclidean', perChannel: true },
])('settings that the dissimilarity reads are not spoken of: %o', (raw) => {
  expect(told(raw)).toEqual([]);
});

test('a setting that the dissimilarity never reads is named, once, where it was changed', () => {
  expect(told({ metric: 'cosine', shrinkage: 'none', perMeasurement: true, perChannel: true }))
    .toEqual(['shrinkage none, perMeasurement true and perChannel true play no part under the dissimilarity cosine.']);
  expect(told({ metric: 'euclidean', perChannel: true })).toEqual(['perChannel true plays no part under the dissimilarity euclidean.']);
  expect(told({ metric: 'mahalanobis', perMeasurement: true })).toEqual(['perMeasurement true plays no part under the dissimilarity mahalanobis.']);
  expect(told({ metric: 'crossnobis', shrinkage: 'none', perMeasurement: true })).toEqual(['perMeasurement true plays no part under crossnobis without whitening (shrinkage none).']);
});
