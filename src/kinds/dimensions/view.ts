/** Agreement dimension by dimension: a profile of dots, and for hidden states every layer as a heat table. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel, dimensionNamed } from '../../data/dimensions.ts';
import type { DimensionRow, DimensionsValue } from '../../data/values.ts';
import { dimensionGroups } from '../../figures/dimension-groups.ts';
import { dotRows, type RowDot } from '../../figures/dot-rows.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { heatCell } from '../../figures/heat-cell.ts';
import { named } from '../../figures/origin.ts';
import { extentWithZero } from '../../figures/plot.ts';
import { publishedColumns, publishedKey, publishedOf, publishedSummary, type Published } from '../../figures/published.ts';
import { legend, seriesOf, swatch, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { disclosure, select } from '../../ui/controls.ts';
import { dataTable, type TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, listed, percent } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';
import { isClear, testAgainstFirst, testsNote, testsTable, testText } from './view-tests.ts';

/** Candidates described in the caption. */
const NAMED = 4;
/** Panels, one per candidate, replace one crowded chart below this width. */
const NARROW = 560;

/** What only a probe has, as far as any row has it. */
const probeColumns = (rows: readonly DimensionRow[]): readonly TableColumn<DimensionRow>[] => {
  const column = (label: string, note: string, of: (row: DimensionRow) => number | null): TableColumn<DimensionRow>[] =>
    (rows.some((row) => of(row) !== null) ? [{ label, note, value: (row) => of(row) ?? Number.NaN, text: (row) => correlation(of(row)), numeric: true }] : []);
  return [
    ...column('ρ', 'within folds', (row) => row.rhoWithin), ...column('SD', 'over partitions', (row) => row.sd), ...column('R²', 'held out', (row) => row.r2),
    ...column('ρ', 'shuffled ratings', (row) => row.controlRho), ...column('ρ', 'shuffled, within folds', (row) => row.controlRhoWithin),
  ];
};

const columnsOf = (rows: readonly DimensionRow[], published: Published, shared: boolean): readonly TableColumn<DimensionRow>[] => [
  { label: 'candidate', value: (row) => row.candidate },
  { label: 'layer', value: (row) => row.layer },
  { label: 'dimension', value: (row) => dimensionLabel(row.dimension) },
  { label: 'ρ', value: (row) => row.rho, text: (row) => correlation(row.rho), numeric: true },
  ...publishedColumns<DimensionRow>(published, (row) => row.rho, (row) => published.of(row.candidate, row.dimension)),
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1]), numeric: true },
  ...probeColumns(rows),
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
  ...(shared
    ? [
        { label: 'ρ', note: 'words all have', value: (row: DimensionRow) => row.shared?.rho ?? row.rho, text: (row: DimensionRow) => correlation(row.shared?.rho ?? row.rho), numeric: true },
        { label: 'words', note: 'all have', value: (row: DimensionRow) => row.shared?.n ?? row.n, text: (row: DimensionRow) => count(row.shared?.n ?? row.n), numeric: true },
      ]
    : []),
  { label: 'method', value: (row) => row.method },
];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Layers of a candidate with the mean ρ over dimensions, in order. */
function layersOf(rows: readonly DimensionRow[]): { name: string; index: number; rho: number }[] {
  const indices = [...new Set(rows.map((row) => row.layerIndex))].sort((a, b) => a - b);
  return indices.map((index) => {
    const own = rows.filter((row) => row.layerIndex === index);
    return { name: own[0]!.layer, index, rho: mean(own.map((row) => row.rho).filter((rho) => Number.isFinite(rho))) };
  });
}

interface Chosen { readonly candidate: string; readonly layers: ReturnType<typeof layersOf>; readonly layer: number; readonly rows: readonly DimensionRow[] }

function chosenLayers(value: DimensionsValue, context: ViewContext): Chosen[] {
  return [...new Set(value.rows.map((row) => row.candidate))].map((candidate) => {
    const rows = value.rows.filter((row) => row.candidate === candidate);
    const layers = layersOf(rows);
    const ranked = [...layers].sort((a, b) => (Number.isFinite(b.rho) ? b.rho : -2) - (Number.isFinite(a.rho) ? a.rho : -2));
    const kept = context.state.get(`layer ${candidate}`);
    const layer = layers.some((one) => one.index === kept) ? (kept as number) : ranked[0]!.index;
    return { candidate, layers, layer, rows: rows.filter((row) => row.layerIndex === layer) };
  });
}

