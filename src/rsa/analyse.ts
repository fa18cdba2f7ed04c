/** RSA of one set of dimensions: RDMs, their agreement with the reference, p, intervals and differences. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { Dropped, Interval, Layer, RsaDifference, RsaRow } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { pairCount } from '../gpu/condensed.ts';
import { pause } from '../gpu/pause.ts';
import type { Alignment, Block } from './align.ts';
import { bootstrapCorrelations } from './bootstrap.ts';
import type { SetPlan } from './choose.ts';
import { type Comparator, pearson, percentileInterval } from './correlate.ts';
import { mantelTest, type ScoredRdm, scoreRdm } from './mantel.ts';
import { prepareBlocks, type Treatment } from './prepare.ts';
import { rdmsOf, type Rows } from './rdm.ts';

/** Fewest words that give an RDM worth correlating (six pairs). */
const fewestWords = 4;
/** Float32 entries that all RDMs of one set may take together: 3 GB. */
const mostEntries = 750e6;

/** @throws Problem `too-many-words` where the RDMs of n words, with their ranks, would not fit into memory together */
export function requireRoom(n: number, rdms: number, place: string, fix: string): void {
  if (pairCount(n) * rdms * 3 <= mostEntries) return;
  throw new Problem({ code: 'too-many-words', place, what: `${rdms} RDMs of ${n} words need ${Math.round((pairCount(n) * rdms * 12) / 1e9)} GB`, fix });
}

export interface RsaSettings extends Treatment {
  readonly comparator: Comparator;
  readonly permutations: number;
  readonly bootstrap: number;
  readonly level: number;
  readonly differences: 'none' | 'first' | 'all';
  readonly seed: number;
}

export interface RsaServices {
  readonly compute: () => Promise<Compute>;
  readonly watch: Watch;
  readonly warn: (message: string) => void;
  readonly place: string;
}

export interface SetResult {
  readonly rows: readonly RsaRow[];
  readonly differences: readonly RsaDifference[];
  readonly dropped: readonly Dropped[];
}

/** RDMs of hidden states do not depend on the set: kept from one set to the next while the words are the same. */
export class StatesCache {
  #rows: readonly Uint32Array[] = [];
  readonly #scored = new Map<Layer, ScoredRdm>();

  /** Forgets everything when the words are not those of the last set. */
  useWords(rows: readonly Uint32Array[]): void {
    const same = rows.length === this.#rows.length && rows.every((own, k) => {
      const other = this.#rows[k]!;
      return own.length === other.length && own.every((row, i) => row === other[i]);
    });
    if (!same) this.#scored.clear();
    this.#rows = rows;
  }

  get(block: Block): ScoredRdm | undefined {
    return block.columns ? undefined : this.#scored.get(block.layer);
  }

  set(block: Block, scored: ScoredRdm): void {
    if (!block.columns) this.#scored.set(block.layer, scored);
  }
}

/** Runs one set over the words that are complete in all its blocks. */
export async function analyseSet(plan: SetPlan, aligned: Alignment, settings: RsaSettings, services: RsaServices, cache: StatesCache): Promise<SetResult> {
  const { set, reference, candidates } = plan;
  const blocks = [reference, ...candidates];
  const { alignment, layers, notes } = prepareBlocks(blocks, aligned, settings, services.place);
  for (const note of notes) services.warn(`${set}: ${note}`);
  const n = alignment.words.length;
  checkSize(n, blocks.length, plan, services);
  warnConstant(plan, layers, services);
  const watch: Watch = { ...services.watch, progress: (step) => services.watch.progress?.({ ...step, label: `${set}: ${step.label}` }) };
  const scored = await scoreBlocks(blocks, layers, alignment, settings, { ...services, watch }, cache);
  const [standard, ...others] = scored as [ScoredRdm, ...ScoredRdm[]];
  const values = others.map(({ scores }) => pearson(scores, standard.scores));
  warnTies(plan, scored, values, services);

  let p: readonly (number | null)[] = others.map(() => null);
  if (settings.permutations > 0) {
    const test = await mantelTest(services.compute, {
      n, reference: standard, candidates: others, comparator: settings.comparator, permutations: settings.permutations, seed: settings.seed,
    }, watch);
    if (test.exact) services.warn(`${set}: with ${n} words there are only ${test.permutations} orders; all were taken, so p is exact.`);
    p = test.p.map((value) => (Number.isNaN(value) ? null : value));
  }
  const draws = settings.bootstrap > 0
    ? await bootstrapCorrelations({
      n, reference: standard.standard, candidates: others.map((other) => other.standard), draws: settings.bootstrap, seed: settings.seed,
    }, watch)
    : null;
  const rows = candidates.map((block, k): RsaRow => ({
    candidate: block.label, layer: block.layer.name, layerIndex: block.layer.index, set, n, pairs: pairCount(n),
    value: values[k]!, interval: draws ? percentileInterval(draws[k]!, settings.level) : null, p: p[k]!,
  }));
  return { rows, differences: differencesBetween(candidates, rows, draws, settings), dropped: alignment.dropped };
}

