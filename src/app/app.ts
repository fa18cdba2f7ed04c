/** `<sensorium-app>`: opens the environment and a notebook, and carries out what its parts ask for. */
import { html, nothing, type TemplateResult } from 'lit';
import { problemRecord, type ProblemAction, type ProblemRecord } from '../base/problem.ts';
import { kinds } from '../kinds/index.ts';
import { cellText, freeName, insertBlock } from '../notebook/edit.ts';
import type { CloseReason } from '../store/database.ts';
import { button } from '../ui/controls.ts';
import { download } from '../ui/download.ts';
import { LightElement, register } from '../ui/element.ts';
import { dismissActions, toast } from '../ui/toast.ts';
import './app-header.ts';
import type { AppCommand } from './app-header.ts';
import { ask } from './ask.ts';
import { attempt, tell } from './attempt.ts';
import { acceptFor, filesOf, filesOfInput, fittingFields, sortIncoming, type Incoming, type Sorted } from './bringing-in.ts';
import { openEnvironment, type AppEnvironment } from './environment.ts';
import './fetch-dialog.ts';
import type { FetchDialog } from './fetch-dialog.ts';
import './history-panel.ts';
import { bringIn, duplicate, rename } from './library-actions.ts';
import { arrival, folderOfCell, localModelFiles } from './local-models.ts';
import './library-panel.ts';
import type { LibraryEvents } from './library-panel.ts';
import { referencesFor } from './new-cell.ts';
import './notebook-page.ts';
import { hereNow, offerLabel, offersFor, type Offer } from './offers.ts';
import { remember, remembered } from './preferences.ts';
import { problemNote } from './problem-list.ts';
import { bringUpToDate, bundled, firstId } from './shelf.ts';
import { indexPageId } from './statistics-panel.ts';
import './settings-panel.ts';
import './storage-panel.ts';
import { fileNameOf, withTitle } from './titles.ts';
import { Workbench } from './workbench.ts';

type Panel = 'library' | 'storage' | 'settings' | 'history' | 'statistics';

const panelTitles: Record<Panel, string> = { library: 'Notebooks', storage: 'Storage', settings: 'Settings', history: 'History', statistics: 'Statistics' };

/** The notebook's place in the page's address. */
const addressOf = (id: string): string => `#n=${encodeURIComponent(id)}`;

function idInAddress(): string | null {
  const written = /^#n=(.+)$/.exec(location.hash)?.[1];
  return written === undefined ? null : decodeURIComponent(written);
}

export class SensoriumApp extends LightElement {
  static override properties = {
    environment: { state: true }, bench: { state: true }, failure: { state: true }, panel: { state: true }, page: { state: true }, closed: { state: true }, dropping: { state: true }, noGpuSeen: { state: true },
  };
  declare environment: AppEnvironment | null;
  declare bench: Workbench | null;
  declare failure: ProblemRecord | null;
  declare panel: Panel | null;
  /** Page of docs/statistics that the panel of statistics shows. */
  declare page: string;
  declare closed: CloseReason | null;
  declare dropping: boolean;
  declare noGpuSeen: boolean;
  #opening: Promise<void> = Promise.resolve();
  #told: string | null = null;

