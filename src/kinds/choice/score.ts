/** Scores every option of every question: a part of the questions at a time, so that a long file can be paused and resumed. */
import { isSuspension } from '../../base/problem.ts';
import type { ChoiceForm, Normalisation, ScoredQuestion } from '../../data/choice.ts';
import type { Question } from '../../data/question-files.ts';
import { pause } from '../../gpu/pause.ts';
import type { CausalModel } from '../../models/prefix-model.ts';
import { Continuer, type Continuation, type Encoder } from '../../models/score/continuation.ts';
import { likelihoods } from '../../models/score/likelihood.ts';
import type { RunContext } from '../kind.ts';
import { chosenOf, lengthOf, marginOf } from './accuracy.ts';
import { keptNumbers, Keeper, placeOf } from './kept.ts';
import { putsOf } from './prompts.ts';

/** Questions of one part: enough to fill runs of the model, few enough that a pause loses little. */
const part = 16;

export interface ScoreSettings {
  readonly template: string;
  readonly form: ChoiceForm;
  readonly orders: 'given' | 'cyclic';
  readonly normalise: Normalisation;
  /** '' without calibration. */
  readonly neutral: string;
  /** Whether questions are put in the model's chat template. */
  readonly chat: boolean;
}

/** A question as tokens: for each order of its options a text per option; the options behind the neutral prompt after them. */
interface Prepared {
  readonly question: Question;
  readonly row: number;
  readonly texts: readonly Continuation[];
  readonly orders: number;
  readonly merged: boolean;
}

export interface Scores {
  /** In the order of the questions, without those left out. */
  readonly questions: readonly ScoredQuestion[];
  readonly merged: number;
  /** Why questions could not be asked, with their ids. */
  readonly dropped: readonly { readonly reason: string; readonly words: readonly string[] }[];
}

/** Runs the model. The same questions and settings always give the same numbers, paused in between or not. */
export async function scoreQuestions(model: CausalModel, tokenizer: Encoder, questions: readonly Question[], settings: ScoreSettings, context: RunContext): Promise<Scores> {
  const { prepared, dropped } = await prepare(tokenizer, questions, settings, model.config.contextLength, context);
  // Questions of similar length side by side.
  const order = [...prepared].sort((a, b) => longest(a) - longest(b) || a.row - b.row);
  const parts = Array.from({ length: Math.ceil(order.length / part) }, (_, k) => order.slice(k * part, (k + 1) * part));
  const ends = parts.reduce<number[]>((all, own) => [...all, (all.at(-1) ?? 0) + own.reduce((sum, { texts }) => sum + texts.length, 0)], []);
  const numbers = new Float64Array(ends.at(-1) ?? 0);
  const before = await keptNumbers(new Set(ends), context);
  numbers.set(before);
  let known = before.length;
  const first = known > 0 ? ends.indexOf(known) + 1 : 0;
  const total = order.length;
  const doneAt = (parts_: number): number => Math.min(total, parts_ * part);
  if (first > 0) context.resumedAt(placeOf(doneAt(first), total));
  const keeper = new Keeper(context);
  try {
    for (let k = first; k < parts.length; k++) {
      const texts = parts[k]!.flatMap((own, at) => own.texts.map((text, i) => ({ ...text, group: at * 64 + Math.floor(i / own.question.options.length) })));
      const found = await likelihoods(model, texts, {
        signal: context.signal,
        progress: ({ done, total: of }) => context.progress({ label: 'options of questions', done: doneAt(k) + Math.floor((done / of) * parts[k]!.length), total }),
      });
      numbers.set(found, known);
      known += found.length;
      if (k + 1 < parts.length) await keeper.keep(numbers.subarray(0, known), doneAt(k + 1), total);
      await pause();
    }
  } catch (error) {
    // A part that was begun is done again: in other company its numbers could differ in their last digit.
    if (isSuspension(context.signal.reason) && known > 0) await keeper.keep(numbers.subarray(0, known), doneAt(ends.indexOf(known) + 1), total, true);
    throw error;
  }
  const scored = new Map<number, ScoredQuestion>();
  let at = 0;
  for (const own of order) {
    scored.set(own.row, scoredOf(own, numbers.subarray(at, at + own.texts.length), settings));
    at += own.texts.length;
  }
  return { questions: prepared.map(({ row }) => scored.get(row)!), merged: prepared.filter(({ merged }) => merged).length, dropped };
}

const longest = ({ texts }: Prepared): number => Math.max(...texts.map(({ ids }) => ids.length));

async function prepare(tokenizer: Encoder, questions: readonly Question[], settings: ScoreSettings, contextLength: number, { signal, progress }: RunContext): Promise<{ prepared: Prepared[]; dropped: Scores['dropped'] }> {
  const continuer = new Continuer(tokenizer, settings.chat);
  // Behind the neutral prompt the options stand as they do behind the question: a blank or a new line before them.
  const joint = /\s*$/.exec(settings.template.slice(0, -'{option}'.length))![0];
  const prepared: Prepared[] = [];
  const reasons = new Map<string, string[]>();
  for (const [row, question] of questions.entries()) {
    const puts = putsOf(question, settings.template, settings.form, settings.orders);
    const asked = puts.flatMap(({ left, options }) => continuer.continue(left, options));
    const alone = settings.neutral === '' ? [] : puts.flatMap(({ options }) => continuer.continue(settings.neutral + joint, options));
    const texts = [...asked, ...alone];
    const reason = whyNot(texts, contextLength);
    if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), question.id]);
    else prepared.push({ question, row, texts, orders: puts.length, merged: texts.some(({ merged }) => merged) });
    if (row % part !== part - 1) continue;
    signal.throwIfAborted();
    progress({ label: 'tokens of questions', done: row + 1, total: questions.length });
    await pause();
  }
  return { prepared, dropped: [...reasons].map(([reason, words]) => ({ reason, words })) };
}

/** Why a question cannot be asked; '' where it can. */
function whyNot(texts: readonly Continuation[], contextLength: number): string {
  // The last token is predicted, not read.
  if (texts.some(({ ids }) => ids.length - 1 > contextLength)) return `longer than the ${contextLength} tokens the model reads`;
  if (texts.some(({ ids, start }) => start >= ids.length)) return 'the tokenizer makes no token of an option';
  return texts.some(({ start }) => start === 0) ? 'nothing precedes the option' : '';
}

function scoredOf({ question, texts, orders }: Prepared, sums: Float64Array, { normalise, neutral, form }: ScoreSettings): ScoredQuestion {
  const { options, answer } = question;
  const k = options.length;
  const over = (of: (text: number) => number): number[] => options.map((_, i) => Array.from({ length: orders }, (_none, r) => of(r * k + i)).reduce((sum, value) => sum + value, 0) / orders);
  const tokens = over((text) => texts[text]!.ids.length - texts[text]!.start);
  const logs = over((text) => sums[text]!);
  const alone = neutral === '' ? [] : over((text) => sums[orders * k + text]!);
  // A letter is a letter, however long its option.
  const scores = logs.map((log, i) => (log - (alone[i] ?? 0)) / (form === 'letters' ? 1 : lengthOf(options[i]!, tokens[i]!, normalise)));
  return {
    id: question.id, question: question.question, category: question.category, options, answer, scores, logs, neutral: alone, tokens,
    ...chosenOf(scores), margin: answer === null ? null : marginOf(scores, answer),
  };
}
