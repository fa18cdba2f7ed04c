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
import { bootstrapNote, nWords } from '../../figures/words-and-n.ts';
import { disclosure, select } from '../../ui/controls.ts';
import { dataTable, type TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, listed } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';

/** Candidates described in the caption. */
const NAMED = 4;
/** Panels, one per candidate, replace one crowded chart below this width. */
const NARROW = 560;

const columnsOf = (published: Published, shared: boolean): readonly TableColumn<DimensionRow>[] => [
  { label: 'candidate', value: (row) => row.candidate },
  { label: 'layer', value: (row) => row.layer },
  { label: 'dimension', value: (row) => dimensionLabel(row.dimension) },
  { label: 'ρ', value: (row) => row.rho, text: (row) => correlation(row.rho), numeric: true },
  ...publishedColumns<DimensionRow>(published, (row) => row.rho, (row) => published.of(row.candidate, row.dimension)),
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1]), numeric: true },
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

export const view: View<'dimensions'> = (value, context) => {
  const published = publishedOf(context.params['published'], (place) => dimensionNamed(place)?.id ?? place);
  const chosen = chosenLayers(value, context);
  const series = seriesOf(chosen.map((one) => one.candidate));
  const rows = chosen.flatMap((one) => one.rows);
  const layered = chosen.filter((one) => one.layers.length > 1);
  const groups = dimensionGroups([...new Set(rows.map((row) => row.dimension))]);
  const dots = rows.map((row): RowDot => ({ row: row.dimension, series: series.get(row.candidate)!, value: row.rho, interval: row.interval, published: published.of(row.candidate, row.dimension), detail: [nWords([row])] }));
  const domain = extentWithZero(dots.flatMap((dot) => [dot.value, dot.published ?? 0, ...(dot.interval ?? [])]));
  const axis = `Spearman ρ (${nWords(rows)})`;
  const title = `Agreement with ${value.reference} by dimension`;
  const drawing = (shown: readonly RowDot[], name: string) => dotRows({ label: name, axis, groups, dots: shown, domain, labelOf: dimensionLabel });
  const depends = [value, published.size, ...chosen.map((one) => one.layer)];
  const panels = context.width < NARROW && series.size > 2;
  const panel = (one: Series) => html`<div><div class="figure-panel-title">${swatch(one)}${one.label}</div>${chart(`${title}: ${one.label}`, drawing(dots.filter((dot) => dot.series === one), `${title}: ${one.label}`), depends)}</div>`;
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
        rows.some((row) => row.method === 'probe') ? `Hidden states: predictions of a ridge probe on held-out words, ${counted(value.folds, 'fold')}.` : '',
        layered.some((one) => context.state.get(`layer ${one.candidate}`) === undefined) ? 'The layer shown is the one with the highest mean over dimensions.' : '',
        value.bootstrap > 0 ? bootstrapNote(value.bootstrap, value.level).replace('; pairs of a word with itself are left out', '') : '',
      ],
      origins: [value.referenceOrigin],
      ...(panels ? {} : { legend: legend(series.values(), published.size ? publishedKey() : nothing) }),
      ...(layered.length ? { controls: html`${layered.map((one) => select({ label: layered.length > 1 ? one.candidate : 'Layer', showLabel: true, value: String(one.layer), options: one.layers.map((layer) => ({ value: String(layer.index), label: layer.name })), onChange: (layer) => { context.state.set(`layer ${one.candidate}`, Number(layer)); context.update(); } }))}` } : {}),
      body: panels ? html`<div class="figure-panels">${[...series.values()].map(panel)}</div>` : chart(title, drawing(dots, title), depends),
      table: { columns: columnsOf(published, value.rows.some((row) => row.shared)), rows: value.rows },
    })}
    ${layered.length ? html`<div class="layers-by-dimension">${layered.map((one) => disclosure({ summary: `Every layer: ${one.candidate}`, body: everyLayer(value, one.candidate) }))}</div>` : nothing}
    ${droppedNote(value.dropped)}
  </div>`;
};
