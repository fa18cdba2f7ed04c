/**
 * `<leaderboard-downloads>`: below the form of a leaderboard, what its list would download. Sizes of the curated models are
 * told at once, about; the hub is asked only when the reader presses the button.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { hubName } from '../../base/hub.ts';
import { isCancelled, problemRecord } from '../../base/problem.ts';
import { curated } from '../../models/hub/curated.ts';
import { hubInfo, parseHubAddress } from '../../models/hub/info.ts';
import { keptModels, type KeptModel } from '../../models/hub/kept.ts';
import { badge } from '../../ui/badge.ts';
import { button } from '../../ui/controls.ts';
import { LightElement, register } from '../../ui/element.ts';
import { bytes, counted } from '../../ui/format.ts';
import type { AssistContext, Changes, WantedModel } from '../kind.ts';
import '../../figures/leaderboard.css';
import { wantedModels } from './entries.ts';

/** What is known of one model's download; bytes null where the hub did not tell. */
interface Size { readonly bytes: number | null; readonly text: string }

/** Answers of this visit, by hub and model, so that closing the form forgets nothing. */
const answers = new Map<string, Size>();

export class LeaderboardDownloads extends LightElement {
  static override properties = { context: { attribute: false }, kept: { state: true }, asking: { state: true } };
  declare context: AssistContext;
  declare kept: readonly KeptModel[];
  declare asking: boolean;
  #stop: AbortController | null = null;

  constructor() {
    super();
    this.kept = [];
    this.asking = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What is kept is read from this browser alone; where it cannot be read nothing is marked.
    void keptModels().catch((): readonly KeptModel[] => []).then((kept) => (this.kept = kept));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.abort();
  }

  get #models(): WantedModel[] {
    const written = this.context.params['hub'];
    return wantedModels((Array.isArray(written) ? written : typeof written === 'string' ? [written] : []).map(String));
  }

  #key({ id, revision, dtype }: WantedModel): string {
    return [this.context.hub, id, revision ?? 'main', dtype].join(' ');
  }

  #sizeOf(model: WantedModel): Size {
    if (model.source === 'bundled') return { bytes: 0, text: 'comes with the page' };
    const known = answers.get(this.#key(model));
    if (known) return known;
    const listed = curated.find(({ id, dtype }) => id === model.id && dtype === model.dtype);
    return listed ? { bytes: listed.bytes, text: `about ${bytes(listed.bytes)}` } : { bytes: null, text: 'size not known yet' };
  }

  async #ask(): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    this.asking = true;
    try {
      for (const model of this.#models.filter(({ source }) => source === 'hub')) {
        answers.set(this.#key(model), await askSize(model, this.context.hub, stop.signal));
        this.requestUpdate();
      }
    } catch (error) {
      if (!isCancelled(error)) throw error;
    } finally {
      this.asking = false;
    }
  }

  protected override render(): unknown {
    const models = this.#models;
    const fromHub = models.filter(({ source }) => source === 'hub');
    if (fromHub.length === 0) return nothing;
    const sizes = fromHub.map((model) => this.#sizeOf(model).bytes);
    const unknown = sizes.filter((size) => size === null).length;
    const total = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
    return html`<section class="leaderboard-downloads" aria-label="What a run downloads">
      <p>A run downloads about <b>${bytes(total)}</b>${unknown > 0 ? ` and ${counted(unknown, 'model')} of unknown size` : ''}, less what is kept already. Nothing comes before the cell runs.</p>
      <ul>${models.map((model) => this.#row(model))}</ul>
      ${button({ label: this.asking ? 'Asking …' : `Ask ${hubName(this.context.hub)} for the sizes`, disabled: this.asking, onClick: () => void this.#ask() })}
    </section>`;
  }

  #row(model: WantedModel): TemplateResult {
    const whole = this.kept.some(({ id, host, partial, files }) => id === model.id && host === this.context.hub && !partial && files.some(({ path }) => path.endsWith('.onnx')));
    return html`<li><span>${model.id}${model.source === 'hub' ? ` ${model.dtype}` : ''}</span> <span class="quiet">${this.#sizeOf(model).text}</span>${whole ? badge('kept', 'good') : nothing}</li>`;
  }
}

/** @throws an AbortError after cancel; what the hub refuses is the answer */
async function askSize({ id: written, dtype, revision }: WantedModel, hub: string, signal: AbortSignal): Promise<Size> {
  try {
    const { id, revision: named, host } = parseHubAddress(written);
    const info = await hubInfo(id, { host: host ?? hub, revision: named ?? revision ?? 'main' }, { signal });
    const found = info.dtypes.find((one) => one.dtype === dtype);
    if (!found) return { bytes: null, text: info.dtypes.length > 0 ? `has no export at ${dtype}, only ${info.dtypes.map((one) => one.dtype).join(', ')}` : 'has no ONNX export' };
    const size = found.bytes + info.otherBytes;
    return { bytes: size, text: `${bytes(size)}${info.gated ? ', gated: the hub gives it only to accounts' : ''}` };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes: null, text: problemRecord(error).what };
  }
}

register('leaderboard-downloads', LeaderboardDownloads);

export const assist = (context: AssistContext): TemplateResult => html`<leaderboard-downloads .context=${context}></leaderboard-downloads>`;

/** What is typed means itself alone. */
export const meant = (): Changes | null => null;
