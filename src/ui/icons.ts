/** The few icons the app uses: 16 px, drawn with the text's colour, hidden from screen readers. */
import { svg, html, type TemplateResult } from 'lit';

const paths = {
  run: svg`<path d="M5 3.2v9.6l7.6-4.8z" fill="currentColor" stroke-linejoin="round"/>`,
  pause: svg`<path d="M4.2 3.4h2.6v9.2H4.2zM9.2 3.4h2.6v9.2H9.2z" fill="currentColor" stroke="none"/>`,
  stop: svg`<rect x="4.2" y="4.2" width="7.6" height="7.6" rx="1.2" fill="currentColor" stroke="none"/>`,
  chevron: svg`<path d="m6 4 4 4-4 4"/>`,
  back: svg`<path d="m10 4-4 4 4 4"/>`,
  down: svg`<path d="m4 6 4 4 4-4"/>`,
  download: svg`<path d="M8 2.5v7.2m0 0 3-3m-3 3-3-3M3 12.8h10"/>`,
  close: svg`<path d="m4.2 4.2 7.6 7.6m0-7.6-7.6 7.6"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  more: svg`<g fill="currentColor" stroke="none"><circle cx="3.4" cy="8" r="1.3"/><circle cx="8" cy="8" r="1.3"/><circle cx="12.6" cy="8" r="1.3"/></g>`,
  check: svg`<path d="m3.4 8.4 3 3 6.2-6.8"/>`,
  warning: svg`<path d="M8 2.4 14.2 13H1.8zM8 6.6v3m0 1.6v.2"/>`,
  code: svg`<path d="m5.4 4.6-3.2 3.4 3.2 3.4m5.2-6.8 3.2 3.4-3.2 3.4"/>`,
  sliders: svg`<path d="M2.5 4.8h6m4 0h1M2.5 11.2h1m4 0h6"/><circle cx="10.4" cy="4.8" r="1.7"/><circle cx="5.4" cy="11.2" r="1.7"/>`,
  sun: svg`<circle cx="8" cy="8" r="2.9"/><path d="M8 1.6v1.2m0 10.4v1.2M1.6 8h1.2m10.4 0h1.2M3.5 3.5l.8.8m7.4 7.4.8.8m0-9-.8.8m-7.4 7.4-.8.8"/>`,
  moon: svg`<path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z"/>`,
  file: svg`<path d="M4 1.8h5l3 3v9.4H4zM9 1.8v3h3"/>`,
  link: svg`<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.8.8m1 2.7a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/>`,
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${paths[name]}</svg>`;
}