function everyLayer(value: DimensionsValue, candidate: string): TemplateResult {
  const own = value.rows.filter((row) => row.candidate === candidate);
  const ids = dimensionGroups([...new Set(own.map((row) => row.dimension))]).flatMap((group) => group.rows);
  const rows = layersOf(own);
  const at = new Map(own.map((row) => [`${row.layerIndex} ${row.dimension}`, row.rho]));
  const top = Math.max(0.01, ...own.map((row) => row.rho).filter((rho) => Number.isFinite(rho)));
  const rho = (row: (typeof rows)[number], id: string) => at.get(`${row.index} ${id}`) ?? Number.NaN;
  return dataTable<(typeof rows)[number]>(`ρ by layer and dimension, ${candidate}`, [
    { label: 'layer', value: (row) => row.index, text: (row) => row.name },
    ...ids.map((id): TableColumn<(typeof rows)[number]> => ({ label: dimensionLabel(id), value: (row) => rho(row, id), cell: (row) => heatCell(rho(row, id), [0, top], (one) => correlation(one, 2)), numeric: true })),
    { label: 'mean', value: (row) => row.rho, text: (row) => correlation(row.rho, 2), numeric: true },
  ], rows);
}

const errors = { 'bonett-wright': 'Bonett and Wright’s standard error', fieller: 'Fieller’s standard error', fisher: 'the standard error of Pearson’s r, too small for ρ' } as const;

/** Where the intervals come from, and what they leave out. */
function intervalNote({ bootstrap, intervalMethod, level, rows }: DimensionsValue): string {
  const fixed = rows.some((row) => row.method === 'probe') ? ' A probe’s predictions are taken as they are.' : '';
  if (intervalMethod === 'percentile') return `${percent(level)} percentile intervals from ${counted(bootstrap, 'draw')} of the words, ranked anew.${fixed}`;
  return intervalMethod === 'none' ? '' : `${percent(level)} intervals by Fisher’s z with ${errors[intervalMethod]}; words count as independent.${fixed}`;
}

/** How hidden states were read, and what shuffled ratings reach. */
function probeNote({ rows, folds, foldings, penalty, training }: DimensionsValue): string {
  const probes = rows.filter((row) => row.method === 'probe');
  if (!probes.length) return '';
  const span = (of: (row: DimensionRow) => number | null): string => {
    const known = probes.map(of).filter((rho) => rho !== null && Number.isFinite(rho)) as number[];
    return known.length ? `${correlation(Math.min(...known), 2)} to ${correlation(Math.max(...known), 2)}` : '';
  };
  const [pooled, within] = [span((row) => row.controlRho), span((row) => row.controlRhoWithin)];
  const trainedOn = training ? `${training.fewest === training.most ? '' : `${count(training.fewest)} to `}${counted(training.most, 'word')}` : '';
  const how = training ? `predictions of a ridge probe trained on ${trainedOn} of ${training.label}, none of which it predicts` : `predictions of a ridge probe on held-out words, ${counted(folds, 'fold')}${foldings > 1 ? `, means over ${counted(foldings, 'partition')}` : ''}`;
  return [
    `Hidden states: ${how}${penalty === 'nested' ? ', penalties by folds within the training words' : ''}. It shows what a linear readout finds, not what the model uses.`,
    training ? '' : ' The predictions of all folds are ranked together, which puts ρ below 0 where there is no relation, the more so the fewer the words; the table also gives ρ within folds.',
    pooled ? ` Shuffled ratings: ρ ${pooled}${within ? `, within folds ${within}` : ''}.` : '',
  ].join('');
}

