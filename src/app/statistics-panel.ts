/** `<statistics-panel>`: one page of docs/statistics, with the way to the others and back. */
import { html, nothing, type TemplateResult } from 'lit';
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { renderMarkdown } from '../ui/markdown.ts';
import { problemNote } from './problem-list.ts';
import type { StatisticsPage } from './statistics-pages.ts';
import './statistics-panel.css';

/** The index of the pages, docs/statistics/README.md. */
export const indexPageId = 'README';

type Pages = typeof import('./statistics-pages.ts');

export class StatisticsPanel extends LightElement {
  static override properties = { page: {}, pages: { state: true }, problem: { state: true } };
  /** Id of the page that is asked for. */
  declare page: string;
  declare pages: Pages | null;
  /** Why the pages could not be loaded. */
  declare problem: ProblemRecord | null;
  /** Pages that were left by a link, the last one at the end. */
  #trail: string[] = [];
  #content: DocumentFragment | null = null;
  #shown = '';
  /** The link that was followed is gone: the title of the new page takes its focus. */
  #moved = false;

  constructor() {
    super();
    this.page = '';
    this.pages = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.problem = null;
    try {
      this.pages = await import('./statistics-pages.ts');
    } catch (error) {
      this.problem = problemRecord(error);
    }
  }

  #go(id: string): void {
    this.#trail.push(this.page);
    this.#show(id);
  }

  #back(): void {
    const before = this.#trail.pop();
    if (before !== undefined) this.#show(before);
  }

  #show(id: string): void {
    this.page = id;
    this.#moved = true;
  }

  protected override updated(): void {
    if (!this.#moved) return;
    this.#moved = false;
    this.closest('.sheet')?.scrollTo({ top: 0 });
    this.querySelector<HTMLElement>('#statistics-title')?.focus({ preventScroll: true });
  }

  /** Links between pages lead on within the panel; what leads out of the pages cannot be opened here and becomes text. */
  #render(pages: Pages, page: StatisticsPage): DocumentFragment {
    // Below the panel's own title, a page's sections are of the fourth rank.
    const content = renderMarkdown(page.text.replace(/^##(#?) /gm, '####$1 '));
    for (const table of content.querySelectorAll('table')) {
      const frame = document.createElement('div');
      frame.className = 'statistics-table';
      table.replaceWith(frame);
      frame.append(table);
      this.#scrollable(frame, 'Table');
    }
    for (const block of content.querySelectorAll('pre')) this.#scrollable(block, 'Formula or code');
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

  /** What is wider than the panel scrolls, also by keyboard, and says what it is: named after the section it stands in. */
  #scrollable(frame: HTMLElement, what: string): void {
    let before: Element | null = frame;
    while (before && !/^H\d$/.test(before.tagName)) before = before.previousElementSibling;
    frame.tabIndex = 0;
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', before ? `${what}: ${before.textContent}` : what);
  }

  /** Back to the page that a link was followed from, and to the index. */
  #ways(page: StatisticsPage): TemplateResult | typeof nothing {
    const before = this.#trail.length > 0;
    if (!before && page.id === indexPageId) return nothing;
    return html`<div class="statistics-way">
      ${before ? button({ label: 'Back', icon: 'back', look: 'quiet', onClick: () => this.#back() }) : nothing}
      ${page.id === indexPageId ? nothing : button({ label: 'All statistics', ...(before ? {} : { icon: 'back' as const }), look: 'quiet', onClick: () => this.#go(indexPageId) })}
    </div>`;
  }

  protected override render(): unknown {
    const { pages, problem } = this;
    if (problem) return html`${problemNote(problem)}<div class="statistics-retry">${button({ label: 'Try again', onClick: () => void this.#load() })}</div>`;
    if (!pages) return html`<p class="quiet">Opening…</p>`;
    const page = pages.statisticsPages.get(this.page);
    if (!page) return html`<p>There is no page ${this.page}.</p>`;
    if (this.#shown !== page.id || !this.#content) [this.#shown, this.#content] = [page.id, this.#render(pages, page)];
    // The panel's own title stands above the index already.
    const title = html`<h3 id="statistics-title" class="statistics-title ${page.id === indexPageId ? 'visually-hidden' : ''}" tabindex="-1">${page.title}</h3>`;
    return html`${this.#ways(page)}<article class="prose statistics-page" aria-labelledby="statistics-title">${title}${this.#content}</article>`;
  }
}

register('statistics-panel', StatisticsPanel);
