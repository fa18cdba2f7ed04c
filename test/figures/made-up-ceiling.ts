/** What `ceiling` and `raters` cells might find, by formula. */
import type { CeilingFrom, CeilingValue } from '../../src/data/ceiling.ts';
import type { DimensionSet } from '../../src/data/dimensions.ts';
import { dimensions, inSet } from '../../src/data/dimensions.ts';
import type { RatersRow, RatersValue } from '../../src/data/raters.ts';
import type { Interval } from '../../src/data/values.ts';
import { plainTreatment } from '../../src/rsa/distances/treatment.ts';

const n = 320;
const pairs = (n * (n - 1)) / 2;

export function madeUpCeiling(from: CeilingFrom, sets: readonly DimensionSet[] = ['motor', 'sensory', 'all'], draws = 200): CeilingValue {
  const rows = sets.map((set, at) => {
    const [lower, upper] = from === 'norms' ? [0.55 - 0.04 * at, 0.55 - 0.04 * at] : [0.52 + 0.06 * at, 0.66 + 0.07 * at];
    const around = (value: number): Interval => (draws > 0 ? [value - 0.03, value + 0.025] : null);
    return {
      set, n, pairs, lower, upper, ...(from === 'reliability' ? { lowerInterval: null, upperInterval: null, lowerSpread: around(lower), upperSpread: around(upper) } : { lowerInterval: around(lower), upperInterval: around(upper), lowerSpread: null, upperSpread: null }), raters: from === 'raters' ? 14 : null,
      crossValidated: from === 'raters' ? { lower: lower - 0.02, upper: upper + 0.01 } : null,
      reliability: from === 'reliability'
        ? dimensions.filter(({ id }) => inSet(id, set)).map(({ id }, k) => ({ dimension: id, reliability: 0.93 - 0.03 * k, se: 0.3 + 0.01 * k, sd: 1.1, raters: 18 + (k % 3), unanimous: 0.02 + 0.03 * k }))
        : [],
      unanimous: from === 'reliability' ? 0.17 : null,
    };
  });
  return {
    type: 'ceiling', from, reference: 'English norms', referenceOrigin: 'human', second: from === 'norms' ? 'Dutch norms' : null, comparator: 'spearman', metric: 'cosine', treatment: plainTreatment('cosine', 'zscore', 'none'),
    rows, measuredBy: from === 'raters' ? 'rater' : null, over: from === 'reliability' || draws === 0 ? null : from === 'norms' ? 'words' : 'both',
    simulations: from === 'reliability' ? 200 : 0, bootstrap: from === 'reliability' ? 0 : draws, level: 0.95,
    dropped: from === 'reliability' ? [{ reason: 'no SD or number of raters of Visual in English norms', words: ['abacus', 'zoo'] }] : [],
  };
}

interface Options {
  readonly candidates?: readonly string[];
  readonly layers?: number;
  readonly sets?: readonly DimensionSet[];
  readonly raters?: number;
  readonly over?: RatersValue['over'];
  readonly by?: RatersValue['measuredBy'];
  readonly draws?: number;
  /** How many of the raters have no value. */
  readonly leftOut?: number;
}

export function madeUpRaters({ candidates = ['Base', 'English', 'Dutch'], layers = 1, sets = ['motor', 'sensory'], raters = 12, over = 'raters', by = 'rater', draws = 1000, leftOut = 0 }: Options = {}): RatersValue {
  const rows = sets.flatMap((set, at) => candidates.flatMap((candidate, c) => Array.from({ length: layers }, (_, layer): RatersRow => {
    const value = 0.12 + 0.13 * c + 0.04 * at + 0.02 * layer;
    const values = Array.from({ length: raters }, (_unused, s) => (s < leftOut ? NaN : value + 0.07 * Math.sin(12.9898 * (s + 1) + c)));
    const se = 0.07 / Math.sqrt(2 * raters);
    return {
      candidate, layer: layers > 1 ? `layer ${layer}` : 'ratings', layerIndex: layer, set, n, pairs, values, raters: raters - leftOut, value, se, interval: [value - 2.2 * se, value + 2.2 * se],
      p: value > 0.15 ? 0.0002 : 0.01, pCeiling: 0.02, pWilcoxon: 0.0005, pWilcoxonCeiling: 0.03,
      bootstrap: draws > 0 ? { se: 1.4 * se, df: raters - 1, interval: [value - 3 * se, value + 3 * se], p: 0.004 } : null,
    };
  })));
  const differences = sets.flatMap((set) => candidates.slice(1).map((candidate, c) => ({
    set, a: { candidate, layer: 'ratings' }, b: { candidate: candidates[0]!, layer: 'ratings' }, value: 0.13 * (c + 1), se: 0.02, interval: [0.13 * (c + 1) - 0.045, 0.13 * (c + 1) + 0.045] as const,
    p: 0.001, pAdjusted: 0.004, pWilcoxon: 0.002, bootstrap: draws > 0 ? { se: 0.03, df: raters - 1, interval: [0.13 * (c + 1) - 0.07, 0.13 * (c + 1) + 0.07] as const, p: 0.03, pAdjusted: 0.06 } : null,
  })));
  return {
    type: 'raters', reference: 'English norms', referenceOrigin: 'human', measuredBy: by, raters: Array.from({ length: raters }, (_, s) => (by === 'rater' ? `r${s + 1}` : `the {word} ${s + 1}`)),
    comparator: 'spearman', metric: 'cosine', rows, differences, ceilings: sets.map((set, at) => ({ set, noiseCeiling: { lower: 0.41 + 0.03 * at, upper: 0.5 + 0.03 * at } })),
    over, bootstrap: draws, level: 0.95, dropped: [],
  };
}
