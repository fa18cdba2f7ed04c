/** `<prose-block>` shows Markdown and opens its editor; `<prose-editor>` is that editor, saved at every keystroke. */
import { html, nothing } from 'lit';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import type { Block } from './blocks.ts';
import { renderMarkdown } from '../ui/markdown.ts';
import './text-area.ts';
import type { TextArea } from './text-area.ts';
import type { Workbench } from './workbench.ts';

/** Where in the source the element that was clicked begins, about. */
function placeOf(source: string, clicked: Element): number {
  const words = (clicked.textContent ?? '').trim().split(/\s+/).slice(0, 3).join(' ');
  return words ? Math.max(0, source.indexOf(words)) : 0;
}

export class ProseBlock extends LightElement {
  static override properties = { bench: { attribute: false }, block: { attribute: false, hasChanged: () => false }, text: {}, editable: { type: Boolean } };
  declare bench: Workbench;
  declare block: Block & { type: 'prose' };
  declare text: string;
  declare editable: boolean;
  #rendered: { readonly text: string; readonly nodes: DocumentFragment } | null = null;

  constructor() {
    super();
    this.text = '';
    this.editable = false;
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    const selecting = getSelection()?.isCollapsed === false;
    if (!this.editable || selecting || event.defaultPrevented || target.closest('a, button, input, summary')) return;
    const top = [...(this.querySelector('.prose')?.children ?? [])].find((child) => child.contains(target));
    this.#open(top ? placeOf(this.text, top) : 0);
  }

  #open(caret: number): void {
    this.bench.openProse(this.block.range);
    this.dispatchEvent(new CustomEvent('prose-opened', { detail: caret, bubbles: true }));
  }

  protected override render(): unknown {
    // Parsed again only when the text is another; nodes that are in the page stay there.
    if (this.#rendered?.text !== this.text) this.#rendered = { text: this.text, nodes: renderMarkdown(this.text) };
    return html`<div class="prose" @click=${this.#click}>${this.#rendered.nodes}</div>
      ${this.editable ? html`<div class="prose-tools">${button({ label: 'Edit text', look: 'quiet', onClick: () => this.#open(0) })}</div>` : nothing}`;
  }
}

register('prose-block', ProseBlock);

export class ProseEditor extends LightElement {
  static override properties = { bench: { attribute: false }, text: {}, caret: { attribute: false } };
  declare bench: Workbench;
  declare text: string;
  /** Where the caret starts; null selects everything, for a new block. */
  declare caret: number | null;

  constructor() {
    super();
    this.text = '';
    this.caret = 0;
  }

  protected override async firstUpdated(): Promise<void> {
    const area = this.querySelector<TextArea>('text-area');
    await area?.updateComplete;
    const box = area?.box;
    if (!box) return;
    box.focus({ preventScroll: this.caret !== null });
    if (this.caret === null) box.select();
    else box.setSelectionRange(this.caret, this.caret);
    box.scrollIntoView({ block: 'nearest' });
  }

  #type(event: Event): void {
    const { draft } = this.bench;
    if (draft) this.bench.type(draft.range, (event.target as HTMLTextAreaElement).value, 'prose');
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    this.#close();
  }

  #close(): void {
    this.bench.settle();
    this.dispatchEvent(new CustomEvent('prose-closed', { bubbles: true }));
  }

  protected override render(): unknown {
    return html`<div class="prose-editor" @keydown=${this.#key}>
      <text-area .label=${'Text in Markdown'} .value=${this.text} @input=${this.#type}></text-area>
      <div class="prose-editor-foot"><span class="quiet">Markdown, saved as you type</span>${button({ label: 'Done', onClick: () => this.#close() })}</div>
    </div>`;
  }
}

register('prose-editor', ProseEditor);
