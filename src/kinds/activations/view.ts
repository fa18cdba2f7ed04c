/** Hidden states: what came out, layer by layer, before anything is compared. */
import { html } from 'lit';
import type { Layer } from '../../data/values.ts';
import { facts } from '../../figures/facts.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { layerCurve } from '../../figures/layer-curve.ts';
import { layerStats } from '../../figures/layer-stats.ts';
import { originBadge } from '../../figures/origin.ts';
import { seriesOf } from '../../figures/series.ts';
import { bytes, correlation, count, counted, decimal } from '../../ui/format.ts';
import type { View } from '../kind.ts';

export const view: View<'representation'> = (value) => {
  const series = seriesOf([value.label]).get(value.label)!;
  const stats = (layer: Layer) => layerStats(layer);
  const size = value.layers.reduce((sum, layer) => sum + layer.data.byteLength * (1 + (layer.measurements?.length ?? 0)), 0);
  const widths = [...new Set(value.layers.map((layer) => layer.d))];
  const highest = [...value.layers].sort((a, b) => stats(b).cosine - stats(a).cosine)[0];
  const title = `How alike all words are in ${value.label}, by layer`;
  return html`<div class="view card">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge(value.origin)}</div>
    ${facts([
      ['words', count(value.words.length)],
      ['layers', count(value.layers.length)],
      ['width', widths.map(count).join(', ')],
      ['language', value.language],
      ['size', bytes(size)],
      value.measuredBy ? ['templates kept apart', count(value.measuredBy.names.length)] : null,
    ])}
    ${figure({
      title,
      summary: `Mean cosine between different words; near 1 means that one shared direction dominates (centring removes it).${highest ? ` Highest: ${highest.name}, ${correlation(stats(highest).cosine, 2)}.` : ''}`,
      origins: [value.origin],
      body: chart(title, layerCurve({
        label: title,
        axis: `mean cosine (${counted(value.words.length, 'word')})`,
        points: value.layers.map((layer) => ({ series, layer: layer.name, layerIndex: layer.index, value: stats(layer).cosine, interval: null, detail: [`mean norm ${decimal(stats(layer).norm)}`] })),
        levels: [],
      }), [value]),
      table: {
        columns: [
          { label: 'layer', value: (layer) => layer.index, text: (layer) => layer.name },
          { label: 'width', value: (layer) => layer.d, text: (layer) => count(layer.d), numeric: true },
          { label: 'mean norm', value: (layer) => stats(layer).norm, text: (layer) => decimal(stats(layer).norm), numeric: true },
          { label: 'mean cosine', value: (layer) => stats(layer).cosine, text: (layer) => correlation(stats(layer).cosine), numeric: true },
          { label: 'missing words', value: (layer) => stats(layer).missing, text: (layer) => count(stats(layer).missing), numeric: true },
        ],
        rows: value.layers,
      },
    })}
    ${droppedNote(value.dropped)}
  </div>`;
};
