/** Words with their ratings as heat cells: how stimuli and rating representations are shown. */
import type { TemplateResult } from 'lit';
import { dimensionLabel } from '../data/dimensions.ts';
import { dataTable, type TableColumn } from '../ui/data-table.ts';
import { heatCell } from './heat-cell.ts';

export interface RatingTable {
  readonly label: string;
  readonly words: readonly string[];
  readonly categories: readonly string[];
  readonly split: readonly string[];
  readonly translations: Readonly<Record<string, readonly string[]>>;
  readonly dimensions: readonly string[];
  /** n x k; empty when there are no ratings. */
  readonly values: ArrayLike<number>;
  readonly scale: readonly [number, number];
  /** How a number is written; with one decimal unless said otherwise. */
  readonly text?: (value: number) => string;
}

export function ratingTable(table: RatingTable): TemplateResult {
  const k = table.dimensions.length;
  const rows = table.words.map((_, at) => at);
  const text = (label: string, values: readonly string[]): TableColumn<number>[] => (values.some(Boolean) ? [{ label, value: (at) => values[at] ?? '' }] : []);
  return dataTable<number>(table.label, [
    { label: 'word', value: (at) => table.words[at] ?? '' },
    ...Object.entries(table.translations).flatMap(([language, words]) => text(language, words)),
    ...text('category', table.categories),
    ...text('split', table.split),
    ...table.dimensions.map((dimension, column): TableColumn<number> => {
      const rating = (at: number) => table.values[at * k + column] ?? Number.NaN;
      return { label: dimensionLabel(dimension), value: rating, cell: (at) => heatCell(rating(at), table.scale, table.text), numeric: true };
    }),
  ], rows);
}
