/** How well each dimension can be read off the layer that a model is ranked by: the mean over dimensions. */
import { Problem } from '../../base/problem.ts';
import type { LeaderboardProbe } from '../../data/leaderboard.ts';
import type { RsaRow } from '../../data/rsa.ts';
import type { RepresentationValue } from '../../data/values.ts';
import { type Alignment, gather } from '../../rsa/align.ts';
import { columnsFor, dimensionsInSet, isRatings } from '../../rsa/choose.ts';
import { directAgreement, probeAgreement } from '../../rsa/dimensions/dimension-agreement.ts';
import type { RunContext } from '../kind.ts';
import type { Competitor, Params } from './gather.ts';

/** As a `dimensions` cell has them unless told otherwise. */
const probeSettings = { folds: 5, foldings: 1, penalty: 'gcv', control: false } as const;

interface Asked {
  readonly params: Params;
  readonly reference: RepresentationValue;
  /** Reference first. */
  readonly labels: readonly string[];
  readonly competitors: readonly Competitor[];
  readonly ranked: readonly RsaRow[];
  /** The words that all have. */
  readonly words: Alignment;
}

/** By label; a model that cannot be probed is left out, with a warning. */
export async function probes({ params, reference, labels, competitors, ranked, words }: Asked, context: RunContext): Promise<Map<string, LeaderboardProbe>> {
  const found = new Map<string, LeaderboardProbe>();
  if (!params.probe) return found;
  if (!isRatings(reference)) {
    context.warn(`the reference ${labels[0]!} has no dimensions, so that nothing is probed.`);
    return found;
  }
  const own = restricted(reference, params, words);
  for (const [at, row] of ranked.entries()) {
    const k = labels.indexOf(row.candidate, 1);
    const candidate = competitors[k - 1]!.value;
    const sides = { reference: own, referenceLabel: labels[0]!, candidate, label: row.candidate, place: `cell ${context.cell}` };
    const watch = { signal: context.signal, progress: () => context.progress({ label: `probes: ${row.candidate}`, done: at, total: ranked.length }) };
    watch.progress();
    try {
      const layer = candidate.layers.find(({ index }) => index === row.layerIndex)!;
      const { rows } = isRatings(candidate) ? directAgreement(sides) : await probeAgreement(sides, [layer], { ...probeSettings, seed: params.seed }, watch);
      if (rows.length > 0) found.set(row.candidate, { rho: rows.reduce((sum, { rho }) => sum + rho, 0) / rows.length, dimensions: rows.length, n: Math.min(...rows.map((one) => one.words.length)), method: rows[0]!.method });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      context.warn(`${row.candidate} is not probed: ${error.record.what}`);
    }
  }
  return found;
}

/** The reference's dimensions of the set, on the words that all models have. */
function restricted(reference: RepresentationValue, { set }: Params, { words, rows }: Alignment): RepresentationValue {
  const layer = reference.layers[0]!;
  const names = dimensionsInSet(reference, set);
  const { columns } = columnsFor(reference, names);
  const data = gather({ of: 0, label: reference.label, layer, columns, names: reference.dimensions }, rows[0]!);
  return {
    type: 'representation', label: reference.label, words, language: reference.language, categories: [], split: [], dimensions: names, origin: reference.origin, dropped: [],
    layers: [{ name: layer.name, index: layer.index, d: names.length, data }],
  };
}