  constructor() {
    super();
    this.environment = null;
    this.bench = null;
    this.failure = null;
    this.panel = null;
    this.page = indexPageId;
    this.closed = null;
    this.dropping = false;
    this.noGpuSeen = remembered('noGpuSeen') !== null;
    this.addEventListener('resolve', (event) => attempt(() => this.#resolve((event as CustomEvent<ProblemAction>).detail)));
    this.addEventListener('app-command', (event) => attempt(() => this.#command((event as CustomEvent<AppCommand>).detail)));
    this.addEventListener('statistics-page', (event) => this.#showStatistics((event as CustomEvent<string>).detail));
    this.addEventListener('cell-file', (event) => attempt(() => this.#cellFile((event as CustomEvent<{ cell: string; parameter: string; file: File }>).detail)));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.#address);
    addEventListener('dragover', this.#dragOver);
    addEventListener('dragleave', this.#dragLeave);
    addEventListener('drop', this.#drop);
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#address);
    removeEventListener('dragover', this.#dragOver);
    removeEventListener('dragleave', this.#dragLeave);
    removeEventListener('drop', this.#drop);
  }

  /** Closes what lies over the page; the focus goes back to where it was before. */
  #closePanel(): void {
    this.querySelector<HTMLDialogElement>('dialog.sheet')?.close();
  }

  #showStatistics(page: string): void {
    this.page = page;
    this.panel = 'statistics';
  }

  async #start(): Promise<void> {
    try {
      const environment = await openEnvironment();
      this.environment = environment;
      void environment.store.closed.then((reason) => (this.closed = reason));
      await this.#open(idInAddress() ?? remembered('last') ?? firstId).catch(async (error: unknown) => {
        // The last notebook may be gone; the first look never is.
        if (problemRecord(error).code !== 'notebook-missing') throw error;
        await this.#open(firstId);
      });
    } catch (error) {
      this.failure = problemRecord(error);
    }
  }

  /** Opens a notebook in place of the one that is open. One at a time, in the order they were asked for. */
  #open(id: string): Promise<void> {
    const next = this.#opening.then(() => this.#openNow(id));
    this.#opening = next.catch(() => undefined);
    return next;
  }

  async #openNow(id: string): Promise<void> {
    const { environment, bench: before } = this;
    if (!environment || before?.id === id) {
      this.#closePanel();
      return;
    }
    await bringUpToDate(environment.store, id);
    if (bundled.some((notebook) => notebook.id === id) && !environment.store.readOnly) await environment.store.notebooks.recover(id);
    const bench = await this.#workbench(environment, id);
    this.bench = bench;
    this.#closePanel();
    dismissActions();
    bench.onChange(() => this.#watch(bench));
    this.#watch(bench);
    remember('last', id);
    if (idInAddress() !== id) history[before ? 'pushState' : 'replaceState'](null, '', addressOf(id));
    scrollTo(0, 0);
    await before?.close();
  }

  async #workbench(environment: AppEnvironment, id: string): Promise<Workbench> {
    try {
      return await Workbench.open(environment, id);
    } catch (error) {
      // A store that can only be read may lack the copy of a notebook that ships.
      const shipped = bundled.find((notebook) => notebook.id === id);
      if (!environment.store.readOnly || !shipped) throw error;
      return Workbench.show(environment, { id, title: shipped.title, origin: 'bundled' }, shipped.text);
    }
  }

  #watch(bench: Workbench): void {
    document.title = `${bench.session.document.title} · Sensorium`;
    if (bench.holder.message && bench.holder.message !== this.#told) {
      this.#told = bench.holder.message;
      toast({ text: this.#told, stay: 0 });
    }
    this.requestUpdate();
  }

  #address = (): void => {
    const id = idInAddress();
    if (id && id !== this.bench?.id) attempt(() => this.#open(id));
  };

  async #command(command: AppCommand): Promise<void> {
    const { bench, environment } = this;
    if (!environment) return;
    switch (command) {
      case 'statistics':
        return this.#showStatistics(indexPageId);
      case 'library':
      case 'storage':
      case 'settings':
      case 'history':
        this.panel = command;
        return;
      case 'open-file':
        await this.#bring(await this.#choose('.md,.markdown'));
        return;
      default:
        if (bench) await this.#notebookCommand(command, bench, environment);
    }
  }

  async #notebookCommand(command: Exclude<AppCommand, Panel | 'open-file'>, bench: Workbench, { store }: AppEnvironment): Promise<void> {
    switch (command) {
      case 'rename': {
        const title = await ask({ title: 'Rename the notebook', text: { label: 'Title', value: bench.session.document.title }, yes: 'Rename' });
        if (title !== null) bench.edit((text) => withTitle(text, title));
        return;
      }
      case 'duplicate':
        bench.settle();
        await bench.holder.flush();
        await this.#open((await duplicate(store, bench.id)).id);
        return;
      case 'save':
        download(fileNameOf(bench.session.document.title), bench.text, 'text/markdown;charset=utf-8');
        return;
      case 'restore-original': {
        const shipped = bundled.find(({ id }) => id === bench.id);
        if (!shipped) return;
        bench.settle();
        await bench.holder.flush();
        await store.notebooks.keepVersion(bench.id, { reason: 'saved', summary: 'before the original was restored' });
        bench.edit(() => shipped.text);
        toast({ text: 'The original is back. Your text is in the history.' });
        return;
      }
      case 'take-over':
        await bench.takeOver();
        return;
      default:
        command satisfies never;
    }
  }

  async #resolve(action: ProblemAction): Promise<void> {
    const { environment, bench } = this;
    if (!environment || !bench) return;
    switch (action.type) {
      case 'free-storage':
        this.panel = 'storage';
        return;
      case 'run-cell':
        bench.run(action.cell);
        return;
      case 'choose-file': {
        if (action.address) {
          const content = await this.querySelector<FetchDialog>('fetch-dialog')?.ask(action.name, action.address);
          if (content) await this.#store([{ name: action.name, file: content }]);
          return;
        }
        const folder = action.name.endsWith('/');
        const chosen = await this.#choose(folder ? null : acceptFor(action.name));
        // The notebook asks by name; what was chosen answers to it.
        if (folder) await this.#store((await localModelFiles(chosen, [], null, [])).map(({ name, file }) => ({ name: action.name + name.slice(name.indexOf('/') + 1), file })));
        else if (chosen[0]) await this.#store([{ name: action.name, file: chosen[0].file }]);
        return;
      }
      default:
        action satisfies never;
    }
  }

  async #cellFile({ cell, parameter, file }: { cell: string; parameter: string; file: File }): Promise<void> {
    await this.#store([{ name: file.name, file }]);
    this.bench?.setParameter(cell, parameter, file.name);
  }

  /** Lets the reader choose files, or a folder when `accept` is null. */
  #choose(accept: string | null): Promise<Incoming[]> {
    const input = document.createElement('input');
    input.type = 'file';
    if (accept === null) input.webkitdirectory = true;
    else input.accept = accept;
    return new Promise((resolve) => {
      input.addEventListener('change', () => resolve(filesOfInput(input)));
      input.addEventListener('cancel', () => resolve([]));
      input.click();
    });
  }

  async #store(files: readonly { readonly name: string; readonly file: Blob }[]): Promise<void> {
    try {
      for (const { name, file } of files) await this.environment?.store.files.add(name, file);
    } finally {
      this.bench?.session.filesChanged();
    }
  }

  /** Takes in what was dropped or chosen. */
  async #bring(files: readonly Incoming[], onCell: string | null = null): Promise<void> {
    const { environment, bench } = this;
    if (!environment || !bench) return;
    const { notebooks, tables, adapters, questions, arrays, models: folders, parts, unknown } = sortIncoming(files);
    const models = await this.#modelFiles(environment, bench, folders, parts, onCell);
    for (const { name } of unknown) toast({ text: `${name} is no table, notebook, adapter, file of questions or of vectors, or model folder.`, tone: 'bad' });
    const stored = [...tables, ...adapters, ...questions, ...arrays, ...models];
    if (stored.length > 0) {
      await this.#store(stored);
      const names = models.length > 0 ? (await environment.store.files.list()).map(({ name }) => name) : [];
      await this.#offerCells(bench, { tables, adapters, questions, arrays, models }, onCell, names);
    }
    let last: string | null = null;
    for (const { file } of notebooks) last = (await bringIn(environment.store, file)).id;
    if (last) await this.#open(last);
  }

