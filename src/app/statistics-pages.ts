/**
 * The pages of docs/statistics as the app shows them. They come with the app, so that a reader without a network has
 * them; this module is loaded when the first page is asked for.
 */

export interface StatisticsPage {
  /** Path below docs/statistics without `.md`: "comparators/tau-a". */
  readonly id: string;
  readonly title: string;
  /** Markdown, its title left out. */
  readonly text: string;
}

const root = '/docs/statistics/';
const texts = import.meta.glob<string>('/docs/statistics/**/*.md', { query: '?raw', import: 'default', eager: true });
const images = import.meta.glob<string>('/docs/statistics/**/*.svg', { query: '?url', import: 'default', eager: true });

/** `../comparators/spearman.md` as written on the page `inference/mantel`: "comparators/spearman.md". */
function resolved(path: string, from: string): string {
  return new URL(path, `https://pages/${from}`).pathname.slice(1);
}

function readPage(path: string, source: string): StatisticsPage {
  const id = path.slice(root.length).replace(/\.md$/, '');
  const title = /^# (.+)$/m.exec(source)?.[1] ?? id;
  const text = source.replace(/^# .+\n/, '').replace(/(!\[[^\]]*\])\(([^)\s]+\.svg)\)/g, (all, alt: string, to: string) => {
    const image = images[`${root}${resolved(to, id)}`];
    return image === undefined ? all : `${alt}(${image})`;
  });
  return { id, title, text };
}

export const statisticsPages: ReadonlyMap<string, StatisticsPage> = new Map(
  Object.entries(texts).map(([path, source]) => readPage(path, source)).map((page) => [page.id, page]),
);

/** The page that a link on another page leads to; null where it leads elsewhere. */
export function linkedPage(href: string, from: string): string | null {
  if (/^[a-z]+:/i.test(href) || !/\.md(#.*)?$/.test(href)) return null;
  const id = resolved(href, from).replace(/\.md$/, '');
  return statisticsPages.has(id) ? id : null;
}
