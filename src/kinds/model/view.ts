/** A model's card: what it is, its size, the layers that were found in its graph. */
import { html, nothing } from 'lit';
import { facts } from '../../figures/facts.ts';
import { originBadge } from '../../figures/origin.ts';
import { badge } from '../../ui/badge.ts';
import { bytes, compact, count } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import './card-text.ts';

const sources = { bundled: 'ships with Sensorium', hub: 'Hugging Face hub', local: 'local folder' } as const;

export const view: View<'model'> = (value) => html`<div class="view card">
  <div class="card-head"><span class="card-name">${value.label}</span>${originBadge('model')}${badge(sources[value.source])}</div>
  ${facts([
    ['architecture', value.architecture],
    ['parameters', compact(value.parameters)],
    // Layer 0 is the embeddings.
    ['layers', value.hiddenStates.length > 1 ? `${count(value.hiddenStates.length - 1)} and embeddings` : `${count(value.hiddenStates.length)}`],
    ['width', count(value.hiddenSize)],
    ['context', `${count(value.contextLength)} tokens`],
    ['precision', value.precision ? `weights stored as ${value.precision.stored}, computed as ${value.precision.computed}` : value.dtype],
    ['size', bytes(value.bytes)],
    ['revision', html`<code title=${value.revision}>${value.revision.length > 16 ? `${value.revision.slice(0, 12)}…` : value.revision}</code>`],
  ])}
  ${value.notes.length ? html`<ul class="card-notes">${value.notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing}
  ${value.source === 'bundled' ? html`<model-card-text .model=${value.id}></model-card-text>` : nothing}
</div>`;
