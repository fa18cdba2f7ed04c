/** Problems as the reader meets them: where, what is wrong, what to do, and the way out as a button. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ProblemAction, ProblemRecord } from '../base/problem.ts';
import { button } from '../ui/controls.ts';
import { icon } from '../ui/icons.ts';

export type Resolve = (action: ProblemAction) => void;

function labelledActions(action: ProblemAction): readonly { readonly label: string; readonly action: ProblemAction }[] {
  switch (action.type) {
    case 'choose-file': {
      const choose = { label: action.name.endsWith('/') ? 'Choose the folder…' : 'Choose the file…', action: { ...action, address: '' } };
      return action.address && URL.canParse(action.address) ? [choose, { label: `Fetch from ${new URL(action.address).host}…`, action }] : [choose];
    }
    case 'run-cell':
      return [{ label: `Run ${action.cell}`, action }];
    case 'free-storage':
      return [{ label: 'Free storage…', action }];
    default:
      return action satisfies never;
  }
}

/** One problem. Without `resolve` its way out is not offered. */
export function problemNote(problem: ProblemRecord, resolve?: Resolve): TemplateResult {
  const actions = problem.action && resolve ? labelledActions(problem.action) : [];
  return html`<div class="problem" data-code=${problem.code}>
    ${icon('warning')}
    <div class="problem-text">
      <p>${problem.place ? html`<span class="problem-place">${problem.place}:</span> ` : nothing}${problem.what}.</p>
      <p class="problem-fix">${problem.fix}</p>
      ${actions.length > 0
        ? html`<div class="problem-actions">${actions.map(({ label, action }) => button({ label, onClick: () => resolve?.(action) }))}</div>`
        : nothing}
    </div>
  </div>`;
}

/** A list of problems; nothing when there are none. */
export function problemList(problems: readonly ProblemRecord[], resolve?: Resolve): TemplateResult | typeof nothing {
  return problems.length === 0 ? nothing : html`<div class="problems">${problems.map((problem) => problemNote(problem, resolve))}</div>`;
}
