/** Transfer for the gallery and the tests of figures: made up by seeded formulas, put together as the cell does. */
import { dimensions, inSet } from '../../src/data/dimensions.ts';
import type { TrainedOn, TransferColumn, TransferDimension, TransferRow, TransferValue } from '../../src/data/transfer.ts';
import type { Origin } from '../../src/data/values.ts';
import { cellsOf, nothing, type ColumnResult, type RowResult } from '../../src/kinds/transfer/cells.ts';
import type { Measured } from '../../src/rsa/inference/paired.ts';
import { inventedWords, random } from './made-up.ts';

const ids = dimensions.map(({ id }) => id);
const sets = ['motor', 'sensory', 'all'] as const;
const rating = (language: string, own: readonly string[]): TrainedOn => ({ task: 'rating', form: 'head', data: 'invented words', language, dimensions: own, n: 168, unit: 'word' });

const models: readonly (readonly [string, readonly TrainedOn[], number])[] = [
  ['untaught', [], 1],
  ['English ratings', [rating('en', ids)], 3],
  ['Dutch ratings', [rating('nl', ids)], 1],
  ['senses only', [rating('en', ids.filter((id) => inSet(id, 'sensory')))], 1],
  ['questions', [{ task: 'choice', form: 'head', data: 'demo questions', language: 'en', dimensions: [], n: 84, unit: 'question' }], 1],
  ['text', [{ task: 'text', form: 'head', data: 'sentences.csv', language: '', dimensions: [], n: 1200, unit: 'sentence' }], 1],
];

/** Languages each bring their columns; without questions all ratings can be human. */
export function madeUpTransfer(options: { readonly languages?: readonly string[]; readonly questions?: boolean; readonly origin?: Origin; readonly draws?: number } = {}): TransferValue {
  const { languages = ['en', 'nl'], questions = true, origin = 'illustrative', draws = 4000 } = options;
  const next = random(23);
  const shown = questions ? models : models.slice(0, 4);
  const rows = shown.map(([row, trainedOn, repeats], at): TransferRow => ({ row, base: at === 0, revision: `revision ${at}`, trainedOn, repeats, tasksKnown: true, seenKnown: true }));
  const measured = (centre: number, repeats: number, shared: Float64Array): Measured => {
    const centres = Array.from({ length: repeats }, () => centre + 0.02 * (next() - 0.5));
    return { values: centres, draws: centres.map((own) => shared.map((noise) => own + noise + 0.03 * (next() - 0.5))) };
  };
  const columns: ColumnResult[] = [];
  const add = (column: Omit<TransferColumn, 'column' | 'test' | 'origin' | 'chance'>): void => {
    const choice = column.measure === 'choice';
    const shared = Float64Array.from({ length: draws }, () => 0.2 * (next() - 0.5));
    const [base, n] = [measured(choice ? 0.33 : 0.35, 1, shared), choice ? 24 : 48];
    const against = column.read !== 'head' ? 'same' : choice ? 'likelihood' : 'probe';
    columns.push({
      column: { ...column, column: [column.measure, column.read, column.language, column.set].join(' '), test: choice ? 'demo questions' : 'invented words', origin: choice ? 'illustrative' : origin, chance: choice ? 0.25 : null },
      n,
      rows: rows.map(({ trainedOn, repeats }, at): RowResult => {
        if (at === 0) return { measured: base, reason: '', rated: column.dimensions, against: against === 'same' ? null : against, baseline: null };
        const [part] = trainedOn;
        if (column.read === 'head' && part!.task !== column.measure) return nothing(choice ? 'it has no head that answers questions' : 'it has no head that predicts ratings');
        const gain = part!.task === column.measure || (part!.task === 'rating' && !choice) ? (part!.language === column.language ? 0.16 : 0.05) : -0.03;
        return { measured: measured(0.35 + gain + 0.06 * (next() - 0.5), repeats, shared), reason: '', rated: column.dimensions, against, baseline: base };
      }),
    });
  };
  for (const measure of ['rsa', 'probe', 'rating'] as const) {
    for (const language of languages) for (const set of sets) add({ measure, read: measure === 'rating' ? 'head' : null, language, set, dimensions: ids.filter((id) => inSet(id, set)) });
  }
  if (questions) for (const language of languages) for (const read of ['head', 'likelihood'] as const) add({ measure: 'choice', read, language, set: null, dimensions: [] });
  const { cells, family } = cellsOf(rows, columns, { level: 0.95, seed: 1 });
  const perDimension = languages.flatMap((language) => rows.flatMap(({ row, trainedOn, base }) => ids.flatMap((dimension): TransferDimension[] => {
    const trained = trainedOn.some((part) => part.language === language && part.dimensions.includes(dimension));
    const rho = 0.3 + (trained ? 0.2 : 0) + 0.2 * (next() - 0.5);
    const record = { row, test: 'invented words', origin, language, dimension, rho, interval: [rho - 0.1, rho + 0.1] as const, repeats: [], n: 48, trained };
    return [{ ...record, measure: 'probe', read: null }, ...(base || !trained ? [] : [{ ...record, measure: 'rating' as const, read: 'head' as const, rho: rho + 0.05 }])];
  })));
  const words = inventedWords(240);
  return {
    type: 'transfer', rows, columns: columns.map(({ column }) => column), cells, perDimension, family,
    tests: languages.map((language) => ({ test: 'invented words', language, unit: 'word', of: 240, used: words.slice(192), given: false, dropped: [{ reason: 'trained or validated on by English ratings', words: words.slice(0, 192) }] })),
    layer: 'layer 4', pooling: 'mean', templates: ['{word}'], likelihood: 'sum', folds: 5, bootstrap: draws, level: 0.95, seed: 1,
  };
}
