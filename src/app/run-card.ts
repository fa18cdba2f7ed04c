/** The run card as a table: everything that made a result. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RunCard } from '../notebook/card.ts';
import { button } from '../ui/controls.ts';
import { duration } from '../ui/format.ts';
import { toast } from '../ui/toast.ts';

/** Enough of a hash to tell results apart; the whole of it is in the copy. */
function short(hash: string): TemplateResult {
  return html`<code title=${hash}>${hash.slice(0, 12)}</code>`;
}

function written(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function row(label: string, content: unknown): TemplateResult {
  return html`<div><dt>${label}</dt><dd>${content}</dd></div>`;
}

function hashes(label: string, record: Readonly<Record<string, string>>): TemplateResult | typeof nothing {
  const entries = Object.entries(record);
  if (entries.length === 0) return nothing;
  return row(label, html`<ul>${entries.map(([name, hash]) => html`<li>${name} ${short(hash)}</li>`)}</ul>`);
}

async function copy(card: RunCard): Promise<void> {
  try {
    await navigator.clipboard.writeText(JSON.stringify(card, null, 2));
    toast({ text: 'Run card copied.' });
  } catch {
    toast({ text: 'The browser did not allow copying.', tone: 'bad' });
  }
}

export function runCard(card: RunCard): TemplateResult {
  return html`<div class="run-card">
    <dl>
      ${row('Result', short(card.key))}
      ${row('Kind', `${card.kind}, version ${card.kindVersion}`)}
      ${hashes('Inputs', card.inputs)}
      ${hashes('Files', card.files)}
      ${row('Parameters', html`<ul>${Object.entries(card.params).map(([key, value]) => html`<li>${key} <code>${written(value) || '—'}</code></li>`)}</ul>`)}
      ${card.quick?.length ? row('Quick', html`<ul>${card.quick.map((mark) => html`<li>${mark.cell}: ${mark.text}</li>`)}</ul>`) : nothing}
      ${row('Code', html`<code>${card.code}</code>`)}
      ${row('Device', card.device)}
      ${card.seed === null ? nothing : row('Seed', card.seed)}
      ${row('Started', html`<time datetime=${card.started}>${new Date(card.started).toLocaleString()}</time>`)}
      ${row('Took', duration(card.seconds * 1000))}
      ${card.resumed?.length ? row('Resumed at', html`${card.resumed.join(', ')} <span class="quiet">(the time before is not counted)</span>`) : nothing}
      ${card.warnings.length > 0 ? row('Warnings', html`<ul>${card.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`) : nothing}
    </dl>
    ${button({ label: 'Copy as JSON', look: 'quiet', onClick: () => void copy(card) })}
  </div>`;
}
