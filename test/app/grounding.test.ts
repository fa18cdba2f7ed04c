/** The two grounding notebooks, from their own text to the last number: training, transfer, and what changed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CellReport, Report } from '../../src/app/automation.ts';
import type { ChangeValue } from '../../src/data/change.ts';
import type { TransferValue } from '../../src/data/transfer.ts';
import type { ModelValue } from '../../src/data/values.ts';

const root = resolve(import.meta.dirname, '../..');
const study = resolve(root, '../shared/study');

async function run(notebook: string, ...args: string[]): Promise<Report> {
  const out = join(mkdtempSync(join(tmpdir(), 'sensorium-grounding-')), 'out.json');
  const child = spawn(process.execPath, [join(root, 'tools/notebook.mjs'), notebook, '--out', out, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise((done) => child.on('close', done));
  if (status !== 0) throw new Error(`${notebook} did not run to its end:\n${said}`);
  return JSON.parse(readFileSync(out, 'utf8')) as Report;
}

function value<T>({ cells }: Report, name: string): T {
  return (cells.find((cell) => cell.name === name) as CellReport).value as T;
}

/** A list that the report gives by length and hash instead of in full. */
function shortened(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  return ('sha256' in part && 'first' in part) || Object.values(part).some(shortened);
}

const tuned = ['en_ft', 'nl_ft', 'senses_ft', 'qa_ft', 'text_ft'];

/** What must hold of any transfer matrix of these models, whatever the numbers are. */
function checkMatrix(gains: TransferValue, base: string): void {
  expect(gains.rows.map(({ row }) => row)).toEqual([base, ...tuned]);
  expect(gains.cells).toHaveLength(gains.rows.length * gains.columns.length);
  const of = (row: string, column: string) => gains.cells.find((cell) => cell.row === row && cell.column === column)!;
  // Every empty cell says why.
  expect(gains.cells.filter((cell) => (cell.value === null) !== (cell.reason !== ''))).toEqual([]);
  const differing = gains.cells.filter((cell) => cell.value !== null && cell.row !== base);
  expect(differing).toHaveLength(gains.family);
  for (const cell of differing) expect(cell.holm, `${cell.row}, ${cell.column}`).toBeGreaterThanOrEqual(cell.p!);
  const same = differing.filter((cell) => cell.against === 'same');
  expect(same.length).toBeGreaterThan(0);
  for (const cell of same) expect(cell.difference, `${cell.row}, ${cell.column}`).toBeCloseTo(cell.value! - of(base, cell.column).value!, 10);
  const relation = (row: string, start: string): string[] => [...new Set(gains.cells.filter((cell) => cell.row === row && cell.column.startsWith(start)).map((cell) => cell.relation))];
  expect(relation('text_ft', 'rsa')).toEqual(['transfer']);
  expect(gains.cells.find((cell) => cell.row === 'senses_ft' && cell.measure === 'rsa' && cell.set === 'motor' && cell.language === 'en')!.relation).toBe('transfer');
  expect(gains.cells.find((cell) => cell.row === 'senses_ft' && cell.measure === 'rsa' && cell.set === 'sensory' && cell.language === 'en')!.relation).toBe('trained');
}

test('grounding.md runs offline with Quick on, all numbers of its figures are in the report, and no test word was trained on', async () => {
  const fewer = [...tuned.flatMap((cell) => ['--set', `${cell}.steps=12`]), '--set', 'gains.bootstrap=200', '--set', 'moved.bootstrap=50'];
  const report = await run('notebooks/grounding.md', '--quick', ...(process.env['SENSORIUM_LONG'] ? [] : fewer));
  expect(report.quick).toBe(true);
  expect(report.cells.map(({ status }) => status)).toEqual(report.cells.map(() => 'done'));
  const gains = value<TransferValue>(report, 'gains');
  checkMatrix(gains, 'sensorium-mini');
  expect(shortened(gains)).toBe(false);
  const moved = value<ChangeValue>(report, 'moved');
  expect(moved.layers).toHaveLength(5);
  expect(shortened(moved)).toBe(false);
  for (const name of tuned) {
    const { rounds } = value<ModelValue>(report, name).tuned!;
    const seen = new Set(rounds.flatMap(({ card }) => card.parts.flatMap(({ sides }) => [...sides.train, ...sides.validation])));
    expect(gains.tests.filter(({ unit }) => unit === 'word').flatMap(({ used }) => used).filter((word) => seen.has(word)), name).toEqual([]);
  }
  expect(gains.tests[0]!.used).toHaveLength(84);
}, 240_000);

describe.skipIf(!existsSync(study))('with human norms (skipped where ../shared is missing)', () => {
  test('grounding-norms.md runs on the study’s split, here on samples of it and with short trainings', async () => {
    const few = ['train_english', 'train_dutch', 'english', 'dutch'].flatMap((cell) => ['--set', `${cell}.sample=80`]);
    const short = tuned.flatMap((cell) => ['--set', `${cell}.steps=4`, '--set', `${cell}.repeats=1`]);
    const report = await run('notebooks/grounding-norms.md', '--files', study, ...few, ...short, '--set', 'gains.bootstrap=50', '--set', 'moved.bootstrap=20');
    expect(report.cells.map(({ status }) => status)).toEqual(report.cells.map(() => 'done'));
    const gains = value<TransferValue>(report, 'gains');
    checkMatrix(gains, 'sensorium-mini');
    expect(gains.tests.map(({ language, unit }) => `${language} ${unit}`)).toEqual(['en word', 'nl word', 'en question', 'nl question']);
  }, 240_000);
});
