/** An imported table: its columns, what is missing in them, a few of their values. */
import { html } from 'lit';
import type { Column } from '../../data/values.ts';
import { facts } from '../../figures/facts.ts';
import { extent } from '../../figures/words-and-n.ts';
import { badge } from '../../ui/badge.ts';
import { dataTable } from '../../ui/data-table.ts';
import { count, general } from '../../ui/format.ts';
import type { View } from '../kind.ts';

const SAMPLES = 4;

function missing(column: Column): number {
  return column.type === 'number' ? column.values.reduce((sum, value) => sum + Number(Number.isNaN(value)), 0) : column.values.filter((value) => value === '').length;
}

/** The first few values that are there. */
function samples(column: Column): string {
  const found: string[] = [];
  for (const value of column.values) {
    if (found.length === SAMPLES) break;
    if (typeof value === 'number' ? !Number.isNaN(value) : value !== '') found.push(typeof value === 'number' ? general(value) : value);
  }
  return found.join(', ').slice(0, 60);
}

const range = (column: Column): [number, number] => (column.type === 'number' ? extent(column.values) : [Number.NaN, Number.NaN]);

export const view: View<'table'> = (value) => html`<div class="view card">
  <div class="card-head"><span class="card-name">${value.file}</span>${value.sheet ? badge(`sheet ${value.sheet}`) : ''}</div>
  ${facts([
    ['rows', count(value.rows)],
    ['columns', count(value.columns.length)],
    ['word column', value.wordColumn],
  ])}
  ${dataTable<Column>(`Columns of ${value.file}`, [
    { label: 'column', value: (column) => column.name, cell: (column) => html`${column.name}${column.name === value.wordColumn ? html` ${badge('words', 'accent')}` : ''}` },
    { label: 'type', value: (column) => column.type },
    { label: 'missing', value: missing, text: (column) => count(missing(column)), numeric: true },
    { label: 'lowest', value: (column) => range(column)[0], text: (column) => (column.type === 'number' ? general(range(column)[0]) : ''), numeric: true },
    { label: 'highest', value: (column) => range(column)[1], text: (column) => (column.type === 'number' ? general(range(column)[1]) : ''), numeric: true },
    { label: 'first values', value: samples, cell: (column) => html`<span class="sample">${samples(column)}</span>` },
  ], value.columns)}
</div>`;
