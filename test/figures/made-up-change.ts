/** A `change` value for the gallery and the tests of figures, made up by seeded formulas; none of it is data. */
import type { ChangeMover, ChangeValue, LayerChange, LayerDrift, MeasureChange, WordMeasure } from '../../src/data/change.ts';
import type { DimensionSet } from '../../src/data/dimensions.ts';
import type { Interval } from '../../src/data/values.ts';
import { inventedWords, madeUpRdm, random } from './made-up.ts';

const around = (value: number, width: number): Interval => [value - width, value + width];
const measures: readonly WordMeasure[] = ['raw', 'zscored', 'rows'];

/** What tuning might change in a model of some layers, over n words. */
export function madeUpChange(n: number, layers: number, sets: readonly DimensionSet[] = ['motor', 'sensory', 'all'], rest: Partial<ChangeValue> = {}): ChangeValue {
  const next = random(11);
  const words = inventedWords(n);
  const named = (index: number) => ({ layer: index ? `layer ${index}` : 'embeddings', layerIndex: index });
  const byLayer = sets.flatMap((set) => Array.from({ length: layers }, (_, index): LayerChange => {
    const [before, gain] = [0.08 + 0.12 * next(), index * 0.03 + 0.01 * next()];
    const p = index > 1 ? 0.002 : 0.4;
    return { set, ...named(index), before: { value: before, interval: around(before, 0.03) }, after: { value: before + gain, interval: around(before + gain, 0.03) }, difference: { value: gain, interval: around(gain, 0.025) }, p, corrected: Math.min(1, p * layers) };
  }));
  const drift = Array.from({ length: layers }, (_, index): LayerDrift => {
    const cka = 1 - 0.06 * index;
    return { ...named(index), cka, debiased: cka - 0.01 * index, rdm: { value: cka - 0.05 * index, interval: around(cka - 0.05 * index, 0.02) } };
  });
  const perWord = measures.map((measure) => {
    const before = Float64Array.from(words, () => 0.2 + 0.3 * next());
    return { measure, before, after: before.map((value) => value + 0.05 + 0.2 * (next() - 0.5)) };
  });
  const trained = words.map((_, i) => i % 5 === 0);
  const rdm = madeUpRdm(Math.min(n, 120), 3);
  return {
    type: 'change', before: 'untaught', after: 'taught', reference: 'norms', referenceOrigin: 'human', words, chosen: 'all', trained,
    metric: 'cosine', standardise: 'zscore', states: 'none', layers: byLayer, family: byLayer.length, drift, layer: { name: `layer ${layers - 1}`, index: layers - 1 },
    probes: ['auditory', 'visual'].map((dimension) => ({ dimension, before: 0.3, after: 0.5 })),
    measures: sets.flatMap((set) => measures.map((measure, at): MeasureChange => {
      const rank = 0.9 - 0.4 * at + 0.1 * next();
      return { set, measure, n, before: 0.35, after: 0.4, gain: { value: 0.05, interval: around(0.05, 0.01) }, gained: 0.7, rank: { value: rank, interval: around(rank, 0.06) }, refolded: measure === 'rows' ? null : 0.95 };
    })),
    widest: sets.at(-1)!, perWord,
    movers: perWord.map(({ measure, before, after }) => {
      const sorted = [...words.keys()].sort((i, j) => after[j]! - before[j]! - (after[i]! - before[i]!));
      const mover = (i: number): ChangeMover => ({ word: words[i]!, from: before[i]!, to: after[i]!, trained: trained[i]! });
      return { measure, gains: sorted.slice(0, 8).filter((i) => after[i]! > before[i]!).map(mover), losses: sorted.slice(-8).filter((i) => after[i]! < before[i]!).map(mover).reverse() };
    }),
    rdms: { words: rdm.words, categories: rdm.categories, order: rdm.order, orderedBy: rdm.orderedBy, of: n, set: 'all', before: Float32Array.from(rdm.layers[0]!.distances), after: Float32Array.from(rdm.layers[1]!.distances), reference: Float32Array.from(rdm.layers[2]!.distances), nearer: [{ i: 0, j: 3, moved: -0.42 }], apart: [{ i: 1, j: 2, moved: 0.31 }] },
    folds: 5, bootstrap: 1000, level: 0.95, seed: 1, dropped: [{ reason: 'no cosine distance, since the vector is zero in taught', words: ['bale'] }], ...rest,
  };
}

/** Nothing changed, nothing is known of the model, and intervals were not asked for. */
export function madeUpNoChange(): ChangeValue {
  const value = madeUpChange(30, 1, ['all'], { trained: null, chosen: 'test', bootstrap: 0, family: 0, referenceOrigin: 'illustrative' });
  const bare = (one: { readonly value: number }) => ({ value: one.value, interval: null });
  return {
    ...value,
    layers: value.layers.map((row) => ({ ...row, before: bare(row.before), after: bare(row.before), difference: { value: 0, interval: null }, p: null, corrected: null })),
    drift: value.drift.map((row) => ({ ...row, cka: Number.NaN, debiased: Number.NaN, rdm: { value: 1, interval: null } })),
    measures: value.measures.map((row) => ({ ...row, gain: { value: 0, interval: null }, gained: 0, rank: { value: 1, interval: null } })),
    perWord: value.perWord.map(({ measure, before }) => ({ measure, before, after: before })),
    movers: measures.map((measure) => ({ measure, gains: [], losses: [] })),
    probes: [],
    rdms: { ...value.rdms, after: value.rdms.before, nearer: [], apart: [] },
  };
}
