/**
 * Vectors in a parquet file: a column of words, and either columns of lists (one for each layer) or one column of numbers
 * for each dimension. Columns that are not needed are not read; one group of rows is unpacked at a time.
 */
import type { FileMetaData, SchemaTree } from 'hyparquet';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { pause } from '../../gpu/pause.ts';
import { columnNamed } from '../columns.ts';
import { shortList, suggestion } from '../names.ts';
import { layerColumns } from './columns.ts';
import { namedLayers } from './named-layers.ts';
import type { OpenVectors, VectorFile } from './vector-file.ts';

interface ParquetLayer {
  readonly name: string;
  readonly index: number;
  readonly d: number;
  readonly columns: readonly string[];
  /** Whether its one column holds lists. */
  readonly lists: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads rows of some columns, one group of rows at a time. */
class Table {
  readonly metadata: FileMetaData;
  readonly #file: string;
  readonly #content: Blob;
  readonly #library: typeof import('hyparquet');
  readonly #compressors: typeof import('hyparquet-compressors')['compressors'];

  private constructor(file: string, content: Blob, library: typeof import('hyparquet'), compressors: typeof import('hyparquet-compressors')['compressors'], metadata: FileMetaData) {
    this.#file = file;
    this.#content = content;
    this.#library = library;
    this.#compressors = compressors;
    this.metadata = metadata;
  }

