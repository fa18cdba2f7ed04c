/** RSA: the layer curve for hidden states, a forest of values per dimension set, a forest of differences. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RsaDifference, RsaRow, RsaValue } from '../../data/values.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { forest, type ForestRow } from '../../figures/forest.ts';
import { layerCurve } from '../../figures/layer-curve.ts';
import { setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { publishedColumns, publishedKey, publishedOf, publishedSummary, type Published } from '../../figures/published.ts';
import { legend, referenceSeries, seriesOf, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { ceilingKey, ceilingLabel, ceilingNote, comparedOf, differencesNote, drawsNote, highestWord, permutationsNote, pValues, toldValue } from './notes.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, difference, interval, listed, pValue } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';

/** Candidates named in a caption. */
const NAMED = 4;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A p as a table's cell. */
const bare = (p: number | null): string => pValue(p).replace(/^p (= )?/, '') || '–';

const rowColumns = (value: RsaValue, published: Published): readonly TableColumn<RsaRow>[] => [
  { label: 'candidate', value: (row) => row.candidate },
  { label: 'layer', value: (row) => row.layer },
  { label: 'layer index', value: (row) => row.layerIndex, numeric: true },
  { label: 'set', value: (row) => setLabel(row.set) },
  { label: 'RSA', value: (row) => row.value, text: (row) => correlation(row.value), numeric: true },
  ...publishedColumns<RsaRow>(published, (row) => row.value, (row) => published.of(row.candidate, row.set), 4),
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1]), numeric: true },
  { label: 'SE', value: (row) => row.se ?? Number.NaN, text: (row) => correlation(row.se), numeric: true },
  { label: 'p', value: (row) => row.p ?? Number.NaN, text: (row) => bare(row.p), numeric: true },
  ...adjustedColumn<RsaRow>(value.correction),
  ...(value.comparator === 'procrustes' ? [{ label: 'angle', value: (row: RsaRow) => row.angle ?? Number.NaN, text: (row: RsaRow) => correlation(row.angle), numeric: true }] : []),
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
  { label: 'pairs', value: (row) => row.pairs, text: (row) => count(row.pairs), numeric: true },
];

function adjustedColumn<Row extends Pick<RsaRow, 'pAdjusted'>>(correction: RsaValue['correction']): readonly TableColumn<Row>[] {
  return correction === 'none' ? [] : [{ label: 'p adjusted', value: (row) => row.pAdjusted ?? Number.NaN, text: (row) => bare(row.pAdjusted), numeric: true }];
}

const side = (one: RsaDifference['a']) => ({ candidate: one.candidate, layer: one.layer });

const differenceColumns = (value: RsaValue): readonly TableColumn<RsaDifference>[] => [
  { label: 'a', value: (row) => row.a.candidate },
  { label: 'layer of a', value: (row) => row.a.layer },
  { label: 'b', value: (row) => row.b.candidate },
  { label: 'layer of b', value: (row) => row.b.layer },
  { label: 'set', value: (row) => setLabel(row.set) },
  { label: 'a − b', value: (row) => row.value, text: (row) => difference(row.value), numeric: true },
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1]), numeric: true },
  { label: 'SE', value: (row) => row.se ?? Number.NaN, text: (row) => correlation(row.se), numeric: true },
  { label: 'p', value: (row) => row.p ?? Number.NaN, text: (row) => bare(row.p), numeric: true },
  ...adjustedColumn<RsaDifference>(value.correction),
];

/** The rows with the largest finite value per candidate, in candidate order. */
function best(rows: readonly RsaRow[]): RsaRow[] {
  const found = new Map<string, RsaRow>();
  for (const row of rows) {
    const before = found.get(row.candidate);
    if (!before || row.value > before.value || Number.isNaN(before.value)) found.set(row.candidate, row);
  }
  return [...found.values()];
}

