/**
 * `<model-picker>`: above the form of a model cell. A list for readers who come without a model, and for hub models what
 * the hub knows of the one that is written: nothing is asked before the reader presses the button.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { commitPattern, hubName } from '../../base/hub.ts';
import { isCancelled, problemRecord, type ProblemRecord } from '../../base/problem.ts';
import { facts } from '../../figures/facts.ts';
import { bundledModels, isBundled, refuseBundled } from '../../models/bundled.ts';
import { curated, curatedGroups, type CuratedGroup, type CuratedModel } from '../../models/hub/curated.ts';
import { besideGraph, hubInfo, lackingFiles, parseHubAddress, type HubInfo } from '../../models/hub/info.ts';
import { keptModels, type KeptModel } from '../../models/hub/kept.ts';
import { badge } from '../../ui/badge.ts';
import { button, disclosure } from '../../ui/controls.ts';
import { freshId, LightElement, register } from '../../ui/element.ts';
import { bytes, compact, listed } from '../../ui/format.ts';
import { icon } from '../../ui/icons.ts';
import type { AssistContext, Changes } from '../kind.ts';
import './picker.css';
import { fields } from './schema.ts';

type Answer = { readonly state: 'asking' } | { readonly state: 'known'; readonly info: HubInfo } | { readonly state: 'failed'; readonly problem: ProblemRecord };

/** Answers of this visit, by what was asked, so that closing the form forgets nothing. */
const answers = new Map<string, Answer>();

/** How many languages are named before the rest is counted. */
const namedLanguages = 6;

/** Which model of which hub is meant by what the notebook has; null where that names none. */
interface Place { readonly id: string; readonly revision: string; readonly host: string }

/** An id or an address as it was typed: what it means for source, id and revision. Null where it is a name and no more. */
export function meant(name: string, value: unknown, { params, hub }: Pick<AssistContext, 'params' | 'hub'>): Changes | null {
  if (name !== 'id' || typeof value !== 'string') return null;
  const typed = value.trim();
  if (isBundled(typed) && params['source'] === 'hub') return { source: undefined, id: typed, revision: undefined };
  const isAddress = /^https?:\/\//i.test(typed) || /^(?:www\.)?(?:huggingface\.co|hf\.co)\//i.test(typed);
  // A local folder may be called anything; only an address takes it for the hub's.
  const source = params['source'] ?? fields.source.default;
  if (!isAddress && (source === 'local' || !typed.includes('/'))) return null;
  try {
    const { id, revision, host } = parseHubAddress(typed);
    // Another mirror than the one that is set stays named, or the model would be looked for elsewhere than it was found.
    if (host !== null && host !== hub) return { source: 'hub', id: typed, revision: undefined };
    return { source: 'hub', id, ...(revision !== null ? { revision } : isAddress || source !== 'hub' ? { revision: undefined } : {}) };
  } catch {
    // It stays as it was typed; asking the hub says what is wrong with it.
    return isAddress ? { source: 'hub', id: typed } : null;
  }
}

/** A kept model, and the files it still lacks to run without a network. */
interface Kept extends KeptModel { readonly lacks: readonly string[] }

/** Whether what is kept runs without a network: a graph (this one, if it is named) with its weights, the configuration, the tokenizer and what belongs to it. */
function isWhole({ files, lacks }: Pick<Kept, 'files' | 'lacks'>, onnxFile?: string): boolean {
  const graphs = files.filter(({ path }) => (onnxFile === undefined ? path.endsWith('.onnx') : path === onnxFile));
  return ['config.json', 'tokenizer.json'].every((name) => files.some(({ path }) => path === name)) && !besideGraph.some((name) => lacks.includes(name)) && graphs.some(({ path }) => !lacks.some((lack) => lack.startsWith(path)));
}

function day(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleDateString(undefined, { dateStyle: 'medium' });
}

export class ModelPicker extends LightElement {
  static override properties = { context: { attribute: false }, kept: { state: true } };
  declare context: AssistContext;
  declare kept: readonly Kept[];
  readonly #group = freshId('precision');
  #asking: AbortController | null = null;

  constructor() {
    super();
    this.kept = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Another cell state is drawn after a run, which may have kept something.
    if (changed.has('context')) void this.#look();
  }

