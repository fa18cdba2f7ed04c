/** How a ranked model is named in a table: its rank, its mark, its label. */
import { html, type TemplateResult } from 'lit';
import './leaderboard.css';
import { type Series, swatch } from './series.ts';

export function rankedModel(rank: number, series: Series): TemplateResult {
  return html`<span class="leaderboard-model"><span class="leaderboard-rank">${rank}</span>${swatch(series)}<span>${series.label}</span></span>`;
}
