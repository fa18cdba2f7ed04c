/** How probable a causal model finds the ends of texts: the sum of ln p of their tokens, each given all before it. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { eachPlace, type AskedText } from '../prefix.ts';
import type { CausalModel } from '../prefix-model.ts';
import type { Continuation } from './continuation.ts';

/** Most numbers of the vocabulary that one run hands over, as float32: 64 MB, of which there are a few copies. */
const mostLogits = 2 ** 24;
const mostTokens = 512;

/** What is read once, and which token of which text is taken from it where. */
interface Reading extends AskedText {
  readonly wants: { readonly text: number; readonly place: number; readonly id: number }[];
}

/**
 * The sum of ln p of the tokens from `start` on, one for each text.
 *
 * @param texts each with a start of at least 1; `group`: texts of a group are looked at for a common beginning
 * @throws Problem `token-ruled-out` where a token has no probability at all, and what reading throws
 */
export async function likelihoods(model: CausalModel, texts: readonly (Pick<Continuation, 'ids' | 'start'> & { readonly group: number })[], watch: Watch & { readonly label?: string } = {}): Promise<Float64Array> {
  const readings = readingsOf(texts);
  const sums = new Float64Array(texts.length);
  const batchTokens = Math.max(32, Math.min(mostTokens, Math.floor(mostLogits / Math.max(1, model.config.vocabularySize))));
  await eachPlace(model, readings, (reading, place, logs) => {
    for (const want of readings[reading]!.wants) {
      if (want.place !== place) continue;
      const log = logs[want.id];
      if (log === undefined) throw new RangeError(`token ${want.id} is not in the vocabulary of ${logs.length}`);
      if (log === -Infinity) throw ruledOut(model, want.id);
      sums[want.text]! += log;
    }
  }, { batchTokens, label: watch.label ?? 'options' }, watch);
  return sums;
}

function ruledOut({ value: { id, onnxFile } }: CausalModel, token: number): Problem {
  return new Problem({
    code: 'token-ruled-out', place: `model ${id}, ${onnxFile}`, what: `token ${token}, which one of the texts has, is given the probability 0, so the text has no score`,
    fix: 'Leave out the text, or choose a model that was made for its language and signs.',
  });
}

/** The last token of a text need not be read: texts that differ in nothing else are read once, such as the letters behind a question. */
function readingsOf(texts: readonly (Pick<Continuation, 'ids' | 'start'> & { readonly group: number })[]): Reading[] {
  const readings = new Map<string, Reading>();
  texts.forEach(({ ids, start, group }, text) => {
    const read = ids.slice(0, -1);
    const key = `${group} ${start} ${read.join(' ')}`;
    const places = Array.from({ length: ids.length - start }, (_, k) => start + k);
    const known = readings.get(key) ?? { ids: read, places, group, wants: [] };
    known.wants.push(...places.map((place) => ({ text, place, id: ids[place]! })));
    readings.set(key, known);
  });
  return [...readings.values()];
}
