/** `<notebook-page>`: the open notebook from top to bottom: what to know first, then prose and cells in page order. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ProblemRecord } from '../base/problem.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindGroups } from '../kinds/index.ts';
import type { Cell } from '../notebook/document.ts';
import { cellText, freeName, insertBlock } from '../notebook/edit.ts';
import { LightElement, register } from '../ui/element.ts';
import '../ui/menu.ts';
import type { MenuHeading, MenuItem } from '../ui/menu.ts';
import { toast } from '../ui/toast.ts';
import { announcer } from './announcer.ts';
import { moveBlock, withoutBlock, type Block } from './blocks.ts';
import { facesOf, type CellCard, type CellCommand, type CellFace } from './cell-card.ts';
import './cell-card.ts';
import './foreign-banner.ts';
import { referencesFor } from './new-cell.ts';
import { problemList } from './problem-list.ts';
import './prose-block.ts';
import { quickNotice } from './quick.ts';
import type { Workbench } from './workbench.ts';

/** What a new block of prose says until it is typed over. */
const newText = 'Write here.';

export class NotebookPage extends LightElement {
  static override properties = { bench: { attribute: false }, announcement: { state: true } };
  declare bench: Workbench;
  declare announcement: string;
  #stop: () => void = () => undefined;
  #watched: Workbench | null = null;
  #caret: number | null = 0;
  readonly #items = new Map<string | null, readonly (MenuItem | MenuHeading)[]>();

  constructor() {
    super();
    this.announcement = '';
    this.addEventListener('cell-command', (event) => this.#command((event as CustomEvent<{ command: CellCommand; key: string }>).detail));
    this.addEventListener('prose-opened', (event) => (this.#caret = (event as CustomEvent<number>).detail));
    this.addEventListener('prose-closed', () => this.focus());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
    this.#watched = null;
  }

  #watch(): void {
    if (!this.isConnected || !this.bench || this.#watched === this.bench) return;
    this.#stop();
    this.#watched = this.bench;
    this.#items.clear();
    const whatHappened = announcer(this.bench.session);
    this.#stop = this.bench.onChange(() => {
      const said = whatHappened();
      if (said) this.announcement = said;
      this.requestUpdate();
    });
  }

  protected override willUpdate(): void {
    this.#watch();
  }

  #command({ command, key }: { command: CellCommand; key: string }): void {
    const { bench } = this;
    if (command === 'delete') {
      this.#delete(key);
      return;
    }
    bench.edit(() => {
      const moved = moveBlock(bench.session.document, bench.blocks, key, command === 'up' ? -1 : 1);
      if (moved === null) toast({ text: command === 'up' ? 'Nothing above to change places with.' : 'Nothing below to change places with.' });
      return moved;
    });
  }

  #delete(key: string): void {
    const { bench } = this;
    const block = bench.blocks.find((candidate) => candidate.key === key);
    if (!block) return;
    const name = block.type === 'cell' ? block.cell.name : 'Text';
    let before = '';
    let after = '';
    bench.edit((text) => {
      before = text;
      return (after = withoutBlock(text, block));
    });
    toast({
      text: `${name} was deleted.`,
      stay: 12_000,
      // Exactly what was there, unless the notebook went on changing.
      action: { label: 'Undo', onClick: () => bench.edit((text) => (text === after ? before : this.#putBack(before, block))) },
    });
  }

  #putBack(before: string, block: Block): string {
    const { document } = this.bench.session;
    const source = block.type === 'cell' ? before.slice(block.cell.from, block.cell.to) : `${before.slice(block.range.from, block.range.to)}\n`;
    return insertBlock(document, Math.min(block.index, document.segments.length), source);
  }

  /** Before the segment with this index. */
  #addCell(index: number, kind: Kind): void {
    const { bench } = this;
    let name = '';
    bench.edit(() => {
      const { document } = bench.session;
      const above = bench.session.graph.nodes.filter(({ cell }) => cell.from < (document.segments[index]?.from ?? Infinity));
      name = freeName(document, kind.name);
      return insertBlock(document, index, cellText(kind.name, name, referencesFor(kind, above)));
    });
    if (name) void this.showNew(name);
  }

