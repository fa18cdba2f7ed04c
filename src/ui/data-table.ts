/**
 * `<data-table>`: a table for reading. Numbers align right in tabular figures, headers stick and sort, long tables show
 * their first rows until asked for all. Short ones grow to fit; where something is out of sight the edge fades.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { LightElement, register } from './element.ts';
import { icon } from './icons.ts';

/** How one column of a table reads its rows. */
export interface TableColumn<Row> {
  readonly label: string;
  /** Shown under the label: unit or explanation. */
  readonly note?: string;
  /** The value for sorting and for csv: full precision. */
  readonly value: (row: Row) => string | number;
  /** How the value is written; the value itself when absent. */
  readonly text?: (row: Row) => string;
  /** A richer cell (heat, badge); `text` still serves screen readers through its content. */
  readonly cell?: (row: Row) => TemplateResult;
  readonly numeric?: boolean;
}

/** Rows shown before the reader asks for all. */
const FIRST = 50;

/** Up to so many rows a table grows to show them. */
const SHORT = 15;

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') {
    // Missing values come last whatever the direction; the caller flips only what is comparable.
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : a - b;
  }
  return String(a).localeCompare(String(b));
}

export class DataTable<Row = unknown> extends LightElement {
  static override properties = {
    columns: { attribute: false },
    rows: { attribute: false },
    label: {},
    sorted: { state: true },
    all: { state: true },
  };
  declare columns: readonly TableColumn<Row>[];
  declare rows: readonly Row[];
  /** Names the table. */
  declare label: string;
  declare sorted: { readonly column: number; readonly direction: 1 | -1 } | null;
  declare all: boolean;
  readonly #sizes = new ResizeObserver(() => this.#mark());

  constructor() {
    super();
    this.columns = [];
    this.rows = [];
    this.label = '';
    this.sorted = null;
    this.all = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
  }

  protected override updated(): void {
    const scroll = this.querySelector('.table-scroll');
    if (!scroll) return;
    // Both, as either may change alone; observing again what is observed does nothing.
    this.#sizes.observe(scroll);
    if (scroll.firstElementChild) this.#sizes.observe(scroll.firstElementChild);
    this.#mark();
  }

  /** Many systems hide scroll bars: the frame says on which side there is more. */
  #mark = (): void => {
    const scroll = this.querySelector('.table-scroll');
    const frame = scroll?.parentElement;
    if (!scroll || !frame) return;
    frame.toggleAttribute('data-below', scroll.scrollHeight - scroll.clientHeight - scroll.scrollTop > 4);
    frame.toggleAttribute('data-right', scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft > 4);
  };

  /** First click: numbers from the largest, text from A; second the other way; third the source's order. */
  #sort(at: number): void {
    const first = this.columns[at]?.numeric ? -1 : 1;
    if (this.sorted?.column !== at) this.sorted = { column: at, direction: first };
    else if (this.sorted.direction === first) this.sorted = { column: at, direction: first === 1 ? -1 : 1 };
    else this.sorted = null;
  }

  #ordered(): readonly Row[] {
    const column = this.sorted && this.columns[this.sorted.column];
    if (!this.sorted || !column) return this.rows;
    const { direction } = this.sorted;
    return [...this.rows].sort((a, b) => {
      const [left, right] = [column.value(a), column.value(b)];
      const order = compare(left, right);
      if (!Number.isNaN(order)) return order * direction;
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    });
  }

  #header(column: TableColumn<Row>, at: number): TemplateResult {
    const direction = this.sorted?.column === at ? this.sorted.direction : 0;
    return html`<th scope="col" class=${column.numeric ? 'numeric' : ''} aria-sort=${direction === 1 ? 'ascending' : direction === -1 ? 'descending' : nothing}>
      <button type="button" class="sort" data-direction=${direction} @click=${() => this.#sort(at)}>
        <span>${column.label}${column.note ? html` <small>${column.note}</small>` : nothing}</span>${icon('down')}
      </button>
    </th>`;
  }

  #cell(column: TableColumn<Row>, row: Row, at: number): TemplateResult {
    const content = column.cell ? column.cell(row) : column.text ? column.text(row) : String(column.value(row));
    const classes = column.numeric ? 'numeric' : '';
    return at === 0 ? html`<th scope="row" class=${classes}>${content}</th>` : html`<td class=${classes}>${content}</td>`;
  }

  protected override render(): unknown {
    const rows = this.#ordered();
    const shown = this.all ? rows : rows.slice(0, FIRST);
    return html`<div class="table-frame"><div class="table-scroll" tabindex="0" role="region" aria-label=${this.label} ?data-short=${rows.length <= SHORT} @scroll=${this.#mark}>
        <table class="table">
          <thead><tr>${this.columns.map((column, at) => this.#header(column, at))}</tr></thead>
          <tbody>${shown.map((row) => html`<tr>${this.columns.map((column, at) => this.#cell(column, row, at))}</tr>`)}</tbody>
        </table>
        ${rows.length === 0 ? html`<p class="table-empty">No rows.</p>` : nothing}
      </div></div>
      ${rows.length > FIRST && !this.all
        ? html`<button type="button" class="button button-quiet table-more" @click=${() => { this.all = true; }}>Show all ${rows.length} rows</button>`
        : nothing}`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'data-table': DataTable }
}

register('data-table', DataTable);

/** A `<data-table>` whose rows and columns agree in type. */
export function dataTable<Row>(label: string, columns: readonly TableColumn<Row>[], rows: readonly Row[]): TemplateResult {
  return html`<data-table .label=${label} .columns=${columns} .rows=${rows}></data-table>`;
}
