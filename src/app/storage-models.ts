/** `<storage-models>`: the models this browser keeps for offline use, one by one: of the hub, and those that ship. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubName } from '../base/hub.ts';
import { freeBundled, freeModel, keepStatus, keptBundled, keptModels, type KeptBundled, type KeptModel } from '../models/hub/kept.ts';
import { badge } from '../ui/badge.ts';
import { button, disclosure } from '../ui/controls.ts';
import { register } from '../ui/element.ts';
import { bytes, counted } from '../ui/format.ts';
import { toast } from '../ui/toast.ts';
import { ask } from './ask.ts';
import { FactsElement } from './facts-element.ts';

interface Facts {
  readonly hub: readonly KeptModel[];
  /** Those that ship, as far as they were read. */
  readonly bundled: readonly KeptBundled[];
  /** Whether this browser gives the page a place for downloads. */
  readonly canKeep: boolean;
}

export class StorageModels extends FactsElement<Facts> {
  protected override async read(): Promise<Facts> {
    const [hub, bundled, { state }] = await Promise.all([keptModels(), keptBundled(), keepStatus()]);
    return { hub, bundled, canKeep: state !== 'unavailable' };
  }

  #free(models: readonly KeptModel[], title: string): void {
    this.attempt(async () => {
      const unfinished = models.every(({ files, partial }) => partial && !files.some(({ path }) => path.endsWith('.onnx')));
      const note = unfinished ? 'What has come of it is lost; the next run begins the download anew.' : 'It is downloaded again when a cell needs it. Without a network such a cell cannot run. Results stay.';
      if ((await ask({ title, note, yes: 'Free' })) === null) return;
      let gone = 0;
      try {
        for (const { id, commit, host } of models) gone += await freeModel(id, commit, host);
        toast({ text: `${bytes(gone)} of models freed.` });
      } finally {
        // Those before one that is in use have gone all the same.
        await this.load();
        this.dispatchEvent(new CustomEvent('freed'));
      }
    });
  }

  #freeBundled(id?: string): void {
    this.attempt(async () => {
      const gone = await freeBundled(id);
      toast({ text: `${bytes(gone)} freed. What ships with Sensorium is read again when a cell needs it.` });
      await this.load();
      this.dispatchEvent(new CustomEvent('freed'));
    });
  }

  #model(model: KeptModel): TemplateResult {
    const { id, host, commit, files, unfinished } = model;
    const name = `${id} at ${commit.slice(0, 7)}`;
    return html`<li>
      <div class="model-kept">
        <span class="file-name">${id}</span>
        <span class="quiet">${bytes(model.bytes)}, ${counted(files.length, 'file')}, commit <code title=${commit}>${commit.slice(0, 7)}</code>, ${hubName(host)} ${unfinished.length > 0 ? badge('download unfinished', 'warn') : nothing}</span>
        ${disclosure({ summary: html`Files<span class="visually-hidden"> of ${name}</span>`, body: html`<ul class="model-files">${files.map((file) => html`<li><span class="file-name">${file.path}</span><span class="quiet">${bytes(file.bytes)}</span></li>`)}${unfinished.map((file) => html`<li><span class="file-name">${file.path}</span><span class="quiet">${bytes(file.bytes)} of ${bytes(file.total)}</span></li>`)}</ul>` })}
      </div>
      ${button({ label: `Free ${name}`, icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.#free([model], `Free ${id}?`) })}
    </li>`;
  }

  protected override render(): unknown {
    const { facts } = this;
    if (!facts) return nothing;
    const { hub, bundled, canKeep } = facts;
    const all = hub.reduce((sum, model) => sum + model.bytes, 0);
    return html`<section class="panel-part">
        <h3>Downloaded models</h3>
        ${hub.length === 0
          ? html`<p class="quiet">${canKeep ? 'None. Models of the hub are kept here once they were downloaded, and then run without a network.' : 'This browser keeps no downloads for a page that is not https: models are downloaded each time.'}</p>`
          : html`<p>${counted(hub.length, 'model')}, ${bytes(all)}.</p>
            <ul class="model-list">${hub.map((model) => this.#model(model))}</ul>
            <div class="panel-actions">${button({ label: 'Free all models', look: 'danger', onClick: () => this.#free(hub, `Free ${counted(hub.length, 'downloaded model')}?`) })}</div>`}
      </section>
      ${bundled.length === 0
        ? nothing
        : html`<section class="panel-part">
            <h3>Models that ship with Sensorium</h3>
            <ul class="file-list">${bundled.map((model) => html`<li><span class="file-name">${model.id}</span><span class="quiet">${bytes(model.bytes)}</span>${button({ label: `Free ${model.id}`, icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.#freeBundled(model.id) })}</li>`)}</ul>
            <p class="quiet">Kept so that they run without a network.</p>
            <div class="panel-actions">${button({ label: 'Free them', onClick: () => this.#freeBundled() })}</div>
          </section>`}`;
  }
}

register('storage-models', StorageModels);
