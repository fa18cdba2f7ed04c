/** The rows of every block of an analysis, standardised over the same words, all with distances that exist. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { dimensionLabel } from '../../data/dimensions.ts';
import { type Alignment, type Block, gather, keepComplete, keepWhere, widthOf } from '../align.ts';
import { countPairwise, hasGaps, withoutDistance } from './missing.ts';
import { prepareLayer, type Rows, undefinedRows } from './rdm.ts';
import { isStill } from './residuals.ts';
import { withoutRowMeans } from './row-transforms.ts';
import { isAngular, isWhitened, type Treatment } from './treatment.ts';

export { plainTreatment } from './treatment.ts';
export type { NoiseSettings, Treatment } from './treatment.ts';

export interface PreparedBlocks {
  readonly alignment: Alignment;
  /** One for each block, in their order. */
  readonly layers: readonly Rows[];
  /** What the reader should know about how distances are made; for context.warn. */
  readonly notes: readonly string[];
}

/**
 * Standardises every block over the aligned words. Words with an empty cell are dropped everywhere or, with missing:
 * pairwise, only where a pair of them has no distance. Words whose vector has no direction (zero under cosine, constant
 * under correlation and spearman) are dropped everywhere and the rest is standardised anew, until every distance exists.
 *
 * @throws Problem `one-dimension` for a distance of direction, or a mean to remove, on a single dimension; `one-measurement` for crossnobis where
 *   nothing was measured more than once; `too-many-words` where the measurements of all blocks do not fit
 */
export async function prepareBlocks(blocks: readonly Block[], aligned: Alignment, treatment: Treatment, place = '', watch: Watch = {}): Promise<PreparedBlocks> {
  checkMetric(blocks, treatment, place);
  let alignment = keepMeasured(aligned, blocks, treatment);
  for (;;) {
    requireRows(alignment.words.length, blocks, treatment, place);
    const layers = blocks.map((block) => prepareBlock(block, alignment.rows[block.of]!, treatment));
    const flags: Uint8Array[] = [];
    for (const rows of layers) flags.push(await lost(rows, treatment, watch));
    const next = keepWhere(alignment, (at) => {
      const k = flags.findIndex((flag) => flag[at] === 1);
      if (k < 0) return '';
      const gap = layers[k]!.gaps && hasGaps(gather(blocks[k]!, alignment.rows[blocks[k]!.of]!.subarray(at, at + 1)));
      return `${gap ? `too few dimensions for a ${treatment.metric} distance to every other word` : whyUndefined(treatment)} in ${blocks[k]!.label}`;
    });
    if (next === alignment) return { alignment, layers, notes: await notesOf(blocks, layers, treatment, watch) };
    alignment = next;
  }
}

/** The rows of one block, standardised, with its measurements where the metric reads them. */
export function prepareBlock(block: Block, rows: Uint32Array, treatment: Treatment): Rows {
  const how = block.columns ? treatment.ratings : treatment.states;
  const measurements = readsMeasurements(block, treatment) ? block.layer.measurements!.map((data) => gather(block, rows, data)) : [];
  const prepared = prepareLayer(gather(block, rows), rows.length, widthOf(block), how, measurements);
  const label = block.columns ? block.label : `${block.label}, ${block.layer.name}`;
  return { ...prepared, label, gaps: block.columns !== null && treatment.missing === 'pairwise' && hasGaps(prepared.data) };
}

/** Bytes that the rows of all blocks may take together, their measurements included: 2 GB. */
const mostBytes = 2e9;

/** @throws Problem `too-many-words` where n words' rows of all blocks, with the measurements that are read, do not fit */
export function requireRows(n: number, blocks: readonly Block[], treatment: Treatment, place: string): void {
  const measured = (block: Block): number => (readsMeasurements(block, treatment) ? block.layer.measurements!.length : 0);
  const bytes = blocks.reduce((sum, block) => sum + n * widthOf(block) * (1 + measured(block)) * block.layer.data.BYTES_PER_ELEMENT, 0);
  if (bytes <= mostBytes) return;
  throw new Problem({
    code: 'too-many-words', place,
    what: `${treatment.metric} reads ${blocks.reduce((sum, block) => sum + 1 + measured(block), 0)} matrices of ${n} words, measurements and their means, which need ${(bytes / 1e9).toFixed(1)} GB`,
    fix: 'Draw a sample in the stimuli cell, choose fewer layers, or keep fewer templates apart.',
  });
}

function readsMeasurements({ layer }: Block, { metric }: Treatment): boolean {
  return isWhitened(metric) && (layer.measurements?.length ?? 0) > 1;
}

/**
 * Hidden states without those layers that all templates give alike, or shifted alike for all words, as embeddings are that
 * know no position: whitened distances have no noise to divide by there. Where a representation has no other layer it stays,
 * to be refused by name.
 */
