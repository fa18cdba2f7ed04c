/** The rows of every block of an analysis, standardised over the same words, all with distances that exist. */
import type { Metric, Standardise } from '../data/values.ts';
import { type Alignment, type Block, gather, keepWhere, widthOf } from './align.ts';
import { prepareLayer, type Rows, undefinedRows } from './rdm.ts';

/** How rows become distances. */
export interface Treatment {
  readonly metric: Metric;
  /** Treatment of rating columns. */
  readonly ratings: Standardise;
  /** Treatment of hidden states. */
  readonly states: Standardise;
}

/**
 * Standardises every block over the aligned words. Words whose vector then has no direction (zero under cosine,
 * constant under correlation) are dropped everywhere and the rest is standardised anew, until every distance exists.
 */
export function standardiseBlocks(blocks: readonly Block[], complete: Alignment, treatment: Treatment): { alignment: Alignment; layers: Rows[] } {
  let alignment = complete;
  for (;;) {
    const n = alignment.words.length;
    const layers = blocks.map((block) =>
      prepareLayer(gather(block, alignment.rows[block.of]!), n, widthOf(block), block.columns ? treatment.ratings : treatment.states));
    const flags = layers.map((rows) => undefinedRows(rows, treatment.metric));
    const next = keepWhere(alignment, (at) => {
      const k = flags.findIndex((flag) => flag[at] === 1);
      return k < 0 ? '' : `${whyUndefined(treatment.metric)} in ${blocks[k]!.label}`;
    });
    if (next === alignment) return { alignment, layers };
    alignment = next;
  }
}

function whyUndefined(metric: Metric): string {
  switch (metric) {
    case 'cosine':
      return 'no cosine distance, since the vector is zero';
    case 'correlation':
      return 'no correlation distance, since the vector is constant';
    case 'euclidean':
    case 'sqeuclidean':
      return 'no distance, since the vector is not finite';
    default:
      return metric satisfies never;
  }
}
