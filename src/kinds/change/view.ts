/** What tuning changed: layers before and after, how far they moved, words, and the geometry side by side. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ChangeValue, LayerChange, LayerDrift } from '../../data/change.ts';
import type { DimensionSet } from '../../data/dimensions.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { forest, type ForestRow } from '../../figures/forest.ts';
import { layerCurve } from '../../figures/layer-curve.ts';
import { metricLabel, setLabel, standardiseLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { legend, referenceSeries, seriesOf, type Series } from '../../figures/series.ts';
import { bootstrapNote } from '../../figures/words-and-n.ts';
import { segmented } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, counted, difference, interval, pValue } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';
import { rdmsFigure } from './view-rdms.ts';
import { moversFigure, orderFigure, scatterFigure } from './view-words.ts';

/** Level at which a corrected p is called a difference in captions. */
const ALPHA = 0.05;

/** "n = 240 words that the tuned model was not trained on". */
export function wordsTold({ words, chosen }: ChangeValue): string {
  const tail = { all: '', test: ' of the test side', 'held-out': ' that the tuned model was neither trained nor validated on' } as const;
  return `n = ${counted(words.length, 'word')}${tail[chosen]}`;
}

const end = (row: readonly [number, number] | null, at: 0 | 1): number => row?.[at] ?? Number.NaN;
const pText = (p: number | null): string => pValue(p).replace(/^p (= )?/, '') || '–';

const layerColumns: readonly TableColumn<LayerChange>[] = [
  { label: 'set', value: (row) => setLabel(row.set) },
  { label: 'layer', value: (row) => row.layer },
  { label: 'layer index', value: (row) => row.layerIndex, numeric: true },
  ...(['before', 'after', 'difference'] as const).flatMap((side): TableColumn<LayerChange>[] => [
    { label: side, value: (row) => row[side].value, text: (row) => (side === 'difference' ? difference(row[side].value) : correlation(row[side].value)), numeric: true },
    { label: 'low', note: side, value: (row) => end(row[side].interval, 0), text: (row) => correlation(row[side].interval?.[0]), numeric: true },
    { label: 'high', note: side, value: (row) => end(row[side].interval, 1), text: (row) => correlation(row[side].interval?.[1]), numeric: true },
  ]),
  { label: 'p', value: (row) => row.p ?? Number.NaN, text: (row) => pText(row.p), numeric: true },
  { label: 'p, Holm', value: (row) => row.corrected ?? Number.NaN, text: (row) => pText(row.corrected), numeric: true },
];

interface Shown { readonly set: DimensionSet; readonly rows: readonly LayerChange[]; readonly controls: { controls?: TemplateResult }; readonly suffix: string }

/** The rows of the set that the reader has chosen, and the control that chooses it. */
function shownSet(value: ChangeValue, context: ViewContext): Shown {
  const sets = [...new Set(value.layers.map((row) => row.set))];
  const kept = context.state.get('set') as DimensionSet | undefined;
  const set = kept && sets.includes(kept) ? kept : value.widest;
  const controls = sets.length > 1
    ? { controls: segmented<DimensionSet>({ label: 'Dimensions', value: set, options: sets.map((one) => ({ value: one, label: setLabel(one) })), onChange: (one) => { context.state.set('set', one); context.update(); } }) }
    : {};
  return { set, rows: value.layers.filter((row) => row.set === set), controls, suffix: sets.length > 1 ? `, ${setLabel(set)} dimensions` : '' };
}

function curve(value: ChangeValue, [before, after]: readonly [Series, Series], context: ViewContext): TemplateResult {
  const { set, rows, controls, suffix } = shownSet(value, context);
  const title = `RSA with ${value.reference} by layer, before and after${suffix}`;
  const last = rows.at(-1)!;
  const estimate = (one: LayerChange['before']) => [correlation(one.value), interval(one.interval)].filter(Boolean).join(' ');
  return figure({
    title,
    summary: `Agreement of each layer’s RDM (${metricLabel(value.metric)}) with that of ${named(value.reference, value.referenceOrigin)}. ${last.layer}: ${estimate(last.before)} before, ${estimate(last.after)} after.`,
    notes: [
      `${wordsTold(value)}.`,
      [standardiseLabel(value.standardise) && `Ratings: ${standardiseLabel(value.standardise)}`, standardiseLabel(value.states) && `hidden states: ${standardiseLabel(value.states)}`].filter(Boolean).join('; '),
      bootstrapNote(value.bootstrap, value.level),
    ],
    origins: [value.referenceOrigin],
    legend: legend([before, after]),
    ...controls,
    body: chart(title, layerCurve({
      label: title,
      axis: `RSA (Spearman ρ, n = ${counted(value.words.length, 'word')})`,
      points: ([[before, 'before'], [after, 'after']] as const).flatMap(([series, side]) => rows.map((row) => ({ series, layer: row.layer, layerIndex: row.layerIndex, value: row[side].value, interval: row[side].interval, detail: [] }))),
      levels: [],
    }), [value, set]),
    table: { columns: layerColumns, rows: value.layers },
  });
}

