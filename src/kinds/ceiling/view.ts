/** Noise ceilings: a band per set of dimensions with the intervals of its ends; the reliability of each dimension as dots. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CeilingRow, CeilingValue, DimensionReliability } from '../../data/ceiling.ts';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { Interval } from '../../data/values.ts';
import { type BandedRow, bandedRows } from '../../figures/banded-rows.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { dimensionGroups } from '../../figures/dimension-groups.ts';
import { dotRows } from '../../figures/dot-rows.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { metricLabel, setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { referenceSeries } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, decimal, interval, percent } from '../../ui/format.ts';
import type { View } from '../kind.ts';

const number = (value: number | null | undefined): number => value ?? Number.NaN;

/** What is drawn around an end: its interval, or where single simulated studies lie. */
const drawnOf = (row: CeilingRow, end: 'lower' | 'upper'): Interval => row[`${end}Interval`] ?? row[`${end}Spread`];

function columnsOf(value: CeilingValue): readonly TableColumn<CeilingRow>[] {
  const bound = (end: 'lower' | 'upper', side: 0 | 1): TableColumn<CeilingRow> => {
    const own = (row: CeilingRow): number => number(drawnOf(row, end)?.[side]);
    return { label: side === 0 ? 'low' : 'high', note: value.from === 'reliability' ? `${end}, one study` : end, value: own, text: (row) => correlation(own(row)), numeric: true };
  };
  return [
    { label: 'set', value: (row) => setLabel(row.set) },
    ...(['lower', 'upper'] as const).flatMap((end): TableColumn<CeilingRow>[] => [
      { label: end, value: (row) => row[end], text: (row) => correlation(row[end]), numeric: true }, bound(end, 0), bound(end, 1),
    ]),
    ...(value.rows.some((row) => row.crossValidated)
      ? (['lower', 'upper'] as const).map((end): TableColumn<CeilingRow> => ({ label: end, note: 'cross-validated', value: (row) => number(row.crossValidated?.[end]), text: (row) => correlation(row.crossValidated?.[end]), numeric: true }))
      : []),
    ...(value.measuredBy ? [{ label: `${value.measuredBy}s`, value: (row: CeilingRow) => number(row.raters), text: (row: CeilingRow) => count(number(row.raters)), numeric: true }] : []),
    { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
    { label: 'pairs', value: (row) => row.pairs, text: (row) => count(row.pairs), numeric: true },
  ];
}

function means(value: CeilingValue): string {
  const reference = named(value.reference, value.referenceOrigin);
  switch (value.from) {
    case 'raters':
      return `Upper end: the pooled RDM of all ${value.measuredBy}s of ${reference} against each of them; lower end: the pooled RDM of the others against the one left out.`;
    case 'reliability':
      return `Simulated from the SDs and numbers of raters of ${reference}. Upper end: a model that knows the true means; lower end: another group of as many raters.`;
    case 'norms':
      return `Agreement of ${reference} with ${value.second ?? 'other norms'}: people with other people.`;
    default:
      return value.from satisfies never;
  }
}

function intervals(value: CeilingValue): string {
  if (value.simulations > 0) return `Thin lines: where ${percent(value.level)} of ${counted(value.simulations, 'simulated study', 'simulated studies')} lie, not intervals of the ends, which are their means.`;
  if (value.over === null) return '';
  if (value.from === 'norms') return `Thin line: ${percent(value.level)} interval from ${counted(value.bootstrap, 'draw')} of the words, with the corrected standard error.`;
  const over = { raters: `${value.measuredBy}s`, words: 'words', both: `${value.measuredBy}s and words` }[value.over];
  return `Thin lines: ${percent(value.level)} intervals by Student’s t with the standard error of ${counted(value.bootstrap, 'bootstrap draw')} of ${over}.`;
}

const ends = (row: CeilingRow): string => (row.lower === row.upper ? correlation(row.lower) : `${correlation(row.lower)} to ${correlation(row.upper)}`);

function bands(value: CeilingValue): TemplateResult {
  const ink = referenceSeries('noise ceiling');
  const single = value.from === 'norms';
  const rows: BandedRow[] = value.rows.map((row) => ({
    group: '', label: setLabel(row.set), series: ink,
    band: single ? null : { lower: row.lower, upper: row.upper, lowerInterval: drawnOf(row, 'lower'), upperInterval: drawnOf(row, 'upper'), ...(value.from === 'reliability' ? { of: 'one study' } : {}) },
    value: single ? row.upper : Number.NaN, interval: single ? row.upperInterval : null, dots: [],
    text: single ? [correlation(row.upper), interval(row.upperInterval)].filter(Boolean).join('  ') : ends(row),
    detail: [nWords([row]), ...(row.crossValidated ? [`cross-validated ${correlation(row.crossValidated.lower)} to ${correlation(row.crossValidated.upper)}`] : [])],
  }));
  const title = `Noise ceiling of ${value.reference}`;
  return figure({
    title,
    summary: `${means(value)} ${value.rows.map((row) => `${setLabel(row.set)}: ${ends(row)}`).join('; ')}. RDMs: ${metricLabel(value.metric)}; compared by ${comparatorLabel(value.comparator)}.`,
    notes: [intervals(value)],
    origins: [value.referenceOrigin],
    body: chart(title, bandedRows({ label: title, axis: `RSA (${comparatorLabel(value.comparator)}, ${nWords(value.rows)})`, rows, most: 1 }), [value]),
    table: { columns: columnsOf(value), rows: value.rows },
  });
}

const reliabilityColumns: readonly TableColumn<DimensionReliability>[] = [
  { label: 'dimension', value: (row) => dimensionLabel(row.dimension) },
  { label: 'reliability', value: (row) => row.reliability, text: (row) => correlation(row.reliability), numeric: true },
  { label: 'SE', value: (row) => row.se, text: (row) => decimal(row.se, 3), numeric: true },
  { label: 'SD over words', value: (row) => row.sd, text: (row) => decimal(row.sd, 3), numeric: true },
  { label: 'SD 0', note: 'share of words', value: (row) => row.unanimous, text: (row) => percent(row.unanimous), numeric: true },
  { label: 'median raters', value: (row) => row.raters, text: (row) => count(row.raters), numeric: true },
];

function reliability(value: CeilingValue): TemplateResult {
  // A dimension stands in several sets, whose words may differ a little: the widest set is shown.
  const widest = [...value.rows].sort((a, b) => b.reliability.length - a.reliability.length)[0]!;
  const shown = value.rows.flatMap((row) => row.reliability.filter(({ dimension }) => row === widest || !widest.reliability.some((own) => own.dimension === dimension)));
  const ink = referenceSeries('reliability');
  const title = `Reliability of the means of ${value.reference}`;
  const lowest = [...shown].sort((a, b) => a.reliability - b.reliability)[0]!;
  return figure({
    title,
    summary: `Share of the variance of the published means over words that is not error of the raters. Lowest: ${dimensionLabel(lowest.dimension)}, ${correlation(lowest.reliability)}.`,
    origins: [value.referenceOrigin],
    body: chart(title, dotRows({
      label: title, axis: `reliability (${nWords([widest])})`, groups: dimensionGroups(shown.map(({ dimension }) => dimension)), labelOf: dimensionLabel, domain: [0, 1],
      dots: shown.map((row) => ({ row: row.dimension, series: ink, value: row.reliability, interval: null, detail: [`SE ${decimal(row.se)}`, `median of ${counted(row.raters, 'rater')}`] })),
    }), [value]),
    table: { columns: reliabilityColumns, rows: shown },
  });
}

export const view: View<'ceiling'> = (value) => html`<div class="view">
  ${bands(value)}
  ${value.from === 'reliability' ? reliability(value) : nothing}
  ${droppedNote(value.dropped)}
</div>`;
