/** Every block of one set made ready for the comparator: its RDM scored, or its rows. */
import type { Watch } from '../base/progress.ts';
import type { Layer } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { pause } from '../gpu/pause.ts';
import type { Alignment, Block } from './align.ts';
import { type Comparator, comparesRows, isLinear } from './comparators/comparators.ts';
import { withRoundingTied } from './comparators/ranks.ts';
import { rdmsOf, type Rows } from './distances/rdm.ts';
import { type Role, type Scored, scoreRdm } from './scored.ts';
import type { Treatment } from './distances/treatment.ts';

/** RDMs of hidden states do not depend on the set: kept from one set to the next while the words are the same. */
export class StatesCache {
  #rows: readonly Uint32Array[] = [];
  readonly #scored = { reference: new Map<Layer, Scored>(), candidate: new Map<Layer, Scored>() };

  /** Forgets everything when the words are not those of the last set. */
  useWords(rows: readonly Uint32Array[]): void {
    const same = rows.length === this.#rows.length && rows.every((own, k) => {
      const other = this.#rows[k]!;
      return own.length === other.length && own.every((row, i) => row === other[i]);
    });
    if (!same) for (const role of Object.values(this.#scored)) role.clear();
    this.#rows = rows;
  }

  get(block: Block, role: Role): Scored | undefined {
    return block.columns ? undefined : this.#scored[role].get(block.layer);
  }

  set(block: Block, role: Role, scored: Scored): void {
    if (!block.columns) this.#scored[role].set(block.layer, scored);
  }
}

/**
 * What the comparator makes of the treatment. CKA and Procrustes compare rows: they see centred ones whatever was asked, and
 * CKA is computed on their squared Euclidean distances.
 */
export function treatmentFor<T extends Treatment>(comparator: Comparator, treatment: T): T {
  if (!comparesRows(comparator)) return treatment;
  const centred = (how: Treatment['ratings']): Treatment['ratings'] => (how === 'none' ? 'centre' : how);
  return { ...treatment, metric: 'sqeuclidean', perChannel: false, removeMean: false, missing: 'drop', ratings: centred(treatment.ratings), states: centred(treatment.states) };
}

export interface BlocksToScore {
  /** The reference first. */
  readonly blocks: readonly Block[];
  readonly layers: readonly Rows[];
  readonly alignment: Alignment;
  readonly comparator: Comparator;
  /** As {@link treatmentFor} gives it. */
  readonly treatment: Treatment;
  /** Whether float64 distances that only rounding tells apart are made equal. */
  readonly ties: 'exact' | 'rounding';
  /** Whether distances are kept for samples of the words. */
  readonly keep: boolean;
}

/** Scores all blocks, those of hidden states once for all sets with the same words. */
export async function scoreBlocks(input: BlocksToScore, compute: () => Promise<Compute>, watch: Watch, cache: StatesCache): Promise<[Scored, ...Scored[]]> {
  const { blocks, layers, alignment, comparator, treatment, keep } = input;
  if (comparator === 'procrustes') return layers.map((rows): Scored => ({ kind: 'rows', rows })) as [Scored, ...Scored[]];
  const roleOf = (at: number): Role => (at === 0 ? 'reference' : 'candidate');
  cache.useWords(alignment.rows);
  const missing = blocks.flatMap((block, at) => (cache.get(block, roleOf(at)) ? [] : [at]));
  watch.progress?.({ label: 'distances', done: 0, total: missing.length });
  const rdms = await rdmsOf(compute, missing.map((at) => layers[at]!), treatment, watch);
  const fresh = new Map<number, Scored>();
  for (const [k, at] of missing.entries()) {
    watch.signal?.throwIfAborted();
    watch.progress?.({ label: comparator === 'spearman' || comparator === 'rho-a' ? 'ranking distances' : 'distances', done: k, total: missing.length });
    // Taken out, so that an RDM whose ranks are all that is needed can go.
    const found = rdms.shift()!;
    const distances = input.ties === 'rounding' && found instanceof Float64Array ? withRoundingTied(found) : found;
    const scored: Scored = isLinear(comparator) ? scoreRdm(distances, comparator, alignment.words.length, roleOf(at), keep) : { kind: 'order', distances };
    cache.set(blocks[at]!, roleOf(at), scored);
    fresh.set(at, scored);
    await pause();
  }
  return blocks.map((block, at) => fresh.get(at) ?? cache.get(block, roleOf(at))!) as [Scored, ...Scored[]];
}
