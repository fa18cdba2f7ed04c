/** Reads one sheet of an xlsx workbook. */
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { pause } from '../../gpu/pause.ts';
import { shortList } from '../names.ts';
import { textOf, type Cell } from './cells.ts';
import { headerOf, requireRows, type Grid } from './grid.ts';

/** A sheet this large, unpacked, would not fit beside everything else in a tab. */
const largestXml = 512 * 2 ** 20;

function corrupt(file: string, why: string): Problem {
  return new Problem({
    code: 'corrupt-workbook', place: file, what: `the workbook cannot be read (${why})`,
    fix: 'Open it in a spreadsheet program and save it again as xlsx or csv.',
  });
}

/** Names of the sheets in the order of their tabs. */
function sheetNames(workbookXml: string): string[] {
  const unescape = (text: string): string =>
    text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name]!);
  return [...workbookXml.matchAll(/<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"/g)].map((match) => unescape(match[1]!));
}

/**
 * Unpacks a workbook and packs it again uncompressed. The reader unzips with fflate's asynchronous functions, which
 * start workers from blob: addresses, and our content security policy has none; entries that are only stored need no
 * worker.
 */
function unpack(file: string, bytes: Uint8Array<ArrayBuffer>): { readonly stored: ArrayBuffer; readonly sheets: readonly string[] } {
  let total = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        const wanted = /\.xml(\.rels)?$/.test(name);
        if (wanted) total += originalSize;
        if (total > largestXml) throw new RangeError(`more than ${largestXml / 2 ** 20} MB unpacked`);
        return wanted;
      },
    });
  } catch (error) {
    throw corrupt(file, error instanceof Error ? error.message : String(error));
  }
  const workbook = entries['xl/workbook.xml'];
  if (!workbook) throw corrupt(file, 'it holds no xl/workbook.xml');
  const stored = zipSync(entries, { level: 0 });
  return { stored: stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength) as ArrayBuffer, sheets: sheetNames(strFromU8(workbook)) };
}

/**
 * Reads a sheet by name, or the first one. Text may be shared or inline; a formula counts as its stored value; dates
 * become text (2024-03-01). The reader itself reports no progress: cancelling takes effect between its steps.
 *
 * @throws Problem `corrupt-workbook`, `unknown-sheet`, `no-rows`, `no-header`, `duplicate-columns`
 */
export async function readWorkbook(
  file: string, bytes: Uint8Array<ArrayBuffer>, sheet: string, warn: (message: string) => void, watch: Watch = {},
): Promise<Grid> {
  const step = async (done: number): Promise<void> => {
    watch.progress?.({ label: `reading ${file}`, done, total: 3 });
    await pause();
    watch.signal?.throwIfAborted();
  };
  await step(0);
  const { stored, sheets } = unpack(file, bytes);
  const name = sheet || (sheets[0] ?? '');
  if (!sheets.includes(name)) {
    throw new Problem({
      code: 'unknown-sheet', place: file, what: `there is no sheet ${JSON.stringify(name)}`,
      fix: sheets.length > 0 ? `Its sheets are ${shortList(sheets, 12)}.` : 'The workbook has no sheets.',
    });
  }
  if (!sheet && sheets.length > 1) warn(`${file} has ${sheets.length} sheets (${shortList(sheets)}); ${name} was read`);
  await step(1);

  const { readSheet } = await import('read-excel-file/web-worker');
  let grid: Cell[][];
  try {
    grid = (await readSheet(stored, name)).map((row) => row.map(plain));
  } catch (error) {
    throw corrupt(file, error instanceof Error ? error.message : String(error));
  }
  await step(2);

  const first = grid.findIndex((row) => row.some((cell) => cell !== null));
  if (first === -1) {
    throw new Problem({ code: 'empty-file', place: file, what: `sheet ${name} is empty`, fix: `Choose another sheet: ${shortList(sheets, 12)}.` });
  }
  const header = headerOf(file, grid[first]!.map(textOf));
  const rows: Cell[][] = [];
  const lines: number[] = [];
  grid.forEach((row, i) => {
    if (i <= first || row.every((cell) => cell === null)) return;
    rows.push(row);
    lines.push(i + 1);
  });
  requireRows(file, rows, header);
  watch.progress?.({ label: `reading ${file}`, done: 3, total: 3 });
  return { file, sheet: name, header, rows, lines, decimalComma: true };
}

/** The reader's cell as ours; it gives dates as Date. */
function plain(cell: unknown): Cell {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' ? cell : null;
}
