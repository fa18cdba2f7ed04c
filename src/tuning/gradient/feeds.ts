/** Batches as the inputs of a training graph. */
import { normaliseWeights } from '../../gpu/cpu/pool.ts';
import type { PhiloxStream } from '../../gpu/philox.ts';
import type { TokenBatch } from '../../models/feeds.ts';
import type { Objective, TokenPlace } from '../../models/language.ts';
import type { Ort, Tensor } from '../../models/runtime.ts';
import { inputs, type Aim } from './losses.ts';
import { dropoutInput } from './training.ts';
import type { FoundSite } from './sites.ts';

/** A place and the token that belongs there; see TokenPlace for how places are counted. */
export interface PlacedToken extends TokenPlace {
  readonly id: number;
}

/** What is learnt from in one step. */
export type StepBatch =
  | {
    readonly type: 'ratings';
    readonly tokens: TokenBatch;
    /** texts x tokens, at least 0: what each token counts in the mean of its text, 1 for own tokens and 0 for the others. */
    readonly weights: Float32Array;
    /** texts x dimensions; NaN where no rating is known. */
    readonly targets: Float32Array;
  }
  | { readonly type: 'language'; readonly tokens: TokenBatch; readonly targets: readonly PlacedToken[] }
  | {
    readonly type: 'choice';
    /** The options of each question one after the other. */
    readonly tokens: TokenBatch;
    /** texts x tokens, as for ratings. */
    readonly weights: Float32Array;
    /** The right option of each question, from 0. */
    readonly right: readonly number[];
  }
  | {
    readonly type: 'options';
    readonly tokens: TokenBatch;
    readonly targets: readonly PlacedToken[];
    /** options x targets: what each target's ln p counts in the score of an option; the options of each question one after the other. */
    readonly shares: Float32Array;
    /** The right option of each question, from 0. */
    readonly right: readonly number[];
  };

/** How many ratings, places or questions of a batch can be learnt from. */
export function targetsKnown(batch: StepBatch): number {
  switch (batch.type) {
    case 'ratings': return batch.targets.reduce((count, target) => count + (Number.isNaN(target) ? 0 : 1), 0);
    case 'language': return batch.targets.length;
    case 'choice': case 'options': return batch.right.length;
    default: throw new Error(`unknown batch ${String(batch satisfies never)}`);
  }
}

function integers(ort: Ort, values: readonly number[], dims: readonly number[]): Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/**
 * The inputs that a loss reads.
 * @throws RangeError when the batch does not fit the aim.
 */
export function aimFeeds(ort: Ort, aim: Aim, objective: Objective | null, batch: StepBatch): Record<string, Tensor> {
  if (batch.type !== aim.type) throw new RangeError(`a batch of ${batch.type} cannot train ${aim.type}`);
  const { batch: texts, tokens } = batch.tokens;
  const shares = (weights: Float32Array): Tensor => {
    if (weights.length !== texts * tokens) throw new RangeError(`${weights.length} weights for ${texts} x ${tokens} tokens`);
    return new ort.Tensor('float32', normaliseWeights(weights, { batch: texts, tokens, d: 1 }), [texts, tokens]);
  };
  switch (batch.type) {
    case 'ratings': {
      const dimensions = texts > 0 ? batch.targets.length / texts : 0;
      if (aim.type !== 'ratings' || dimensions !== aim.dimensions) throw new RangeError(`${batch.targets.length} targets for ${texts} texts`);
      const known = targetsKnown(batch);
      return {
        [inputs.shares]: shares(batch.weights),
        [inputs.targets]: new ort.Tensor('float32', batch.targets.map((target) => (Number.isNaN(target) ? 0 : target)), [texts, dimensions]),
        [inputs.counts]: new ort.Tensor('float32', batch.targets.map((target) => (Number.isNaN(target) ? 0 : 1 / known)), [texts, dimensions]),
      };
    }
    case 'language': return placeFeeds(ort, batch, objective);
    case 'choice': {
      const options = aim.type === 'choice' ? aim.options : 0;
      if (batch.right.length * options !== texts) throw new RangeError(`${batch.right.length} right options for ${texts} texts, of which ${options} each make a question`);
      return { [inputs.shares]: shares(batch.weights), [inputs.right]: rightOnes(ort, batch.right, options) };
    }
    case 'options': {
      const options = aim.type === 'options' ? aim.options : 0;
      const [rows, columns] = [batch.right.length * options, batch.targets.length];
      if (batch.shares.length !== rows * columns) throw new RangeError(`${batch.shares.length} shares for ${rows} options and ${columns} targets`);
      return { ...placeFeeds(ort, batch, objective), [inputs.optionShares]: new ort.Tensor('float32', batch.shares, [rows, columns]), [inputs.right]: rightOnes(ort, batch.right, options) };
    }
    default: throw new Error(`unknown batch ${String(batch satisfies never)}`);
  }
}

function rightOnes(ort: Ort, right: readonly number[], options: number): Tensor {
  for (const option of right) if (!Number.isInteger(option) || option < 0 || option >= options) throw new RangeError(`the right option is ${option}, not one of 0 to ${options - 1}`);
  return integers(ort, right, [right.length, 1]);
}

type Placed = Extract<StepBatch, { targets: readonly PlacedToken[] }>;

function placeFeeds(ort: Ort, batch: Placed, objective: Objective | null): Record<string, Tensor> {
  const places = placesOf(batch, objective ?? 'masked');
  return { [inputs.places]: integers(ort, places.flat(), [1, places.length, 2]), [inputs.ids]: integers(ort, batch.targets.map(({ id }) => id), [1, places.length, 1]) };
}

/** Rows of the logits that speak of the targets: text and token. What a causal model gives at a token speaks of the next. */
function placesOf({ tokens, targets }: Placed, objective: Objective): (readonly [number, number])[] {
  const seen = new Set<string>();
  return targets.map(({ text, token }) => {
    const row = token - (objective === 'causal' ? 1 : 0);
    const length = tokens.ids[text]?.length ?? 0;
    if (!Number.isInteger(row) || row < 0 || row >= length) throw new RangeError(`text ${text} has ${length} tokens; a ${objective} model says nothing about place ${token}`);
    if (seen.has(`${text} ${row}`)) throw new RangeError(`place ${token} of text ${text} is asked for twice`);
    seen.add(`${text} ${row}`);
    return [text, row] as const;
  });
}

/**
 * Masks of dropout for every site: each number is kept with probability 1 - rate and then divided by it, so that the
 * mean stays.
 * @param stream null for masks of ones.
 */
export function dropoutFeeds(ort: Ort, sites: readonly FoundSite[], rate: number, { batch, tokens }: TokenBatch, stream: PhiloxStream | null): Record<string, Tensor> {
  const dropped = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  return Object.fromEntries(sites.map(({ site }) => {
    const mask = new Float32Array(batch * tokens * site.inputs).fill(1);
    if (stream) for (let at = 0; at < mask.length; at++) mask[at] = stream.uint32() < dropped ? 0 : kept;
    return [dropoutInput(site.module), new ort.Tensor('float32', mask, [mask.length])];
  }));
}
