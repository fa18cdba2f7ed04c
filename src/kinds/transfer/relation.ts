/** How a column stands to what a model was trained on: the same task on other words, or transfer, and across what. */
import type { Across, Relation, TrainedOn, TransferColumn } from '../../data/transfer.ts';
import { dimensionKey } from '../../rsa/choose.ts';

type Asked = Pick<TransferColumn, 'measure' | 'read' | 'language' | 'dimensions'>;
export interface Standing {
  readonly relation: Relation;
  readonly across: readonly Across[];
}

/**
 * The nearest of what a model was trained on decides. For ratings it is the same task whether hidden states are compared
 * or probed or ratings predicted; only where the model itself predicts must the form (head or prompt) be the one it was
 * trained in. In a column of likelihoods every model can be asked, trained in that form or not.
 *
 * @param tasksKnown whether that is all it was trained on: what is not known may be nearer still
 */
export function standingOf(trainedOn: readonly TrainedOn[], column: Asked, tasksKnown = true): Standing {
  const known = nearestOf(trainedOn, column);
  return tasksKnown || known.relation === 'trained' ? known : { relation: 'unknown', across: [] };
}

function nearestOf(trainedOn: readonly TrainedOn[], column: Asked): Standing {
  if (trainedOn.length === 0) return { relation: 'base', across: [] };
  const standings = together(trainedOn).map((part) => standingTo(part, column));
  return standings.reduce((nearest, other) => (rank(other) < rank(nearest) ? other : nearest));
}

const order: readonly Relation[] = ['base', 'trained', 'partly trained', 'transfer', 'unknown'];

function rank({ relation, across }: Standing): number {
  return order.indexOf(relation) + across.length / 4;
}

/** Dimensions that were trained in several rounds count together. */
function together(trainedOn: readonly TrainedOn[]): TrainedOn[] {
  const groups = Map.groupBy(trainedOn, ({ task, form, language }) => `${task} ${form} ${language}`);
  return [...groups.values()].map((parts) => ({ ...parts[0]!, dimensions: [...new Set(parts.flatMap(({ dimensions }) => dimensions))] }));
}

function standingTo(part: TrainedOn, { measure, read, language, dimensions }: Asked): Standing {
  const across: Across[] = [];
  const task = measure === 'choice' ? 'choice' : 'rating';
  const sameForm = read === null || read === part.form;
  if (part.task !== task || !sameForm) across.push('format');
  // A text whose language nobody named is not called foreign.
  if (part.language !== '' && part.language !== language) across.push('language');
  const trained = new Set(part.dimensions.map(dimensionKey));
  const known = dimensions.filter((dimension) => trained.has(dimensionKey(dimension)));
  const rated = part.task === 'rating' && task === 'rating';
  if (rated && known.length === 0) across.push('dimensions');
  else if (rated && across.length > 0 && known.length < dimensions.length) across.push('some dimensions');
  if (across.length > 0) return { relation: 'transfer', across };
  return { relation: task === 'rating' && known.length < dimensions.length ? 'partly trained' : 'trained', across };
}
