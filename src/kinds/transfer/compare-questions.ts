/** Shares of right answers of all models to the same questions, in each way they can be asked. */
import type { AnswerRead, TransferColumn, TransferTest } from '../../data/transfer.ts';
import type { Measured } from '../../rsa/inference/paired.ts';
import { shareDrawn } from '../../rsa/words/paired-words.ts';
import { optionsPerQuestion } from '../../tuning/tasks/choice.ts';
import { nothing, type ColumnResult, type RowResult } from './cells.ts';
import { fewest, type HeldOut } from './held-out.ts';
import type { Measures, QuestionPlan, Scores } from './measure.ts';
import { byReason } from './reasons.ts';

interface Settings {
  readonly bootstrap: number;
  readonly seed: number;
}

/** The demo questions' answers were written by the project. */
const origin = 'illustrative';
const test = 'demo questions';

/**
 * One column for each way of asking that any model was trained for, and one by likelihood, which asks every model.
 *
 * @param measures of every row its models, base first
 */
export function compareQuestions(plan: QuestionPlan, held: HeldOut, measures: readonly (readonly Measures[])[], settings: Settings): { columns: ColumnResult[]; test: TransferTest } {
  const { language, questions, rows } = plan;
  const scoresOf = (own: readonly Measures[], read: AnswerRead): readonly Scores[] | null => {
    const found = own.flatMap(({ choices }) => { const one = choices[read].get(language); return one && 'found' in one ? [one.found] : []; });
    return found.length === own.length ? found : null;
  };
  const reads = (['head', 'prompt', 'likelihood'] as const).filter((read) => measures.some((own) => scoresOf(own, read)));
  const all = measures.flatMap((own) => reads.flatMap((read) => scoresOf(own, read) ?? []));
  const asked = rows.filter((row) => all.every((scores) => scores.has(row)));
  const few = asked.length < fewest ? `${asked.length === 1 ? 'one question' : `${asked.length} questions`} can be asked of every model in ${language}; ${fewest} are needed` : '';
  const rightOf = (scores: Scores): Uint8Array => Uint8Array.from(asked, (row) => {
    const own = scores.get(row)!;
    return own.indexOf(Math.max(...own)) === questions[row]!.answer ? 1 : 0;
  });
  const columns = reads.map((read): ColumnResult => {
    const column: TransferColumn = { column: ['choice', read, language].join(' '), measure: 'choice', read, test, origin, language, set: null, dimensions: [], chance: 1 / optionsPerQuestion };
    const base = measures[0]!;
    // The base mostly has no head: its answers by likelihood stand for it.
    const standIn = read === 'head' && !scoresOf(base, read) ? 'likelihood' : read;
    const theirs = scoresOf(base, standIn)?.map(rightOf) ?? null;
    return { column, n: asked.length, rows: measures.map((own, row) => few ? nothing(few) : rowOf(row === 0 ? theirs : scoresOf(own, read)?.map(rightOf) ?? null, theirs, row, standIn === read, reasonFor(own, read, language), settings)) };
  });
  return {
    columns,
    test: {
      test, language, unit: 'question', of: questions.length, used: asked.map((row) => questions[row]!.id), given: false,
      dropped: [...held.dropped, ...byReason(rows, (row) => (asked.includes(row) ? '' : `a model cannot be fed it in ${language}`), (row) => questions[row]!.id)],
    },
  };
}

function rowOf(right: readonly Uint8Array[] | null, base: readonly Uint8Array[] | null, row: number, same: boolean, reason: string, settings: Settings): RowResult {
  if (!right) return nothing(reason);
  const shares = (answers: readonly Uint8Array[]): Measured => {
    const drawn = answers.map((own) => shareDrawn(own, settings));
    return { values: drawn.map(({ value }) => value), draws: drawn.map(({ draws }) => draws) };
  };
  const measured = shares(right);
  if (row === 0) return { measured, reason: '', rated: [], against: same ? null : 'likelihood', baseline: null };
  if (!base) return { measured, reason: '', rated: [], against: null, baseline: null };
  return { measured, reason: '', rated: [], against: same ? 'same' : 'likelihood', baseline: shares(base), right: { own: right, base } };
}

function reasonFor(own: readonly Measures[], read: AnswerRead, language: string): string {
  return own.flatMap(({ choices }) => { const one = choices[read].get(language); return one && 'reason' in one ? [one.reason] : []; })[0] ?? 'not asked';
}
