import { zipSync, strToU8 } from 'fflate';
import { expect, test, vi } from 'vitest';
import { Problem, type ProblemRecord } from '../../src/base/problem.ts';
import type { Progress } from '../../src/base/progress.ts';
import { importTable, type ImportOptions } from '../../src/data/import/import.ts';
import { lineOf, numbersOf } from '../../src/data/table.ts';
import type { TableValue } from '../../src/data/values.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const importText = (text: string, options: Partial<ImportOptions> = {}, name = 'norms.csv') =>
  importTable(name, new Blob([text]), options);

/** The problem an import ends with. */
async function problemOf(promise: Promise<unknown>): Promise<ProblemRecord> {
  const error: unknown = await promise.then(() => null, (reason: unknown) => reason);
  if (error instanceof Problem) return error.record;
  throw new Error(`no problem but ${String(error)}`);
}

async function sharedTable(path: string, options: Partial<ImportOptions> = {}) {
  const bytes = await sharedBytes(path);
  const started = performance.now();
  const table = await importTable(path.split('/').at(-1)!, new Blob([bytes]), { scale: [0, 5], ...options });
  console.info(`${path}: ${Math.round(performance.now() - started)} ms`);
  return table;
}

/** A small workbook written by hand, with inline strings. */
function workbook(sheets: Record<string, (string | number | boolean | null)[][]>): Blob {
  const names = Object.keys(sheets);
  const cell = (value: string | number | boolean | null, r: number, c: number): string => {
    const at = `${String.fromCharCode(65 + c)}${r + 1}`;
    if (value === null) return '';
    if (typeof value === 'boolean') return `<c r="${at}" t="b"><v>${value ? 1 : 0}</v></c>`;
    return typeof value === 'number' ? `<c r="${at}"><v>${value}</v></c>` : `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
  };
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
  const files: Record<string, string> = {
    'xl/workbook.xml': `${head}<workbook ${main}><sheets>${names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((_, i) => `<Relationship Id="rId${i + 1}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}</Relationships>`,
  };
  names.forEach((name, i) => {
    const rows = sheets[name]!.map((row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, r, c)).join('')}</row>`);
    files[`xl/worksheets/sheet${i + 1}.xml`] = `${head}<worksheet ${main}><sheetData>${rows.join('')}</sheetData></worksheet>`;
  });
  return new Blob([zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)]))) as Uint8Array<ArrayBuffer>]);
}

test('columns are numbers or text, and the first text column holds the words', async () => {
  const table = await importText('id,Word,Visual.mean,PoS\n1,dog,4.5,N\n2,run,,\n3,null,NA,V\n');
  expect(table.wordColumn).toBe('Word');
  expect(table.rows).toBe(3);
  expect(table.columns.map(({ name, type }) => [name, type])).toEqual([['id', 'number'], ['Word', 'text'], ['Visual.mean', 'number'], ['PoS', 'text']]);
  expect(Array.from(numbersOf(table, 'Visual.mean', ''))).toEqual([4.5, NaN, NaN]);
  // "null" is a word in a text column and nothing in a number column.
  expect(table.columns[1]!.values).toEqual(['dog', 'run', 'null']);
});

test('byte order mark, CRLF, quotes, separators and line breaks inside quotes are understood', async () => {
  const table = await importText('\ufeffword,note,Visual\r\n"dog","says ""woof"", loudly",1\r\n\r\ncat,"two\r\nlines",2\r\ncow,,3\r\n');
  expect(table.columns.map((column) => column.name)).toEqual(['word', 'note', 'Visual']);
  expect(table.columns[1]!.values).toEqual(['says "woof", loudly', 'two\r\nlines', '']);
  expect([0, 1, 2].map((row) => lineOf(table, row))).toEqual([2, 4, 6]);
});

test('semicolons with decimal commas, tabs and bars are separators too', async () => {
  const dutch = await importText('Woord;Zien;Horen\nhond;4,5;3\nkat;4,25;2,75\n');
  expect(Array.from(numbersOf(dutch, 'Zien', ''))).toEqual([4.5, 4.25]);
  const tabs = await importText('word\tVisual\ndog\t4.5\n', {}, 'norms.tsv');
  expect(Array.from(numbersOf(tabs, 'Visual', ''))).toEqual([4.5]);
  const bars = await importText('word|Visual\ndog|4.5\ncat|4\n', {}, 'norms.txt');
  expect(bars.columns).toHaveLength(2);
});

test('a comma that can stand before decimals or between thousands is refused by line and column, never guessed', async () => {
  const tabs = (cells: string[]) => importText(`word\tcount\n${cells.map((cell, i) => `w${i}\t${cell}`).join('\n')}\n`, {}, 'norms.tsv');
  const problem = await problemOf(tabs(['12', '39,707', '1,250']));
  expect(problem).toMatchObject({ code: 'ambiguous-comma', place: 'norms.tsv line 3', what: 'count is 39,707, which can mean 39707 or 39.707' });
  expect(problem.fix).toContain('without the comma (39707 or 39.707)');
  expect(await problemOf(importText('word;count\ndog;1,500\n'))).toMatchObject({ place: 'norms.csv line 2', code: 'ambiguous-comma' });
  expect(await problemOf(importTable('b.xlsx', workbook({ A: [['word', 'count'], ['dog', 3], ['cat', '-2,000']] })))).toMatchObject({
    place: 'b.xlsx row 3', what: 'count is -2,000, which can mean -2000 or -2.000',
  });
  expect((await problemOf(tabs(['7', '1,234,567']))).fix).toContain('(1234567)');
});

test('a column that can only hold decimal commas keeps them, and text with commas stays text', async () => {
  const numbers = async (text: string, column: string) => Array.from(numbersOf(await importText(text, { scale: [0, 5] }), column, ''));
  expect(await numbers('word;rate\na;39,707\nb;4,5\nc;0,125\n', 'rate')).toEqual([39.707, 4.5, 0.125]);
  expect(await numbers('word;rate\na;39,707\nb;0,125\n', 'rate')).toEqual([39.707, 0.125]);
  // Ratings of 0 to 5 cannot be thousands.
  expect(await numbers('word;Zien;Horen\na;4,125;1,000\nb;3,250;2,500\n', 'Zien')).toEqual([4.125, 3.25]);
  const text = await importText('word;note\na;39,707\nb;about 40,000\n');
  expect(text.columns[1]!.values).toEqual(['39,707', 'about 40,000']);
  expect((await importText('number;word\n1,234;a\n', { word: 'number' })).columns[0]!.values).toEqual(['1,234']);
});

test('a list of words alone is a table', async () => {
  const table = await importText('word\ndog\ncat\n', {}, 'words.txt');
  expect(table.columns).toEqual([{ name: 'word', type: 'text', values: ['dog', 'cat'] }]);
});

test('a file that is not UTF-8 is read as Windows-1252, with a warning', async () => {
  const warnings: string[] = [];
  const bytes = new Uint8Array([...'word,Visual\nski'].map((c) => c.charCodeAt(0)).concat([0xeb], [...'n,3\n'].map((c) => c.charCodeAt(0))));
  const table = await importTable('nl.csv', new Blob([bytes]), { warn: (message) => warnings.push(message) });
  expect(table.columns[0]!.values).toEqual(['skiën']);
  expect(warnings).toEqual([expect.stringContaining('Windows-1252')]);
});

test('an index column without a name gets one; an unnamed empty column goes', async () => {
  const table = await importText(',word,Visual,\n0,dog,3,\n1,cat,4,\n');
  expect(table.columns.map((column) => column.name)).toEqual(['column 1', 'word', 'Visual']);
});

test('a rating outside the scale is named by line and column', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `word${i},${i === 216 ? 7.2 : 3},${i === 250 ? -1 : 2},40`);
  const problem = await problemOf(importText(`Word,Visual.mean,Head.mean,Visual.N\n${rows.join('\n')}\n`, { scale: [0, 5] }));
  expect(problem.place).toBe('norms.csv line 218');
  expect(problem.what).toBe('Visual.mean is 7.2, outside 0-5; 1 more cell is wrong');
  expect(problem.fix).toContain('line 252 (Head.mean)');
});

test('without a scale no rating is refused, and spread and counts are never held to it', async () => {
  expect((await importText('Word,Visual.mean\ndog,7.2\n')).scale).toBeUndefined();
  const table = await importText('Word,Visual.mean,Visual.SD,Visual_N,visual_complexity\ndog,3,6,40,88\n', { scale: [0, 5] });
  expect(table.scale).toEqual([0, 5]);
});

test('text among ratings is a mistake; text among other numbers makes a text column', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `w${i},${i === 7 ? 'abc' : 3},${i === 7 ? 'many' : 12}`);
  const text = `Word,mouth_base,Frequency\n${rows.join('\n')}\n`;
  expect(await problemOf(importText(text.replace('mouth_base', 'Mouth.mean')))).toMatchObject({
    code: 'bad-ratings', place: 'norms.csv line 9', what: 'Mouth.mean is "abc", not a number',
  });
  const table = await importText(text.replace('mouth_base', 'Conc.M'));
  expect(table.columns.map((column) => column.type)).toEqual(['text', 'text', 'text']);
  // What asks for numbers later names the cell that is none.
  expect(() => numbersOf(table, 'Frequency', 'cell norms')).toThrow('norms.csv line 9: Frequency is "many", not a number');
});

test.each([
  ['an empty file', '', 'empty-file', 'norms.csv'],
  ['only white space', '  \n \n', 'empty-file', 'norms.csv'],
  ['only a header', 'word,Visual\n', 'no-rows', 'norms.csv'],
  ['values where the header should be', 'dog,4.5\ncat,3.5\n', 'no-header', 'norms.csv'],
  ['a name twice', 'word,Visual,Visual\ndog,1,2\n', 'duplicate-columns', 'norms.csv'],
  ['a line too short', 'word,Visual,Head\ndog,1,2\ncat,1\ncow,2,3\n', 'ragged-rows', 'norms.csv line 3'],
  ['a line too long', 'word,Visual\ndog,1\ncat,1,2\n', 'ragged-rows', 'norms.csv line 3'],
  ['a quote never closed', 'word,Visual\ndog,1\n"cat,2\ncow,3\n', 'broken-quotes', 'norms.csv line 3'],
  ['a web page', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', 'not-a-table', 'norms.csv'],
  ['no words', 'a,b\n1,2\n', 'no-words', 'norms.csv'],
])('%s is a problem with a place and a fix', async (_, text, code, place) => {
  const problem = await problemOf(importText(text));
  expect(problem).toMatchObject({ code, place });
  expect(problem.fix).toMatch(/\.$/);
});

test('lines padded with empty cells are not ragged; a header one name short says so', async () => {
  expect((await importText('word,Visual\ndog,1,,\ncat,2,,\n')).rows).toBe(2);
  const problem = await problemOf(importText('Visual,Head\ndog,1,2\ncat,3,4\n'));
  expect(problem.what).toBe('3 cells, but the header has 2; so have 1 other lines');
  expect(problem.fix).toContain('missing column name');
});

test('a word column that is not there is named with close ones', async () => {
  const problem = await problemOf(importText('Word,Visual\ndog,1\n', { word: 'Wrod' }));
  expect(problem).toMatchObject({ code: 'unknown-column', fix: 'Did you mean Word?' });
  expect((await importText('Woord,English_Word\nhond,DOG\n', { word: 'english_word' })).wordColumn).toBe('English_Word');
});

test('a long file is parsed the same in pieces, reports progress and can be cancelled', async () => {
  const n = 60_000;
  const rows = Array.from({ length: n }, (_, i) => `wörd${i},"a, ""quoted"" ${i}",${(i % 50) / 10}`);
  const content = new Blob([`word,note,Visual\n${rows.join('\n')}\n`]);
  const seen: Progress[] = [];
  const table = await importTable('long.csv', content, {}, { progress: (progress) => seen.push(progress) });
  expect(table.rows).toBe(n);
  expect(table.lines).toBeUndefined();
  const notes = table.columns[1]!.values as string[];
  expect(notes.every((note, i) => note === `a, "quoted" ${i}`)).toBe(true);
  expect(numbersOf(table, 'Visual', '')[n - 1]).toBe(((n - 1) % 50) / 10);
  const reading = seen.filter((progress) => progress.label === 'reading long.csv');
  expect(reading.length).toBeGreaterThan(3);
  expect(reading.map((p) => p.done)).toEqual(reading.map((p) => p.done).toSorted((a, b) => a - b));

  const controller = new AbortController();
  let pieces = 0;
  const cancelled = importTable('long.csv', content, {}, {
    signal: controller.signal,
    progress: () => { if (++pieces === 2) controller.abort(); },
  });
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect(pieces).toBeLessThan(reading.length);
});

test('a workbook is read by sheet: gaps, booleans and row numbers survive', async () => {
  const warnings: string[] = [];
  const book = workbook({ Notes: [['read me']], 'Norms 2': [['Word', 'Visual'], ['true', 3], [null, null], [true, 5], ['cat', null]] });
  const table = await importTable('book.xlsx', book, { sheet: 'Norms 2' });
  expect(table.sheet).toBe('Norms 2');
  expect(table.columns[0]!.values).toEqual(['true', 'TRUE', 'cat']);
  expect(Array.from(numbersOf(table, 'Visual', ''))).toEqual([3, 5, NaN]);
  expect([0, 1, 2].map((row) => lineOf(table, row))).toEqual([2, 4, 5]);
  expect(await problemOf(importTable('book.xlsx', book, { sheet: 'Norms 2', scale: [0, 4] }))).toMatchObject({
    place: 'book.xlsx row 4', what: 'Visual is 5, outside 0-4',
  });
  expect(await problemOf(importTable('book.xlsx', book, { sheet: 'Norms' }))).toMatchObject({
    code: 'unknown-sheet', what: 'there is no sheet "Norms"', fix: 'Its sheets are Notes, Norms 2.',
  });
  expect(await problemOf(importTable('book.xlsx', book, { warn: (message) => warnings.push(message) }))).toMatchObject({ code: 'no-rows' });
  expect(warnings).toEqual(['book.xlsx has 2 sheets (Notes, Norms 2); Notes was read']);
});

test('broken workbooks are problems: cut short, text under the wrong name, old xls', async () => {
  const whole = new Uint8Array(await workbook({ A: [['Word'], ['dog']] }).arrayBuffer());
  expect(await problemOf(importTable('cut.xlsx', new Blob([whole.slice(0, whole.length / 2)])))).toMatchObject({ code: 'corrupt-workbook', place: 'cut.xlsx' });
  expect(await problemOf(importText('word\ndog\n', {}, 'text.xlsx'))).toMatchObject({ code: 'corrupt-workbook' });
  expect(await problemOf(importTable('old.xls', new Blob([new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0])])))).toMatchObject({ code: 'old-workbook' });
  const zip = zipSync({ 'other.xml': strToU8('<a/>') }) as Uint8Array<ArrayBuffer>;
  expect((await problemOf(importTable('zip.xlsx', new Blob([zip])))).what).toContain('xl/workbook.xml');
});

test('a large workbook is read without starting a worker from a blob, which the content security policy forbids', async () => {
  const rows = Array.from({ length: 6000 }, (_, i) => [`word${i}`, (i % 51) / 10, i * 1.01, i * 1.03]);
  const book = workbook({ Norms: [['Word', 'Visual', 'a', 'b'], ...rows] });
  const started = vi.spyOn(globalThis, 'Worker');
  const table = await importTable('large.xlsx', book);
  expect(table.rows).toBe(6000);
  expect(started).not.toHaveBeenCalled();
  started.mockRestore();
});

test('the import runs inside a worker and its table crosses unchanged', async () => {
  const worker = new Worker(new URL('./importWorker.ts', import.meta.url), { type: 'module' });
  const ask = (name: string, content: Blob) => new Promise<{ table?: TableValue; problem?: ProblemRecord }>((resolve, reject) => {
    worker.addEventListener('message', (event) => resolve(event.data), { once: true });
    worker.addEventListener('error', (event) => reject(new Error(event.message)), { once: true });
    worker.postMessage({ name, content });
  });
  const book = workbook({ Norms: [['Word', 'Visual'], ['dog', 3]] });
  expect((await ask('book.xlsx', book)).table).toEqual(await importTable('book.xlsx', book));
  expect((await ask('norms.csv', new Blob(['Word,Visual\ndog,3\n']))).table).toMatchObject({ rows: 1 });
  expect((await ask('norms.csv', new Blob(['']))).problem).toMatchObject({ code: 'empty-file' });
  worker.terminate();
});

testWithShared('the study’s English results: 1,572 words, 97 columns, one empty base cell per column', async () => {
  const table = await sharedTable('study/En_all_models_results.xlsx');
  expect(table).toMatchObject({ rows: 1572, wordColumn: 'Word', sheet: 'Sheet1', firstRow: 2 });
  expect(table.columns).toHaveLength(97);
  expect(Array.from(numbersOf(table, 'visual_base', '')).filter(Number.isNaN)).toHaveLength(1);
  expect(Array.from(numbersOf(table, 'head_base', '')).filter(Number.isNaN)).toHaveLength(0);
});

testWithShared('the study’s Dutch results and common norms', async () => {
  const dutch = await sharedTable('study/Nl_all_models_results.xlsx', { word: 'Woord' });
  expect(dutch).toMatchObject({ rows: 1572, wordColumn: 'Woord' });
  expect(numbersOf(dutch, 'Sensaties_base', '')).toHaveLength(1572);
  const common = await sharedTable('study/common_norms_en_nl.xlsx');
  expect(common).toMatchObject({ rows: 7861 });
});

testWithShared('human norms import whole: Lancaster, Dutch, concreteness, Glasgow', async () => {
  const lancaster = await sharedTable('norms/lancaster_union.csv');
  expect(lancaster).toMatchObject({ rows: 14_459, wordColumn: 'Word' });
  expect(lancaster.columns.filter((column) => column.type === 'number')).toHaveLength(24);
  const dutch = await sharedTable('norms/speed_brysbaert_dutch_subset.csv');
  expect(dutch).toMatchObject({ rows: 13_016, wordColumn: 'Woord' });
  const concreteness = await sharedTable('norms/brysbaert_concreteness.txt', { scale: [1, 5] });
  expect(concreteness).toMatchObject({ rows: 39_954, wordColumn: 'Word' });
  expect(concreteness.columns[0]!.values).toContain('null');
  const glasgow = await sharedTable('norms/glasgow_human.csv', { scale: null });
  expect(glasgow).toMatchObject({ rows: 5553, wordColumn: 'Words' });
  const answers = await sharedTable('study/model_ratings_text_and_ev.csv');
  expect(answers.columns).toHaveLength(126);
});
