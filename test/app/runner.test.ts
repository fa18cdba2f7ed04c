/** The headless runner over the built app: the published study recomputed, and how failures are told. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CellReport, Report } from '../../src/app/automation.ts';
import type { CeilingValue } from '../../src/data/ceiling.ts';
import type { GeometryValue } from '../../src/data/geometry.ts';
import type { DimensionsValue, RsaValue, WordsValue } from '../../src/data/values.ts';

const root = resolve(import.meta.dirname, '../..');
const study = resolve(root, '../shared/study');
const folder = mkdtempSync(join(tmpdir(), 'sensorium-runner-'));

interface Finished {
  readonly status: number | null;
  readonly said: string;
}

function run(...args: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [join(root, 'tools/notebook.mjs'), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done) => child.on('close', (status) => done({ status, said })));
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe.skipIf(!existsSync(study))('the study from its public files (skipped where ../shared is missing)', () => {
  let report: Report;
  const value = <T>(cell: string): T => (report.cells.find((found) => found.name === cell) as CellReport).value as T;

  interface Expected {
    readonly english: {
      readonly [set in 'motor' | 'sensory' | 'all']: {
        readonly n: number;
        readonly rsa: Record<string, number>;
        readonly word_similarity_mean: Record<string, number>;
        readonly rank_correlation_of_word_similarity: Record<string, number>;
      };
    } & { readonly dimension_spearman: Record<string, Record<string, number>> };
    readonly dutch: {
      readonly rsa: Record<string, number>;
      readonly word_similarity_mean: Record<string, number>;
      readonly dimension_spearman: Record<string, Record<string, number>>;
    };
  }
  const expected = existsSync(study) ? (JSON.parse(readFileSync(join(study, 'expected.json'), 'utf8')) as Expected) : (null as never);

  beforeAll(async () => {
    const out = join(folder, 'study.json');
    // Values do not depend on permutations and resamples, which take the time.
    const quick = ['gap', 'gap_dutch', 'people_to_people'].flatMap((cell) => ['--set', `${cell}.permutations=0`, '--set', `${cell}.bootstrap=0`]).concat('--set', 'limit.simulations=2');
    const finished = await run('notebooks/the-study.md', '--files', study, '--out', out, ...quick);
    if (finished.status !== 0) throw new Error(`the study did not run to its end:\n${finished.said}`);
    report = JSON.parse(readFileSync(out, 'utf8')) as Report;
  }, 300_000);

  const sets = ['motor', 'sensory', 'all'] as const;

  test('a noise ceiling from the norms’ SDs stands above every model but near the one tuned on these norms', () => {
    const rows = value<CeilingValue>('limit').rows;
    expect(rows.map(({ set }) => set)).toEqual(sets);
    for (const { set, lower, upper } of rows) {
      const models = value<RsaValue>('gap').rows.filter((row) => row.set === set).map((row) => row.value);
      expect(lower).toBeGreaterThan(Math.max(...models) - 0.02);
      expect(lower).toBeLessThan(Math.max(...models) + 0.1);
      expect(upper).toBeGreaterThan(lower);
      expect(upper).toBeLessThan(1);
    }
  });

  test('every RSA value, to 4 decimals, on the same words', () => {
    for (const set of sets) {
      const rows = value<RsaValue>('gap').rows.filter((row) => row.set === set);
      expect(Object.fromEntries(rows.map((row) => [row.candidate, row.value.toFixed(4)]))).toEqual(fixed(expected.english[set].rsa));
      expect(new Set(rows.map((row) => row.n))).toEqual(new Set([expected.english[set].n]));
    }
    const dutch = value<RsaValue>('gap_dutch').rows;
    expect(Object.fromEntries(dutch.map((row) => [row.candidate, row.value.toFixed(4)]))).toEqual(fixed(expected.dutch.rsa));
    expect(value<RsaValue>('people_to_people').rows[0]?.value).toBeCloseTo(0.555, 3);
  });

  test('every correlation dimension by dimension, to 4 decimals', () => {
    const dutchNames: Record<string, string> = { horen: 'Auditory', proeven: 'Gustatory', voelen: 'Haptic', sensaties: 'Interoceptive', ruiken: 'Olfactory', zien: 'Visual' };
    const englishNames: Record<string, string> = { foot: 'Foot_leg', hand: 'Hand_arm' };
    const check = (cell: string, wanted: Record<string, Record<string, number>>, nameOf: (name: string) => string): void => {
      const { rows } = value<DimensionsValue>(cell);
      for (const [name, models] of Object.entries(wanted)) {
        const found = rows.filter((row) => row.dimension === nameOf(name));
        expect([name, Object.fromEntries(found.map((row) => [row.candidate, row.rho.toFixed(4)]))]).toEqual([name, fixed(models)]);
      }
    };
    check('profile', expected.english.dimension_spearman, (name) => englishNames[name] ?? name.charAt(0).toUpperCase() + name.slice(1));
    check('profile_dutch', expected.dutch.dimension_spearman, (name) => dutchNames[name]!);
  });

  test('every mean word similarity and rank correlation, to 4 decimals', () => {
    for (const set of sets) {
      const { similarities, rankCorrelations } = value<WordsValue>('similarity');
      expect(Object.fromEntries(similarities.filter((row) => row.set === set).map((row) => [row.candidate, row.mean.toFixed(4)]))).toEqual(fixed(expected.english[set].word_similarity_mean));
      expect(Object.fromEntries(rankCorrelations.filter((row) => row.set === set).map((row) => [`${row.a}~${row.b}`, row.raw.toFixed(4)]))).toEqual(fixed(expected.english[set].rank_correlation_of_word_similarity));
    }
    expect(Object.fromEntries(value<WordsValue>('similarity_dutch').similarities.map((row) => [row.candidate, row.mean.toFixed(4)]))).toEqual(fixed(expected.dutch.word_similarity_mean));
  });

  test('the near-zero rank correlation of base and en_ft depends on the measure', () => {
    const row = value<WordsValue>('similarity').rankCorrelations.find((pair) => pair.a === 'base' && pair.b === 'en_ft' && pair.set === 'all');
    expect([row?.raw, row?.zscored, row?.rows].map((correlation) => correlation?.toFixed(3))).toEqual(['-0.047', '0.157', '0.180']);
  });

  test('each result has its run card', () => {
    for (const cell of report.cells) {
      expect(cell.card).toMatchObject({ cell: cell.name, kind: cell.kind, code: report.code });
      expect(cell.card?.key).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(report.cells.find((cell) => cell.name === 'english')?.card?.files['En_all_models_results.xlsx']).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** Numbers as they compare at 4 decimals. */
