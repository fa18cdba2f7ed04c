/** State pills and badges: a word first, colour second. */
import { html, type TemplateResult } from 'lit';

const labels = {
  clean: 'up to date',
  stale: 'stale',
  queued: 'queued',
  running: 'running',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** States a cell can be in, as the reader sees them. */
export type PillState = keyof typeof labels;

/** The state of a cell; `label` where a state needs other words. */
export function statePill(state: PillState, label: string = labels[state]): TemplateResult {
  return html`<span class="pill" data-state=${state}><span class="pill-dot" aria-hidden="true"></span>${label}</span>`;
}

/** A short label on a soft ground. */
export function badge(text: string, tone: 'plain' | 'accent' | 'warn' | 'good' | 'bad' = 'plain'): TemplateResult {
  return html`<span class="badge" data-tone=${tone}>${text}</span>`;
}