async function scoreBlocks(
  blocks: readonly Block[], layers: readonly Rows[], alignment: Alignment, settings: RsaSettings, services: RsaServices, cache: StatesCache,
): Promise<ScoredRdm[]> {
  cache.useWords(alignment.rows);
  const missing = blocks.flatMap((block, k) => (cache.get(block) ? [] : [k]));
  services.watch.progress?.({ label: 'distances', done: 0, total: missing.length });
  const rdms = await rdmsOf(services.compute, missing.map((k) => layers[k]!), settings, services.watch);
  const fresh = new Map<number, ScoredRdm>();
  for (const [at, k] of missing.entries()) {
    services.watch.signal?.throwIfAborted();
    services.watch.progress?.({ label: settings.comparator === 'spearman' ? 'ranking distances' : 'distances', done: at, total: missing.length });
    const scored = scoreRdm(rdms[at]!, settings.comparator);
    cache.set(blocks[k]!, scored);
    fresh.set(k, scored);
    await pause();
  }
  return blocks.map((block, k) => fresh.get(k) ?? cache.get(block)!);
}

/** Each candidate enters with its best layer; a minus b, where b comes first in the cell. */
function differencesBetween(
  candidates: readonly Block[], rows: readonly RsaRow[], draws: readonly Float64Array[] | null, settings: RsaSettings,
): RsaDifference[] {
  if (settings.differences === 'none') return [];
  const best = new Map<number, number>();
  rows.forEach((row, k) => {
    const held = best.get(candidates[k]!.of);
    if (!Number.isNaN(row.value) && (held === undefined || row.value > rows[held]!.value)) best.set(candidates[k]!.of, k);
  });
  const chosen = [...best.values()];
  const pairs = chosen.flatMap((b, at) => (settings.differences === 'all' || at === 0 ? chosen.slice(at + 1).map((a) => [a, b] as const) : []));
  return pairs.map(([a, b]) => {
    let interval: Interval = null;
    if (draws) interval = percentileInterval(draws[a]!.map((value, draw) => value - draws[b]![draw]!), settings.level);
    const name = (k: number): { candidate: string; layer: string } => ({ candidate: rows[k]!.candidate, layer: rows[k]!.layer });
    return { set: rows[a]!.set, a: name(a), b: name(b), value: rows[a]!.value - rows[b]!.value, interval };
  });
}

function checkSize(n: number, blocks: number, plan: SetPlan, services: RsaServices): void {
  if (n < fewestWords) {
    throw new Problem({
      code: 'too-few-words', place: services.place,
      what: `${n} words are complete in ${plan.reference.label} and all candidates under the set ${plan.set}; RSA needs ${fewestWords}`,
      fix: 'Take more words, or leave out the candidate with the empty cells.',
    });
  }
  requireRoom(n, blocks, services.place, 'Draw a sample in the stimuli cell, or choose fewer layers.');
  if (n < 20) services.warn(`${plan.set}: only ${n} words; intervals and p are rough.`);
}

/** Ties that rounding splits are worth a word where they reach the fourth decimal. */
function warnTies(plan: SetPlan, [reference, ...others]: readonly ScoredRdm[], values: readonly number[], services: RsaServices): void {
  others.forEach((other, k) => {
    if (!other.tied && !reference!.tied) return;
    const tied = pearson(other.tied ?? other.scores, reference!.tied ?? reference!.scores);
    if (!(Math.abs(tied - values[k]!) >= 5e-5)) return;
    services.warn(`${plan.set}: many word pairs of ${plan.candidates[k]!.label} are equally far apart but for rounding; ranked as ties they give ${tied.toFixed(4)} instead of ${values[k]!.toFixed(4)}.`);
  });
}

function warnConstant(plan: SetPlan, layers: readonly Rows[], services: RsaServices): void {
  [plan.reference, ...plan.candidates].forEach(({ label, columns, names }, k) => {
    if (!columns) return;
    const constant = layers[k]!.constant.map((column) => names[columns[column]!]!);
    if (constant.length) services.warn(`${plan.set}: ${label} rates all words alike on ${constant.join(', ')}; z-scored to 0.`);
  });
}