function fixed(values: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toFixed(4)]));
}

describe('failures', () => {
  test('a cell that fails gives exit status 1, and says where, what and what to do; the others are done', async () => {
    const file = written('bad.md', '---\nsensorium: 1\n---\n```cell stimuli words\nsample: 20\n```\n```cell table norms\nfile: bad.csv\n```\n');
    written('bad.csv', 'word,Visual\nsun,4.5\nsong,7.2\n');
    const out = join(folder, 'bad.json');
    const { status, said } = await run(file, '--files', folder, '--out', out);
    expect(status).toBe(1);
    expect(said).toContain('bad.csv line 3: Visual is 7.2, outside 0-5');
    const { cells } = JSON.parse(readFileSync(out, 'utf8')) as Report;
    expect(cells.map((cell) => [cell.name, cell.status])).toEqual([['words', 'done'], ['norms', 'failed']]);
  });

  test('--set changes a parameter, as YAML', async () => {
    const file = written('set.md', '---\nsensorium: 1\n---\n```cell stimuli words\nsample: 20\n```\n');
    const out = join(folder, 'set.json');
    expect((await run(file, '--out', out, '--set', 'words.sample=7', '--set', 'words.filter=[Visual >= 3]')).status).toBe(0);
    const [words] = (JSON.parse(readFileSync(out, 'utf8')) as Report).cells;
    expect((words!.value as { words: string[] }).words).toHaveLength(7);
    expect(words!.card?.params['filter']).toEqual(['Visual >= 3']);
  });

  test('a wrong command line gives exit status 2 and the usage', async () => {
    expect(await run()).toMatchObject({ status: 2 });
    expect((await run('nowhere.md')).said).toContain('no such file');
    expect((await run('notebooks/first-look.md', '--set', 'nonsense')).said).toContain('write cell.param=value');
  });
});

