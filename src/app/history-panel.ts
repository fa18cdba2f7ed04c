/** `<history-panel>`: the versions of the open notebook; any of them can become the text again. */
import { html, nothing } from 'lit';
import type { HistoryEntry } from '../store/notebooks.ts';
import { badge } from '../ui/badge.ts';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { toast } from '../ui/toast.ts';
import type { Workbench } from './workbench.ts';

export class HistoryPanel extends LightElement {
  static override properties = { bench: { attribute: false }, attempt: { attribute: false }, versions: { state: true } };
  declare bench: Workbench;
  declare attempt: (task: () => Promise<void>) => void;
  declare versions: readonly HistoryEntry[];

  constructor() {
    super();
    this.versions = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.attempt(() => this.#load());
  }

  async #load(): Promise<void> {
    this.versions = await this.bench.environment.store.notebooks.history(this.bench.id);
  }

  async #restore(number: number): Promise<void> {
    this.bench.settle();
    await this.bench.holder.restore(number);
    await this.#load();
    toast({ text: `Version ${number} is the text again. What was there is in the history.`, tone: 'good' });
  }

  protected override render(): unknown {
    return html`<p class="quiet">A version is kept every few minutes of writing. Nothing in the history is ever overwritten.</p>
      <ul class="shelf">${this.versions.map(({ number, time, summary, reason }) => html`<li class="shelf-row">
        <span class="version"><span>${new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}</span>
          <span class="shelf-note">${summary} ${reason === 'rescued' ? badge('rescued', 'warn') : nothing}</span></span>
        ${button({ label: 'Restore', look: 'quiet', disabled: !this.bench.canEdit, onClick: () => this.attempt(() => this.#restore(number)) })}
      </li>`)}</ul>`;
  }
}

register('history-panel', HistoryPanel);
