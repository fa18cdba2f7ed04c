/** `<cell-card>`: one cell on the page: what it is, how it stands, what it gave, and on demand its settings, text and run card. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ProblemRecord } from '../base/problem.ts';
import type { Changes } from '../kinds/kind.ts';
import type { BodyValue, Entry } from '../notebook/body.ts';
import type { Cell } from '../notebook/document.ts';
import type { Graph, Node } from '../notebook/graph.ts';
import { quickNotes, quickSentence } from '../notebook/quick.ts';
import { isCurrent, type CellState } from '../notebook/state.ts';
import { badge, statePill } from '../ui/badge.ts';
import { liveCurve } from '../figures/live-curve.ts';
import { button, progressBar } from '../ui/controls.ts';
import { freshId, LightElement, register } from '../ui/element.ts';
import { download } from '../ui/download.ts';
import { duration, listed } from '../ui/format.ts';
import { icon, type IconName } from '../ui/icons.ts';
import '../ui/menu.ts';
import { toast } from '../ui/toast.ts';
import type { MenuItem } from '../ui/menu.ts';
import type { UnfinishedRun } from '../store/kept.ts';
import { ask } from './ask.ts';
import { attempt, tell } from './attempt.ts';
import { rangeOf, type Block } from './blocks.ts';
import './cell-assist.ts';
import type { CellAssist } from './cell-assist.ts';
import './cell-view.ts';
import './form.ts';
import type { CellNames, ParamChange } from './form.ts';
import { problemList } from './problem-list.ts';
import { runCard } from './run-card.ts';
import './text-area.ts';
import { unfinishedSentence } from './unfinished.ts';
import type { Workbench } from './workbench.ts';

/** Milliseconds within which two presses are one. */
const doubleClick = 500;

type Panel = 'settings' | 'text' | 'card';

/** What a card shows of its cell: a copy, so that a change can be told from what was. */
export interface CellFace {
  readonly node: Node;
  /** The cell's own text. */
  readonly source: string;
  /** What the text asks of Quick in this cell, as one sentence. */
  readonly quick: string;
  /** Whether Quick is on and the cell has a quick block, whatever comes of it. */
  readonly quickOn: boolean;
  /** Cells it could refer to, as one text. */
  readonly names: string;
  readonly state: Omit<CellState, 'node'> | null;
  readonly canEdit: boolean;
  readonly canRun: boolean;
}

/** What the card asks of the page. */
export type CellCommand = 'up' | 'down' | 'delete';

/** The faces of all cells, by cell. */
export function facesOf(bench: Workbench): Map<Cell, CellFace> {
  const { session, canEdit, canRun } = bench;
  const names = [...session.graph.byName.values()].map(({ cell, kind }) => `${cell.name} ${kind?.produces}`).join('\n');
  return new Map(session.graph.nodes.map((node) => {
    const { cell } = node;
    const state = session.cell(cell.name);
    return [cell, { node, source: session.text.slice(cell.from, cell.to), quick: quickSentence(cell.name, node.quick), quickOn: session.document.quick && Boolean(cell.body.quick), names, state: state?.node === node ? { ...state } : null, canEdit, canRun }];
  }));
}

/** Nodes are new after every edit; what matters is what can be seen of them. */
function sameNode(a: CellFace, b: CellFace): boolean {
  if (a.node === b.node) return true;
  if (a.source !== b.source || a.quick !== b.quick || a.quickOn !== b.quickOn || a.names !== b.names) return false;
  const [before, now] = [a.node.problems, b.node.problems];
  return before.length === now.length && before.every(({ what, place }, at) => what === now[at]?.what && place === now[at].place);
}

function sameFace(a: CellFace | null, b: CellFace | null): boolean {
  if (!a || !b) return a === b;
  if (!sameNode(a, b) || a.canEdit !== b.canEdit || a.canRun !== b.canRun || !a.state !== !b.state) return false;
  if (a.state?.unfinished?.time !== b.state?.unfinished?.time) return false;
  const keys = ['status', 'key', 'value', 'valueKey', 'card', 'progress', 'problem'] as const;
  return keys.every((key) => a.state?.[key] === b.state?.[key]);
}

function namesOf(graph: Graph): CellNames {
  const names: Partial<Record<string, string[]>> = {};
  for (const { kind, cell } of graph.byName.values()) if (kind) (names[kind.produces] ??= []).push(cell.name);
  return names;
}

/** What is wrong with single fields, by their name, which these messages begin with. */
function fieldProblems(node: Node): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { what } of node.problems) {
    const name = what.split(' ', 1)[0] ?? '';
    if (node.kind && name in node.kind.fields) found[name] ??= what;
  }
  return found;
}

