/** The sentences of a `finetune` cell's text task, on their sides. */
import { Problem } from '../../base/problem.ts';
import { loadSentences } from '../../data/sentences.ts';
import { textsOf } from '../../data/table.ts';
import { followWords } from '../../tuning/sentences.ts';
import { splitWords, wordForms, type Side, type WordSplit } from '../../tuning/split.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type RunContext } from '../kind.ts';
import { questionLanguage } from './language.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

/** Sentences as they are read. */
interface Read {
  readonly texts: readonly string[];
  /** What the sentences are about, in the order of the texts: those with the same subject are drawn to one side. */
  readonly subjects: readonly string[];
  /** In which the words of the stimuli are looked for. */
  readonly searched: readonly string[];
  readonly data: string;
  readonly language: string;
}

export interface SplitSentences extends Pick<Read, 'texts' | 'data' | 'language'> {
  readonly split: Pick<WordSplit, 'sides'>;
}

/**
 * Reads and splits the sentences. Where stimuli are named, sentences follow the words that they name; the others are
 * drawn by the cell's shares and seed.
 *
 * @throws Problem `sentences-missing`, `language-missing`, `split-empty` where the words leave no sentence to train or
 *   validate on, and what tables and splits throw
 */
export async function readSentences(params: Params, context: RunContext, place: string): Promise<SplitSentences> {
  const { texts, subjects, searched, data, language } = await read(params, context, place);
  const drawn = splitWords({ words: subjects, translations: {}, split: [] }, params, place).sides;
  if (params.stimuli === 'none') return { texts, data, language, split: { sides: drawn } };
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const forms = wordForms(stimuli);
  const words = splitWords(stimuli, params, place).sides.map((side, row) => ({ word: stimuli.words[row]!, forms: forms[row]!, side }));
  const sides = followWords(searched, words, drawn, params.readTestWords);
  const asked: readonly Side[] = params.validation > 0 ? ['train', 'validation'] : ['train'];
  const empty = asked.find((side) => !sides.includes(side));
  if (empty) {
    throw new Problem({
      code: 'split-empty', place, what: `none of ${texts.length} sentences is left for ${empty === 'train' ? 'training' : 'validation'}: each follows the words of ${params.stimuli} that it names`,
      fix: 'Take more sentences or other shares, or set stimuli: none.',
    });
  }
  return { texts, data, language, split: { sides } };
}

/** By which two sentences are the same, however they are spaced and in whatever case. */
export function sentenceKey(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

async function read(params: Params, context: RunContext, place: string): Promise<Read> {
  if (params.sentences === 'none') throw new Problem({ code: 'sentences-missing', place, what: 'sentences is none, and the task is text', fix: 'Set sentences: demo, or name a table cell with one sentence in each row.' });
  if (params.sentences === 'demo') {
    const language = questionLanguage(params.language || 'en', 'demo sentences', place);
    const all = await loadSentences(context.base, context);
    const texts = all.map(({ text }) => text[language]);
    // With the word itself, so that Dutch sentences follow stimuli that have no Dutch.
    return { texts, subjects: all.map(({ word }) => word), searched: all.map(({ word }, at) => `${word}: ${texts[at]!}`), data: 'demo sentences', language };
  }
  const table = inputOf(context, params.sentences, 'table');
  const filled = textsOf(table, params.column.trim() || table.wordColumn, place).map((text) => text.trim()).filter((text) => text !== '');
  // Of sentences that differ in case or spacing alone the first is read, so that none of them is on two sides.
  const texts = [...Map.groupBy(filled, sentenceKey).values()].map(([first]) => first!);
  // A number stands for a sentence: its words are no forms that could link it to another.
  return { texts, subjects: texts.map((_, row) => `sentence ${row + 1}`), searched: texts, data: table.file, language: params.language };
}
