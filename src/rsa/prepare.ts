/** The rows of every block of an analysis, standardised over the same words, all with distances that exist. */
import { Problem } from '../base/problem.ts';
import { dimensionLabel } from '../data/dimensions.ts';
import type { Metric } from '../data/values.ts';
import { type Alignment, type Block, gather, keepComplete, keepWhere, widthOf } from './align.ts';
import { prepareLayer, type Rows, undefinedRows } from './rdm.ts';
import { isAngular, type Treatment } from './treatment.ts';

export { plainTreatment } from './treatment.ts';
export type { Missing, NoiseSettings, Shrinkage, Treatment } from './treatment.ts';

export interface PreparedBlocks {
  readonly alignment: Alignment;
  /** One for each block, in their order. */
  readonly layers: readonly Rows[];
  /** What the reader should know about how distances are made; for context.warn. */
  readonly notes: readonly string[];
}

/**
 * Standardises every block over the aligned words, without those that have an empty cell. Words whose vector then has no
 * direction (zero under cosine, constant under correlation and spearman) are dropped everywhere and the rest is
 * standardised anew, until every distance exists.
 *
 * @throws Problem `one-dimension` for a distance of direction on a single dimension
 */
export function prepareBlocks(blocks: readonly Block[], aligned: Alignment, treatment: Treatment, place = ''): PreparedBlocks {
  requireDirections(blocks, treatment.metric, place);
  let alignment = keepComplete(aligned, blocks);
  for (;;) {
    const n = alignment.words.length;
    const layers = blocks.map((block) =>
      prepareLayer(gather(block, alignment.rows[block.of]!), n, widthOf(block), block.columns ? treatment.ratings : treatment.states));
    const flags = layers.map((rows) => undefinedRows(rows, treatment.metric, treatment.removeMean));
    const next = keepWhere(alignment, (at) => {
      const k = flags.findIndex((flag) => flag[at] === 1);
      return k < 0 ? '' : `${whyUndefined(treatment.metric, treatment.removeMean)} in ${blocks[k]!.label}`;
    });
    if (next === alignment) return { alignment, layers, notes: [] };
    alignment = next;
  }
}

function requireDirections(blocks: readonly Block[], metric: Metric, place: string): void {
  if (!isAngular(metric)) return;
  const single = blocks.find(({ columns }) => columns?.length === 1);
  if (!single) return;
  throw new Problem({
    code: 'one-dimension', place,
    what: `metric is ${metric}, but ${single.label} has ${dimensionLabel(single.names[single.columns![0]!]!)} alone here, and one number has no direction`,
    fix: 'Choose metric: euclidean for single dimensions.',
  });
}

function whyUndefined(metric: Metric, removeMean: boolean): string {
  if (!isAngular(metric)) return 'no distance, since the vector is not finite';
  return `no ${metric} distance, since the vector is ${metric === 'cosine' && !removeMean ? 'zero' : 'constant'}`;
}
