/**
 * `<leaderboard-downloads>`: below the form of a leaderboard, what its list would download. Sizes of the curated models are
 * told at once, about; the hosts that the list names are asked only when the reader presses the button that names them.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { commitPattern, hubName } from '../../base/hub.ts';
import { isCancelled } from '../../base/problem.ts';
import { precisionOf } from '../../models/candidates.ts';
import { curated } from '../../models/hub/curated.ts';
import { keptModels, type KeptModel } from '../../models/hub/kept.ts';
import { askSize, placeOf, type DownloadSize } from '../../models/hub/size.ts';
import { badge } from '../../ui/badge.ts';
import { button } from '../../ui/controls.ts';
import { LightElement, register } from '../../ui/element.ts';
import { bytes, counted, listed } from '../../ui/format.ts';
import type { AssistContext, Changes, WantedModel } from '../kind.ts';
import '../../figures/leaderboard.css';
import { wantedModels } from './entries.ts';

/** Answers of this visit, by hub and model, so that closing the form forgets nothing. */
const answers = new Map<string, DownloadSize>();

function keyOf({ id, revision, dtype }: WantedModel, hub: string): string {
  return [hub, id, revision ?? 'main', dtype].join(' ');
}

export class LeaderboardDownloads extends LightElement {
  static override properties = { context: { attribute: false }, kept: { state: true }, asking: { state: true } };
  declare context: AssistContext;
  declare kept: readonly KeptModel[];
  declare asking: AbortController | null;

  constructor() {
    super();
    this.kept = [];
    this.asking = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What is kept is read from this browser alone; where it cannot be read nothing is marked.
    void keptModels().catch((): readonly KeptModel[] => []).then((kept) => (this.kept = kept));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asking?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('context');
    // The button named the hub that was set then.
    if (before && before.hub !== this.context.hub) this.asking?.abort();
  }

  get #models(): WantedModel[] {
    const written = this.context.params['hub'];
    return wantedModels((Array.isArray(written) ? written : typeof written === 'string' ? [written] : []).map(String));
  }

  #sizeOf(model: WantedModel): DownloadSize {
    if (model.source === 'bundled') return { bytes: 0, text: 'comes with the page' };
    const known = answers.get(keyOf(model, this.context.hub));
    if (known) return known;
    const usual = curated.find(({ id, dtype }) => id === model.id && dtype === model.dtype);
    return usual ? { bytes: usual.bytes, text: `about ${bytes(usual.bytes)}` } : { bytes: null, text: 'size not known yet' };
  }

  async #ask(models: readonly WantedModel[], hub: string): Promise<void> {
    const stop = new AbortController();
    this.asking = stop;
    try {
      for (const model of models) {
        answers.set(keyOf(model, hub), await askSize(model, hub, stop.signal));
        this.requestUpdate();
      }
    } catch (error) {
      if (!isCancelled(error)) throw error;
    } finally {
      if (this.asking === stop) this.asking = null;
    }
  }

  /** The button that asks; it names every host it asks, and asks none that a notebook from outside names. */
  #question(fromHub: readonly WantedModel[]): TemplateResult | typeof nothing {
    const { hub, trusted } = this.context;
    if (this.asking) return button({ label: 'Cancel', icon: 'stop', onClick: () => this.asking?.abort() });
    const hosts = listed([...new Set(fromHub.flatMap((model) => placeOf(model, hub)?.host ?? []).map(hubName))]);
    if (!hosts) return nothing;
    if (!trusted) return html`<p class="quiet">${hosts} can be asked for the sizes here once you trust this notebook.</p>`;
    return html`${button({ label: `Ask ${hosts} for the sizes`, onClick: () => void this.#ask(fromHub, hub) })}
      <p class="quiet">Asking tells ${hosts} which models this list names; nothing is downloaded.</p>`;
  }

  protected override render(): unknown {
    const models = this.#models;
    const fromHub = models.filter(({ source }) => source === 'hub');
    if (fromHub.length === 0) return nothing;
    return html`<section class="leaderboard-downloads" aria-label="What a run downloads">
      <p>${this.#total(fromHub)} Nothing comes before the cell runs.</p>
      <ul>${models.map((model) => this.#row(model))}</ul>
      ${this.#question(fromHub)}
    </section>`;
  }

  /** What is to come: neither what is kept nor what its host was asked for and did not offer. */
  #total(fromHub: readonly WantedModel[]): TemplateResult {
    const kept = fromHub.filter((model) => this.#isKept(model));
    const missing = fromHub.filter((model) => !kept.includes(model));
    const refused = missing.filter((model) => answers.get(keyOf(model, this.context.hub))?.bytes === null);
    const sizes = missing.filter((model) => !refused.includes(model)).map((model) => this.#sizeOf(model).bytes);
    const unknown = sizes.filter((size) => size === null).length;
    const known = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
    const coming = sizes.length === 0 ? html`nothing` : sizes.length === unknown ? html`${counted(unknown, 'model')} of unknown size` : html`about <b>${bytes(known)}</b>${unknown > 0 ? ` and ${counted(unknown, 'model')} of unknown size` : ''}`;
    const rest = [kept.length > 0 ? `${kept.length} kept already` : '', refused.length > 0 ? `${refused.length} cannot be had` : ''].filter(Boolean).join(', ');
    return html`A run downloads ${coming}${rest ? ` (${rest})` : ''}.`;
  }

  #isKept(model: WantedModel): boolean {
    const place = model.source === 'hub' ? placeOf(model, this.context.hub) : null;
    if (!place) return false;
    return this.kept.some(({ id, host, commit, partial, files }) =>
      id === place.id && host === place.host && !partial && (!commitPattern.test(place.revision) || commit === place.revision) &&
      files.some(({ path }) => path.endsWith('.onnx') && (precisionOf(path) ?? 'fp32') === model.dtype));
  }

  #row(model: WantedModel): TemplateResult {
    const kept = this.#isKept(model);
    const { bytes: size, text } = this.#sizeOf(model);
    return html`<li><span>${model.id}${model.source === 'hub' ? ` ${model.dtype}` : ''}</span> <span class="quiet">${!kept ? text : size === null ? '' : bytes(size)}</span>${kept ? badge('kept', 'good') : nothing}</li>`;
  }
}

register('leaderboard-downloads', LeaderboardDownloads);

export const assist = (context: AssistContext): TemplateResult => html`<leaderboard-downloads .context=${context}></leaderboard-downloads>`;

/** What is typed means itself alone. */
export const meant = (): Changes | null => null;
