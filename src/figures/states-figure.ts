/** Vectors of every layer before anything is compared: how long they are, and how alike. */
import type { TemplateResult } from 'lit';
import type { Layer, RepresentationValue } from '../data/values.ts';
import { correlation, count, counted, decimal } from '../ui/format.ts';
import { chart, figure } from './figure.ts';
import { layerCurve } from './layer-curve.ts';
import { layerStats } from './layer-stats.ts';
import { seriesOf } from './series.ts';

export function statesFigure(value: RepresentationValue): TemplateResult {
  const series = seriesOf([value.label]).get(value.label)!;
  const stats = (layer: Layer) => layerStats(layer);
  const highest = [...value.layers].sort((a, b) => stats(b).cosine - stats(a).cosine)[0];
  const title = `How alike all words are in ${value.label}, by layer`;
  return figure({
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
  });
}
