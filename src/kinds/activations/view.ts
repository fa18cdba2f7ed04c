/** Hidden states: what came out, layer by layer, before anything is compared. */
import { html } from 'lit';
import { facts } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { statesFigure } from '../../figures/states-figure.ts';
import { bytes, count } from '../../ui/format.ts';
import type { View } from '../kind.ts';

export const view: View<'representation'> = (value) => {
  const size = value.layers.reduce((sum, layer) => sum + layer.data.byteLength * (1 + (layer.measurements?.length ?? 0)), 0);
  const widths = [...new Set(value.layers.map((layer) => layer.d))];
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
    ${statesFigure(value)}
    ${droppedNote(value.dropped)}
  </div>`;
};
