/** Vectors in the columns of a table: one column for each dimension, for one layer or, by a pattern, for several. */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../names.ts';
import { lineOf, numbersOf, textsOf } from '../table.ts';
import type { TableValue } from '../values.ts';
import { namedLayers } from './named-layers.ts';
import type { OpenVectors, VectorFile } from './vector-file.ts';

/** A layer and the names of its columns. */
interface LayerColumns {
  readonly name: string;
  readonly index: number;
  readonly columns: readonly string[];
}

/**
 * Which columns make which layer: "l{n}_*" has the layer's number and, at the star, the dimension; "dim_*" is one layer;
 * '' takes every column of numbers.
 *
 * @throws Problem `no-such-array`
 */
export function layerColumns(names: readonly string[], pattern: string, place: string): readonly LayerColumns[] {
  const wanted = pattern.trim();
  if (names.length === 0) throw new Problem({ code: 'no-such-array', place, what: 'it has no columns of numbers', fix: 'Give a column of words and one column for each dimension.' });
  if (wanted === '') return [{ name: 'vectors', index: 0, columns: names }];
  const star = wanted.indexOf('*');
  const [before, after] = star < 0 ? [wanted, ''] : [wanted.slice(0, star), wanted.slice(star + 1)];
  if (!before.includes('{n}') && !after.includes('{n}')) {
    const columns = names.filter((name) => (star < 0 ? name === wanted : name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)));
    if (columns.length > 0) return [{ name: 'vectors', index: 0, columns }];
    throw new Problem({ code: 'no-such-array', place, what: `no column of numbers fits ${wanted}`, fix: `Columns: ${shortList(names, 12)}.` });
  }
  // Columns that differ only in what the star covers are one layer: their names without it say which.
  const groups = new Map<string, string[]>();
  const shape = new RegExp(`^(${toExpression(before)})${star < 0 ? '' : '.+'}(${toExpression(after)})$`);
  for (const name of names) {
    const match = shape.exec(name);
    if (match) groups.set(match[1]! + match[2]!, [...(groups.get(match[1]! + match[2]!) ?? []), name]);
  }
  const columns = [...groups.keys()];
  if (columns.length === 0) throw new Problem({ code: 'no-such-array', place, what: `no column of numbers fits ${wanted}`, fix: `Columns: ${shortList(names, 12)}.` });
  return namedLayers(columns, before + after, place).map(({ key, name, index }) => ({ name, index, columns: groups.get(key)! }));
}

/** A part of a pattern: {n} is a number, everything else itself. */
function toExpression(part: string): string {
  return part.split('{n}').map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join(String.raw`\d+`);
}

/**
 * Vectors of an imported table.
 * @throws Problem as {@link layerColumns}
 */
export function tableVectors(table: TableValue, options: OpenVectors): VectorFile {
  const place = table.file;
  const numbers = table.columns.filter(({ name, type }) => type === 'number' && name !== table.wordColumn).map(({ name }) => name);
  const unnamed = options.keys.trim() === '' && table.columns[0]?.name === 'column 1' ? numbers.filter((name) => name !== 'column 1') : numbers;
  const layers = layerColumns(unnamed, options.keys, place);
  return {
    rows: table.rows, words: textsOf(table, table.wordColumn, place), format: table.sheet ? `workbook, sheet ${table.sheet}` : 'table',
    layers: layers.map(({ name, index, columns }) => ({ name, index, d: columns.length })),
    placeOf: (row) => `${table.sheet ? 'row' : 'line'} ${lineOf(table, row)}`,
    read: (rows, chosen) => Promise.resolve(chosen.map((layer) => {
      const { columns } = layers[layer]!;
      const data = new Float32Array(rows.length * columns.length);
      columns.forEach((name, k) => {
        const values = numbersOf(table, name, place);
        rows.forEach((row, at) => { data[at * columns.length + k] = values[row]!; });
      });
      return data;
    })),
  };
}
