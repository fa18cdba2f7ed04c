/** What explains the reference: correlations of each predictor, how R² is shared, and weighted RSA on held-out words. */
import { html, nothing, type TemplateResult } from 'lit';
import type { DimensionSet } from '../../data/dimensions.ts';
import type { ExplainRow, ExplainValue } from '../../data/explain.ts';
import { type DotRows, dotRows } from '../../figures/dot-rows.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { forest, type ForestRow } from '../../figures/forest.ts';
import { metricLabel, setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { legend, seriesOf, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, general, interval, listed, pValue } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';
import { drawsNote, permutationsNote } from '../rsa/notes.ts';
import { partitionFigure } from './view-partition.ts';
import { weightedFigure } from './view-weighted.ts';

/** With more predictors three lines each fill the page; then each has one line with three dots. */
const mostInForest = 8;
/** Candidates told in a caption, and RDMs named as taken out. */
const NAMED = 3;
const TAKEN = 8;

const measures = [['simple', 'simple'], ['partial', 'partial'], ['semipartial', 'semipartial']] as const;

const scaleLabel = (value: ExplainValue): string => (value.scale === 'ranks' ? 'of ranked distances' : 'of distances');

const low = (one: readonly [number, number] | null): number => one?.[0] ?? Number.NaN;
const high = (one: readonly [number, number] | null): number => one?.[1] ?? Number.NaN;
const pText = (p: number | null): string => pValue(p).replace(/^p (= )?/, '') || '–';

const columns: readonly TableColumn<ExplainRow>[] = [
  { label: 'predictor', value: (row) => row.predictor },
  { label: 'group', value: (row) => row.group },
  { label: 'set', value: (row) => setLabel(row.set) },
  ...(['simple', 'partial', 'semipartial', 'uniqueVariance'] as const).flatMap((name): TableColumn<ExplainRow>[] => {
    const label = name === 'uniqueVariance' ? 'unique variance' : `${name} r`;
    return [
      { label, value: (row) => row[name].value, text: (row) => correlation(row[name].value), numeric: true },
      { label: 'low', note: label, value: (row) => low(row[name].interval), text: (row) => correlation(row[name].interval?.[0]), numeric: true },
      { label: 'high', note: label, value: (row) => high(row[name].interval), text: (row) => correlation(row[name].interval?.[1]), numeric: true },
    ];
  }),
  ...(['simple', 'partial'] as const).flatMap((name): TableColumn<ExplainRow>[] => [
    { label: `p, ${name}`, value: (row) => row[name].p ?? Number.NaN, text: (row) => pText(row[name].p), numeric: true },
    { label: `p, ${name}, Holm`, value: (row) => row[name].pAdjusted ?? Number.NaN, text: (row) => pText(row[name].pAdjusted), numeric: true },
  ]),
  { label: 'standardised beta', value: (row) => row.standardisedBeta, text: (row) => correlation(row.standardisedBeta), numeric: true },
  { label: 'beta', value: (row) => row.beta, text: (row) => general(row.beta), numeric: true },
  { label: 'non-negative weight', value: (row) => row.weight, text: (row) => correlation(row.weight), numeric: true },
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
  { label: 'pairs', value: (row) => row.pairs, text: (row) => count(row.pairs), numeric: true },
];

/** p of a row's measure as the reader should read it: corrected for all rows of the cell. */
function pOf(row: ExplainRow, name: (typeof measures)[number][0]): string {
  // The semipartial correlation is zero where the partial one is, so the test is one and told once.
  if (name === 'semipartial') return '';
  const text = pValue(row[name].pAdjusted);
  return text;
}

function forestOf(label: string, axis: string, rows: readonly ExplainRow[], series: ReadonlyMap<string, Series>): Parameters<typeof chart>[1] {
  const lines = rows.flatMap((row) => measures.map(([name, shown]): ForestRow => ({
    group: row.predictor, label: shown, series: series.get(shown)!, value: row[name].value, interval: row[name].interval,
    text: [correlation(row[name].value), interval(row[name].interval), pOf(row, name)].filter(Boolean).join('  '),
    detail: [pOf(row, name)].filter(Boolean),
  })));
  return forest({ label, axis, rows: lines });
}

function dotsOf(label: string, axis: string, rows: readonly ExplainRow[], series: ReadonlyMap<string, Series>): Parameters<typeof chart>[1] {
  const side = (heading: string, control: boolean): DotRows['groups'][number] => ({ heading, rows: rows.filter((row) => row.control === control).map((row) => row.predictor) });
  return dotRows({
    label, axis, groups: [side('candidates', false), side('controls', true)],
    dots: rows.flatMap((row) => measures.map(([name, shown]) => ({
      row: row.predictor, series: series.get(shown)!, value: row[name].value, interval: row[name].interval, detail: [pOf(row, name)].filter(Boolean),
    }))),
  });
}

/** What the partial and semipartial correlations of the rows take out, by name: candidates with their layers, controls. */
function takenOut(rows: readonly ExplainRow[]): string {
  if (rows.length === 1) return 'nothing taken out, as there is no other RDM (partial, semipartial)';
  const how = 'taken out of both (partial) or of the predictor alone (semipartial)';
  const candidates = rows.filter((row) => !row.control);
  const controls = rows.filter((row) => row.control).map((row) => row.predictor);
  const layers = Map.groupBy(candidates, (row) => row.group);
  const names = [...[...layers].map(([group, own]) => (own.length > 1 ? `${group} (${counted(own.length, 'layer')})` : group)), ...controls];
  const shown = names.length > TAKEN ? [...names.slice(0, TAKEN - 1), `${count(names.length - TAKEN + 1)} more`] : names;
  const own = [...layers.values()].some((of) => of.length > 1);
  return `${rows.length === 2 ? 'the other of' : 'all the others among'} ${listed(shown)} ${how}${own ? '; of a layer that has others of its candidate, among them its own other layers' : ''}`;
}

function correlations(value: ExplainValue, rows: readonly ExplainRow[], controls: { controls?: TemplateResult }, suffix: string): TemplateResult {
  const series = seriesOf(measures.map(([, shown]) => shown));
  const title = `What explains the RDM of ${value.reference}${suffix}`;
  const axis = `correlation ${scaleLabel(value)} (${nWords(rows)})`;
  const candidates = rows.filter((row) => !row.control).sort((a, b) => b.partial.value - a.partial.value);
  const told = candidates.slice(0, NAMED).map((row) => `${row.predictor} ${correlation(row.simple.value)} alone, ${[correlation(row.partial.value), interval(row.partial.interval), pOf(row, 'partial')].filter(Boolean).join(' ')} partial`);
  const draw = rows.length <= mostInForest ? forestOf(title, axis, rows, series) : dotsOf(title, axis, rows, series);
  return figure({
    title,
    summary: `Correlation ${scaleLabel(value)} (${metricLabel(value.metric)}) of each RDM with that of ${named(value.reference, value.referenceOrigin)}: alone, and with ${takenOut(rows)}. ${told.length ? `${told.join('; ')}.` : ''}`,
    notes: [
      rows.some((row) => row.control) ? `Controls: ${listed(rows.filter((row) => row.control).map((row) => row.predictor))}.` : 'Without controls: word form and frequency may explain part of it.',
      drawsNote({ ...value, resampling: 'bootstrap' }),
      value.permutations > 0 ? `${permutationsNote({ ...value, correction: 'none' })} For simple correlations this is the ordinary test, of no relation at all; for partial ones residuals are permuted and each order is measured on its own scatter over words, a test of no correlation. p in the figure is Holm’s over all ${count(value.rows.length)} rows of the cell.${value.bootstrap > 0 ? ' Each interval is for its row alone and made in another way: one that leaves 0 out can go with a p above .05.' : ''}` : '',
      value.scale === 'ranks' && value.bootstrap > 0 ? 'Ranks stay those of the full sample in each draw.' : '',
    ],
    origins: [value.referenceOrigin],
    legend: legend(series.values()),
    ...controls,
    body: chart(title, draw, [value, rows]),
    table: { columns, rows },
  });
}

/** The set that the reader has chosen, and the control that chooses it. */
function shownSet(value: ExplainValue, context: ViewContext): { set: DimensionSet; controls: { controls?: TemplateResult }; suffix: string } {
  const sets = value.partitions.map((row) => row.set);
  const kept = context.state.get('set') as DimensionSet | undefined;
  const set = kept && sets.includes(kept) ? kept : sets.includes('all') ? 'all' : sets[0]!;
  const controls = sets.length > 1
    ? { controls: segmented<DimensionSet>({ label: 'Dimensions', value: set, options: sets.map((one) => ({ value: one, label: setLabel(one) })), onChange: (one) => { context.state.set('set', one); context.update(); } }) }
    : {};
  return { set, controls, suffix: sets.length > 1 ? `, ${setLabel(set)} dimensions` : '' };
}

export const view: View<'explain'> = (value, context) => {
  const { set, controls, suffix } = shownSet(value, context);
  const weighted = value.weighted.find((row) => row.set === set);
  return html`<div class="view">
    ${correlations(value, value.rows.filter((row) => row.set === set), controls, suffix)}
    ${partitionFigure(value, value.partitions.find((row) => row.set === set)!, suffix)}
    ${weighted ? weightedFigure(value, weighted, suffix) : nothing}
    ${droppedNote(value.dropped)}
  </div>`;
};
