/** `<foreign-banner>`: what a notebook from outside would load and contact, before anything of it runs. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Graph } from '../notebook/graph.ts';
import { previewOf, type Preview, type PreviewModel } from '../notebook/preview.ts';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { toast } from '../ui/toast.ts';
import { problemRecord } from '../base/problem.ts';
import type { Workbench } from './workbench.ts';

const origins: Record<PreviewModel['source'], string> = {
  bundled: 'comes with Sensorium',
  hub: 'Hugging Face hub, size unknown until asked',
  local: 'a folder you choose',
};

function list(label: string, items: readonly TemplateResult[]): TemplateResult | typeof nothing {
  return items.length === 0 ? nothing : html`<div><dt>${label}</dt><dd><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></dd></div>`;
}

export class ForeignBanner extends LightElement {
  static override properties = { bench: { attribute: false }, graph: { attribute: false } };
  declare bench: Workbench;
  declare graph: Graph;

  async #trust(): Promise<void> {
    try {
      await this.bench.trust();
    } catch (error) {
      const { what, fix } = problemRecord(error);
      toast({ text: `${what}. ${fix}`, tone: 'bad' });
    }
  }

  #wants({ models, hosts, files }: Preview): TemplateResult {
    if (models.length + hosts.length + files.length === 0) return html`<p>It loads no model, contacts no host and wants no file.</p>`;
    return html`<dl class="preview-list">
      ${list('Models', models.map((model) => html`<code>${model.id}</code> <span class="quiet">${model.dtype}, ${origins[model.source]}</span>`))}
      ${list('Hosts it would contact', hosts.map((host) => html`<code>${host}</code>`))}
      ${list('Files it wants', files.map((file) => html`<code>${file.name}</code>${file.address ? html` <span class="quiet">from ${file.address}, only when you agree</span>` : nothing}`))}
    </dl>`;
  }

  protected override render(): unknown {
    return html`<section class="banner" aria-label="Preview">
      <p class="banner-title">This notebook came from outside. Nothing has run and nothing was downloaded.</p>
      ${this.#wants(previewOf(this.graph))}
      ${this.bench.canEdit ? button({ label: 'Trust and run', look: 'primary', onClick: () => void this.#trust() }) : nothing}
    </section>`;
  }
}

register('foreign-banner', ForeignBanner);