function curve(value: RsaValue, layered: ReadonlySet<string>, series: ReadonlyMap<string, Series>, context: ViewContext): TemplateResult {
  const sets = [...new Set(value.rows.map((row) => row.set))];
  const chosen = context.state.get('set') as DimensionSet | undefined;
  const set = chosen && sets.includes(chosen) ? chosen : sets.includes('all') ? 'all' : sets[0]!;
  const rows = value.rows.filter((row) => row.set === set);
  const own = rows.filter((row) => layered.has(row.candidate));
  const flat = rows.filter((row) => !layered.has(row.candidate));
  const reference = named(value.reference, value.referenceOrigin);
  const tops = best(own).filter((row) => Number.isFinite(row.value)).sort((a, b) => b.value - a.value);
  // The caption names the highest few; the table has them all.
  const peaks = tops.slice(0, NAMED).map((row) => `${row.candidate} is ${highestWord(row.value)} at ${row.layer}: ${toldValue(row)}`);
  const title = `RSA with ${value.reference} by layer${sets.length > 1 ? `, ${setLabel(set)} dimensions` : ''}`;
  const dashed = new Map(flat.map((row) => [row.candidate, { ...series.get(row.candidate)!, dashed: true }]));
  const ceiling = value.ceiling?.rows.find((row) => row.set === set);
  const draw = layerCurve({
    label: title,
    axis: `RSA (${comparatorLabel(value.comparator)}, ${nWords(own)})`,
    points: own.map((row) => ({ series: series.get(row.candidate)!, layer: row.layer, layerIndex: row.layerIndex, value: row.value, interval: row.interval, detail: pValues(row) })),
    levels: flat.map((row) => ({ series: dashed.get(row.candidate)!, value: row.value })),
    ...(ceiling ? { band: { label: ceilingLabel(value.ceiling!), lower: ceiling.lower, upper: ceiling.upper } } : {}),
  });
  return figure({
    title,
    summary: `Agreement of each layer’s ${comparedOf(value)} with that of ${reference}. ${peaks.length ? `${peaks.join('; ')}${tops.length > NAMED ? `; ${tops.length - NAMED} more candidates stand lower` : ''}.` : 'No layer has a defined value.'}${flat.length ? ` Dashed: ${listed(flat.map((row) => row.candidate))}, without layers.` : ''}`,
    notes: [drawsNote(value), permutationsNote(value), ceilingNote(value.ceiling)],
    origins: [value.referenceOrigin],
    legend: legend([...[...layered].map((name) => series.get(name)!), ...dashed.values()], ceiling ? ceilingKey(value.ceiling!) : nothing),
    ...(sets.length > 1 ? { controls: segmented<DimensionSet>({ label: 'Dimensions', value: set, options: sets.map((one) => ({ value: one, label: setLabel(one) })), onChange: (one) => { context.state.set('set', one); context.update(); } }) } : {}),
    body: chart(title, draw, [value, set]),
    table: { columns: rowColumns(value, publishedOf([])), rows },
  });
}

