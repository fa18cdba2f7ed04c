/** Reads csv, tsv and other delimited text, a piece at a time so that a long file can be watched and cancelled. */
import Papa from 'papaparse';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { pause } from '../../gpu/pause.ts';
import { emptyFile, headerOf, placeOf, requireRows, type Grid } from './grid.ts';

/** Characters parsed between two looks at the signal: some 10-20 ms. */
const piece = 1 << 18;

/** The text of a file: UTF-8, UTF-16 with a byte order mark, or, failing both, Windows-1252 with a warning. */
export function decode(file: string, bytes: Uint8Array<ArrayBuffer>, warn: (message: string) => void): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    warn(`${file} is not UTF-8 and was read as Windows-1252: look at words with accents`);
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * The separator under which the first lines have the same number of cells as the header, the most cells winning. (The
 * guess of papaparse counts the empty end of a short file as a line and misses two-column files.)
 */
export function guessDelimiter(text: string): string {
  const head = text.slice(0, 1 << 16);
  const scored = [',', ';', '\t', '|'].map((delimiter) => {
    const rows = Papa.parse<string[]>(head, { delimiter, preview: 20, skipEmptyLines: true }).data;
    const cells = rows[0]?.length ?? 0;
    const alike = rows.filter((row) => row.length === cells).length / Math.max(1, rows.length);
    return { delimiter, cells, alike };
  });
  const best = scored.filter(({ cells }) => cells > 1).sort((a, b) => b.alike - a.alike || b.cells - a.cells)[0];
  return best?.delimiter ?? ',';
}

interface Piece {
  readonly rows: string[][];
  readonly errors: readonly Papa.ParseError[];
  /** Characters read so far. */
  readonly cursor: number;
}

/** Runs papaparse over the text, pausing after every piece. */
function parsePieces(text: string, delimiter: string, take: (piece: Piece) => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // `abort` calls `complete` at once, so a rejection must come first.
    const pieces: Papa.ParseConfig<string[]> & Pick<Papa.ParseLocalConfig<string[]>, 'chunkSize' | 'chunk'> = {
      delimiter,
      chunkSize: piece,
      chunk: (results, parser) => {
        try {
          take({ rows: results.data, errors: results.errors, cursor: results.meta.cursor });
        } catch (error) {
          reject(error);
          parser.abort();
          return;
        }
        parser.pause();
        void pause().then(() => {
          if (!signal?.aborted) return parser.resume();
          reject(signal.reason);
          parser.abort();
        });
      },
      complete: () => resolve(),
    };
    Papa.parse<string[]>(text, pieces);
  });
}

function newlinesIn(row: readonly string[]): number {
  let count = 0;
  for (const cell of row) if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)!.length;
  return count;
}

/**
 * Reads delimited text. The separator is found from the first lines; quotes, byte order marks and any line
 * ends are understood; blank lines are skipped but counted.
 *
 * @throws Problem `empty-file`, `no-header`, `no-rows`, `duplicate-columns`, `ragged-rows`, `broken-quotes`
 */
export async function readDelimited(
  file: string, bytes: Uint8Array<ArrayBuffer>, warn: (message: string) => void, watch: Watch = {},
): Promise<Grid> {
  const text = decode(file, bytes, warn);
  if (text.trim() === '') throw emptyFile(file);
  if (/^\s*<(?:!doctype|html)/i.test(text.slice(0, 200))) {
    throw new Problem({
      code: 'not-a-table', place: file, what: 'this is a web page, not a table',
      fix: 'Download the file itself from that page, then choose it here.',
    });
  }

  let header: string[] | null = null;
  const delimiter = guessDelimiter(text);
  let line = 1;
  const rows: string[][] = [];
  const lines: number[] = [];
  const ragged: { line: number; cells: number }[] = [];

  const take = (part: Piece): void => {
    const broken = part.errors.find((error) => error.type === 'Quotes');
    part.rows.forEach((row, i) => {
      if (broken && broken.row === i) throw brokenQuotes(file, line, row);
      const at = line;
      line += 1 + newlinesIn(row);
      if (row.every((cell) => cell.trim() === '')) return;
      if (!header) {
        header = headerOf(file, trimEnd(row));
        return;
      }
      // Spreadsheets pad lines with empty cells; only cells with content count as too many.
      const cells = row.length > header.length ? Math.max(trimEnd(row).length, header.length) : row.length;
      if (cells !== header.length) ragged.push({ line: at, cells });
      rows.push(row.slice(0, header.length));
      lines.push(at);
    });
    if (broken && (broken.row ?? 0) >= part.rows.length) throw brokenQuotes(file, line, []);
    watch.progress?.({ label: `reading ${file}`, done: Math.min(part.cursor, text.length), total: text.length });
  };
  watch.signal?.throwIfAborted();
  await parsePieces(text, delimiter, take, watch.signal);

  // Assigned inside `take`, which the compiler cannot see.
  const names = header as string[] | null;
  if (!names) throw emptyFile(file);
  if (ragged.length > 0) throw raggedRows(file, names, ragged, rows.length);
  requireRows(file, rows, names);
  return { file, sheet: '', header: names, rows, lines, decimalComma: delimiter !== ',' };
}

function trimEnd(row: readonly string[]): string[] {
  let end = row.length;
  while (end > 0 && row[end - 1]!.trim() === '') end--;
  return row.slice(0, end);
}

function brokenQuotes(file: string, line: number, row: readonly string[]): Problem {
  const start = row.join(' ').slice(0, 30).split(/\r?\n/)[0];
  return new Problem({
    code: 'broken-quotes', place: placeOf({ file, sheet: '' }, line),
    what: `a quotation mark is not closed, or text follows the closing one${start ? ` (near "${start}")` : ''}`,
    fix: 'Close the quotation mark; one inside quoted text is written twice ("").',
  });
}

function raggedRows(file: string, header: readonly string[], ragged: readonly { line: number; cells: number }[], rows: number): Problem {
  const first = ragged[0]!;
  const others = ragged.length - 1;
  const oneMore = ragged.length === rows && ragged.every(({ cells }) => cells === header.length + 1);
  return new Problem({
    code: 'ragged-rows', place: placeOf({ file, sheet: '' }, first.line),
    what: `${first.cells} cells, but the header has ${header.length}${others > 0 ? `; so have ${others} other lines` : ''}`,
    fix: oneMore
      ? 'Every line has one cell more than the header: add the missing column name, usually the first.'
      : 'Check the separators on that line: a cell that contains the separator needs quotation marks.',
  });
}
