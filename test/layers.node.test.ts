/** The layout tells the story: imports point one way, and there are no circles between folders. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** From what everything may use to what uses everything. Folders on one line may use each other, but not in a circle. */
const layers = [['base'], ['gpu', 'worker', 'ui'], ['models', 'tuning', 'rsa', 'data', 'store', 'figures'], ['kinds'], ['notebook'], ['app']];

/** Entry points may import anything, and nothing may import them. */
const entries = new Set(['src/worker/compute.worker.ts', 'src/app/main.ts']);

interface Import {
  readonly from: string;
  readonly to: string;
}

const root = resolve(import.meta.dirname, '..');
const sources = readdirSync(resolve(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `src/${file}`);
const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(resolve(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const found = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(?:type\s)?[^'";]*?from\s+'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|(?:^|\n)import\s+'(\.[^']+)'/g)];
  return found.map((match) => ({
    from: file,
    to: relative(root, resolve(root, dirname(file), (match[1] ?? match[2] ?? match[3])!)).replace(/\?.*$/, ''),
  }));
});

function folderOf(file: string): string {
  return file.split('/')[1]!;
}

function layerOf(file: string): number {
  return layers.findIndex((layer) => layer.includes(folderOf(file)));
}

test('every folder of src has its place', () => {
  expect(imports.length).toBeGreaterThan(50);
  expect([...new Set(imports.map(({ from }) => folderOf(from)))].filter((folder) => !layers.flat().includes(folder))).toEqual([]);
});

test('imports point one way: app, notebook, kinds, then models, rsa, data, store and figures, then gpu, worker and ui, then base', () => {
  const backwards = imports.filter(({ from, to }) => to.startsWith('src/') && !entries.has(from) && layerOf(to) > layerOf(from));
  expect(backwards.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('nothing imports an entry point', () => {
  expect(imports.filter(({ to }) => entries.has(to)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('there are no circles between folders of one layer', () => {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (entries.has(from) || !to.startsWith('src/') || layerOf(from) !== layerOf(to) || folderOf(from) === folderOf(to)) continue;
    edges.set(folderOf(from), (edges.get(folderOf(from)) ?? new Set()).add(folderOf(to)));
  }
  const reaches = (start: string, goal: string, seen = new Set<string>()): boolean =>
    [...(edges.get(start) ?? [])].some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
  expect([...edges.keys()].filter((folder) => reaches(folder, folder))).toEqual([]);
});