function values(value: RsaValue, layered: ReadonlySet<string>, series: ReadonlyMap<string, Series>, published: Published): TemplateResult {
  const sets = [...new Set(value.rows.map((row) => row.set))];
  const shown = sets.flatMap((set) => best(value.rows.filter((row) => row.set === set)));
  const rows: ForestRow[] = shown.map((row) => ({
    group: sets.length > 1 ? setLabel(row.set) : '',
    label: layered.has(row.candidate) ? `${row.candidate}, ${row.layer}` : row.candidate,
    series: series.get(row.candidate)!,
    value: row.value,
    interval: row.interval,
    published: published.of(row.candidate, row.set),
    text: [correlation(row.value), interval(row.interval), pValue(row.pAdjusted ?? row.p)].filter(Boolean).join('  '),
    detail: [...pValues(row), nWords([row])],
  }));
  const highest = best(shown.map((row) => ({ ...row, candidate: '', layer: row.candidate })))[0];
  const title = `RSA with ${value.reference}`;
  const marked = rows.some((row) => row.published !== undefined);
  const bands = (value.ceiling?.rows ?? []).map(({ set, lower, upper }) => ({ group: sets.length > 1 ? setLabel(set) : '', lower, upper }));
  return figure({
    title,
    summary: `${capital(comparatorLabel(value.comparator))} between the ${comparedOf(value)} of ${named(value.reference, value.referenceOrigin)} and of each candidate${sets.length > 1 ? ', by set of dimensions' : ''}.${highest && Number.isFinite(highest.value) ? ` ${capital(highestWord(highest.value))}: ${highest.layer}${sets.length > 1 ? ` on ${setLabel(highest.set)}` : ''}, ${toldValue(highest)}.` : ''}`,
    notes: [
      publishedSummary(shown.map((row) => ({ name: `${row.candidate}, ${setLabel(row.set)}`, ours: row.value, published: published.of(row.candidate, row.set) }))),
      published.unread.length ? `Not read as “candidate set value”: ${listed(published.unread)}.` : '',
      // The layer curve above has said it already.
      ...(layered.size ? [] : [drawsNote(value), permutationsNote(value), ceilingNote(value.ceiling)]),
      shown.some((row) => layered.has(row.candidate)) ? `Of candidates with layers the best layer is shown; it was chosen on these same words, so its value is optimistic${value.orders.length && value.correction === 'none' ? ', and its p, not corrected for the choice, too small' : ''}.` : '',
    ],
    origins: [value.referenceOrigin],
    ...(marked || value.ceiling ? { legend: html`<ul class="legend" aria-label="key">${marked ? publishedKey() : nothing}${value.ceiling ? ceilingKey(value.ceiling) : nothing}</ul>` } : {}),
    body: chart(title, forest({ label: title, axis: `RSA (${comparatorLabel(value.comparator)}, ${nWords(shown)})`, rows, bands }), [value, published.size]),
    table: { columns: rowColumns(value, published), rows: value.rows },
  });
}

function differences(value: RsaValue): TemplateResult {
  const sets = [...new Set(value.differences.map((row) => row.set))];
  const ink = referenceSeries('difference');
  const rows: ForestRow[] = value.differences.map((row) => {
    const [a, b] = [side(row.a), side(row.b)];
    return {
      group: sets.length > 1 ? setLabel(row.set) : '',
      label: `${a.candidate} − ${b.candidate}`,
      series: ink,
      value: row.value,
      interval: row.interval,
      text: [difference(row.value), interval(row.interval), pValue(row.pAdjusted ?? row.p)].filter(Boolean).join('  '),
      detail: [...pValues(row), [a.layer, b.layer].filter(Boolean).join(' against ')].filter(Boolean),
    };
  });
  const clear = value.differences.filter((row) => row.interval && (row.interval[0] > 0 || row.interval[1] < 0)).length;
  const title = 'Differences between candidates';
  return figure({
    title,
    summary: `Difference in RSA with ${named(value.reference, value.referenceOrigin)}, paired over words. ${value.bootstrap > 0 ? `The interval excludes zero in ${clear} of ${value.differences.length}.` : ''}`,
    notes: [differencesNote(value)],
    origins: [value.referenceOrigin],
    body: chart(title, forest({ label: title, axis: `difference in RSA (${comparatorLabel(value.comparator)}, ${nWords(value.rows)})`, rows }), [value]),
    table: { columns: differenceColumns(value), rows: value.differences },
  });
}

export const view: View<'rsa'> = (value, context) => {
  const series = seriesOf(value.rows.map((row) => row.candidate));
  const layered = new Set([...series.keys()].filter((name) => new Set(value.rows.filter((row) => row.candidate === name).map((row) => row.layerIndex)).size > 1));
  // One model's layers under one set are told by the curve alone.
  const forestToo = series.size > 1 || layered.size === 0 || new Set(value.rows.map((row) => row.set)).size > 1;
  return html`<div class="view">
    ${layered.size ? curve(value, layered, series, context) : nothing}
    ${forestToo ? values(value, layered, series, publishedOf(context.params['published'])) : nothing}
    ${value.differences.length ? differences(value) : nothing}
    ${droppedNote(value.dropped)}
  </div>`;
};