export const view: View<'dimensions'> = (value, context) => {
  const published = publishedOf(context.params['published'], (place) => dimensionNamed(place)?.id ?? place);
  const chosen = chosenLayers(value, context);
  const series = seriesOf(chosen.map((one) => one.candidate));
  const rows = chosen.flatMap((one) => one.rows);
  const layered = chosen.filter((one) => one.layers.length > 1);
  const groups = dimensionGroups([...new Set(rows.map((row) => row.dimension))]);
  const first = chosen[0]?.candidate ?? '';
  let tested = false;
  const dots = rows.map((row): RowDot => {
    const test = testAgainstFirst(value, row, chosen[0]?.rows[0]?.layer ?? '');
    tested ||= test !== undefined;
    return {
      row: row.dimension, series: series.get(row.candidate)!, value: row.rho, interval: row.interval, published: published.of(row.candidate, row.dimension),
      hollow: test !== undefined && !isClear(value, test), detail: [nWords([row]), ...(test ? [`against ${first}: ${testText(test)}`] : [])],
    };
  });
  const hollow = dots.some((dot) => dot.hollow);
  const domain = extentWithZero(dots.flatMap((dot) => [dot.value, dot.published ?? 0, ...(dot.interval ?? [])]));
  const axis = `Spearman ρ (${nWords(rows)})`;
  const title = `Agreement with ${value.reference} by dimension`;
  const drawing = (shown: readonly RowDot[], name: string, behind: readonly RowDot[] = []) => dotRows({ label: name, axis, groups, dots: shown, behind, profile: true, domain, labelOf: dimensionLabel });
  const depends = [value, published.size, ...chosen.map((one) => one.layer)];
  const panels = context.width < NARROW && series.size > 2;
  const panel = (one: Series) => html`<div><div class="figure-panel-title">${swatch(one)}${one.label}</div>${chart(`${title}: ${one.label}`, drawing(dots.filter((dot) => dot.series === one), `${title}: ${one.label}`, dots.filter((dot) => dot.series !== one)), depends)}</div>`;
  const spans = chosen.map(({ candidate, rows: own }) => {
    const finite = own.filter((row) => Number.isFinite(row.rho)).sort((a, b) => b.rho - a.rho);
    const [high, low] = [finite[0], finite.at(-1)];
    return high && low ? `${candidate}: mean ${correlation(mean(finite.map((row) => row.rho)), 2)}, from ${correlation(low.rho, 2)} (${dimensionLabel(low.dimension)}) to ${correlation(high.rho, 2)} (${dimensionLabel(high.dimension)})` : `${candidate}: undefined`;
  });
  return html`<div class="view">
    ${figure({
      title,
      summary: `Correlation over words with the ratings of ${named(value.reference, value.referenceOrigin)}. ${spans.slice(0, NAMED).join('; ')}${spans.length > NAMED ? `; and ${spans.length - NAMED} more` : ''}.`,
      notes: [
        value.rows.some((row) => row.shared) ? 'Candidates miss different words; the table also gives each correlation over the words that all of them have.' : '',
        publishedSummary(rows.map((row) => ({ name: `${row.candidate}, ${dimensionLabel(row.dimension)}`, ours: row.rho, published: published.of(row.candidate, row.dimension) }))),
        published.unread.length ? `Not read as “candidate dimension value”: ${listed(published.unread)}.` : '',
        probeNote(value),
        layered.some((one) => context.state.get(`layer ${one.candidate}`) === undefined) ? 'The layer shown is the one with the highest mean over dimensions.' : '',
        intervalNote(value),
        testsNote(value),
        hollow ? `Outlined marks: not clearly different from ${first}.` : '',
        value.tests.length && !tested ? 'Tests compare layers of the same number; of the layers shown none were compared.' : '',
      ],
      origins: [value.referenceOrigin],
      ...(panels ? {} : { legend: legend(series.values(), published.size ? publishedKey() : nothing) }),
      ...(layered.length ? { controls: html`${layered.map((one) => select({ label: layered.length > 1 ? one.candidate : 'Layer', showLabel: true, value: String(one.layer), options: one.layers.map((layer) => ({ value: String(layer.index), label: layer.name })), onChange: (layer) => { context.state.set(`layer ${one.candidate}`, Number(layer)); context.update(); } }))}` } : {}),
      body: panels ? html`<div class="figure-panels">${[...series.values()].map(panel)}</div>` : chart(title, drawing(dots, title), depends),
      table: { columns: columnsOf(value.rows, published, value.rows.some((row) => row.shared)), rows: value.rows },
    })}
    ${layered.length ? html`<div class="layers-by-dimension">${layered.map((one) => disclosure({ summary: `Every layer: ${one.candidate}`, body: everyLayer(value, one.candidate) }))}</div>` : nothing}
    ${testsTable(value)}
    ${droppedNote(value.dropped)}
  </div>`;
};
