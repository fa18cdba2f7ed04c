/**
 * Continued language modelling on sentences: the exposure control. The model sees words in texts, without a rating.
 *
 * Masked models: of the tokens 15 % are chosen; of these 80 % are replaced by the mask, 10 % by a random token and 10 %
 * stay as they are, and all of them are predicted (Devlin et al. 2019, arXiv:1810.04805). Causal models: every token is
 * predicted from those before it.
 */
import { Problem } from '../../base/problem.ts';
import { gridOf } from '../../models/batches.ts';
import type { Objective } from '../../models/language.ts';
import { wordPlace, type TokenisedWord, type Untokenisable } from '../../models/tokens.ts';
import type { PlacedToken } from '../gradient/feeds.ts';
import { Prepared, taskOf, type LanguageBatch, type Task, type TaskSettings, type Tokeniser } from './batch.ts';
import { drawsFor } from './draws.ts';

export interface TextSettings extends TaskSettings {
  readonly objective: Objective;
  /** Tokens of the vocabulary, from which random replacements are drawn. */
  readonly vocabulary: number;
}

/** Shares of the masking. */
const chosen = 0.15;
const masked = 0.8;
const replaced = 0.1;

/** A place in a text whose token is to be predicted, and what stands there instead. */
interface Hidden {
  readonly at: number;
  readonly shown: number;
}

/**
 * Makes the task.
 *
 * What is masked depends on the seed, the epoch and the number of the sentence alone. Evaluation masks every sentence in
 * one way of its own, the same each time.
 *
 * @param train numbers of the sentences to train on
 * @throws Problem `no-mask-token` for a masked model whose tokenizer has none, and what taskOf throws
 */
export function textTask(sentences: readonly string[], train: readonly number[], settings: TextSettings, tokeniser: Tokeniser): Task<LanguageBatch> {
  const { name, seed, objective, contextLength, vocabulary } = settings;
  const { mask, padding } = tokeniser;
  if (objective === 'masked' && mask === null) {
    throw new Problem({ code: 'no-mask-token', place: `task ${name}`, what: 'the tokenizer has no mask token, so no token can be hidden from the model', fix: 'Use a model for masked language modelling, or train a causal one.' });
  }
  const prepared = new Prepared((number): TokenisedWord | Untokenisable => {
    const text = tokeniser.tokenise(sentences[number]!, wordPlace, contextLength);
    if (!('reason' in text) && objective === 'causal' && text.text[1] < 2) return { reason: 'one token only, which nothing precedes' };
    return text;
  });
  const hide = (number: number, epoch: number | null): Hidden[] => {
    const { ids, text: [start, end] } = prepared.get(number);
    const draws = drawsFor(seed, epoch === null ? `evaluation ${name}` : `mask ${name}`, number, epoch ?? 0);
    const hidden: Hidden[] = [];
    for (let at = start; at < end; at++) {
      // Three numbers a token, whatever is done with it, so that no choice shifts the next one.
      const [choice, fate, token] = [draws.uniform(), draws.uniform(), draws.below(vocabulary)] as const;
      if (choice < chosen) hidden.push({ at, shown: fate < masked ? mask! : fate < masked + replaced ? token : ids[at]! });
    }
    return hidden;
  };
  return taskOf(settings, 'sentences', train, prepared, (numbers, epoch) => {
    const texts = numbers.map((number) => [...prepared.get(number).ids]);
    const targets: PlacedToken[] = [];
    if (objective === 'causal') {
      numbers.forEach((number, row) => {
        const [start, end] = prepared.get(number).text;
        for (let token = Math.max(1, start); token < end; token++) targets.push({ text: row, token, id: texts[row]![token]! });
      });
    } else {
      const hidden = numbers.map((number) => hide(number, epoch));
      // A batch without any place has no loss: then the first token of its first sentence is masked.
      if (hidden.every((list) => list.length === 0)) hidden[0] = [{ at: prepared.get(numbers[0]!).text[0], shown: mask! }];
      hidden.forEach((list, row) => {
        for (const { at, shown } of list) {
          targets.push({ text: row, token: at, id: texts[row]![at]! });
          texts[row]![at] = shown;
        }
      });
    }
    return { type: 'language', tokens: gridOf(texts, padding), targets, source: numbers };
  });
}
