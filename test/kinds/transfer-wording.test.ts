/** What a transfer cell says about its numbers: only what holds for those it has. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import type { TrainedOn, TransferCell, TransferRow, TransferValue } from '../../src/data/transfer.ts';
import { standingOf } from '../../src/kinds/transfer/relation.ts';
import { view } from '../../src/kinds/transfer/view.ts';
import { relationWords, trainedOnText, uncertaintyNotes } from '../../src/kinds/transfer/wording.ts';
import { madeUpTransfer } from '../figures/made-up-transfer.ts';

const said = (value: TransferValue): string => uncertaintyNotes(value).join(' ');
const onlyWith = (value: TransferValue, keep: (cell: TransferCell) => boolean): TransferValue => ({ ...value, cells: value.cells.filter(keep) });
const testedBy = (value: TransferValue, measure: string, pFrom: TransferCell['pFrom']): TransferValue =>
  ({ ...value, cells: value.cells.map((cell) => (cell.measure === measure && cell.p !== null ? { ...cell, pFrom } : cell)) });

test('McNemar and Wilson are named only where there are questions, and McNemar only where it gave a p', () => {
  const words = madeUpTransfer({ questions: false, draws: 50 });
  expect(said(words)).toContain('95 % intervals from 50 bootstrap draws of the words, the same for all models. p two-sided from the bootstrap.');
  expect(said(words)).not.toMatch(/McNemar|Wilson|question/);
  const both = testedBy(madeUpTransfer({ draws: 50 }), 'choice', 'mcnemar');
  expect(said(both)).toContain('of the words and questions, the same for all models; of shares of right answers by Wilson. p two-sided from the bootstrap, of questions by McNemar’s exact test.');
  // Repeats have a p from the bootstrap for questions, too.
  const repeated = testedBy(madeUpTransfer({ draws: 50 }), 'choice', 'bootstrap');
  expect(said(repeated)).not.toContain('McNemar');
  const mixed = { ...both, cells: both.cells.map((cell) => (cell.row === 'English ratings' && cell.p !== null ? { ...cell, pFrom: 'bootstrap' as const } : cell)) };
  expect(said(mixed)).toContain('of questions to models trained once by McNemar’s exact test.');
  // Without draws questions still have theirs, and nothing else has.
  const undrawn = { ...onlyWith(both, ({ measure }) => measure === 'choice'), bootstrap: 0 };
  expect(said(undrawn).trim()).toBe('95 % intervals of shares of right answers by Wilson. p two-sided of questions by McNemar’s exact test.');
  expect(said(madeUpTransfer({ questions: false, draws: 0 })).trim()).toBe('');
});

test('intervals that leave out the fitting of a probe or head say so, others do not', () => {
  const value = madeUpTransfer({ questions: false, draws: 50 });
  expect(said(value)).toContain('nothing is fitted again');
  expect(said(onlyWith(value, ({ measure }) => measure === 'rsa'))).not.toContain('fitted');
});

test('a model that read text was not prompted, whatever form its card holds', () => {
  const part: TrainedOn = { task: 'rating', form: 'prompt', data: 'demo concepts', language: 'en', dimensions: [], n: 9, unit: 'word' };
  const row = (trainedOn: readonly TrainedOn[]): TransferRow => ({ row: 'told', base: false, revision: '', trainedOn, repeats: 1, tasksKnown: true, seenKnown: true });
  expect(trainedOnText(row([part]))).toBe('ratings of demo concepts in en, prompted (9 words)');
  expect(trainedOnText(row([{ ...part, task: 'text', data: 'notes.csv', unit: 'sentence' }]))).toBe('sentences of notes.csv in en (9 sentences)');
});

test('a set in another language with dimensions that were never trained is transfer in both', () => {
  const part: TrainedOn = { task: 'rating', form: 'head', data: 'demo concepts', language: 'en', dimensions: ['Visual'], n: 9, unit: 'word' };
  const told = (dimensions: readonly string[]): string => {
    const standing = standingOf([part], { measure: 'probe', read: null, language: 'nl', dimensions });
    return relationWords({ ...madeUpTransfer({ draws: 0 }).cells[0]!, ...standing });
  };
  expect(told(['Visual'])).toBe('transfer to another language');
  expect(told(['Visual', 'Head'])).toBe('transfer to another language and some other dimensions');
  expect(told(['Head'])).toBe('transfer to another language and other dimensions');
});

test('clear differences are counted among those that were tested', () => {
  const value = madeUpTransfer({ draws: 0 });
  // Without draws only McNemar's test gives a p.
  const [tested] = value.cells.filter(({ measure, difference }) => measure === 'choice' && difference !== null);
  const cells = value.cells.map((cell) => (cell === tested ? { ...cell, p: 0.01, holm: 0.01, bh: 0.01, pFrom: 'mcnemar' as const } : cell));
  const host = document.createElement('div');
  render(view({ ...value, cells, family: 1 }, { cell: 'gains', params: {}, width: 900, update: () => undefined, state: new Map() }), host);
  expect(host.querySelector('figcaption')!.textContent).toContain('1 of 1 difference from the base is clear after correction');
});
