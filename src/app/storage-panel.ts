/** `<storage-panel>`: what this browser keeps for Sensorium, and how to make room. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Store, Usage } from '../store/database.ts';
import type { FileEntry } from '../store/files.ts';
import type { UnfinishedRun } from '../store/kept.ts';
import type { ResultEntry } from '../store/results.ts';
import { button, disclosure } from '../ui/controls.ts';
import { register } from '../ui/element.ts';
import { bytes, counted } from '../ui/format.ts';
import { toast } from '../ui/toast.ts';
import { ask } from './ask.ts';
import { FactsElement } from './facts-element.ts';
import './storage-models.ts';
import { unfinishedSentence } from './unfinished.ts';

interface Facts {
  readonly usage: Usage;
  readonly results: readonly ResultEntry[];
  readonly files: readonly FileEntry[];
  readonly unfinished: readonly UnfinishedRun[];
  readonly persisted: boolean;
}

export class StoragePanel extends FactsElement<Facts> {
  static override properties = { store: { attribute: false }, filesChanged: { attribute: false } };
  declare store: Store;
  /** Called when files or unfinished runs went. */
  declare filesChanged: () => void;

  protected override async read(): Promise<Facts> {
    const { store } = this;
    const [usage, results, files, unfinished, persisted] = await Promise.all([
      store.usage(), store.results.list(), store.files.list(), store.kept.list(), navigator.storage.persisted(),
    ]);
    return { usage, results, files, unfinished, persisted };
  }

  #do(task: () => Promise<void>): void {
    this.attempt(async () => {
      await task();
      await this.load();
    });
  }

  #free(includePinned: boolean): void {
    this.#do(async () => {
      const gone = await this.store.results.free({ includePinned });
      toast({ text: gone > 0 ? `${bytes(gone)} of results freed. They can be computed again.` : 'There was nothing to free.' });
    });
  }

  #persist(): void {
    this.#do(async () => {
      const granted = await navigator.storage.persist();
      toast({ text: granted ? 'The browser will keep this data until you delete it.' : 'The browser did not agree; it may clear this data when the disk runs low.' });
    });
  }

  #results({ results }: Facts): TemplateResult {
    const sum = (entries: readonly ResultEntry[]): number => entries.reduce((total, entry) => total + entry.bytes, 0);
    const spare = results.filter(({ pinned }) => !pinned);
    return html`<section class="panel-part">
      <h3>Results</h3>
      <p>${counted(results.length, 'result')}, ${bytes(sum(results))}. No notebook as it stands needs ${bytes(sum(spare))} of it.</p>
      <div class="panel-actions">
        ${button({ label: 'Free what is not needed', disabled: spare.length === 0, onClick: () => this.#free(false) })}
        ${button({ label: 'Free all', look: 'danger', disabled: results.length === 0, onClick: () => this.#free(true) })}
      </div>
    </section>`;
  }

  #files({ files }: Facts): TemplateResult {
    const alone = files.filter(({ name }) => !name.includes('/'));
    const folders = Map.groupBy(files.filter(({ name }) => name.includes('/')), ({ name }) => name.slice(0, name.indexOf('/')));
    const remove = async (name: string, some: readonly FileEntry[]): Promise<void> => {
      const answer = await ask({ title: `Remove ${name}?`, note: `${some.length > 1 ? 'Its files go' : 'It goes'} from this browser only. Cells that need it will ask for it again.`, yes: 'Remove' });
      if (answer === null) return;
      for (const { sha256, name: own } of some) await this.store.files.remove(sha256, own);
      this.filesChanged();
    };
    const removeButton = (name: string, some: readonly FileEntry[]): TemplateResult => button({ label: `Remove ${name}`, icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.#do(() => remove(name, some)) });
    const row = (file: FileEntry): TemplateResult => html`<li><span class="file-name">${file.name}</span><span class="quiet">${bytes(file.bytes)}</span>${removeButton(file.name, [file])}</li>`;
    return html`<section class="panel-part">
      <h3>Files</h3>
      ${files.length === 0 ? html`<p class="quiet">No files. Drop tables or a model anywhere on the page.</p>` : nothing}
      ${alone.length > 0 ? html`<ul class="file-list">${alone.map(row)}</ul>` : nothing}
      ${folders.size > 0
        ? html`<ul class="model-list">${[...folders].map(([folder, inside]) => html`<li>
            <div class="model-kept">
              <span class="file-name">${folder}</span>
              ${disclosure({ summary: `${counted(inside.length, 'file')} of a local model, ${bytes(inside.reduce((sum, file) => sum + file.bytes, 0))}`, body: html`<ul class="file-list">${inside.map(row)}</ul>` })}
            </div>
            ${removeButton(folder, inside)}
          </li>`)}</ul>`
        : nothing}
    </section>`;
  }

  #unfinished({ unfinished }: Facts): TemplateResult | typeof nothing {
    if (unfinished.length === 0) return nothing;
    const spare = unfinished.filter(({ needed }) => !needed);
    const free = (includeNeeded: boolean): void => this.#do(async () => {
      if (includeNeeded && (await ask({ title: `Discard ${counted(unfinished.length, 'unfinished training')}?`, note: 'Each would start from the beginning.', yes: 'Discard all' })) === null) return;
      await this.store.kept.free({ includeNeeded });
      this.filesChanged();
    });
    const remove = async (run: UnfinishedRun): Promise<void> => {
      const answer = await ask({ title: `Discard the unfinished training of ${run.cell}?`, note: `${unfinishedSentence(run)} It would start from the beginning.`, yes: 'Discard' });
      if (answer === null) return;
      await this.store.kept.remove(run.key);
      this.filesChanged();
    };
    return html`<section class="panel-part">
      <h3>Unfinished trainings</h3>
      <p>Kept until they are finished, so that they can be resumed.${spare.length > 0 ? ` No notebook as it stands asks for ${spare.length} of these ${unfinished.length}.` : ''}</p>
      <ul class="file-list">${unfinished.map((run) => html`<li><span class="file-name">${run.cell}, ${run.at.label}</span><span class="quiet">${bytes(run.bytes)}</span>${button({ label: `Discard ${run.cell}, ${run.at.label}`, icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.#do(() => remove(run)) })}</li>`)}</ul>
      <div class="panel-actions">
        ${button({ label: 'Free what is not needed', disabled: spare.length === 0, onClick: () => free(false) })}
        ${button({ label: 'Free all', look: 'danger', onClick: () => free(true) })}
      </div>
    </section>`;
  }

  protected override render(): unknown {
    const { facts } = this;
    if (!facts) return html`<p class="quiet">Looking…</p>`;
    const { usedBytes, quotaBytes, notebooks } = facts.usage;
    return html`<section class="panel-part">
        <p><strong>${bytes(usedBytes)}</strong> in use, ${bytes(notebooks)} of it the text of notebooks. The browser says it grants ${bytes(quotaBytes)}, whatever the disk holds.</p>
        ${facts.persisted
          ? html`<p class="quiet">The browser keeps this data until you delete it.</p>`
          : html`<p class="quiet">The browser may clear this data when the disk runs low.</p><div class="panel-actions">${button({ label: 'Ask the browser to keep it', onClick: () => this.#persist() })}</div>`}
      </section>
      ${this.#results(facts)} ${this.#unfinished(facts)} ${this.#files(facts)} <storage-models .attempt=${this.attempt} @freed=${() => this.attempt(() => this.load())}></storage-models>`;
  }
}

register('storage-panel', StoragePanel);
