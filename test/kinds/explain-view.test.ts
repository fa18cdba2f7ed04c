/** What the figures of an explain cell say in words. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import type { ExplainRow, ExplainValue } from '../../src/data/explain.ts';
import { view } from '../../src/kinds/explain/view.ts';
import { madeUpExplain } from '../figures/made-up-explain.ts';

function said(value: ExplainValue): string {
  const host = document.createElement('div');
  render(view(value, { cell: 'why', params: {}, width: 900, update: () => undefined, state: new Map() }), host);
  return host.textContent.replace(/\s+/g, ' ');
}

test('what is taken out is named: the other candidate, the controls', () => {
  expect(said(madeUpExplain({ candidates: ['one'], controls: ['length', 'orthography'] }))).toContain(
    'alone, and with all the others among one, length and orthography taken out of both (partial) or of the predictor alone (semipartial). one');
  expect(said(madeUpExplain({ candidates: ['one', 'two'], controls: [] }))).toContain('alone, and with the other of one and two taken out');
  expect(said(madeUpExplain({ candidates: ['one'], controls: [] }))).toContain('alone, and with nothing taken out, as there is no other RDM (partial, semipartial).');
});

test('layers of a candidate are told to take each other out', () => {
  const value = madeUpExplain({ candidates: ['hidden, layer 1', 'hidden, layer 4', 'words'], controls: [] });
  const grouped = (row: ExplainRow): ExplainRow => (row.predictor.startsWith('hidden') ? { ...row, group: 'hidden' } : row);
  expect(said({ ...value, rows: value.rows.map(grouped) })).toContain(
    'all the others among hidden (2 layers) and words taken out of both (partial) or of the predictor alone (semipartial); of a layer that has others of its candidate, among them its own other layers.');
  expect(said(value)).not.toContain('own other layers');
});

test('two layers mixed are not called neighbours, and the caption says what they are', () => {
  const value = madeUpExplain({ candidates: ['hidden, embeddings', 'hidden, layer 4'] });
  const mixed = value.weighted.map((own) => ({ ...own, schemes: [{ scheme: 'interpolated' as const, predictor: '', value: 0.5, folds: own.schemes[0]!.folds }, ...own.schemes] }));
  expect(said({ ...value, weighted: mixed })).toContain('“Two layers, mixed”: two layers of one candidate, next to each other among those chosen (others may lie between)');
  expect(said({ ...value, weighted: mixed })).not.toMatch(/neighbouring/);
  expect(said(value)).not.toContain('mixed');
});

test('an interval without 0 and a corrected p are told apart where there are both', () => {
  const hint = 'one that leaves 0 out can go with a p above .05';
  expect(said(madeUpExplain())).toContain(hint);
  expect(said({ ...madeUpExplain(), bootstrap: 0 })).not.toContain(hint);
  expect(said(madeUpExplain())).toContain('; the largest part that no other explains is that of a small model, .055 [.027, .088].');
});
