/** Tests between candidates: their table, their notes, and which differences from the first candidate are clear. */
import { html, nothing, type TemplateResult } from 'lit';
import type { DimensionsValue, DimensionTest } from '../../data/agreement.ts';
import { dimensionLabel } from '../../data/dimensions.ts';
import { disclosure } from '../../ui/controls.ts';
import { dataTable, type TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, decimal, pValue } from '../../ui/format.ts';

/** Corrected p, or p where no correction was asked for; null without one. */
const counts = (test: DimensionTest): number | null => test.pAdjusted ?? test.p;

/** Below this a difference is called clear. */
const alpha = (value: DimensionsValue): number => 1 - value.level;

export const isClear = (value: DimensionsValue, test: DimensionTest): boolean => (counts(test) ?? 1) < alpha(value);

const testNames = {
  none: '', jackknife: 'Jackknife t', steiger: 'Steiger’s z', 'dunn-clark': 'Dunn and Clark’s z', meng: 'Meng, Rosenthal and Rubin’s z', williams: 'Williams’ t', hotelling: 'Hotelling’s t',
} as const satisfies Record<DimensionsValue['test'], string>;

const corrections = { none: 'not corrected', holm: 'corrected by Holm', bh: 'corrected by Benjamini and Hochberg' } as const satisfies Record<DimensionsValue['correction'], string>;

/** "z = −30.96, p < .001". */
export const testText = (test: DimensionTest): string => `${test.df === undefined ? 'z' : 't'} = ${decimal(test.statistic)}, ${pValue(counts(test))}`;

/** The test of a candidate's layer against the first candidate, on one dimension. */
export function testAgainstFirst(value: DimensionsValue, of: { readonly candidate: string; readonly layer: string; readonly dimension: string }, firstLayer: string): DimensionTest | undefined {
  const first = value.rows[0]?.candidate;
  return value.tests.find(({ a, b, dimension }) =>
    a.candidate === first && a.layer === firstLayer && b.candidate === of.candidate && b.layer === of.layer && dimension === of.dimension);
}

/** What the figure's notes say about the tests; '' without. */
export function testsNote(value: DimensionsValue): string {
  const { tests, test, correction } = value;
  if (!tests.length) return '';
  const clear = tests.filter((one) => isClear(value, one)).length;
  const assumed = test === 'jackknife' ? 'Words count as independent.' : 'Words count as independent, and ranks as if their values were normal: where ρ is above .7 such tests find too much.';
  return `${testNames[test]}, two-sided, over the words that every candidate has: ${count(clear)} of ${counted(tests.length, 'difference')} ${clear === 1 ? 'is' : 'are'} clear (p below ${correlation(alpha(value), 2)}, ${corrections[correction]}). ${assumed}`;
}

const columns = (value: DimensionsValue): readonly TableColumn<DimensionTest>[] => {
  const layered = value.tests.some(({ a, b }) => a.layer !== b.layer) || new Set(value.tests.map(({ a }) => a.layer)).size > 1;
  const side = (of: 'a' | 'b'): readonly TableColumn<DimensionTest>[] => [
    { label: of, value: (row) => row[of].candidate },
    ...(layered ? [{ label: `layer of ${of}`, value: (row: DimensionTest) => row[of].layer }] : []),
  ];
  const rho = (label: string, note: string, of: (row: DimensionTest) => number): TableColumn<DimensionTest> => ({ label, note, value: of, text: (row) => correlation(of(row)), numeric: true });
  const end = (label: string, at: 0 | 1): TableColumn<DimensionTest> =>
    ({ label, note: 'atanh ρ a − atanh ρ b', value: (row) => row.interval?.[at] ?? Number.NaN, text: (row) => decimal(row.interval?.[at], 3), numeric: true });
  return [
    { label: 'dimension', value: (row) => dimensionLabel(row.dimension) },
    ...side('a'),
    ...side('b'),
    rho('ρ a', 'with reference', (row) => row.rhoA),
    rho('ρ b', 'with reference', (row) => row.rhoB),
    rho('ρ ab', 'with each other', (row) => row.rhoAB),
    { label: value.tests[0]?.df === undefined ? 'z' : 't', value: (row) => row.statistic ?? Number.NaN, text: (row) => decimal(row.statistic), numeric: true },
    ...(value.tests[0]?.df === undefined ? [] : [{ label: 'df', value: (row: DimensionTest) => row.df ?? Number.NaN, text: (row: DimensionTest) => count(row.df ?? Number.NaN), numeric: true }]),
    { label: 'p', value: (row) => row.p ?? Number.NaN, text: (row) => pValue(row.p), numeric: true },
    ...(value.test === 'meng' ? [end('low', 0), end('high', 1)] : []),
    ...(value.correction === 'none' ? [] : [{ label: 'p', note: value.correction === 'holm' ? 'Holm' : 'Benjamini-Hochberg', value: (row: DimensionTest) => counts(row) ?? Number.NaN, text: (row: DimensionTest) => pValue(counts(row)), numeric: true }]),
    { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
  ];
};

/** All tests of the cell, behind a disclosure. */
export function testsTable(value: DimensionsValue): TemplateResult | typeof nothing {
  if (!value.tests.length) return nothing;
  return html`<div class="layers-by-dimension">${disclosure({
    summary: `Tests between candidates: ${counted(value.tests.length, 'test')}`,
    body: dataTable('Tests between candidates by dimension', columns(value), value.tests),
  })}</div>`;
}
