/** Published numbers that a notebook sets beside ours: "candidate place value", as written in a cell's parameters. */
import { html, type TemplateResult } from 'lit';
import type { TableColumn } from '../ui/data-table.ts';
import { correlation, difference } from '../ui/format.ts';

export interface Published {
  /** The published value for a subject ("base", "base~en_ft") at a place (a set, a dimension); undefined if none was given. */
  readonly of: (subject: string, place: string) => number | undefined;
  /** How many there are. */
  readonly size: number;
  /** Entries that are not "candidate place value". */
  readonly unread: readonly string[];
}

/** Case and spaces around ~ do not matter. */
const key = (subject: string, place: string) => `${subject.toLowerCase().replace(/\s*~\s*/, '~').trim()}\n${place.toLowerCase()}`;

/**
 * Reads a `published` parameter. The value is the last word and the place the one before, so candidates may have spaces
 * in their names. `placeName` turns other names of a place into ours (foot into Foot_leg).
 */
export function publishedOf(param: unknown, placeName: (place: string) => string = (place) => place): Published {
  const entries = Array.isArray(param) ? param.map(String) : [];
  const values = new Map<string, number>();
  const unread: string[] = [];
  for (const entry of entries) {
    const parts = /^(.+)\s+(\S+)\s+(\S+)$/.exec(entry.trim());
    const value = Number(parts?.[3]?.replace('−', '-'));
    if (parts && Number.isFinite(value)) values.set(key(parts[1]!, placeName(parts[2]!)), value);
    else unread.push(entry);
  }
  return { of: (subject, place) => values.get(key(subject, place)), size: values.size, unread };
}

/** Columns "published" and "ours − published"; none where nothing was published. */
export function publishedColumns<Row>(published: Published, valueOf: (row: Row) => number, find: (row: Row) => number | undefined, digits = 3): readonly TableColumn<Row>[] {
  if (published.size === 0) return [];
  const gap = (row: Row) => valueOf(row) - (find(row) ?? Number.NaN);
  return [
    { label: 'published', value: (row) => find(row) ?? Number.NaN, text: (row) => correlation(find(row), digits), numeric: true },
    { label: 'ours − published', value: gap, text: (row) => difference(gap(row), digits), numeric: true },
  ];
}

/** "Largest distance from the published values: .0004 (Base)." */
export function publishedSummary(pairs: readonly { readonly name: string; readonly ours: number; readonly published: number | undefined }[]): string {
  const compared = pairs.flatMap((pair) => (pair.published === undefined || !Number.isFinite(pair.ours) ? [] : [{ name: pair.name, gap: Math.abs(pair.ours - pair.published) }]));
  if (compared.length === 0) return '';
  const widest = compared.reduce((a, b) => (b.gap > a.gap ? b : a));
  return `Of ${compared.length} published ${compared.length === 1 ? 'value' : 'values'} the one farthest from ours differs by ${correlation(widest.gap, widest.gap < 0.001 ? 4 : 3)} (${widest.name}).`;
}

/** What the upright stroke in a figure means. */
export function publishedKey(): TemplateResult {
  return html`<li><span class="figure-published" aria-hidden="true"></span><span>published value</span></li>`;
}
