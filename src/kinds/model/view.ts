/** A model's card: what it is, its size, where it comes from, the layers that were found in its graph. */
import { html, nothing, type TemplateResult } from 'lit';
import { commitPattern, hubName, publicHub } from '../../base/hub.ts';
import type { ModelValue } from '../../data/values.ts';
import { facts } from '../../figures/facts.ts';
import { originBadge } from '../../figures/origin.ts';
import { badge } from '../../ui/badge.ts';
import { disclosure } from '../../ui/controls.ts';
import { bytes, compact, count, counted } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import './card-text.ts';

const sources = { bundled: 'ships with Sensorium', hub: 'from the hub', local: 'local folder' } as const;

/** Seven characters tell commits apart; SHA-256 of files are longer, and so is what is shown of them. */
function short(revision: string): string {
  if (commitPattern.test(revision)) return revision.slice(0, 7);
  return revision.length > 16 ? `${revision.slice(0, 12)}…` : revision;
}

/** A page of the hub; ids and commits hold nothing that an address could not. */
function pageLink({ id, revision, about }: ModelValue): TemplateResult {
  const host = about?.host ?? publicHub;
  return html`<p class="card-note"><a href=${`${host}/${id}/tree/${encodeURIComponent(revision)}`} target="_blank" rel="noopener noreferrer">${id} on ${hubName(host)}</a>${about?.task || about?.licence ? nothing : '. Licence and task are not known: the host did not tell, or could not be asked.'}</p>`;
}

/** The tensors that hold the hidden states, so that a doubt can be looked up in the graph. */
function layers({ hiddenStates, onnxFile }: ModelValue): TemplateResult {
  const first = hiddenStates.length > 1 ? 'embeddings' : 'last hidden state';
  return disclosure({
    summary: `Layers found in ${onnxFile} (${count(hiddenStates.length)})`,
    body: html`<ol class="card-layers" start="0">${hiddenStates.map((tensor, layer) => html`<li><span class="quiet">${layer === 0 ? first : `layer ${layer}`}</span> <code>${tensor}</code></li>`)}</ol>`,
  });
}

export const view: View<'model'> = (value) => {
  const { about } = value;
  return html`<div class="view card">
  <div class="card-head"><span class="card-name">${value.label}</span>${originBadge('model')}${badge(sources[value.source])}</div>
  ${facts([
    ['architecture', value.architecture],
    about?.task ? ['task', about.task] : null,
    ['parameters', compact(value.parameters)],
    // Layer 0 is the embeddings.
    ['layers', value.hiddenStates.length > 1 ? `${count(value.hiddenStates.length - 1)} and embeddings` : `${count(value.hiddenStates.length)}`],
    ['width', count(value.hiddenSize)],
    ['context', counted(value.contextLength, 'token')],
    ['precision', value.precision ? `weights stored as ${value.precision.stored}, computed as ${value.precision.computed}` : value.dtype],
    about ? ['download', bytes(about.download)] : ['size', bytes(value.bytes)],
    about ? ['memory', `about ${bytes(about.memory)}`] : null,
    about ? ['licence', about.licence ?? 'not stated'] : null,
    [value.source === 'hub' && commitPattern.test(value.revision) ? 'commit' : 'revision', html`<code title=${value.revision}>${short(value.revision)}</code>`],
  ])}
  ${value.notes.length ? html`<ul class="card-notes">${value.notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing}
  ${value.source === 'hub' ? pageLink(value) : nothing}
  ${layers(value)}
  ${value.source === 'bundled' ? html`<model-card-text .model=${value.id}></model-card-text>` : nothing}
</div>`;
};
