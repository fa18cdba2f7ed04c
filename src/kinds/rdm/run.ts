/** Runs an `rdm` cell: distances of every pair of words, per layer, and one order to draw them in. */
import { Problem } from '../../base/problem.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import type { RdmValue, RepresentationValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import type { Alignment, Block } from '../../rsa/align.ts';
import { chooseLayers, dimensionsInSet, columnsFor, isRatings } from '../../rsa/choose.ts';
import { averageLinkage, categoryOrder, leafOrder } from '../../rsa/geometry/cluster.ts';
import { checkMetric, keepMeasured, notesOf, prepareBlock, requireRows, withoutStill } from '../../rsa/distances/prepare.ts';
import { rdmsOf } from '../../rsa/distances/rdm.ts';
import { isWhitened } from '../../rsa/distances/treatment.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { idleSettings, treatmentOf } from '../treatment.ts';
import type { fields } from './schema.ts';

/** Clustering keeps a square matrix and a few passes over it. */
const clusterUpTo = 5000;
/** Bytes of the distances of all layers together: 2 GB. */
const mostBytes = 2e9;

export const run: Run<typeof fields, 'rdm'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const representation = inputOf(context, params.of, 'representation');
  idleSettings(params, context.warn);
  const ratings = isRatings(representation);
  const standardise = params.standardise === 'auto' ? (ratings ? 'zscore' : 'none') : params.standardise;
  if (!ratings && params.set !== 'all') context.warn(`hidden states have no named dimensions: they are used whole, not cut down to ${params.set}.`);
  const all: Alignment = { words: representation.words, rows: [Uint32Array.from(representation.words.keys())], dropped: [] };
  const treatment = treatmentOf({ ...params, standardise, states: standardise });
  const blocks = withoutStill(blocksOf(representation, params.set, params.layers, place), treatment, context.warn);
  checkMetric(blocks, treatment, place);
  const { words, rows: [rows], dropped } = keepMeasured(all, blocks, treatment);
  const n = words.length;
  checkSize(n, blocks, representation.label, place);

  const watch = { progress: context.progress, signal: context.signal };
  requireRows(n, blocks, treatment, place);
  const layers = blocks.map((block) => prepareBlock(block, rows!, treatment));
  for (const note of await notesOf(blocks, layers, treatment, watch)) context.warn(note);
  for (const [k, { constant }] of layers.entries()) {
    const names = constant.map((column) => blocks[k]!.names[blocks[k]!.columns?.[column] ?? column]).filter((name) => name !== undefined);
    if (names.length) context.warn(`${representation.label} is the same for all words on ${names.join(', ')}; z-scored to 0.`);
  }
  const distances = await rdmsOf(context.compute, layers, treatment, watch);
  const undefinedPairs = distances.map((own) => countNaN(own));
  undefinedPairs.forEach((count, k) => {
    const why = layers[k]!.gaps ? 'is zero or constant, or the two have too few dimensions in common' : 'is zero, constant or not finite';
    if (count) context.warn(`${blocks[k]!.layer.name}: ${count} pairs have no ${params.metric} distance, since a vector ${why}; they are drawn as gaps.`);
  });
  const categories = representation.categories.length ? Array.from(rows!, (row) => representation.categories[row]!) : [];
  const { order, orderedBy } = await orderOf(params.order, categories, distances[distances.length - 1]!, n, context);
  return {
    type: 'rdm', label: representation.label, words, categories, metric: params.metric, standardise, set: ratings ? params.set : 'all',
    shrinkage: params.shrinkage, perMeasurement: params.perMeasurement, perChannel: params.perChannel, removeMean: params.removeMean,
    // Whitened distances, and hidden states, have no pairs over what both words have.
    missing: ratings && !isWhitened(params.metric) ? params.missing : 'drop',
    layers: blocks.map(({ layer }, k) => ({ name: layer.name, index: layer.index, distances: distances[k]! })),
    order, orderedBy, undefinedPairs, dropped, origin: representation.origin,
  };
};

function blocksOf(representation: RepresentationValue, set: DimensionSet, wanted: readonly string[], place: string): Block[] {
  const { label, dimensions } = representation;
  const block = (layer: Block['layer'], columns: readonly number[] | null): Block => ({ of: 0, label, layer, columns, names: dimensions });
  if (!isRatings(representation)) return chooseLayers(representation, label, wanted, place).map((layer) => block(layer, null));
  const { columns } = columnsFor(representation, dimensionsInSet(representation, set));
  if (columns.length) return [block(representation.layers[0]!, columns)];
  throw new Problem({
    code: 'no-dimensions', place,
    what: `${label} has no dimension of the set ${set}; it has ${dimensions.join(', ')}`,
    fix: 'Choose another set, or all.',
  });
}

async function orderOf(
  wanted: 'auto' | 'category' | 'clustering' | 'source', categories: readonly string[], distances: Float32Array | Float64Array, n: number, context: RunContext,
): Promise<Pick<RdmValue, 'order' | 'orderedBy'>> {
  const grouped = categories.some((category) => category !== '');
  if (wanted === 'category' && !grouped) context.warn('the words have no categories, so they are ordered by clustering.');
  if (wanted !== 'source' && wanted !== 'clustering' && grouped) return { order: categoryOrder(categories), orderedBy: 'category' };
  if (wanted !== 'source' && n <= clusterUpTo) {
    const merges = await averageLinkage(distances, n, { progress: context.progress, signal: context.signal });
    return { order: leafOrder(merges, n), orderedBy: 'clustering' };
  }
  if (wanted !== 'source') context.warn(`${n} words are too many to cluster here (up to ${clusterUpTo}); they are drawn in the order of the source.`);
  return { order: Uint32Array.from({ length: n }, (_, i) => i), orderedBy: 'source' };
}

function checkSize(n: number, blocks: readonly Block[], label: string, place: string): void {
  if (n < 2) {
    throw new Problem({
      code: 'too-few-words', place, what: `${n} words of ${label} have all their values`, fix: 'A dissimilarity needs at least two words: take more, or fill the empty cells.',
    });
  }
  const bytes = pairCount(n) * blocks.reduce((sum, { layer }) => sum + layer.data.BYTES_PER_ELEMENT, 0);
  if (bytes > mostBytes) {
    throw new Problem({
      code: 'too-many-words', place,
      what: `${blocks.length} RDMs of ${n} words need ${Math.round(bytes / 1e9)} GB`,
      fix: 'Draw a sample in the stimuli cell, or choose fewer layers.',
    });
  }
}

function countNaN(distances: Float32Array | Float64Array): number {
  let count = 0;
  for (const distance of distances) if (Number.isNaN(distance)) count++;
  return count;
}
