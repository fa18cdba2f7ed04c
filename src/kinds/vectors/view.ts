/** Vectors from a file: how many of the words they cover, their layers, and whether words and rows belong together. */
import { html, nothing } from 'lit';
import type { Neighbours } from '../../figures/nearest-words.ts';
import { facts } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { layerStats } from '../../figures/layer-stats.ts';
import { nearestWords } from '../../figures/nearest-words.ts';
import { originBadge } from '../../figures/origin.ts';
import { statesFigure } from '../../figures/states-figure.ts';
import { dataTable } from '../../ui/data-table.ts';
import { bytes, correlation, count, decimal } from '../../ui/format.ts';
import type { View } from '../kind.ts';

export const view: View<'representation'> = (value) => {
  const { imported, layers, words } = value;
  const last = layers.at(-1);
  const stats = last ? layerStats(last) : null;
  return html`<div class="view card">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge(value.origin)}</div>
    ${facts([
      ['words covered', imported ? `${count(words.length)} of ${count(imported.of)}` : count(words.length)],
      layers.length > 1 ? ['layers', count(layers.length)] : null,
      ['width', [...new Set(layers.map(({ d }) => d))].map(count).join(', ')],
      ['language', value.language],
      imported ? ['file', `${imported.file} (${imported.format})`] : null,
      imported ? ['vectors in it', count(imported.vectors)] : null,
      imported ? ['found by', imported.list === null ? 'order of the stimuli' : imported.list === imported.file ? 'its own words' : imported.list] : null,
      ['size', bytes(layers.reduce((sum, { data }) => sum + data.byteLength, 0))],
      layers.length === 1 && stats ? ['mean norm', decimal(stats.norm)] : null,
      layers.length === 1 && stats ? ['mean cosine', correlation(stats.cosine, 2)] : null,
    ])}
    ${layers.length > 1 ? statesFigure(value) : nothing}
    ${last && words.length > 3
      ? html`<p class="figure-note">Do words and rows belong together? The nearest words of a few${layers.length > 1 ? `, in ${last.name}` : ''}: where the list of words is shifted against the rows, they make no sense.</p>
        ${dataTable<Neighbours>(`Nearest words in ${value.label}`, [
          { label: 'word', value: (row) => row.word },
          { label: 'nearest', note: 'cosine, centred', value: (row) => row.nearest.map(({ word }) => word).join(', '), cell: (row) => html`<span class="nearest">${row.nearest.map(({ word, cosine }) => `${word} ${correlation(cosine, 2)}`).join(', ')}</span>` },
        ], nearestWords(last, words))}`
      : nothing}
    ${droppedNote(value.dropped)}
  </div>`;
};
