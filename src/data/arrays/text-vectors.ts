/**
 * Vectors as text, one word a line: the word, then its numbers (GloVe); word2vec and fastText put a line with the number
 * of words and of numbers before them. Files of hundreds of megabytes are read as a stream, and only the words that are
 * looked for are kept.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { eachLine } from './byte-lines.ts';
import { KeptRows } from './kept-rows.ts';
import type { OpenVectors, VectorFile } from './vector-file.ts';

/** Lines looked at before the number of columns is settled: a word with a space has one column more. */
const looked = 20;
const space = 0x20;
const tab = 0x09;
const decoder = new TextDecoder();

/** Whether the first line of a text is one of vectors, and not the names of a table's columns. */
export function looksLikeVectors(line: string): boolean {
  const fields = line.trim().split(/[ \t]+/);
  if (fields.length === 2 && fields.every((field) => /^\d+$/.test(field))) return true;
  return fields.length > 2 && fields.slice(-2).every((field) => isNumber(field));
}

/** Whether lines are of vectors ("the 0.1 0.2 0.3"), after a line of counts or none; with commas they are of a table. */
export function areVectors(lines: readonly string[]): boolean {
  const rest = lines.slice(lines.length > 1 && /^\s*\d+\s+\d+\s*$/.test(lines[0]!) ? 1 : 0);
  return rest.length > 0 && rest.every((line) => !line.includes(',') && line.trim().split(/[ \t]+/).length > 3 && looksLikeVectors(line));
}

function isNumber(field: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(field) || /^[+-]?nan$/i.test(field);
}

/**
 * Reads the vectors of the words that are looked for.
 * @throws Problem `vector-line` with the line, `empty-file`, `vector-count` where the header promises other numbers
 */
export async function textVectors(file: string, content: Blob, options: OpenVectors, watch: Watch = {}): Promise<VectorFile> {
  const head = new Uint8Array(await content.slice(0, 2).arrayBuffer());
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const stream = packed ? content.stream().pipeThrough(new DecompressionStream('gzip')) : content.stream();
  const reader = new Reader(file, options);
  try {
    await eachLine(stream, `reading ${file}`, packed ? 0 : content.size, (line, number) => reader.take(line, number), watch);
  } catch (error) {
    // What DecompressionStream throws for a file that is cut off.
    if (packed && error instanceof TypeError) throw new Problem({ code: 'gzip-unreadable', place: file, what: 'the packed file is cut off or damaged', fix: 'Download it again.' });
    throw error;
  }
  return reader.end();
}

class Reader {
  readonly #file: string;
  readonly #options: OpenVectors;
  readonly #waiting: { readonly line: Uint8Array; readonly number: number }[] = [];
  #kept: KeptRows | null = null;
  /** "n d" of word2vec and fastText. */
  #promised: { readonly n: number; readonly d: number } | null = null;
  #d = 0;
  #lines = 0;

  constructor(file: string, options: OpenVectors) {
    this.#file = file;
    this.#options = options;
  }

  take(line: Uint8Array, number: number): void {
    if (line.every((byte) => byte === space || byte === tab)) return;
    if (number === 1) {
      const header = /^\ufeff?\s*(\d+)\s+(\d+)\s*$/.exec(decoder.decode(line));
      if (header) {
        this.#promised = { n: Number(header[1]), d: Number(header[2]) };
        this.#settle(this.#promised.d);
        return;
      }
    }
    if (this.#kept) this.#read(line, number);
    else if (this.#waiting.push({ line: line.slice(), number }) === looked) this.#settleByLines();
  }

  end(): VectorFile {
    if (!this.#kept) this.#settleByLines();
    if (!this.#kept || this.#lines === 0) throw new Problem({ code: 'empty-file', place: this.#file, what: 'there are no vectors in it', fix: 'Choose another file.' });
    if (this.#promised && this.#promised.n !== this.#lines) {
      const { n } = this.#promised;
      if (n > this.#lines) throw new Problem({ code: 'vector-count', place: this.#file, what: `its first line promises ${n} words, and ${this.#lines} follow`, fix: 'The file is cut off: download it again.' });
      this.#options.warn(`${this.#file}: its first line promises ${n} words, and ${this.#lines} follow.`);
    }
    return this.#kept.file('text', this.#lines, (place) => `line ${place}`);
  }

  #settle(d: number): void {
    this.#d = d;
    this.#kept = new KeptRows(d, this.#options.wanted);
  }

  /** As many numbers as the line with the fewest columns has. */
  #settleByLines(): void {
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    const columns = waiting.map(({ line }) => decoder.decode(line).trim().split(/[ \t]+/).length);
    this.#settle(Math.max(0, Math.min(...columns) - 1));
    if (this.#d === 0) throw this.#bad(waiting[columns.indexOf(1)]!.number, `${JSON.stringify(decoder.decode(waiting[columns.indexOf(1)]!.line).slice(0, 40))} is a word without numbers`);
    for (const { line, number } of waiting) this.#read(line, number);
  }

  /** The numbers are the last d fields, and the word is all before them: it may have spaces. */
  #read(line: Uint8Array, number: number): void {
    this.#lines++;
    let end = line.length;
    const isGap = (at: number): boolean => line[at] === space || line[at] === tab;
    while (end > 0 && isGap(end - 1)) end--;
    let fields = 0;
    let at = end;
    while (at > 0 && fields < this.#d) {
      while (at > 0 && !isGap(at - 1)) at--;
      fields++;
      if (fields === this.#d) break;
      while (at > 0 && isGap(at - 1)) at--;
    }
    const word = decoder.decode(line.subarray(0, at)).trim();
    if (fields < this.#d || word === '') throw this.#bad(number, `it has ${word === '' ? fields - 1 : fields} numbers, and ${this.#d} are expected`);
    this.#kept!.offer(word, number, () => {
      const numbers = decoder.decode(line.subarray(at, end)).split(/[ \t]+/);
      return Float32Array.from(numbers, (field) => {
        if (!isNumber(field)) throw this.#bad(number, `${JSON.stringify(field)} of ${JSON.stringify(word)} is not a number`);
        return Number(field);
      });
    });
  }

  #bad(number: number, what: string): Problem {
    return new Problem({ code: 'vector-line', place: `${this.#file} line ${number}`, what, fix: 'Every line is a word and its numbers, with single spaces; is the file cut off?' });
  }
}
