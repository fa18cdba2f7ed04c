/**
 * Every statistic that has a page in docs/statistics is computed by the headless runner, and its numbers stand in the
 * report under the names that the page gives. The ratings are made up here.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/app/automation.ts';
import { placesOf, type Place } from '../statistics-page.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = join(root, 'docs/statistics');
const folder = mkdtempSync(join(tmpdir(), 'sensorium-statistics-'));

const words = [
  'apple', 'bell', 'bread', 'candle', 'cat', 'cloud', 'coffee', 'dance', 'dog', 'door', 'drum', 'fire', 'fish', 'flower',
  'garlic', 'hammer', 'honey', 'ice', 'kick', 'lemon', 'milk', 'moon', 'music', 'needle', 'pepper', 'rain', 'river', 'rose',
  'salt', 'shout', 'silk', 'smoke', 'snow', 'soap', 'song', 'stone', 'sugar', 'thunder', 'wind', 'wool',
];
const dimensions = ['Auditory', 'Gustatory', 'Visual', 'Mouth', 'Hand_arm'];
const raters = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];

/** Ratings without a meaning: a truth for each word and dimension, and what each source makes of it. */
function madeUpTable(): string {
  let state = 12_345;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const held = (value: number): string => Math.min(5, Math.max(0, value)).toFixed(2);
  const sources = ['mean', 'other', 'm1', 'm2', ...raters];
  const header = ['Word', 'Frequency', ...dimensions.flatMap((dimension) => [...sources.map((source) => `${dimension}_${source}`), `${dimension}_sd`, `${dimension}_n`])];
  const rows = words.map((word, row) => [word, (1 + 5 * uniform()).toFixed(2), ...dimensions.flatMap((dimension) => {
    const truth = 5 * uniform();
    const noisy = (size: number): string => held(truth + size * (uniform() + uniform() - 1));
    // One rating is missing, for what is done about it.
    const values = sources.map((source) => (row === 3 && dimension === 'Mouth' && source === 'm2' ? '' : noisy(source === 'm1' ? 3 : source === 'mean' ? 0.5 : 1.5)));
    return [...values, (0.5 + uniform()).toFixed(2), String(15 + row % 7)];
  })]);
  return [header, ...rows].map((cells) => cells.join(',')).join('\n');
}

const block = (kind: string, name: string, params: Readonly<Record<string, unknown>>): string =>
  [`~~~cell ${kind} ${name}`, ...Object.entries(params).map(([key, value]) => `${key}: ${JSON.stringify(value)}`), '~~~', ''].join('\n');

const inputs = [
  block('table', 'made', { file: 'made.csv', word: 'Word' }),
  block('stimuli', 'words', { norms: 'made', ratings: '*_mean' }),
  block('ratings', 'human', { stimuli: 'words', from: 'made', columns: '*_mean', sd: '*_sd', n: '*_n' }),
  block('ratings', 'other', { stimuli: 'words', from: 'made', columns: '*_other' }),
  block('ratings', 'apart', { stimuli: 'words', from: 'made', raters: raters.map((rater) => `*_${rater}`) }),
  block('ratings', 'one', { stimuli: 'words', from: 'made', columns: '*_m1', origin: 'model' }),
  block('ratings', 'two', { stimuli: 'words', from: 'made', columns: '*_m2', origin: 'model' }),
  block('ratings', 'frequency', { stimuli: 'words', from: 'made', columns: 'Frequency' }),
  block('stimuli', 'asked', { norms: 'made', ratings: '*_mean', filter: ['Frequency < 4'] }),
  block('ratings', 'asked_human', { stimuli: 'asked' }),
  block('stimuli', 'taught', { norms: 'made', ratings: '*_mean', filter: ['Frequency >= 4'] }),
  block('ratings', 'taught_human', { stimuli: 'taught' }),
  block('model', 'mini', { source: 'bundled', id: 'sensorium-mini' }),
  block('activations', 'states', { model: 'mini', stimuli: 'words', templates: ['{word}', 'the {word}', 'a {word}'], keepTemplates: true }),
];

/** What a cell of a kind needs besides the statistic that is asked of it. */
const basis: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  rdm: { of: 'apart' },
  rsa: { reference: 'human', candidates: ['one', 'two', 'states'], layers: ['0', 'last'], permutations: 50, bootstrap: 50 },
  ceiling: { reference: 'human', simulations: 40, bootstrap: 40 },
  raters: { reference: 'apart', candidates: ['one', 'two'], bootstrap: 40 },
  explain: { reference: 'human', candidates: ['one', 'states'], controls: ['length', 'orthography'], controlCells: ['frequency'], permutations: 40, bootstrap: 40 },
  dimensions: { reference: 'human', candidates: ['one', 'two', 'states'], layers: ['last'] },
  geometry: { of: ['map_human', 'map_states'] },
  activations: { model: 'mini', stimuli: 'words', templates: ['{word}', 'the {word}'], keepTemplates: true },
  ratings: { stimuli: 'words', from: 'made', raters: raters.map((rater) => `*_${rater}`) },
};

