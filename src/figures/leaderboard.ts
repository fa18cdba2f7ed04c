/** The ranking of models: how a model is named in its table, and the table above its drawing. */
import { html, type TemplateResult } from 'lit';
import './leaderboard.css';
import { type Series, swatch } from './series.ts';

export function rankedModel(rank: number, series: Series): TemplateResult {
  return html`<span class="leaderboard-model"><span class="leaderboard-rank">${rank}</span>${swatch(series)}<span>${series.label}</span></span>`;
}

/** The table, and below it the drawing of the same rows. */
export function rankingBody(table: TemplateResult, drawing: TemplateResult): TemplateResult {
  return html`<div class="leaderboard-body">${table}${drawing}</div>`;
}
