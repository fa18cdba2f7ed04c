/** `<foreign-banner>`: what a notebook from outside would load and contact, before anything of it runs. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubName } from '../base/hub.ts';
import type { DownloadSize } from '../models/hub/size.ts';
import type { Graph } from '../notebook/graph.ts';
import { previewOf, type Preview, type PreviewModel } from '../notebook/preview.ts';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { bytes, listed } from '../ui/format.ts';
import { attempt, tell } from './attempt.ts';
import { askSizes, sizeKey } from './foreign-sizes.ts';
import { hubInUse, onHubChange } from './hub.ts';
import type { Workbench } from './workbench.ts';

function list(label: string, items: readonly TemplateResult[], below: TemplateResult | typeof nothing = nothing): TemplateResult | typeof nothing {
  return items.length === 0 ? nothing : html`<div><dt>${label}</dt><dd><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>${below}</dd></div>`;
}

export class ForeignBanner extends LightElement {
  static override properties = { bench: { attribute: false }, graph: { attribute: false }, sizes: { state: true }, asking: { state: true } };
  declare bench: Workbench;
  declare graph: Graph;
  /** What the hub told, by model. */
  declare sizes: ReadonlyMap<string, DownloadSize>;
  declare asking: AbortController | null;
  #stop: () => void = () => undefined;

  constructor() {
    super();
    this.sizes = new Map();
    this.asking = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Another hub may have other files; what the last one told, and has yet to tell, does not hold.
    this.#stop = onHubChange(() => {
      this.asking?.abort();
      this.asking = null;
      this.sizes = new Map();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
    this.asking?.abort();
  }

  async #ask(models: readonly PreviewModel[]): Promise<void> {
    const controller = new AbortController();
    this.asking = controller;
    try {
      await askSizes(models, hubInUse(), controller.signal, (key, size) => (this.sizes = new Map(this.sizes).set(key, size)));
    } catch (error) {
      tell(error);
    } finally {
      if (this.asking === controller) this.asking = null;
    }
  }

  #origin(model: PreviewModel): string {
    switch (model.source) {
      case 'bundled':
        return 'comes with Sensorium';
      case 'local':
        return 'a folder you choose';
      case 'hub':
        return `from ${hubName(model.host ?? hubInUse())}, ${this.sizes.get(sizeKey(model))?.text ?? 'size unknown until asked'}`;
      default:
        return model.source satisfies never;
    }
  }

  /** The button that asks, and the sum of what is known: a model that several cells load is downloaded once. */
  #ofHub(models: readonly PreviewModel[]): TemplateResult | typeof nothing {
    const hub = models.filter(({ source }) => source === 'hub');
    if (hub.length === 0) return nothing;
    const keys = [...new Set(hub.map(sizeKey))];
    const asked = listed([...new Set(hub.map(({ host }) => hubName(host ?? hubInUse())))]);
    const known = keys.flatMap((key) => this.sizes.get(key) ?? []);
    const told = known.flatMap((size) => size.bytes ?? []);
    const sum = told.reduce((total, size) => total + size, 0);
    return html`<p class="preview-sizes">
      ${this.asking
        ? button({ label: 'Cancel', icon: 'stop', onClick: () => this.asking?.abort() })
        : known.length < keys.length
          ? button({ label: keys.length > 1 ? 'Ask the hub for the sizes of all' : 'Ask the hub for its size', onClick: () => void this.#ask(hub) })
          : nothing}
      ${told.length > 0 ? html`<span>${bytes(sum)} in all${told.length < keys.length ? `, for ${told.length} of ${keys.length}` : ''}.</span>` : nothing}
      ${known.length < keys.length && !this.asking ? html`<span class="quiet">Asking tells ${asked} which models this notebook names; nothing is downloaded. A run asks as well, before it downloads.</span>` : nothing}
    </p>`;
  }

  #wants({ models, hosts, files }: Preview): TemplateResult {
    if (models.length + hosts.length + files.length === 0) return html`<p>It loads no model, contacts no host and wants no file.</p>`;
    return html`<dl class="preview-list">
      ${list('Models', models.map((model) => html`<code>${model.id}</code> <span class="quiet">${model.dtype}, ${this.#origin(model)}</span>`), this.#ofHub(models))}
      ${list('Hosts it would contact', hosts.map((host) => html`<code>${host}</code>`))}
      ${list('Files it wants', files.map((file) => html`<code>${file.name}</code>${file.address ? html` <span class="quiet">from ${file.address}, only when you agree</span>` : nothing}`))}
    </dl>`;
  }

  protected override render(): unknown {
    return html`<section class="banner" aria-label="Preview">
      <p class="banner-title">This notebook came from outside. Nothing has run and nothing was downloaded.</p>
      ${this.#wants(previewOf(this.graph, hubInUse()))}
      ${this.bench.canEdit ? button({ label: 'Trust and run', look: 'primary', onClick: () => attempt(() => this.bench.trust()) }) : nothing}
    </section>`;
  }
}

register('foreign-banner', ForeignBanner);
