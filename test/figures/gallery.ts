/** A page with every control and figure, for looking at and for accessibility checks: `npx vite`, /test/figures/gallery.html. */
import { html, render, type TemplateResult } from 'lit';
import '../../src/app/form.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { badge, statePill, type PillState } from '../../src/ui/badge.ts';
import { button, disclosure, progressBar, segmented, toggle } from '../../src/ui/controls.ts';
import '../../src/ui/menu.ts';
import '../../src/ui/styles.ts';
import { toast } from '../../src/ui/toast.ts';
import { contextFor, examples, type Example } from './examples.ts';
import './gallery.css';

const states: readonly PillState[] = ['clean', 'stale', 'queued', 'running', 'done', 'failed', 'cancelled'];
const nothingToDo = () => undefined;

function card(name: string, body: TemplateResult): TemplateResult {
  return html`<section class="gallery-card" aria-label=${name}><h2 class="gallery-name">${name}</h2>${body}</section>`;
}

export function controls(): TemplateResult {
  return html`
    <article class="prose">
      <h1>Figures and controls</h1>
      <p>Everything below is <em>made up</em> by seeded formulas; none of it is data. This paragraph shows the prose that stands between cells: a serif measure of about seventy characters, with <code>code</code>, <a href="#top">links</a> and numbers such as ρ = .724 in line.</p>
    </article>
    ${card('controls', html`
      <div class="gallery-row">${button({ label: 'Run all', icon: 'run', look: 'primary', onClick: nothingToDo })}${button({ label: 'Cancel', icon: 'stop', onClick: nothingToDo })}${button({ label: 'Quiet', look: 'quiet', onClick: nothingToDo })}${button({ label: 'Cell source', icon: 'code', iconOnly: true, look: 'quiet', pressed: true, onClick: nothingToDo })}${button({ label: 'Disabled', disabled: true, onClick: nothingToDo })}
        <menu-button label="Add a cell" icon="plus" align="start" .items=${[{ label: 'RSA', note: 'Representational similarity to a reference.', onChoose: nothingToDo }, null, { label: 'Delete', danger: true, onChoose: nothingToDo }]}></menu-button>
        ${button({ label: 'Toast', onClick: () => toast({ text: 'Copied the notebook’s link.' }) })}</div>
      <div class="gallery-row">${states.map((state) => statePill(state))}</div>
      <div class="gallery-row">${badge('rsa')}${badge('webgpu', 'accent')}${badge('2 warnings', 'warn')}${segmented({ label: 'Colour by', value: 'rank', options: [{ value: 'rank', label: 'rank' }, { value: 'value', label: 'value' }], onChange: nothingToDo })}${toggle({ label: 'Lower case', value: true, onChange: nothingToDo })}${toggle({ label: 'Off', value: false, onChange: nothingToDo })}</div>
      <div>${progressBar({ label: 'permutations', done: 6200, total: 10_000 })}</div>
      ${disclosure({ summary: 'Run card', body: html`<p>Inputs, versions, device, seed, duration.</p>` })}`)}
    ${card('a form', html`<cell-form .fields=${rsaFields} .params=${{ reference: 'norms', candidates: ['states'], permutations: -5, sets: ['motor', 'all'] }} .problems=${{ permutations: 'permutations is -5, below 0' }} .cells=${{ representation: ['norms', 'states', 'tuned'] }}></cell-form>`)}`;
}

/** One example that draws itself again when its controls change. */
function shown(example: Example, width: number): TemplateResult {
  const host = document.createElement('div');
  const context = contextFor(example, width, () => draw());
  const draw = () => render(example.render(context), host);
  draw();
  return card(example.name, html`${host}`);
}

/** Fills a host with the gallery. */
export function gallery(host: HTMLElement, options: { controls: boolean; awkward: boolean }): void {
  const width = Math.min(1000, document.documentElement.clientWidth - 32);
  render(html`<main class="gallery">
    ${options.controls ? controls() : ''}
    ${examples.filter((example) => options.awkward || !example.awkward).map((example) => shown(example, width))}
  </main>`, host);
}

if (location.pathname.endsWith('gallery.html')) gallery(document.body, { controls: true, awkward: location.search.includes('awkward') });