function differences(value: ChangeValue, context: ViewContext): TemplateResult {
  const { set, rows, controls, suffix } = shownSet(value, context);
  const title = `Change in RSA with ${value.reference} by layer${suffix}`;
  const ink = referenceSeries('difference');
  const clear = rows.filter((row) => row.corrected !== null && row.corrected < ALPHA);
  const up = clear.filter((row) => row.difference.value > 0).length;
  const found = [...(up ? [`higher in ${up}`] : []), ...(clear.length > up ? [`lower in ${clear.length - up}`] : [])].join(' and ');
  const told = value.family === 0 ? '' : ` After correction RSA is ${found || 'different in none'} of ${counted(rows.length, 'layer')} (p < .05).`;
  return figure({
    title,
    summary: `${value.after} minus ${value.before}, paired over words.${told}`,
    notes: [
      value.family > 0 ? `p is two-sided, from the share of bootstrap differences beyond zero, at least ${correlation(2 / (value.bootstrap + 1), 4)}; corrected by Holm for the ${counted(value.family, 'difference')} of this cell (layers and sets).` : '',
      'Intervals and p are over words; another training run would differ too.',
    ],
    origins: [value.referenceOrigin],
    ...controls,
    body: chart(title, forest({
      label: title,
      axis: `difference in RSA (Spearman ρ, n = ${counted(value.words.length, 'word')})`,
      rows: rows.map((row): ForestRow => ({
        group: '', label: row.layer, series: ink, value: row.difference.value, interval: row.difference.interval,
        text: [difference(row.difference.value), interval(row.difference.interval), pValue(row.corrected)].filter(Boolean).join('  '),
        detail: [pValue(row.p) && `${pValue(row.p)}, corrected ${pText(row.corrected)}`].filter(Boolean),
      })),
    }), [value, set]),
    table: { columns: layerColumns, rows },
  });
}

const driftColumns: readonly TableColumn<LayerDrift>[] = [
  { label: 'layer', value: (row) => row.layer },
  { label: 'layer index', value: (row) => row.layerIndex, numeric: true },
  { label: 'CKA', value: (row) => row.cka, text: (row) => correlation(row.cka), numeric: true },
  { label: 'CKA, debiased', value: (row) => row.debiased, text: (row) => correlation(row.debiased), numeric: true },
  { label: 'RDM correlation', value: (row) => row.rdm.value, text: (row) => correlation(row.rdm.value), numeric: true },
  { label: 'low', value: (row) => end(row.rdm.interval, 0), text: (row) => correlation(row.rdm.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => end(row.rdm.interval, 1), text: (row) => correlation(row.rdm.interval?.[1]), numeric: true },
];

function drift(value: ChangeValue): TemplateResult {
  const title = `How far each layer has moved, ${value.before} to ${value.after}`;
  const labels = { cka: '1 − linear CKA', debiased: '1 − linear CKA, debiased', rdm: '1 − RDM correlation' } as const;
  const series = seriesOf(Object.values(labels));
  const finite = value.drift.filter((row) => Number.isFinite(row.debiased));
  const most = finite.reduce<LayerDrift | null>((least, row) => (least === null || row.debiased < least.debiased ? row : least), null);
  return figure({
    title,
    summary: `One minus the likeness of each layer before and after, whatever the reference says: 0 means that nothing moved.${most ? ` Most moved: ${most.layer}, debiased CKA ${correlation(most.debiased)}, RDM correlation ${correlation(most.rdm.value)}.` : ''}`,
    notes: [
      'CKA leaves rotation, scale and a shift of the whole space out, and follows the directions of largest variance: a change in small ones hardly shows. The plain one is too high where features outnumber words; the debiased one is not. It has no interval here.',
      `RDM correlation: Spearman ρ of the two RDMs (${metricLabel(value.metric)})${value.bootstrap > 0 ? `, with its interval over words` : ''}.`,
    ],
    origins: ['model'],
    legend: legend(series.values()),
    body: chart(title, layerCurve({
      label: title,
      axis: `1 − likeness (n = ${counted(value.words.length, 'word')})`,
      points: value.drift.flatMap((row) => ([['cka', row.cka, null], ['debiased', row.debiased, null], ['rdm', row.rdm.value, row.rdm.interval]] as const)
        .map(([key, found, own]) => ({ series: series.get(labels[key])!, layer: row.layer, layerIndex: row.layerIndex, value: 1 - found, interval: own && [1 - own[1], 1 - own[0]] as const, detail: [`likeness ${correlation(found)}`] }))),
      levels: [],
    }), [value]),
    table: { columns: driftColumns, rows: value.drift },
  });
}

export const view: View<'change'> = (value, context) => {
  const series = seriesOf([value.before, value.after]);
  const sides = [series.get(value.before)!, series.get(value.after)!] as const;
  return html`<div class="view">
    ${value.layers.length ? html`${curve(value, sides, context)}${differences(value, context)}` : nothing}
    ${drift(value)}
    ${scatterFigure(value, context)}
    ${orderFigure(value)}
    ${moversFigure(value, sides, context)}
    ${rdmsFigure(value, context)}
    ${droppedNote(value.dropped)}
  </div>`;
};
