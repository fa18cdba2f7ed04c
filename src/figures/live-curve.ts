/** Numbers of a run under way as a small drawing. Its label says the latest in words, so it is hidden from screen readers. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Progress, ProgressCurve } from '../base/progress.ts';
import './figures.css';
import { seriesOf, swatch } from './series.ts';

const height = 56;
const width = 300;

/** Nothing before there is a line to draw. The right end is that of the run. */
export function liveCurve({ curves }: Progress): TemplateResult | typeof nothing {
  if (!curves) return nothing;
  const { lines } = curves;
  const points = lines.flatMap(({ x, y }) => x.map((at, i) => [at, y[i]!] as const));
  if (points.length < 2) return nothing;
  const series = seriesOf(lines.map(({ name }) => name));
  const end = Math.max(curves.end, ...points.map(([x]) => x));
  const highest = Math.max(...points.map(([, y]) => y)) || 1;
  const line = ({ x, y }: ProgressCurve): string => x.map((at, i) => `${((at / end) * width).toFixed(1)},${(height - 2 - (y[i]! / highest) * (height - 4)).toFixed(1)}`).join(' ');
  return html`<div class="live-curve" aria-hidden="true">
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${lines.map((curve) => svg`<polyline points=${line(curve)} stroke=${series.get(curve.name)!.colour} />`)}</svg>
    <ul class="legend">${[...series.values()].map((one) => html`<li>${swatch(one)}<span>${one.label} loss</span></li>`)}</ul>
  </div>`;
}