  /** Brings the reader to a cell that was just added: its form where it needs one, and the focus. */
  async showNew(name: string): Promise<void> {
    // The session tells of its change in the next frame, and the page is drawn after that.
    for (let frames = 0; frames < 10; frames++) {
      await new Promise(requestAnimationFrame);
      await this.updateComplete;
      const card = [...this.querySelectorAll<CellCard>('cell-card')].find(({ face }) => face?.node.cell.name === name);
      if (card) return card.welcome();
    }
  }

  #addProse(index: number): void {
    const { bench } = this;
    bench.settle();
    const before = bench.session.text;
    const at = bench.session.document.segments[index]?.from ?? before.length;
    bench.edit(() => insertBlock(bench.session.document, index, `${newText}\n`));
    const from = bench.session.text.indexOf(newText, at);
    if (from < 0) return;
    this.#caret = null;
    bench.openProse({ from, to: from + newText.length });
  }

  /** Commands that add before a block, or at the end without one. Made once per block, so that its menu is drawn once. */
  #itemsBefore(key: string | null): readonly (MenuItem | MenuHeading)[] {
    const known = this.#items.get(key);
    if (known) return known;
    const index = (): number => this.bench.blocks.find((block) => block.key === key)?.index ?? this.bench.session.document.segments.length;
    const items = [
      { label: 'Text', note: 'Markdown between the cells.', onChoose: () => this.#addProse(index()) },
      ...kindGroups.flatMap(({ heading, kinds }) => [{ heading }, ...kinds.map((kind) => ({ label: kind.title, note: kind.summary, onChoose: () => this.#addCell(index(), kind) }))]),
    ];
    this.#items.set(key, items);
    return items;
  }

  #inserter(key: string | null): TemplateResult {
    const end = key === null;
    return html`<div class="inserter" ?data-end=${end}>
      <menu-button align="start" .label=${end ? 'Add a cell' : 'Add here'} .icon=${'plus'} .iconOnly=${!end} .look=${'quiet'} .items=${this.#itemsBefore(key)}></menu-button>
    </div>`;
  }

  #block(block: Block, faces: ReadonlyMap<Cell, CellFace>): TemplateResult {
    const { bench } = this;
    switch (block.type) {
      case 'prose':
        return html`<prose-block .bench=${bench} .block=${block} .text=${block.text} ?editable=${bench.canEdit}></prose-block>`;
      case 'editor':
        return html`<prose-editor .bench=${bench} .text=${bench.draft?.text ?? ''} .caret=${this.#caret}></prose-editor>`;
      case 'cell':
        return html`<cell-card .bench=${bench} .block=${block} .face=${faces.get(block.cell) ?? null}></cell-card>`;
      default:
        return block satisfies never;
    }
  }

  #problems(): readonly ProblemRecord[] {
    const { bench } = this;
    return [bench.holder.problem, bench.problem, ...bench.session.document.problems].filter((problem) => problem !== null);
  }

  protected override render(): unknown {
    const { bench } = this;
    const { blocks } = bench;
    const faces = facesOf(bench);
    return html`<div class="visually-hidden" role="status" aria-live="polite">${this.announcement}</div>
      ${bench.isForeign ? html`<foreign-banner .bench=${bench} .graph=${bench.session.graph}></foreign-banner>` : nothing}
      ${quickNotice(bench)}
      ${problemList(this.#problems(), (action) => this.dispatchEvent(new CustomEvent('resolve', { detail: action, bubbles: true })))}
      <div class="flow" ?data-editable=${bench.canEdit}>
        ${repeat(blocks, (block) => block.key, (block, at) => html`<div class="block" data-block=${block.type}>
          ${bench.canEdit && at > 0 ? this.#inserter(block.key) : nothing}
          ${this.#block(block, faces)}
        </div>`)}
        ${bench.canEdit ? this.#inserter(null) : nothing}
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'notebook-page': NotebookPage }
}

register('notebook-page', NotebookPage);
