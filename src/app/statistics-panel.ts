/** `<statistics-panel>`: one page of docs/statistics, with the way to the others. */
import { html, nothing } from 'lit';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { renderMarkdown } from '../ui/markdown.ts';
import type { StatisticsPage } from './statistics-pages.ts';
import './statistics-panel.css';

/** The index of the pages, docs/statistics/README.md. */
export const indexPageId = 'README';

type Pages = typeof import('./statistics-pages.ts');

export class StatisticsPanel extends LightElement {
  static override properties = { page: {}, pages: { state: true } };
  /** Id of the page that is asked for. */
  declare page: string;
  declare pages: Pages | null;
  #content: DocumentFragment | null = null;
  #shown = '';

  constructor() {
    super();
    this.page = '';
    this.pages = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void import('./statistics-pages.ts').then((pages) => { this.pages = pages; });
  }

  #go(id: string): void {
    this.page = id;
    this.closest('.sheet-inside')?.scrollTo({ top: 0 });
  }

  /** Links between pages lead on within the panel; what leads out of the pages cannot be opened here and becomes text. */
  #render(pages: Pages, page: StatisticsPage): DocumentFragment {
    // Below the panel's own title, a page's sections are of the fourth rank.
    const content = renderMarkdown(page.text.replace(/^##(#?) /gm, '####$1 '));
    for (const table of content.querySelectorAll('table')) {
      const frame = document.createElement('div');
      frame.className = 'statistics-table';
      frame.tabIndex = 0;
      table.replaceWith(frame);
      frame.append(table);
    }
    for (const link of content.querySelectorAll('a')) {
      const href = link.getAttribute('href') ?? '';
      const to = pages.linkedPage(href, page.id);
      if (to !== null) {
        link.removeAttribute('target');
        link.href = '#';
        link.addEventListener('click', (event) => {
          event.preventDefault();
          this.#go(to);
        });
      } else if (!/^https?:/i.test(href)) link.replaceWith(...link.childNodes);
    }
    return content;
  }

  protected override render(): unknown {
    const { pages } = this;
    if (!pages) return html`<p class="quiet">Opening…</p>`;
    const page = pages.statisticsPages.get(this.page);
    if (!page) return html`<p>There is no page ${this.page}.</p>`;
    if (this.#shown !== page.id || !this.#content) [this.#shown, this.#content] = [page.id, this.#render(pages, page)];
    return html`${page.id === indexPageId ? nothing : html`<div class="statistics-way">${button({ label: 'All statistics', icon: 'back', look: 'quiet', onClick: () => this.#go(indexPageId) })}</div>`}
      <article class="prose statistics-page" aria-labelledby="statistics-title"><h3 id="statistics-title" class="statistics-title">${page.title}</h3>${this.#content}</article>`;
  }
}

register('statistics-panel', StatisticsPanel);