  static async open(file: string, content: Blob): Promise<Table> {
    const [library, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')]);
    const metadata = await library.parquetMetadataAsync(bufferOf(content)).catch((error: unknown) => { throw unreadable(file, error); });
    return new Table(file, content, library, compressors, metadata);
  }

  get columns(): readonly SchemaTree[] {
    return this.#library.parquetSchema(this.metadata).children;
  }

  async each(columns: readonly string[], take: (rows: readonly Row[], start: number) => void, watch: Watch, most = Infinity): Promise<void> {
    let start = 0;
    const total = Number(this.metadata.num_rows);
    for (const group of this.metadata.row_groups) {
      if (start >= most) return;
      watch.signal?.throwIfAborted();
      watch.progress?.({ label: `reading ${this.#file}`, done: start, total });
      const end = start + Number(group.num_rows);
      const rows = await this.#library
        .parquetReadObjects({ file: bufferOf(this.#content), metadata: this.metadata, compressors: this.#compressors, columns: [...columns], rowStart: start, rowEnd: end })
        .catch((error: unknown) => { throw unreadable(this.#file, error); });
      take(rows as readonly Row[], start);
      start = end;
      await pause();
    }
  }
}

function bufferOf(content: Blob): { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> } {
  return { byteLength: content.size, slice: (start, end) => content.slice(start, end).arrayBuffer() };
}

function unreadable(file: string, error: unknown): Problem {
  return new Problem({ code: 'parquet-unreadable', place: file, what: `the parquet file cannot be read (${error instanceof Error ? error.message : String(error)})`, fix: 'Is it cut off? Write it again, for example with DataFrame.to_parquet.' });
}

type Held = 'number' | 'list' | 'text' | 'other';

/** What a column holds, by its leaf. */
function heldBy(column: SchemaTree): Held {
  const nested = column.children.length > 0;
  if (nested && column.element.converted_type !== 'LIST' && column.element.logical_type?.type !== 'LIST') return 'other';
  let leaf = column;
  while (leaf.children.length > 0) {
    if (leaf.children.length > 1) return 'other';
    leaf = leaf.children[0]!;
  }
  const { type, converted_type: converted, logical_type: logical } = leaf.element;
  if (!nested && type === 'BYTE_ARRAY' && (converted === 'UTF8' || logical?.type === 'STRING')) return 'text';
  const number = type === 'FLOAT' || type === 'DOUBLE' || logical?.type === 'FLOAT16' ||
    ((type === 'INT32' || type === 'INT64') && (converted === undefined || /INT/.test(converted)) && (logical === undefined || logical.type === 'INTEGER'));
  if (!number) return 'other';
  return nested ? 'list' : 'number';
}

/**
 * Opens a parquet file of vectors.
 * @throws Problem `parquet-unreadable`, `unknown-column`, `no-words`, `no-such-array`, `which-array`, `vector-length`
 */
export async function parquetVectors(file: string, content: Blob, options: OpenVectors, watch: Watch = {}): Promise<VectorFile> {
  const table = await Table.open(file, content);
  const named = (held: Held): string[] => table.columns.filter((column) => heldBy(column) === held).map(({ element }) => element.name);
  const texts = named('text');
  const asked = options.wordColumn.trim();
  const wordColumn = asked === '' ? texts[0] : columnNamed(asked, texts);
  if (asked !== '' && wordColumn === undefined) throw new Problem({ code: 'unknown-column', place: file, what: `there is no column of text called ${asked}`, fix: suggestion(asked, texts) });
  const words: string[] = [];
  if (wordColumn !== undefined) await table.each([wordColumn], (rows) => { for (const row of rows) words.push(textOf(row[wordColumn])); }, watch);
  const layers = await layersOf(table, named('list'), named('number').filter((name) => !name.startsWith('__index_level_')), file, options, watch);
  return {
    rows: Number(table.metadata.num_rows), words: wordColumn === undefined ? null : words, format: 'parquet',
    layers: layers.map(({ name, index, d }) => ({ name, index, d })),
    placeOf: (row) => `row ${row + 1}`,
    read: async (rows, chosen, readWatch) => {
      const read: Float32Array[] = [];
      for (const layer of chosen) read.push(await readLayer(table, layers[layer]!, rows, file, readWatch ?? {}));
      return read;
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

async function layersOf(table: Table, lists: readonly string[], numbers: readonly string[], file: string, options: OpenVectors, watch: Watch): Promise<readonly ParquetLayer[]> {
  const pattern = options.keys.trim();
  // A star stands for dimensions, which only columns of numbers have each for itself.
  if (lists.length > 0 && !pattern.includes('*')) {
    const layers: ParquetLayer[] = [];
    for (const { key, name, index } of namedLayers(lists, pattern, file)) layers.push({ name, index, d: await lengthOf(table, key, watch), columns: [key], lists: true });
    return layers;
  }
  if (lists.length === 0 && numbers.length === 0) {
    throw new Problem({ code: 'no-such-array', place: file, what: `none of its columns holds numbers or lists of numbers: ${shortList(table.columns.map(({ element }) => element.name), 12)}`, fix: 'Write one column for each dimension, or a column of lists.' });
  }
  return layerColumns(numbers, pattern, file).map((layer) => ({ ...layer, d: layer.columns.length, lists: false }));
}

/** Length of a column's lists: by the number of values where no list is missing, else by looking. */
async function lengthOf(table: Table, column: string, watch: Watch): Promise<number> {
  const group = table.metadata.row_groups[0];
  if (!group) return 0;
  const values = group.columns.find(({ meta_data: data }) => data?.path_in_schema[0] === column)?.meta_data?.num_values;
  const d = Number(values ?? 0) / Number(group.num_rows);
  if (Number.isInteger(d) && d > 1) return d;
  let longest = 0;
  await table.each([column], (rows) => { for (const row of rows) longest = Math.max(longest, (row[column] as ArrayLike<unknown> | null | undefined)?.length ?? 0); }, watch);
  return longest;
}

async function readLayer(table: Table, layer: ParquetLayer, rows: Int32Array, file: string, watch: Watch): Promise<Float32Array> {
  const { d, columns, lists } = layer;
  const data = new Float32Array(rows.length * d).fill(Number.NaN);
  const wanted = new Map<number, number[]>();
  rows.forEach((row, at) => wanted.set(row, [...(wanted.get(row) ?? []), at]));
  await table.each(columns, (found, start) => {
    found.forEach((row, k) => {
      for (const at of wanted.get(start + k) ?? []) {
        if (!lists) columns.forEach((column, i) => { data[at * d + i] = numberOf(row[column]); });
        else fill(data, at * d, row[columns[0]!] as ArrayLike<unknown> | null | undefined, d, `${file} row ${start + k + 1}`);
      }
    });
  }, watch);
  return data;
}

/** A row without a list stays NaN. */
function fill(data: Float32Array, from: number, list: ArrayLike<unknown> | null | undefined, d: number, place: string): void {
  if (list === null || list === undefined) return;
  if (list.length !== d) throw new Problem({ code: 'vector-length', place, what: `its list has ${list.length} numbers, and others have ${d}`, fix: 'Every word needs as many.' });
  for (let k = 0; k < d; k++) data[from + k] = numberOf(list[k]);
}

function numberOf(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}