export class CellCard extends LightElement {
  static override properties = {
    bench: { attribute: false },
    // Its place in the text changes with every edit above it; that alone draws nothing anew.
    block: { attribute: false, hasChanged: () => false },
    face: { attribute: false, hasChanged: (value: CellFace | null, old: CellFace | null | undefined) => !sameFace(value, old ?? null) },
    panel: { state: true },
  };
  declare bench: Workbench;
  declare block: Block & { type: 'cell' };
  declare face: CellFace | null;
  declare panel: Panel | null;
  readonly #id = freshId('cell');
  #pressed = 0;

  constructor() {
    super();
    this.face = null;
    this.panel = null;
    this.addEventListener('keydown', (event) => this.#key(event));
  }

  get #name(): string {
    return this.face?.node.cell.name ?? '';
  }

  /** Of a cell that was just added: opens the form where there is something to choose, and takes the focus to its first control. */
  async welcome(): Promise<void> {
    const node = this.face?.node;
    if (node?.kind && (node.kind.assistFirst || node.problems.length > 0)) this.panel = 'settings';
    await this.updateComplete;
    await this.querySelector<LightElement>('cell-form')?.updateComplete;
    await this.querySelector<CellAssist>('cell-assist')?.ready;
    // Of a list to choose from the first choice; otherwise the form's first field.
    const control = this.querySelector<HTMLElement>('cell-assist details[open] .disclosure-body button') ?? this.querySelector<HTMLElement>('cell-form :is(input, select, textarea, button)') ?? this.querySelector<HTMLElement>('.cell-actions button:not(:disabled)');
    // Scrolling to the control alone would leave the cell's head above the edge.
    control?.focus({ preventScroll: true });
    this.scrollIntoView({ block: this.offsetHeight > innerHeight / 2 ? 'start' : 'nearest' });
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#run();
    } else if (event.key === 'Escape' && !event.defaultPrevented && this.#busy) {
      event.preventDefault();
      // A key that is pressed in passing must not cost an hour's training.
      if (this.#canPause) this.bench.session.pause(this.#name);
      else this.bench.session.cancel(this.#name);
    }
  }

  get #canPause(): boolean {
    return this.face?.state?.status === 'running' && this.face.node.kind?.resumable === true;
  }