  /** What is kept is read from this browser alone; where it cannot be read nothing is marked. */
  async #look(): Promise<void> {
    const found = async (): Promise<readonly Kept[]> => Promise.all((await keptModels()).map(async (model) => ({ ...model, lacks: await lackingFiles(model) })));
    const kept = await found().catch((): readonly Kept[] => []);
    const same = (a: readonly Kept[], b: readonly Kept[]): boolean => a.length === b.length && a.every((model, at) => model.id === b[at]?.id && model.bytes === b[at]?.bytes && model.partial === b[at]?.partial && model.lacks.length === b[at]?.lacks.length);
    if (!same(kept, this.kept)) this.kept = kept;
  }

  #param(name: 'source' | 'id' | 'revision' | 'dtype'): string {
    return String(this.context.params[name] ?? fields[name].default);
  }

  /** @throws Problem `hub-id` where what is written names no model. */
  #read(): Place {
    const { id, revision, host } = parseHubAddress(this.#param('id'));
    refuseBundled(id);
    return { id, revision: revision ?? this.#param('revision'), host: host ?? this.context.hub };
  }

  #place(): Place | null {
    try {
      return this.#read();
    } catch {
      return null;
    }
  }

  get #key(): string {
    return [this.#place()?.host ?? this.context.hub, this.#param('id'), this.#param('revision')].join(' ');
  }

  async #ask(): Promise<void> {
    const key = this.#key;
    this.#asking?.abort();
    const controller = new AbortController();
    this.#asking = controller;
    const answer = (given: Answer | null): void => {
      if (given) answers.set(key, given);
      else answers.delete(key);
      this.requestUpdate();
    };
    answer({ state: 'asking' });
    try {
      const { id, revision, host } = this.#read();
      const info = await hubInfo(id, { host, revision }, { signal: controller.signal });
      answer({ state: 'known', info });
    } catch (error) {
      answer(isCancelled(error) ? null : { state: 'failed', problem: problemRecord(error) });
    } finally {
      if (this.#asking === controller) this.#asking = null;
    }
  }

  /** What was chosen is told by the form: the list makes room for it, and the focus stays here. */
  #choose(event: Event, changes: Changes): void {
    const list = (event.currentTarget as HTMLElement).closest('details');
    list?.querySelector('summary')?.focus();
    if (list) list.open = false;
    this.context.set(changes);
  }

  #row(model: { readonly id: string; readonly what: string }, size: string, chosen: boolean, changes: Changes): TemplateResult {
    // What came from another host is not what this one would be asked for.
    const kept = this.kept.some((one) => one.id === model.id && one.host === this.context.hub && !one.partial && isWhole(one));
    return html`<li><button type="button" class="picker-row" aria-pressed=${String(chosen)} ?disabled=${this.context.locked} @click=${(event: Event) => this.#choose(event, changes)}>
      <span class="picker-name">${model.id}</span>
      <span>${model.what}</span>
      <span class="picker-size">${size}${kept ? badge('kept offline', 'good') : nothing}</span>
    </button></li>`;
  }

  #list(): TemplateResult {
    const [source, id] = [this.#param('source'), this.#param('id')];
    const ofGroup = (group: CuratedGroup): TemplateResult => html`<h4 class="picker-group">${curatedGroups[group]}</h4>
      <ul class="picker-list">${curated.filter((model) => model.group === group).map((model: CuratedModel) =>
        this.#row(model, `about ${Math.round(model.bytes / 1e6)} MB, ${model.dtype}`, source === 'hub' && id === model.id, { source: 'hub', id: model.id, revision: undefined, dtype: model.dtype }))}</ul>`;
    return disclosure({
      summary: 'Models to begin with',
      // A new cell says nothing yet: here is what to choose from.
      open: Object.keys(this.context.params).length === 0,
      body: html`<p class="picker-note">Choosing one writes it into the notebook. Nothing is downloaded before the cell runs. Sizes are about right; ask the hub to know them, and which other precisions there are.</p>
        <h4 class="picker-group">Ship with Sensorium</h4>
        <ul class="picker-list">${bundledModels.map((model) => this.#row(model, 'comes with the page', source === 'bundled' && id === model.id, { source: undefined, id: model.id, revision: undefined, dtype: undefined }))}</ul>
        ${(Object.keys(curatedGroups) as CuratedGroup[]).map(ofGroup)}`,
    });
  }

  #facts(info: HubInfo): TemplateResult {
    const { languages } = info;
    const more = languages.length - namedLanguages;
    return facts([
      info.task ? ['task', info.task] : null,
      ['licence', info.licence ?? 'not stated'],
      languages.length > 0 ? ['languages', `${listed(languages.slice(0, namedLanguages))}${more > 0 ? ` and ${more} more` : ''}`] : null,
      info.architecture ? ['architecture', info.architecture] : null,
      info.modified ? ['last change', day(info.modified)] : null,
      info.downloads === null ? null : ['downloads a month', compact(info.downloads)],
      ['commit', html`<code title=${info.commit}>${info.commit.slice(0, 7)}</code>${this.#pin(info)}`],
    ]);
  }

  /** A branch moves; whoever wants this very model writes its commit. */
  #pin({ commit }: HubInfo): TemplateResult | typeof nothing {
    const place = this.#place();
    if (this.context.locked || !place || place.host !== this.context.hub || place.revision === commit || !commitPattern.test(commit)) return nothing;
    const pin = (): void => {
      const answer = answers.get(this.#key);
      // The answer is of this commit, whatever it was asked by.
      if (answer) answers.set([place.host, place.id, commit].join(' '), answer);
      this.context.set({ id: place.id, revision: commit });
    };
    return html` <button type="button" class="field-default" @click=${pin}>pin it</button>`;
  }

  #precisions(info: HubInfo): TemplateResult {
    const chosen = this.#param('dtype');
    const host = this.#place()?.host;
    const has = (path: string): boolean => this.kept.some((model) => model.id === info.id && model.commit === info.commit && model.host === host && isWhole(model, path));
    if (info.dtypes.length === 0) return html`<p class="picker-doubt">It has no ONNX file that Sensorium knows how to read.</p>`;
    return html`<fieldset class="picker-precisions" ?disabled=${this.context.locked}>
      <legend>Precision</legend>
      ${info.dtypes.map(({ dtype, onnxFile, bytes: size, memory }) => html`<label class="picker-precision" title=${onnxFile}>
        <input type="radio" name=${this.#group} value=${dtype} .checked=${dtype === chosen} @change=${() => this.context.set({ dtype })} />
        <span>${dtype}</span>
        <span>${bytes(size + info.otherBytes)}${has(onnxFile) ? '' : ' to download'}</span>
        <span class="picker-more"><span>about ${bytes(memory)} of memory</span>${has(onnxFile) ? badge('kept offline', 'good') : nothing}</span>
      </label>`)}
    </fieldset>
    ${info.dtypes.some(({ dtype }) => dtype === chosen) ? nothing : html`<p class="picker-doubt">It has no export at ${chosen}, which the notebook asks for. Choose one of these.</p>`}`;
  }

  #answer(answer: Answer | undefined, host: string): TemplateResult | typeof nothing {
    switch (answer?.state) {
      case undefined:
        return html`<p class="picker-note">Nothing was asked yet. ${hubName(host)} will see that someone at your address asks about this model.</p>`;
      case 'asking':
        return html`<p class="picker-note" role="status">Asking ${hubName(host)} …</p>`;
      case 'failed':
        return html`<p class="picker-wrong" role="alert">${icon('warning')}<span>${answer.problem.what}. ${answer.problem.fix}</span></p>`;
      case 'known':
        return html`${answer.info.gated ? html`<p class="picker-doubt">The model is gated: the hub gives its files only to accounts that agreed to its terms, and Sensorium has none. Download it yourself and use the folder as a local model, or choose another one.</p>` : nothing}
          ${this.#facts(answer.info)} ${this.#precisions(answer.info)}`;
      default:
        return answer satisfies never;
    }
  }

  #hub(): TemplateResult {
    const place = this.#place();
    const answer = answers.get(this.#key);
    const here = this.kept.filter((model) => model.id === place?.id && model.host === place.host);
    const whole = here.some((model) => isWhole(model));
    return html`<div class="picker-hub" role="group" aria-label="What the hub knows">
      <div class="picker-head">
        <code class="picker-id">${place?.id ?? this.#param('id')}</code>
        ${answer?.state === 'asking'
          ? button({ label: 'Cancel', icon: 'stop', onClick: () => this.#asking?.abort() })
          : button({ label: answer?.state === 'known' ? 'Ask again' : 'Ask the hub', look: answer ? 'quiet' : 'plain', onClick: () => void this.#ask() })}
        ${here.length > 0 ? badge(whole ? 'kept offline' : 'download unfinished', whole ? 'good' : 'warn') : nothing}
      </div>
      ${here.length > 0 ? html`<p class="picker-note">In this browser: ${listed(here.map((model) => `${bytes(model.bytes)} of commit ${model.commit.slice(0, 7)}`))}.</p>` : nothing}
      ${this.#answer(answer, place?.host ?? this.context.hub)}
    </div>`;
  }

  protected override render(): unknown {
    return html`${this.#list()} ${this.#param('source') === 'hub' ? this.#hub() : nothing}`;
  }
}

register('model-picker', ModelPicker);

export const assist = (context: AssistContext): TemplateResult => html`<model-picker .context=${context}></model-picker>`;
