/** `<library-panel>`: the notebooks that ship, the reader's own, and the bin. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Store } from '../store/database.ts';
import type { NotebookEntry } from '../store/notebooks.ts';
import { badge } from '../ui/badge.ts';
import { button, disclosure } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import '../ui/menu.ts';
import type { MenuItem } from '../ui/menu.ts';
import { ask } from './ask.ts';
import { createNotebook, duplicate, saveAsFile } from './library-actions.ts';
import { bundled } from './shelf.ts';

/** Things that only the page can do, since they concern the notebook that is open. */
export interface LibraryEvents {
  readonly open: (id: string) => void;
  readonly openFile: () => void;
  readonly rename: (id: string, title: string) => void;
  readonly remove: (id: string) => void;
  /** Runs a task and tells the reader when it fails. */
  readonly attempt: (task: () => Promise<void>) => void;
}

export class LibraryPanel extends LightElement {
  static override properties = { store: { attribute: false }, current: {}, events: { attribute: false }, entries: { state: true }, bin: { state: true } };
  declare store: Store;
  declare current: string;
  declare events: LibraryEvents;
  declare entries: readonly NotebookEntry[];
  declare bin: readonly NotebookEntry[];
  #stop: () => void = () => undefined;

  constructor() {
    super();
    this.current = '';
    this.entries = [];
    this.bin = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.events.attempt(() => this.#load());
    this.#stop = this.store.notebooks.watch(({ what }) => {
      if (what === 'listed') this.events.attempt(() => this.#load());
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  async #load(): Promise<void> {
    [this.entries, this.bin] = await Promise.all([this.store.notebooks.list(), this.store.notebooks.bin()]);
  }

  async #rename({ id, title }: NotebookEntry): Promise<void> {
    const answer = await ask({ title: 'Rename the notebook', text: { label: 'Title', value: title }, yes: 'Rename' });
    if (answer !== null && answer !== title) this.events.rename(id, answer);
  }

  async #erase({ id, title }: NotebookEntry): Promise<void> {
    const answer = await ask({ title: `Delete “${title}” for good?`, note: 'Its text and its whole history go. This cannot be undone.', yes: 'Delete for good' });
    if (answer === null) return;
    await this.store.notebooks.erase(id);
    await this.#load();
  }

  #menu(entry: NotebookEntry): TemplateResult {
    const { events, store } = this;
    const closed = store.readOnly;
    const items: (MenuItem | null)[] = [
      { label: 'Rename…', disabled: closed, onChoose: () => events.attempt(() => this.#rename(entry)) },
      { label: 'Duplicate', disabled: closed, onChoose: () => events.attempt(async () => events.open((await duplicate(store, entry.id)).id)) },
      { label: 'Save as a file', icon: 'download', onChoose: () => events.attempt(() => saveAsFile(store, entry.id)) },
      null,
      { label: 'Move to the bin', danger: true, disabled: closed, onChoose: () => events.remove(entry.id) },
    ];
    return html`<menu-button .label=${`More for ${entry.title}`} .icon=${'more'} .iconOnly=${true} .look=${'quiet'} .items=${items}></menu-button>`;
  }

  #row(id: string, title: string, note: unknown, menu: unknown): TemplateResult {
    return html`<li class="shelf-row" ?data-current=${id === this.current}>
      <button type="button" class="shelf-open" aria-current=${id === this.current ? 'page' : nothing} @click=${() => this.events.open(id)}>
        <span class="shelf-title">${title}</span>${note ? html`<span class="shelf-note">${note}</span>` : nothing}
      </button>${menu}
    </li>`;
  }

  protected override render(): unknown {
    const { events, store, entries, bin } = this;
    const own = entries.filter(({ origin }) => origin !== 'bundled');
    const when = ({ updated }: NotebookEntry): string => new Date(updated).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    return html`<div class="shelf-actions">
        ${button({ label: 'New notebook', icon: 'plus', disabled: store.readOnly, onClick: () => events.attempt(async () => events.open((await createNotebook(store)).id)) })}
        ${button({ label: 'Open a file…', icon: 'file', disabled: store.readOnly, onClick: () => events.openFile() })}
      </div>
      <h3 class="shelf-heading">Comes with Sensorium</h3>
      <ul class="shelf">${bundled.map((notebook) => {
        const entry = entries.find(({ id }) => id === notebook.id);
        return this.#row(notebook.id, entry?.title ?? notebook.title, entry && entry.revision > 0 ? 'edited' : nothing, entry ? this.#menu(entry) : nothing);
      })}</ul>
      <h3 class="shelf-heading">Your notebooks</h3>
      ${own.length > 0
        ? html`<ul class="shelf">${own.map((entry) => this.#row(entry.id, entry.title, html`${when(entry)} ${entry.origin === 'foreign' ? badge('not trusted yet', 'warn') : nothing}`, this.#menu(entry)))}</ul>`
        : html`<p class="quiet">None yet. Begin a new one, or open a Markdown file.</p>`}
      ${bin.length > 0
        ? disclosure({
            summary: `Bin (${bin.length})`,
            body: html`<ul class="shelf">${bin.map((entry) => html`<li class="shelf-row"><span class="shelf-title">${entry.title}</span>
              ${button({ label: 'Restore', look: 'quiet', disabled: store.readOnly, onClick: () => events.attempt(async () => { await store.notebooks.recover(entry.id); await this.#load(); }) })}
              ${button({ label: 'Delete…', look: 'danger', disabled: store.readOnly, onClick: () => events.attempt(() => this.#erase(entry)) })}
            </li>`)}</ul>`,
          })
        : nothing}`;
  }
}

register('library-panel', LibraryPanel);