  get #busy(): boolean {
    return this.face?.state?.status === 'running' || this.face?.state?.status === 'queued';
  }

  #run(): void {
    const { state } = this.face ?? {};
    // What is up to date was asked for again on purpose; a cell with mistakes could only tell them once more.
    if (state && this.face?.node.problems.length === 0) this.bench.run(this.#name, isCurrent(state as CellState) && state.status !== 'paused');
  }

  /** Run turns into Pause or Cancel in its place: the second half of a double click must not stop what the first began. */
  #once(command: () => void): void {
    if (performance.now() - this.#pressed < doubleClick) return;
    this.#pressed = performance.now();
    command();
  }

  #discard(unfinished: UnfinishedRun): void {
    attempt(async () => {
      const answer = await ask({ title: `Discard the unfinished run of ${this.#name}?`, note: `${unfinishedSentence(unfinished)} The next run starts from the beginning.`, yes: 'Discard' });
      if (answer !== null) await this.bench.session.discard(this.#name);
    });
  }

  #command(command: CellCommand): void {
    this.dispatchEvent(new CustomEvent('cell-command', { detail: { command, key: this.block.key }, bubbles: true }));
  }

  #resolve = (action: NonNullable<ProblemRecord['action']>): void => {
    this.dispatchEvent(new CustomEvent('resolve', { detail: action, bubbles: true }));
  };

  #pill(face: CellFace): TemplateResult {
    const { node, state } = face;
    if (!node.kind) return statePill('cancelled', 'not run');
    if (!state || node.problems.length > 0) return statePill('failed', 'needs attention');
    if (state.status === 'paused') return statePill('paused', state.unfinished?.paused === false ? 'stopped' : 'paused');
    if (state.status !== 'stale') return statePill(state.status);
    if (state.problem) return statePill('stale', 'waiting');
    return state.value ? statePill('stale') : statePill('cancelled', 'not run yet');
  }

  #head(face: CellFace): TemplateResult {
    const { node, state, canRun, canEdit } = face;
    const items: (MenuItem | null)[] = [
      { label: 'Run again', note: 'From the beginning, even if nothing changed', icon: 'run', disabled: !canRun || !state || this.#busy || node.problems.length > 0, onChoose: () => this.bench.run(this.#name, true) },
      null,
      { label: 'Move up', disabled: !canEdit, onChoose: () => this.#command('up') },
      { label: 'Move down', disabled: !canEdit, onChoose: () => this.#command('down') },
      null,
      { label: 'Delete cell', danger: true, disabled: !canEdit, onChoose: () => this.#command('delete') },
    ];
    return html`<header class="cell-head">
      <div class="cell-title" id=${this.#id}><span class="cell-kind">${node.kind?.title ?? (node.cell.kind || 'Cell')}</span> <code class="cell-name">${node.cell.name || '?'}</code></div>
      <div class="cell-actions">
        ${face.quick ? html`<span class="cell-quick-mark" title=${face.quick}>${badge('Quick', 'warn')}</span>` : nothing}
        ${this.#pill(face)}
        ${this.#buttons(face)}
        <menu-button .label=${`More for ${node.cell.name}`} .icon=${'more'} .iconOnly=${true} .look=${'quiet'} .items=${items}></menu-button>
      </div>
    </header>`;
  }

  /** The first button keeps its place, and with it the focus, while it goes from Run to Pause to Resume. */
  #buttons({ node, state, canRun }: CellFace): TemplateResult | typeof nothing {
    const { session } = this.bench;
    const cancel = button({ label: 'Cancel', icon: 'stop', onClick: () => this.#once(() => session.cancel(this.#name)) });
    const both = (first: TemplateResult, second: TemplateResult | typeof nothing = nothing): TemplateResult => html`${first}${second}`;
    if (this.#canPause) return both(button({ label: 'Pause', icon: 'pause', onClick: () => this.#once(() => session.pause(this.#name)) }), cancel);
    if (this.#busy) return both(cancel);
    if (!node.kind || !state || !canRun) return nothing;
    const run = (): void => this.#once(() => this.#run());
    const { unfinished } = state;
    if (unfinished) return both(button({ label: 'Resume', icon: 'run', onClick: run }), button({ label: 'Discard', look: 'quiet', onClick: () => this.#discard(unfinished) }));
    return both(button({ label: 'Run', icon: 'run', disabled: node.problems.length > 0, look: isCurrent(state as CellState) ? 'quiet' : 'plain', onClick: run }));
  }

  #progress({ state }: CellFace): TemplateResult | typeof nothing {
    if (state?.status === 'running') {
      const progress = state.progress ?? { label: 'starting', done: 0, total: 0 };
      return html`${progressBar(progress)}${liveCurve(progress)}`;
    }
    const { unfinished = null } = state ?? {};
    return unfinished && !this.#busy ? progressBar({ ...unfinished.at, label: unfinishedSentence(unfinished) }) : nothing;
  }

  #result(face: CellFace): TemplateResult | typeof nothing {
    const { node, state } = face;
    if (!node.kind) return html`<pre class="cell-verbatim" tabindex="0">${this.#source}</pre>`;
    if (!state?.value) return nothing;
    const stale = state.valueKey !== state.key;
    // Of the value that is shown, which after a flip of the switch is still the other one.
    const quick = quickSentence(node.cell.name, state.card?.quick ?? []);
    return html`${stale ? html`<p class="cell-stale">${icon('warning')}Made with earlier settings.</p>` : nothing}
      ${quick ? html`<p class="cell-quick">${badge('Quick', 'warn')} ${quick.replace(/^Quick: /, '')}</p>` : nothing}
      <cell-view ?data-stale=${stale} data-quick=${quick || nothing} .quick=${quick} .cell=${node.cell.name} .kind=${node.kind} .value=${state.value} .params=${state.card?.params ?? node.params} .memory=${this.bench.viewState(node.cell.name)} .save=${this.#save}></cell-view>`;
  }

  get #source(): string {
    const { text } = this.bench.session;
    const { from, to } = rangeOf(this.block, text);
    return text.slice(from, to);
  }

  #tab(panel: Panel, label: string, iconName: IconName): TemplateResult {
    const open = this.panel === panel;
    return html`<button type="button" class="button button-quiet button-small cell-tab" aria-expanded=${String(open)} aria-controls=${open ? `${this.#id}-panel` : nothing}
      @click=${() => (this.panel = open ? null : panel)}>${icon(iconName)}<span>${label}</span></button>`;
  }

  #panel(face: CellFace): TemplateResult | typeof nothing {
    const { node, state, canEdit } = face;
    switch (this.panel) {
      case null:
        return nothing;
      case 'settings': {
        const form = html`<cell-form .locked=${!canEdit} .fields=${node.kind?.fields ?? {}} .params=${node.cell.body.values} .problems=${fieldProblems(node)} .quick=${node.kind ? quickNotes(node.cell, node.kind, node.params, this.bench.session.document.quick) : {}} .cells=${namesOf(this.bench.session.graph)} .self=${node.cell.name}></cell-form>`;
        const assist = node.kind?.assist ? html`<cell-assist .locked=${!canEdit} .trusted=${!this.bench.isForeign} .result=${state?.valueKey ?? null} .kind=${node.kind} .params=${node.cell.body.values} @params-change=${this.#changes}></cell-assist>` : nothing;
        return html`<div class="cell-panel" role="group" aria-label="Settings of ${node.cell.name}" id="${this.#id}-panel" @param-change=${this.#change} @file-chosen=${this.#file}>
          ${node.kind?.assistFirst ? [assist, form] : [form, assist]}
        </div>`;
      }
      case 'text':
        return html`<div class="cell-panel" id="${this.#id}-panel">
          <text-area code .label=${`Text of ${node.cell.name}`} .value=${this.#source} ?disabled=${!canEdit} @input=${this.#type} @focusout=${() => this.bench.settle()}></text-area>
        </div>`;
      case 'card':
        return html`<div class="cell-panel" id="${this.#id}-panel">${state?.card ? runCard(state.card) : html`<p class="quiet">No run yet: a run card shows everything that made a result.</p>`}</div>`;
      default:
        return this.panel satisfies never;
    }
  }

  #save = async (what: string, name: string): Promise<void> => {
    try {
      const { content, warnings } = await this.bench.session.export(this.#name, what);
      download(name, content, content.type);
      for (const text of warnings) toast({ text, stay: 12_000 });
    } catch (error) {
      tell(error);
    }
  };

  #change = (event: CustomEvent<ParamChange>): void => {
    const { name, value } = event.detail;
    const meant = this.querySelector<CellAssist>('cell-assist')?.meant(name, value);
    if (meant) this.#write(meant);
    else this.bench.setParameter(this.#name, name, value as BodyValue | undefined);
  };

  #changes = (event: CustomEvent<Changes>): void => this.#write(event.detail);

  /** Several parameters at once, which the reader did not type one by one: told, and taken back if asked. */
  #write(changes: Changes): void {
    const name = this.#name;
    const before = this.face?.node.cell.body.values ?? {};
    const undo = this.bench.setParameters(name, changes);
    const changed = Object.entries(changes).filter(([key, value]) => before[key] !== value);
    // One parameter is as easily set back in the form.
    if (!undo || changed.length < 2) return;
    const written = changed.map(([key, value]) => (value === undefined ? `${key} as by default` : `${key} ${value}`));
    const back = (): void => {
      if (!undo()) toast({ text: 'The notebook was changed since; nothing was taken back.' });
    };
    toast({ text: `${name}: ${listed(written)}.`, stay: 12_000, action: { label: 'Undo', onClick: back } });
  }

  #file = (event: CustomEvent<{ name: string; file: File }>): void => {
    this.dispatchEvent(new CustomEvent('cell-file', { detail: { cell: this.#name, parameter: event.detail.name, file: event.detail.file }, bubbles: true }));
  };

  #type = (event: Event): void => {
    this.bench.type(rangeOf(this.block, this.bench.session.text), (event.target as HTMLTextAreaElement).value, 'cell');
  };

  protected override render(): unknown {
    const { face } = this;
    if (!face) return nothing;
    const { node, state } = face;
    const told = node.problems.some(({ what }) => what === state?.problem?.what);
    const problems = [...node.problems, ...(state?.problem && !told ? [state.problem] : [])];
    const warnings = state?.value && state.valueKey === state.key ? (state.card?.warnings ?? []) : [];
    const words = (entries: readonly Entry[]): string[] => entries.map(({ key, value }) => `${key} ${Array.isArray(value) ? value.join(', ') : value ?? ''}`);
    const written = [...words(node.cell.body.entries), ...words(node.cell.body.quick?.entries ?? []).map((text) => `quick ${text}`)];
    return html`<article class="cell" data-cell=${node.cell.name} data-status=${state?.status ?? 'failed'} aria-labelledby=${this.#id}>
      ${this.#head(face)}
      ${this.#progress(face)}
      ${problemList(problems, face.canRun ? this.#resolve : undefined)}
      ${this.#result(face)}
      ${warnings.length > 0 ? html`<ul class="cell-warnings" aria-label="Warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>` : nothing}
      <footer class="cell-foot">
        ${node.kind ? this.#tab('settings', 'Settings', 'sliders') : nothing}
        ${this.#tab('text', 'Text', 'code')}
        ${state?.card ? this.#tab('card', 'Run card', 'file') : nothing}
        <span class="cell-params">${written.join(' · ')}</span>
        ${state?.card && isCurrent(state as CellState) ? html`<span class="cell-took">${duration(state.card.seconds * 1000)}</span>` : nothing}
      </footer>
      ${this.#panel(face)}
    </article>`;
  }
}

register('cell-card', CellCard);
