/**
 * One colour and one symbol per candidate, in the order of the value, the same in every figure of a cell. Colours come
 * from the theme; symbols carry the same distinction without colour, so that the ninth candidate differs from the first.
 */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { SymbolType } from '@observablehq/plot';

const COLOURS = 8;
const SYMBOLS = ['circle', 'square', 'diamond', 'triangle', 'wye'] as const satisfies readonly SymbolType[];

export interface Series {
  readonly label: string;
  /** A CSS colour; a variable, so that it follows the theme without drawing again. */
  readonly colour: string;
  readonly symbol: (typeof SYMBOLS)[number];
  /** Drawn dashed: a level without layers. */
  readonly dashed?: boolean;
}

/** Series for the distinct labels, in order of first appearance. */
export function seriesOf(labels: Iterable<string>): ReadonlyMap<string, Series> {
  const distinct = [...new Set(labels)];
  return new Map(
    distinct.map((label, at): [string, Series] => [
      label,
      // The symbol moves on with every full round of colours as well.
      { label, colour: `var(--series-${(at % COLOURS) + 1})`, symbol: SYMBOLS[(at + Math.floor(at / COLOURS)) % SYMBOLS.length]! },
    ]),
  );
}

/** The reference, and anything that is not a candidate. */
export const referenceSeries = (label: string): Series => ({ label, colour: 'var(--ink)', symbol: 'circle' });

const shapes = {
  circle: svg`<circle cx="7" cy="7" r="4"/>`,
  square: svg`<rect x="3.5" y="3.5" width="7" height="7"/>`,
  diamond: svg`<path d="M7 1.8 10.6 7 7 12.2 3.4 7z"/>`,
  triangle: svg`<path d="M7 2.4 11.6 10.6H2.4z"/>`,
  wye: svg`<path d="m7 7 0 4.6M7 7 3 4.6M7 7l4-2.4" fill="none" stroke-width="3"/>`,
} as const;

/** A candidate's mark as it looks in figures. */
export function swatch(series: Series): TemplateResult {
  return html`<svg class="swatch" data-series=${series.colour.replace(/\D/g, '')} viewBox="0 0 14 14" width="14" height="14" fill=${series.colour} stroke=${series.colour} stroke-width="0" aria-hidden="true">${
    series.dashed ? svg`<path d="M0 7h14" fill="none" stroke-width="2" stroke-dasharray="4 3"/>` : shapes[series.symbol]
  }</svg>`;
}

/** The candidates of a figure, and what else needs a key. */
export function legend(series: Iterable<Series>, further: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<ul class="legend" aria-label="candidates">${[...series].map((one) => html`<li>${swatch(one)}<span>${one.label}</span></li>`)}${further}</ul>`;
}
