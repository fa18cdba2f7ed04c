/** A few named facts in a row: counts, sizes, versions. */
import { html, nothing, type TemplateResult } from 'lit';
import './figures.css';

export type Fact = readonly [name: string, value: string | TemplateResult];

export function facts(all: readonly (Fact | null)[]): TemplateResult {
  return html`<dl class="facts">${all.map((fact) => (fact ? html`<div><dt>${fact[0]}</dt><dd>${fact[1]}</dd></div>` : nothing))}</dl>`;
}
