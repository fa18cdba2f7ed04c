/** `<model-card-text>`: what a bundled model's own card says (its README), read when the reader opens it. */
import { html, nothing } from 'lit';
import { icon } from '../../ui/icons.ts';
import { LightElement, register } from '../../ui/element.ts';
import { renderMarkdown } from '../../ui/markdown.ts';

type Reading = { readonly state: 'closed' | 'reading' } | { readonly state: 'read'; readonly nodes: DocumentFragment } | { readonly state: 'failed'; readonly why: string };

/** A card as prose inside a cell: without the settings on top, its title and comments, and with headings below the notebook's own. */
export function cardProse(card: string): string {
  return card
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^\s*# .*\n+/, '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/^##/gm, '###');
}

export class ModelCardText extends LightElement {
  static override properties = { model: {}, reading: { state: true } };
  /** Folder under models/. */
  declare model: string;
  declare reading: Reading;

  constructor() {
    super();
    this.model = '';
    this.reading = { state: 'closed' };
  }

  async #open(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open || this.reading.state === 'reading' || this.reading.state === 'read') return;
    this.reading = { state: 'reading' };
    const address = new URL(`models/${this.model}/README.md`, document.baseURI);
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      // Some servers answer every address they do not know with the app itself.
      if (/html/.test(response.headers.get('content-type') ?? '')) throw new Error(`there is no card at ${address.pathname}`);
      const nodes = renderMarkdown(cardProse(await response.text()));
      // Wide tables and code scroll by themselves on small screens; the keyboard must reach them.
      for (const wide of nodes.querySelectorAll<HTMLElement>('table, pre')) wide.tabIndex = 0;
      this.reading = { state: 'read', nodes };
    } catch (error) {
      this.reading = { state: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }

  protected override render(): unknown {
    const { reading } = this;
    return html`<details class="disclosure" @toggle=${this.#open}>
      <summary>${icon('chevron')}Model card: recipe, data, scores, limits</summary>
      <div class="disclosure-body">
        ${reading.state === 'read' ? html`<div class="prose card-prose">${reading.nodes}</div>` : nothing}
        ${reading.state === 'reading' ? html`<p class="card-note">Reading the card …</p>` : nothing}
        ${reading.state === 'failed' ? html`<p class="card-note">The card could not be read: ${reading.why}. Open this again when the app can be reached.</p>` : nothing}
      </div>
    </details>`;
  }
}

register('model-card-text', ModelCardText);
