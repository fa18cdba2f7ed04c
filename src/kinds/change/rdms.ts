/** The RDMs that a `change` cell draws: few enough words to keep and to read, the same in all three, in one order. */
import type { ChangeRdms, MovedPair } from '../../data/change.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import { formsOf, sampleRows } from '../../data/sample.ts';
import type { RdmValue } from '../../data/values.ts';
import { pairCount, pairIndex } from '../../gpu/condensed.ts';
import type { Watch } from '../../base/progress.ts';
import { averageLinkage, categoryOrder, leafOrder } from '../../rsa/geometry/cluster.ts';
import type { Distances } from '../../rsa/words/change-layers.ts';
import { doubledRanks } from '../../rsa/comparators/ranks.ts';

/** Pairs named at each end. */
const named = 20;

interface Given {
  readonly words: readonly string[];
  /** Of each word; empty for none. */
  readonly categories: readonly string[];
  readonly set: DimensionSet;
  readonly before: Distances;
  readonly after: Distances;
  readonly reference: Distances;
  readonly most: number;
  readonly seed: number;
}

/** Draws the words where there are too many, and orders them: by category, or by how the reference clusters. */
export async function drawnRdms({ words, categories, set, before, after, reference, most, seed }: Given, watch: Watch): Promise<ChangeRdms> {
  const n = words.length;
  const rows = sampleRows(words.map((word) => formsOf([word])), most, seed);
  const part = (distances: Distances): Float32Array => {
    const out = new Float32Array(pairCount(rows.length));
    let pair = 0;
    rows.forEach((i, at) => { for (const j of rows.slice(at + 1)) out[pair++] = distances[pairIndex(n, i, j)]!; });
    return out;
  };
  const own = { before: part(before), after: part(after), reference: part(reference) };
  const grouped = categories.length ? rows.map((row) => categories[row]!) : [];
  const order = await orderOf(grouped, own.reference, rows.length, watch);
  return { words: rows.map((row) => words[row]!), categories: grouped, ...order, of: n, set, ...own, ...movedPairs(own.before, own.after, rows.length) };
}

async function orderOf(categories: readonly string[], reference: Float32Array, n: number, watch: Watch): Promise<Pick<RdmValue, 'order' | 'orderedBy'>> {
  if (categories.some((category) => category !== '')) return { order: categoryOrder(categories), orderedBy: 'category' };
  return { order: leafOrder(await averageLinkage(reference, n, watch), n), orderedBy: 'clustering' };
}

function movedPairs(before: Float32Array, after: Float32Array, n: number): Pick<ChangeRdms, 'nearer' | 'apart'> {
  const [first, second] = [doubledRanks(before), doubledRanks(after)];
  const all: MovedPair[] = [];
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) all.push({ i, j, moved: (second[pair]! - first[pair]!) / (2 * before.length) });
  }
  all.sort((a, b) => a.moved - b.moved);
  return { nearer: all.slice(0, named).filter(({ moved }) => moved < 0), apart: all.slice(-named).filter(({ moved }) => moved > 0).reverse() };
}
