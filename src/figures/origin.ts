/** Says where numbers come from, wherever they are shown. Illustrative ratings never look like human data. */
import { html, type TemplateResult } from 'lit';
import type { Origin } from '../data/values.ts';

const words = {
  human: { label: 'human', help: 'Measured from people.' },
  illustrative: { label: 'illustrative, not human data', help: 'Written by the project to show how things work; not measured from people.' },
  model: { label: 'model', help: 'Hidden states or ratings of a language model.' },
} as const satisfies Record<Origin, { label: string; help: string }>;

export function originLabel(origin: Origin): string {
  return words[origin].label;
}

export function originBadge(origin: Origin): TemplateResult {
  return html`<span class="badge origin" data-origin=${origin} title=${words[origin].help}>${words[origin].label}</span>`;
}

/** A name with its origin for running text: "norms (illustrative, not human data)"; plain for human and model. */
export function named(name: string, origin: Origin): string {
  return origin === 'illustrative' ? `${name} (${originLabel(origin)})` : name;
}