/** What some options need besides. */
const besides: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'rdm.missing: pairwise': { of: 'two' },
  'rsa.missing: pairwise': { candidates: ['one', 'two'] },
  'rsa.ceiling': { ceiling: 'bound' },
  'ceiling.from: raters': { reference: 'apart' },
  'ceiling.from: norms': { second: 'other' },
  'ceiling.second': { from: 'norms', second: 'other' },
  'ceiling.over': { reference: 'apart', over: 'both' },
  'ceiling.raterFolds': { reference: 'apart', raterFolds: 2, wordFolds: 2 },
  'ceiling.simulations': { from: 'reliability' },
  'ratings.sd': { raters: [], columns: '*_mean', sd: '*_sd', n: '*_n' },
  'ratings.n': { raters: [], columns: '*_mean', sd: '*_sd', n: '*_n' },
  'geometry.comparator': { show: 'rdms' },
  'geometry.ties': { method: 'non-metric' },
  'rsa.differences: all': { correction: 'holm' },
  'dimensions.foldings': { foldings: 2 },
  'dimensions.train': { reference: 'asked_human', train: 'taught_human' },
  'dimensions.control': { control: true },
};

const isDimension = (value: string): boolean => dimensions.includes(value);

/** The cell in which a page's statistic must be found. */
function cellFor({ kind, field, value }: Place, name: string): string {
  const key = value ? `${kind}.${field}: ${value}` : `${kind}.${field}`;
  const list = ['sets', 'controls'].includes(field);
  const literal = value === 'true' ? true : value === 'false' ? false : value;
  const asked = value && !['reference', 'candidates', 'raters'].includes(field) ? { [field]: list ? [literal] : literal } : {};
  // One dimension has no angle.
  const angle = isDimension(value) ? { metric: 'euclidean' } : {};
  return block(kind, name, { ...basis[kind], ...asked, ...angle, ...besides[`${kind}.${field}`], ...besides[key] });
}

const texts = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((path) => /^[a-z]+\/[\w-]+\.md$/.test(path) && !path.endsWith('calibration.md'))
  .map((path) => ({ id: path.replace(/\.md$/, ''), text: readFileSync(join(pages, path), 'utf8') }));
const asked = texts.flatMap(({ id, text }) => placesOf(text).map((place) => ({ id, place })));
/** The same cell serves every page that asks for the same. */
const cells = new Map<string, string>();
for (const { place } of asked) {
  const text = cellFor(place, 'NAME');
  if (!cells.has(text)) cells.set(text, `statistic${cells.size}`);
}
const cellOf = (place: Place): string => cells.get(cellFor(place, 'NAME'))!;

/** All that a path leads to; lists are gone through. */
function found(value: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>((held, step) => {
    const [, name = '', each] = /^(\w+)(\[\])?$/.exec(step) ?? [];
    return held.flatMap((one) => {
      const next = typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[name] : undefined;
      return each ? (Array.isArray(next) ? next : []) : next === undefined ? [] : [next];
    });
  }, [value]);
}

let report: Report;

beforeAll(async () => {
  writeFileSync(join(folder, 'made.csv'), madeUpTable());
  const notebook = join(folder, 'statistics.md');
  writeFileSync(notebook, [
    '---\nsensorium: 1\ntitle: Every statistic\n---\n', ...inputs,
    block('rdm', 'map_human', { of: 'human' }), block('rdm', 'map_states', { of: 'states' }), block('ceiling', 'bound', { reference: 'human', from: 'reliability', simulations: 40 }),
    ...[...cells].map(([text, name]) => text.replace(' NAME\n', ` ${name}\n`)),
  ].join('\n'));
  const out = join(folder, 'out.json');
  const child = spawn(process.execPath, [join(root, 'tools/notebook.mjs'), notebook, '--files', folder, '--out', out], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise((done) => child.on('close', done));
  if (status !== 0) throw new Error(`the notebook did not run to its end:\n${said.slice(-6000)}`);
  report = JSON.parse(readFileSync(out, 'utf8')) as Report;
}, 300_000);

test('every statistic with a page is asked for, and every cell runs', () => {
  expect(texts.length).toBeGreaterThan(40);
  expect(report.cells.filter(({ status }) => status !== 'done').map(({ name, problems }) => [name, problems])).toEqual([]);
});

test('the report holds every statistic under the names that its page gives', () => {
  const lacking = asked.flatMap(({ id, place }) => {
    const cell = report.cells.find(({ name }) => name === cellOf(place))!;
    return place.paths.filter((path) => !found(cell.value, path).some((one) => one !== null)).map((path) => `${id}: ${place.kind} (${place.field}${place.value && `: ${place.value}`}) has no ${path}`);
  });
  expect(lacking).toEqual([]);
});
