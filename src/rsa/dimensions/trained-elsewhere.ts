/**
 * A probe that learns from the ratings of some words and is asked about others: a published split into training and test
 * words. Words of the test are never trained on, whatever their case.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { wordKey } from '../../data/join.ts';
import { shortList } from '../../data/names.ts';
import type { Layer, RepresentationValue } from '../../data/values.ts';
import { alignWords, type Alignment, type Block, gather, keepComplete, keepWhere } from '../align.ts';
import { columnsFor } from '../choose.ts';
import { spearman } from '../comparators/correlate.ts';
import { fewestWords } from '../limits.ts';
import type { AgreementResult, DimensionAgreement, ProbeSettings, Sides } from './dimension-agreement.ts';
import { shuffledTargets } from './folds.ts';
import { heldOutR2, penaltyGrid, readOut } from './probe.ts';
import { rowsOf } from './ridge.ts';

export interface Training {
  readonly ratings: RepresentationValue;
  readonly label: string;
}

export interface TrainedAgreement extends AgreementResult {
  /** How many words were trained on. */
  readonly trainedOn: number;
  /** Words with training ratings that are among those to predict, and so were not trained on. */
  readonly shared: number;
}

/** Fewer than these teach nothing: gcv then chooses among fits of nearly as many features as words. */
const fewestTraining = 10;

/**
 * Agreement with the reference of what was learnt from other words.
 *
 * @throws Problem `training-dimensions` where a dimension of the reference is not rated, `too-few-words`; as alignWords does
 */
export async function trainedAgreement(
  { reference, referenceLabel, candidate, label, place }: Sides, training: Training, layers: readonly Layer[], settings: Omit<ProbeSettings, 'foldings'>, watch: Watch,
): Promise<TrainedAgreement> {
  const { dimensions } = reference;
  const { columns, missing } = columnsFor(training.ratings, dimensions);
  if (missing.length > 0) {
    throw new Problem({ code: 'training-dimensions', place, what: `${training.label} has no ratings of ${shortList(missing)}`, fix: 'Train on ratings of the same dimensions, or choose those both have in the ratings cells.' });
  }
  const states = layers.map((layer): Block => ({ of: 1, label, layer, columns: null, names: [] }));
  const block = (value: RepresentationValue, name: string, own: readonly number[]): Block => ({ of: 0, label: name, layer: value.layers[0]!, columns: own, names: value.dimensions });
  const asked = block(reference, referenceLabel, dimensions.map((_, column) => column));
  const taught = block(training.ratings, training.label, columns);

  const test = keepComplete(alignWords([reference, candidate], [referenceLabel, label], place, fewestWords), [asked, ...states]);
  const held = new Set(reference.words.map(fold));
  const all = alignWords([training.ratings, candidate], [training.label, label], place, fewestTraining);
  const shared = all.words.filter((word) => held.has(fold(word))).length;
  const train = keepComplete(keepWhere(all, (at) => (held.has(fold(all.words[at]!)) ? `to be predicted, not trained on` : '')), [taught, ...states]);
  if (train.words.length < fewestTraining) {
    throw new Problem({
      code: 'too-few-words', place, what: `${train.words.length} words of ${training.label} can be trained on${shared ? `; ${shared} are among those to predict` : ''}`,
      fix: 'Train on ratings of other words than those of the reference.',
    });
  }
  const [x, y] = [targetsOf(asked, test), targetsOf(taught, train)];
  const shuffled = settings.control ? shuffledTargets(y, settings.seed) : [];
  const rows: DimensionAgreement[] = [];
  const choices = { made: 0, smallest: 0, largest: 0 };
  for (const [at, own] of states.entries()) {
    watch.progress?.({ label: 'probes', done: at, total: states.length });
    const { layer } = own;
    const features = (of: Alignment): Float64Array => {
      const data = gather(own, of.rows[1]!);
      return rowsOf(data, layer.d, Uint32Array.from(of.words.keys()));
    };
    const found = await readOut({ d: layer.d, x: features(train), targets: [...y, ...shuffled], others: features(test), fold: 0 }, watch, {
      choice: settings.penalty === 'nested' ? { nested: settings.folds, seed: settings.seed, folding: 0 } : 'gcv',
    });
    dimensions.forEach((dimension, column) => {
      const [ratings, predictions] = [x[column]!, found.predictions[column]!];
      const chosen = found.chosen[column]!;
      choices.made++;
      choices.smallest += Number(chosen === 0);
      choices.largest += Number(chosen === penaltyGrid.length - 1);
      rows.push({
        candidate: label, layer: layer.name, layerIndex: layer.index, dimension, method: 'probe', words: test.rows[0]!, x: ratings, ys: [predictions],
        rho: spearman(ratings, predictions), sd: null, r2: heldOutR2(ratings, predictions),
        controlRho: settings.control ? spearman(ratings, found.predictions[dimensions.length + column]!) : null,
        // One readout predicts all: there are no folds whose levels could differ.
        rhoWithin: null, controlRhoWithin: null,
      });
    });
  }
  return { rows, missing: [], dropped: test.dropped, choices, trainedOn: train.words.length, shared };
}

function fold(word: string): string {
  return wordKey(word).toLowerCase();
}

/** One array of ratings per dimension. */
function targetsOf(block: Block, { rows, words }: Alignment): Float64Array[] {
  const ratings = gather(block, rows[block.of]!);
  const width = block.columns!.length;
  return block.columns!.map((_, column) => Float64Array.from(words, (__, at) => ratings[at * width + column]!));
}
