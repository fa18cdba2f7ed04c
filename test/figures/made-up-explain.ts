/** What an `explain` cell might find, by formula. */
import type { ExplainRow, ExplainValue } from '../../src/data/explain.ts';
import type { DimensionSet } from '../../src/data/dimensions.ts';
import type { Interval } from '../../src/data/values.ts';

interface Options {
  readonly candidates?: readonly string[];
  readonly controls?: readonly string[];
  readonly sets?: readonly DimensionSet[];
  readonly draws?: number;
  readonly folds?: number;
  /** Added to every shared part, to make it negative. */
  readonly shared?: number;
}

export function madeUpExplain({ candidates = ['a small model', 'a larger model', 'word vectors'], controls = ['length', 'orthography', 'norms: log frequency'], sets = ['all'], draws = 1000, folds = 5, shared = 0 }: Options = {}): ExplainValue {
  const n = 240;
  const pairs = (n * (n - 1)) / 2;
  const around = (value: number, by: number): Interval => (draws > 0 ? [value - by, value + by] : null);
  const tested = (value: number) => ({ value, interval: around(value, 0.03), p: draws > 0 ? (value > 0.05 ? 0.001 : 0.24) : null, pAdjusted: draws > 0 ? (value > 0.05 ? 0.006 : 0.48) : null });
  const rows = sets.flatMap((set, at) => [...candidates, ...controls].map((predictor, k): ExplainRow => {
    const control = k >= candidates.length;
    const simple = control ? 0.11 - 0.04 * (k - candidates.length) : Math.max(0.08, 0.52 - 0.12 * k) - 0.05 * at;
    const semipartial = simple * (candidates.length + controls.length === 1 ? 1 : control ? 0.3 : Math.max(0.1, 0.45 - 0.06 * k));
    return {
      set, predictor, group: control ? 'controls' : predictor, control, layer: control ? '' : 'ratings', layerIndex: 0, n, pairs,
      simple: tested(simple), partial: tested(semipartial === simple ? simple : semipartial * 1.2), semipartial: { value: semipartial, interval: around(semipartial, 0.025) },
      uniqueVariance: { value: semipartial ** 2, interval: draws > 0 ? [0.5 * semipartial ** 2, 1.6 * semipartial ** 2] : null },
      beta: semipartial * 1.3, standardisedBeta: semipartial * 1.4, weight: Math.max(0, semipartial),
    };
  }));
  const names = [...candidates, ...(controls.length ? ['controls'] : [])];
  const partitions = sets.map((set) => {
    const groups = names.map((group) => {
      const own = rows.filter((row) => row.set === set && row.group === group);
      const value = own.reduce((sum, row) => sum + row.uniqueVariance.value, 0);
      return { group, control: group === 'controls', alone: own[0]!.simple.value ** 2, uniqueVariance: { value, interval: draws > 0 ? [0.5 * value, 1.6 * value] as const : null } };
    });
    const common = names.length > 1 ? 0.14 + shared : 0;
    const r2 = groups.reduce((sum, one) => sum + one.uniqueVariance.value, common);
    const few = names.length <= 6;
    return {
      set, n, pairs, r2: { value: r2, interval: around(r2, 0.04) }, groups, shared: common,
      subsets: few ? [...groups.map(({ group, alone }) => ({ groups: [group], r2: alone })), { groups: names, r2 }] : [],
      terms: few ? [...groups.map(({ group, uniqueVariance }) => ({ groups: [group], value: uniqueVariance.value })), { groups: names, value: common }] : [],
    };
  });
  const scatter = (value: number, k: number): number[] => Array.from({ length: folds }, (_, fold) => value + 0.03 * Math.sin(3 * fold + k));
  const weighted = folds > 0 && candidates.length > 1
    ? sets.map((set) => ({
      set, n, predictors: candidates,
      schemes: [
        ...(['weighted', 'selected', 'equal'] as const).map((scheme, k) => ({ scheme, predictor: '', value: 0.55 - 0.03 * k, folds: scatter(0.55 - 0.03 * k, k) })),
        ...candidates.map((predictor, k) => ({ scheme: 'single' as const, predictor, value: Math.max(0.05, 0.51 - 0.12 * k), folds: scatter(Math.max(0.05, 0.51 - 0.12 * k), k + 3) })),
      ],
      folds: Array.from({ length: folds }, () => ({ words: n / folds, pairs: 1128, weights: candidates.map((_, k) => 0.8 / (k + 1)), selected: candidates[0]! })),
    }))
    : [];
  return {
    type: 'explain', reference: 'norms', referenceOrigin: 'human', metric: 'cosine', scale: 'ranks', comparator: 'spearman',
    rows, partitions, weighted, permutations: draws, orders: draws > 0 ? sets.map((set) => ({ set, permutations: draws, exact: false })) : [], alternative: 'greater', bootstrap: draws, intervalMethod: 'corrected', level: 0.95, dropped: [{ reason: 'empty log frequency in norms', words: ['bale'] }],
  };
}
