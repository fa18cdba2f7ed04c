/** Every statistic has a page, and every page says where its statistic is found. */
import { expect, test } from 'vitest';
import { linkedPage, statisticsPages } from '../../src/app/statistics-pages.ts';
import type { Field } from '../../src/kinds/field.ts';
import { kinds } from '../../src/kinds/index.ts';
import { placesOf } from '../statistics-page.ts';

const pagesNamed = ({ page }: Field): string[] => (page === undefined ? [] : typeof page === 'string' ? [page] : Object.values(page));

/** Pages about a statistic, that is all in a folder. */
const statistics = [...statisticsPages.values()].filter(({ id }) => id.includes('/') && !id.endsWith('/calibration'));

test('a page that a form links to exists', () => {
  const missing = [...kinds].flatMap(([kind, { fields }]) =>
    Object.entries(fields).flatMap(([name, declared]) => pagesNamed(declared).filter((page) => !statisticsPages.has(page)).map((page) => `${kind}.${name}: ${page}`)));
  expect(missing).toEqual([]);
});

test('every page of a statistic is linked from the form of the cell that it names', () => {
  const unlinked = statistics.filter(({ id, text }) => {
    const named = new Set(placesOf(text).map(({ kind }) => kind));
    return ![...named].some((kind) => Object.values(kinds.get(kind)?.fields ?? {}).some((declared) => pagesNamed(declared).includes(id)));
  });
  expect(unlinked.map(({ id }) => id)).toEqual([]);
});

test('the places that a page names are fields of cells, and options they have', () => {
  expect(statistics.length).toBeGreaterThan(30);
  const wrong = statistics.flatMap(({ id, text }) => {
    const places = placesOf(text);
    if (!places.length) return [`${id}: names no cell`];
    return places.flatMap(({ kind, field, value, paths }) => {
      const declared = kinds.get(kind)?.fields[field];
      if (!declared) return [`${id}: ${kind} has no field ${field}`];
      if (!paths.every((path) => /^[a-z][\w.[\]]*$/i.test(path))) return [`${id}: ${paths.join(', ')} are no paths`];
      const options = declared.control === 'choice' || declared.control === 'choices' ? declared.options : null;
      return options && value && !options.includes(value) ? [`${id}: ${kind}.${field} has no option ${value}`] : [];
    });
  });
  expect(wrong).toEqual([]);
});

test('the sections of a page are the same everywhere, and its links lead to pages', () => {
  const wrong = statistics.flatMap(({ id, text }) => {
    const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title!);
    const lacking = ['Formula', 'When to use it', 'Pitfalls', 'Source'].filter((title) => !sections.includes(title));
    const links = [...text.matchAll(/\]\(([^)]+\.md[^)]*)\)/g)].map(([, href]) => href!).filter((href) => linkedPage(href, id) === null && !href.includes('../../'));
    return [...lacking.map((title) => `${id}: no section ${title}`), ...links.map((href) => `${id}: ${href} leads nowhere`)];
  });
  expect(wrong).toEqual([]);
});

test('the page on agreement has its numbers', () => {
  const rows = statisticsPages.get('reference')!.text.split('\n').filter((line) => /^\| [\w/]+\.(json|csv) \| .* \| \d+ \| [\d.e-]+ \| /.test(line));
  const files = new Set(rows.map((row) => row.split('|')[1]!.trim()));
  for (const file of ['compare', 'mantel_exact', 'noise_ceiling', 'partial_regression', 'mds_cluster', 'ridge_cv', 'correlation_inference']) expect(files).toContain(`${file}.json`);
});