test('--quick turns Quick on without changing the file, and the report says so at the top and at every cell', async () => {
  const text = '---\nsensorium: 1\n---\n```cell stimuli words\nsample: 30\nquick: {sample: 12}\n```\n```cell ratings rated\nstimuli: words\norigin: illustrative\n```\n```cell model mini\n```\n```cell rsa gap\nreference: rated\ncandidates: [again]\npermutations: 200\nquick:\n  permutations: 50\n```\n```cell ratings again\nstimuli: words\norigin: illustrative\n```\n';
  const file = written('quick.md', text);
  const report = async (...args: string[]): Promise<Report> => {
    const out = join(folder, 'quick.json');
    const finished = await run(file, '--out', out, ...args);
    expect(finished).toMatchObject({ status: 0 });
    expect(finished.said.includes('with Quick on')).toBe(args.includes('--quick'));
    return JSON.parse(readFileSync(out, 'utf8')) as Report;
  };
  const quick = await report('--quick');
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(quick.quick).toBe(true);
  expect(quick.cells.map((cell) => [cell.name, cell.quick])).toEqual([['words', true], ['rated', true], ['mini', false], ['gap', true], ['again', true]]);
  const [words, rated, mini, gap] = quick.cells;
  expect(words).toMatchObject({ value: { words: { length: 12 } }, card: { params: { sample: 12 }, quick: [{ cell: 'words', parameter: 'sample', quick: 12, full: 30, text: '12 of 30 words' }] } });
  expect(rated!.card!.quick).toEqual(words!.card!.quick);
  expect(mini!.card!.quick).toEqual([]);
  expect(gap).toMatchObject({ value: { permutations: 50 }, card: { quick: [{ text: '50 of 200 permutations' }, { text: '12 of 30 words' }] } });

  const full = await report();
  expect(full.quick).toBe(false);
  expect(full.cells.map((cell) => [cell.quick, cell.card?.quick])).toEqual(full.cells.map(() => [false, []]));
  expect(full.cells[3]).toMatchObject({ value: { permutations: 200 } });
  // A cell without quick values, above or in it, has the same result either way.
  expect(full.cells[2]!.card!.key).toBe(mini!.card!.key);
  // What the command line sets counts for the full value; the block still has the last word.
  expect((await report('--quick', '--set', 'words.sample=20')).cells[0]!.card!.quick).toMatchObject([{ text: '12 of 20 words' }]);
});

test('the notebook of every layer runs offline with Quick on: all layers of both models, and all of them among each other', async () => {
  const out = join(folder, 'layers.json');
  // Fewer words still, to be short.
  const finished = await run('notebooks/layers.md', '--quick', '--set', 'concepts.sample=40', '--set', 'by_layer.permutations=20', '--set', 'by_layer.bootstrap=20', '--out', out);
  expect(finished).toMatchObject({ status: 0 });
  const { cells } = JSON.parse(readFileSync(out, 'utf8')) as Report;
  const value = <T>(name: string): T => cells.find((cell) => cell.name === name)!.value as T;
  const layers = ['encoder', 'causal'].flatMap((model, at) => Array.from({ length: [5, 6][at]! }, (_, layer) => [model, layer]));
  expect(value<RsaValue>('by_layer').rows.map(({ candidate, layerIndex }) => [candidate, layerIndex])).toEqual(layers);
  for (const { value: rho, pAdjusted, interval } of value<RsaValue>('by_layer').rows) {
    expect(rho).toBeGreaterThan(0.1);
    expect(pAdjusted).toBeLessThanOrEqual(0.05);
    expect(interval![0]).toBeLessThan(rho);
  }
  expect(value<DimensionsValue>('probes').rows).toHaveLength(11 * 11);
  expect(value<GeometryValue>('layers_map').secondOrder!.rows.map(({ of, layerIndex }) => [of, layerIndex])).toEqual([['rated', 0], ...layers]);
});