  /** Loose parts dropped on a local model's cell are that model's. */
  async #modelFiles({ store }: AppEnvironment, bench: Workbench, folders: readonly Incoming[], parts: readonly Incoming[], onCell: string | null): Promise<readonly Incoming[]> {
    if (folders.length + parts.length === 0) return [];
    const known = [...new Set((await store.files.list()).flatMap(({ name }) => (name.includes('/') ? [name.slice(0, name.indexOf('/'))] : [])))];
    return localModelFiles(folders, parts, folderOfCell(onCell ? bench.session.graph.byName.get(onCell) : undefined), known);
  }

  /** One message for all that came, with one button for the cells that would read it. */
  async #offerCells(bench: Workbench, { tables, adapters, questions, arrays, models }: Pick<Sorted, 'tables' | 'adapters' | 'questions' | 'arrays' | 'models'>, onCell: string | null, names: readonly string[]): Promise<void> {
    const node = onCell ? bench.session.graph.byName.get(onCell) : undefined;
    const fitting = fittingFields(node?.kind?.fields ?? {}, [...arrays, ...tables, ...adapters, ...questions]);
    if (onCell && fitting.length > 0) {
      for (const { parameter, file } of fitting) bench.setParameter(onCell, parameter, file.name);
      return;
    }
    const { cells, doubts } = await offersFor({ tables, adapters, questions, arrays });
    const folders = [...new Set(models.map(({ name }) => name.split('/')[0] ?? ''))];
    const single = [...tables, ...adapters, ...questions, ...arrays].map(({ name }) => name);
    const text = [
      ...(single.length > 0 ? [hereNow(single)] : []),
      ...doubts.map(({ name, why }) => `${single.length > 1 ? `${name}: ${why}` : `${why.charAt(0).toUpperCase()}${why.slice(1)}`}.`),
      ...folders.map((folder) => arrival(folder, models.filter(({ name }) => name.startsWith(`${folder}/`)).length, names)),
    ].join(' ');
    if (!text) return;
    const offered = [...cells, ...folders.map((folder): Offer => ({ kind: 'model', params: { source: 'local', id: folder } }))]
      .filter(({ params }) => !Object.values(params).some((value) => value !== 'local' && bench.text.includes(value)));
    // A notebook that came in the same drop is open now, and this is no longer on the page.
    if (offered.length === 0 || !bench.canEdit || this.bench !== bench) toast({ text, stay: 12_000 });
    else toast({ text, action: { label: offerLabel(offered), onClick: () => this.#addCells(bench, offered) } });
  }

  #addCells(bench: Workbench, offered: readonly Offer[]): void {
    let last = '';
    for (const { kind: name, params } of offered) {
      const kind = kinds.get(name);
      bench.edit(() => {
        const { document, graph } = bench.session;
        last = freeName(document, name);
        return insertBlock(document, document.segments.length, cellText(name, last, { ...params, ...(kind ? referencesFor(kind, graph.nodes) : {}) }));
      });
    }
    if (last) void this.querySelector('notebook-page')?.showNew(last);
  }

  #dragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  };

  #dragLeave = (event: DragEvent): void => {
    if (!event.relatedTarget) this.dropping = false;
  };

  #drop = (event: DragEvent): void => {
    this.dropping = false;
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const cell = (event.target as Element | null)?.closest?.<HTMLElement>('[data-cell]')?.dataset['cell'] ?? null;
    const files = filesOf(dataTransfer);
    attempt(async () => this.#bring(await files, cell));
  };

  #library(environment: AppEnvironment): TemplateResult {
    const events: LibraryEvents = {
      open: (id) => attempt(() => this.#open(id)),
      openFile: () => attempt(() => this.#command('open-file')),
      rename: (id, title) => attempt(async () => {
        if (id === this.bench?.id) this.bench.edit((text) => withTitle(text, title));
        else await rename(environment.store, id, title);
      }),
      remove: (id) => attempt(async () => {
        if (id === this.bench?.id) await this.#open(id === firstId ? (bundled[1]?.id ?? firstId) : firstId);
        await environment.store.notebooks.remove(id);
      }),
      attempt,
    };
    return html`<library-panel .store=${environment.store} .current=${this.bench?.id ?? ''} .events=${events}></library-panel>`;
  }

  #sheet(environment: AppEnvironment): TemplateResult | typeof nothing {
    const { panel, bench } = this;
    if (!panel) return nothing;
    return html`<dialog class="sheet" data-side=${panel === 'library' ? 'left' : 'right'} aria-labelledby="sheet-title" @close=${() => (this.panel = null)}
      @click=${(event: Event) => { if (event.target === event.currentTarget) this.#closePanel(); }}>
      <div class="sheet-inside">
        <div class="sheet-head"><h2 id="sheet-title">${panelTitles[panel]}</h2>${button({ label: 'Close', icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.#closePanel() })}</div>
        ${panel === 'library' ? this.#library(environment) : nothing}
        ${panel === 'storage' ? html`<storage-panel .store=${environment.store} .attempt=${attempt} .filesChanged=${() => bench?.session.filesChanged()}></storage-panel>` : nothing}
        ${panel === 'settings' ? html`<settings-panel></settings-panel>` : nothing}
        ${panel === 'statistics' ? html`<statistics-panel .page=${this.page}></statistics-panel>` : nothing}
        ${panel === 'history' && bench ? html`<history-panel .bench=${bench} .attempt=${attempt}></history-panel>` : nothing}
      </div>
    </dialog>`;
  }

  #notices(environment: AppEnvironment, bench: Workbench): TemplateResult {
    const { readOnly } = environment.store;
    const seen = (): void => {
      remember('noGpuSeen', 'yes');
      this.noGpuSeen = true;
    };
    return html`
      ${this.closed !== null && this.closed !== 'asked'
        ? html`<div class="notice" role="alert"><p>A newer version of Sensorium opened in another tab. Reload to go on; all that was saved is there.</p>${button({ label: 'Reload', onClick: () => location.reload() })}</div>`
        : nothing}
      ${readOnly ? html`<div class="notice"><p>A newer version of Sensorium wrote this browser’s data. Everything can be read here; nothing can be changed or stored.</p></div>` : nothing}
      ${!readOnly && !bench.canEdit
        ? html`<div class="notice"><p>Another tab is writing in this notebook. Here it can be read, and it follows.</p>${button({ label: 'Take over here', onClick: () => attempt(() => this.#command('take-over')) })}</div>`
        : nothing}
      ${environment.deviceClass === 'cpu' && !this.noGpuSeen
        ? html`<div class="notice"><p>This browser offers no WebGPU. Everything runs on the CPU: the same results, more slowly.</p>${button({ label: 'Understood', look: 'quiet', onClick: seen })}</div>`
        : nothing}`;
  }

  protected override updated(): void {
    const sheet = this.querySelector<HTMLDialogElement>('dialog.sheet');
    if (sheet && !sheet.open) sheet.showModal();
  }

  protected override render(): unknown {
    const { environment, bench, failure } = this;
    return html`<a class="skip-link" href="#main" @click=${(event: Event) => { event.preventDefault(); this.querySelector<HTMLElement>('main')?.focus(); }}>Skip to the notebook</a>
      <app-header .bench=${bench}></app-header>
      <main id="main" tabindex="-1">
        ${failure ? html`<div class="page">${problemNote(failure)}</div>` : nothing}
        ${environment && bench ? html`<div class="page">${this.#notices(environment, bench)}<notebook-page .bench=${bench}></notebook-page></div>` : nothing}
      </main>
      ${environment ? this.#sheet(environment) : nothing}
      <fetch-dialog></fetch-dialog>
      ${this.dropping ? html`<div class="drop-hint" aria-hidden="true"><p>Drop tables, notebooks, or a model’s folder or files</p></div>` : nothing}`;
  }
}

register('sensorium-app', SensoriumApp);

/** What nobody caught is told once, so that it does not pass unseen. */
export function tellUnhandled(): void {
  const told = new Set<string>();
  const once = (error: unknown): void => {
    const { what } = problemRecord(error);
    if (told.has(what)) return;
    told.add(what);
    tell(error);
  };
  addEventListener('unhandledrejection', (event) => once(event.reason));
  addEventListener('error', (event) => {
    // Browsers report a ResizeObserver that needs another frame as an error; nothing is wrong.
    if (!event.message.startsWith('ResizeObserver loop')) once(event.error ?? event.message);
  });
}