export function withoutStill(blocks: readonly Block[], { metric, noise }: Treatment, warn: (message: string) => void): Block[] {
  if (!isWhitened(metric) || noise.shrinkage === 'none') return [...blocks];
  const still = new Set(blocks.filter(({ columns, layer: { measurements = [], data, d } }) => columns === null && measurements.length > 1 && isStill(measurements, data.length / d, d)));
  return blocks.filter((block) => {
    if (!still.has(block) || !blocks.some((other) => other.of === block.of && !still.has(other))) return true;
    warn(`${block.label}, ${block.layer.name} is the same under every template, but for what a template adds to all words alike: there is no noise to divide by, and the layer is left out.`);
    return false;
  });
}

/** Which words stay before anything is computed: those without empty cells, as far as the treatment needs them complete. */
export function keepMeasured(aligned: Alignment, blocks: readonly Block[], treatment: Treatment): Alignment {
  const pairwise = treatment.missing === 'pairwise' && !isWhitened(treatment.metric);
  const complete = keepComplete(aligned, pairwise ? blocks.filter(({ columns }) => columns === null) : blocks);
  if (treatment.metric !== 'crossnobis') return complete;
  // Every measurement takes part in every distance.
  return keepComplete(complete, blocks.flatMap((block) =>
    (block.layer.measurements ?? []).map((data, m) => ({ ...block, label: `measurement ${m + 1} of ${block.label}`, layer: { ...block.layer, data } }))));
}

/** Words to leave out of a block, 1 each, so that all others have distances. */
async function lost(rows: Rows, { metric, removeMean }: Treatment, watch: Watch): Promise<Uint8Array> {
  const alone = undefinedRows(rows, metric, removeMean);
  if (!rows.gaps || isWhitened(metric)) return alone;
  const { n, d, data } = rows;
  return withoutDistance({ n, d, data: removeMean ? withoutRowMeans(data, n, d) : data }, metric, alone, watch);
}

/** @throws Problem as {@link prepareBlocks} */
export function checkMetric(blocks: readonly Block[], { metric, removeMean }: Treatment, place: string): void {
  const single = isAngular(metric) || removeMean ? blocks.find(({ columns }) => columns?.length === 1) : undefined;
  if (single) {
    const alone = `${single.label} has ${dimensionLabel(single.names[single.columns![0]!]!)} alone here, and one number`;
    throw new Problem({
      code: 'one-dimension', place,
      what: isAngular(metric) ? `metric is ${metric}, but ${alone} has no direction` : `removeMean is on, but ${alone} is its own mean`,
      fix: isAngular(metric) ? 'Choose metric: euclidean for single dimensions.' : 'Turn removeMean off for single dimensions.',
    });
  }
  if (metric !== 'crossnobis' || blocks.some(({ layer }) => (layer.measurements?.length ?? 0) > 1)) return;
  throw new Problem({
    code: 'one-measurement', place,
    what: 'metric is crossnobis, but nothing here was measured more than once',
    fix: measureAgain(blocks),
  });
}

/** How hidden states and ratings come to be measured more than once. Mahalanobis is no way out: it would whiten by the words. */
function measureAgain(blocks: readonly Block[]): string {
  const ways = [
    ...(blocks.some(({ columns }) => columns === null) ? ['Give an activations cell two templates or more and switch keepTemplates on there'] : []),
    ...(blocks.some(({ columns }) => columns !== null) ? ['Name a column pattern for each rater in raters of a ratings cell'] : []),
    'Choose metric: sqeuclidean, which takes one measurement',
  ];
  return `${ways.map((way, k) => (k === 0 ? way : `${way[0]!.toLowerCase()}${way.slice(1)}`)).join(', or ')}.`;
}

function whyUndefined({ metric, removeMean }: Treatment): string {
  if (!isAngular(metric)) return 'no distance, since the vector is not finite';
  return `no ${metric} distance, since the vector is ${metric === 'cosine' && !removeMean ? 'zero' : 'constant'}`;
}

/** What a run tells about distances that are not what they seem. */
export async function notesOf(blocks: readonly Block[], layers: readonly Rows[], treatment: Treatment, watch: Watch = {}): Promise<string[]> {
  const { metric, noise } = treatment;
  const notes: string[] = [];
  const labels = (which: readonly Block[]): string => [...new Set(which.map(({ label }) => label))].join(', ');
  const once = blocks.filter((block) => !readsMeasurements(block, treatment));
  if (metric === 'mahalanobis' && noise.shrinkage !== 'none' && once.length) {
    notes.push(`${labels(once)}: measured once, so mahalanobis divides by the covariance of the words around their mean, not by noise.`);
  }
  if (metric === 'crossnobis' && once.length) notes.push(`${labels(once)}: measured once, so its distances are squared Euclidean, not cross-validated.`);
  if (treatment.missing === 'pairwise' && isWhitened(metric)) notes.push(`${metric} distances need complete words, so those with empty cells are dropped.`);
  for (const rows of layers) {
    if (!rows.gaps) continue;
    const { pairs, fewest } = await countPairwise(rows, watch);
    notes.push(`${rows.label}: ${pairs} of ${(rows.n * (rows.n - 1)) / 2} distances are over the dimensions that both words have, at least ${fewest} of ${rows.d}.`);
  }
  return notes;
}
