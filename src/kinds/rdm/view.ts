/** The RDM as a heatmap, with its nearest and farthest pairs as the table. */
import { html } from 'lit';
import type { RdmValue } from '../../data/values.ts';
import { droppedNote, figure } from '../../figures/figure.ts';
import { distanceNotes, metricLabel, setLabel, standardiseLabel } from '../../figures/metric.ts';
import { extremePairs, extremePairSteps } from '../../figures/rdm-grid.ts';
import type { HeatmapMode } from '../../figures/rdm-heatmap.ts';
import '../../figures/rdm-heatmap.ts';
import { inTurns } from '../../figures/turns.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { count, counted } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';

interface PairRow { readonly a: string; readonly b: string; readonly distance: number; readonly end: 'nearest' | 'farthest' }

const LISTED = 20;
type Distances = RdmValue['layers'][number]['distances'];
const known = new WeakMap<Distances, readonly PairRow[]>();
/** Large RDMs that are being looked through, each with the views to draw again afterwards, by their memory. */
const looking = new WeakMap<Distances, Map<unknown, () => void>>();
/** From so many pairs on they are looked through in turns with what else the page does. */
const MANY_PAIRS = 60_000;

function rowsOf(words: readonly string[], { nearest, farthest }: ReturnType<typeof extremePairs>): readonly PairRow[] {
  const row = (end: PairRow['end']) => (pair: (typeof nearest)[number]): PairRow => ({ a: words[pair.i] ?? '', b: words[pair.j] ?? '', distance: pair.distance, end });
  return [...nearest.map(row('nearest')), ...farthest.map(row('farthest'))];
}

/** The extreme pairs of a layer, remembered; null until a large RDM has been looked through, and then the view is drawn again. */
function pairRows({ words }: RdmValue, distances: Distances, { state, update }: Pick<ViewContext, 'state' | 'update'>): readonly PairRow[] | null {
  const before = known.get(distances);
  if (before) return before;
  if (distances.length < MANY_PAIRS) {
    const rows = rowsOf(words, extremePairs(distances, words.length, LISTED));
    known.set(distances, rows);
    return rows;
  }
  // A view is drawn many times meanwhile, each time with another update: the last of each view is called.
  const waiting = looking.get(distances)?.set(state, update);
  if (!waiting) void lookThrough(words, distances, new Map([[state, update]]));
  return null;
}

/** Where it fails the RDM is looked through again when it is next drawn. */
async function lookThrough(words: readonly string[], distances: Distances, waiting: Map<unknown, () => void>): Promise<void> {
  looking.set(distances, waiting);
  try {
    known.set(distances, rowsOf(words, await inTurns(extremePairSteps(distances, words.length, LISTED), new AbortController().signal)));
  } finally {
    looking.delete(distances);
  }
  for (const update of waiting.values()) update();
}

const orders = { category: 'by category', clustering: 'by hierarchical clustering', source: 'as in the source' } as const;

export const view: View<'rdm'> = (value, context) => {
  const last = value.layers.length - 1;
  const layer = Math.min(last, Math.max(0, (context.state.get('layer') as number | undefined) ?? last));
  const mode = (context.state.get('mode') as HeatmapMode | undefined) ?? 'rank';
  const shown = value.layers[layer];
  if (!shown) return html`<p class="figure-note">This representation has no layers.</p>`;
  const looked = pairRows(value, shown.distances, context);
  const pairs = looked ?? [];
  const [nearest, farthest] = [pairs.find((pair) => pair.end === 'nearest'), pairs.find((pair) => pair.end === 'farthest')];
  const part = value.set && value.set !== 'all' ? `, ${setLabel(value.set).toLowerCase()}` : '';
  const title = `RDM of ${value.label}${part}${value.layers.length > 1 ? `, ${shown.name}` : ''}`;
  const columns: readonly TableColumn<PairRow>[] = [
    { label: 'end', value: (row) => row.end },
    { label: 'word', value: (row) => row.a },
    { label: 'word', value: (row) => row.b },
    { label: metricLabel(value.metric), value: (row) => row.distance, text: (row) => row.distance.toFixed(3), numeric: true },
  ];
  const missing = value.undefinedPairs[layer] ?? 0;
  return html`<div class="view">
    ${figure({
      title,
      summary: `${metricLabel(value.metric)[0]!.toUpperCase()}${metricLabel(value.metric).slice(1)} between ${counted(value.words.length, 'word')} (${counted(shown.distances.length, 'pair')}).${nearest && farthest ? ` Nearest: ${nearest.a} and ${nearest.b} (${nearest.distance.toFixed(3)}); farthest: ${farthest.a} and ${farthest.b} (${farthest.distance.toFixed(3)}).` : looked ? ' No pair has a defined distance.' : ''}`,
      notes: [
        [`Words ${orders[value.orderedBy]}`, standardiseLabel(value.standardise), ...distanceNotes(value)].filter(Boolean).join('; ') + '.',
        missing > 0 ? `${count(missing)} ${missing === 1 ? 'pair is' : 'pairs are'} undefined (${value.missing === 'pairwise' ? 'a zero vector has no direction, and two words may have too few dimensions in common' : 'a zero vector has no direction'}) and left blank.` : '',
      ],
      origins: [value.origin],
      body: html`<rdm-heatmap .value=${value} .layer=${layer} .mode=${mode} @heatmap-change=${(event: CustomEvent<{ layer: number; mode: HeatmapMode }>) => {
        context.state.set('layer', event.detail.layer);
        context.state.set('mode', event.detail.mode);
        context.update();
      }}></rdm-heatmap>`,
      table: { name: 'Nearest and farthest pairs', columns, rows: pairs },
    })}
    ${droppedNote(value.dropped)}
  </div>`;
};
