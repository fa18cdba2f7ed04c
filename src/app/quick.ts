/** The switch of Quick in the header, and the line on the page that says what it changes while it is on. */
import { html, nothing, type TemplateResult } from 'lit';
import { setQuick } from '../notebook/edit.ts';
import { quickSentence } from '../notebook/quick.ts';
import { badge } from '../ui/badge.ts';
import { toggle } from '../ui/controls.ts';
import { listed } from '../ui/format.ts';
import { toast } from '../ui/toast.ts';
import type { Workbench } from './workbench.ts';

/** Cells that have values for Quick. */
function quickCells(bench: Workbench): string[] {
  return bench.session.graph.nodes.filter(({ cell }) => (cell.body.quick?.entries.length ?? 0) > 0).map(({ cell }) => cell.name);
}

function affects(names: readonly string[]): string {
  return names.length > 0 ? `Fewer words, permutations or steps in ${listed(names)}, and in what uses ${names.length > 1 ? 'them' : 'it'}.` : 'No cell has a quick block: nothing changes.';
}

/** Nothing in a notebook that has no use for it. It is an edit, so it needs a text that may be changed and cells that run. */
export function quickSwitch(bench: Workbench): TemplateResult | typeof nothing {
  const { quick } = bench.session.document;
  const names = quickCells(bench);
  if (names.length === 0 && !quick) return nothing;
  const help = affects(names);
  return html`<fieldset class="header-quick" ?disabled=${!bench.canEdit || !bench.canRun} title=${help}>
    ${toggle({
      label: 'Quick',
      value: quick,
      describedBy: 'quick-help',
      onChange: (on) => {
        bench.edit(() => setQuick(bench.session.document, on));
        toast({ text: on ? `Quick is on. ${affects(quickCells(bench))}` : 'Quick is off: full results again, where they are stored.' });
      },
    })}
    <span id="quick-help" class="visually-hidden">${help}</span>
  </fieldset>`;
}

/** What Quick changes, at the top of the page, while it is on. */
export function quickNotice(bench: Workbench): TemplateResult | typeof nothing {
  const { document, graph } = bench.session;
  if (!document.quick) return nothing;
  const own = graph.nodes.flatMap(({ cell, quick }) => quick.filter((mark) => mark.cell === cell.name));
  const changed = quickSentence('', own).replace(/^Quick: /, '');
  return html`<p class="notice quick-notice">${badge('Quick', 'warn')} <span>${changed || 'No cell has a quick block: nothing changes.'}</span></p>`;
}
