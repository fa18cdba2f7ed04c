/** A number on a ground whose strength shows its place on the scale; the number stays readable on every ground. */
import { html, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { decimal } from '../ui/format.ts';

export function heatCell(value: number, scale: readonly [number, number], text: (value: number) => string = (one) => decimal(one, 1)): TemplateResult {
  const [low, high] = scale;
  const share = Number.isFinite(value) && high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  return html`<span class="heat" ?data-missing=${!Number.isFinite(value)} style=${styleMap({ '--share': `${Math.round(share * 100)}%` })}>${text(value)}</span>`;
}
