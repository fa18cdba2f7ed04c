/**
 * `<transfer-matrix>`: models by measures as a table of coloured cells. The value stands in the cell, its difference from
 * the base below it and in the colour; what a model was trained on is outlined. The pointer or the arrow keys read a cell
 * as a sentence. Wide tables scroll inside their own area, the models' names staying in view.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { LightElement, register } from '../ui/element.ts';
import './transfer.css';

/** A column under its headings, the widest first: measure, language, set. Equal headings side by side become one. */
export interface MatrixColumn {
  readonly headings: readonly string[];
}

export interface MatrixCell {
  /** '' where nothing was measured. */
  readonly text: string;
  /** Below the value: the difference, or what stands in for it. */
  readonly small: string;
  /** Difference as a share of the scale, -1 to 1; null without one. */
  readonly share: number | null;
  /** Whether the difference holds after correction. */
  readonly clear: boolean;
  /** Whether the model was trained on what the column measures. */
  readonly trained: 'all' | 'some' | 'none';
  /** All there is to say about it. */
  readonly sentence: string;
}

export interface MatrixRow {
  readonly label: string;
  /** What it was trained on, briefly. */
  readonly note: string;
  /** One per column. */
  readonly cells: readonly MatrixCell[];
}

/** At full strength the tint is 52 %, so that ink on it keeps 4.5:1 in both themes. */
const STRONGEST = 52;

/** Neighbours with the same headings down to this level, as spans. */
function spans(columns: readonly MatrixColumn[], level: number): { readonly text: string; readonly span: number; readonly first: boolean }[] {
  const found: { text: string; span: number; first: boolean; path: string }[] = [];
  for (const { headings } of columns) {
    const path = headings.slice(0, level + 1).join('\n');
    const before = found.at(-1);
    if (before?.path === path) before.span += 1;
    else found.push({ text: headings[level] ?? '', span: 1, first: startsGroup(found.at(-1)?.path, path), path });
  }
  return found;
}

/** Whether a column opens a new group of the widest headings. */
function startsGroup(before: string | undefined, path: string): boolean {
  return before === undefined || before.split('\n')[0] !== path.split('\n')[0];
}

export class TransferMatrix extends LightElement {
  static override properties = { label: {}, columns: { attribute: false }, rows: { attribute: false }, at: { state: true }, shown: { state: true } };
  declare label: string;
  declare columns: readonly MatrixColumn[];
  declare rows: readonly MatrixRow[];
  /** The cell that the keyboard is on: row and column. */
  declare at: readonly [number, number];
  /** The cell that is read out; null for none. */
  declare shown: readonly [number, number] | null;

  constructor() {
    super();
    this.label = '';
    this.columns = [];
    this.rows = [];
    this.at = [0, 0];
    this.shown = null;
  }

  #key(event: KeyboardEvent): void {
    const [row, column] = this.at;
    const [bottom, right] = [this.rows.length - 1, this.columns.length - 1];
    const next = ({
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: event.ctrlKey ? [0, 0] : [row, 0], End: event.ctrlKey ? [bottom, right] : [row, right],
    } as Record<string, [number, number]>)[event.key];
    if (!next) return;
    event.preventDefault();
    this.#read([Math.min(bottom, Math.max(0, next[0])), Math.min(right, Math.max(0, next[1]))]);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('td[tabindex="0"]')?.focus());
  }

  #read(place: readonly [number, number]): void {
    this.at = place;
    this.shown = place;
  }

  #headings(): TemplateResult[] {
    const levels = Math.max(0, ...this.columns.map(({ headings }) => headings.length));
    return Array.from({ length: levels }, (_, level) => html`<tr>
      ${level === 0 ? html`<th scope="col" rowspan=${levels} class="matrix-corner"><span class="visually-hidden">model</span></th>` : nothing}
      ${spans(this.columns, level).map(({ text, span, first }) => html`<th scope=${span > 1 ? 'colgroup' : 'col'} colspan=${span} data-level=${level} ?data-first=${first}>${text}</th>`)}
    </tr>`);
  }

  #cell(cell: MatrixCell, row: number, column: number, first: boolean): TemplateResult {
    const { share } = cell;
    const here = this.at[0] === row && this.at[1] === column;
    return html`<td tabindex=${here ? '0' : '-1'} ?data-first=${first} data-trained=${cell.trained} ?data-clear=${cell.clear} ?data-empty=${cell.text === ''}
      data-side=${share === null || share === 0 ? 'none' : share > 0 ? 'above' : 'below'} style=${styleMap({ '--share': `${Math.round(Math.min(1, Math.abs(share ?? 0)) * STRONGEST)}%` })}
      @focus=${() => this.#read([row, column])} @pointerenter=${() => { this.shown = [row, column]; }}>
      <span class="visually-hidden">${cell.sentence}</span><span class="matrix-value" aria-hidden="true">${cell.text}</span><small aria-hidden="true">${cell.small}</small>
    </td>`;
  }

  protected override render(): unknown {
    const place = this.shown;
    const read = place && this.rows[place[0]]?.cells[place[1]];
    const firsts = this.columns.map(({ headings }, at) => startsGroup(this.columns[at - 1]?.headings.join('\n'), headings.join('\n')));
    return html`<div class="matrix-scroll" role="region" aria-label="${this.label}, scrolls sideways">
        <table class="matrix" role="grid" aria-label="${this.label}. The arrow keys read its cells." @keydown=${this.#key} @pointerleave=${() => { this.shown = null; }}>
          <thead>${this.#headings()}</thead>
          <tbody>${this.rows.map((row, at) => html`<tr>
            <th scope="row" title=${row.note || nothing}><span>${row.label}</span></th>
            ${row.cells.map((cell, column) => this.#cell(cell, at, column, firsts[column]!))}
          </tr>`)}</tbody>
        </table>
      </div>
      <p class="matrix-readout" aria-hidden="true">${read ? read.sentence : 'Point at a cell, or move through the table with the arrow keys, to read it in full.'}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'transfer-matrix': TransferMatrix }
}

register('transfer-matrix', TransferMatrix);

/** The element with its rows and columns. */
export function transferMatrix(label: string, columns: readonly MatrixColumn[], rows: readonly MatrixRow[]): TemplateResult {
  return html`<transfer-matrix .label=${label} .columns=${columns} .rows=${rows}></transfer-matrix>`;
}

/** What colours, outlines and marks mean. */
export function matrixLegend(scales: string, clear: string): TemplateResult {
  const sample = (attributes: { readonly side?: string; readonly trained?: string }, text: string): TemplateResult =>
    html`<li><span class="matrix-sample" data-side=${attributes.side ?? 'none'} data-trained=${attributes.trained ?? 'none'} aria-hidden="true"></span><span>${text}</span></li>`;
  return html`<ul class="legend matrix-legend" aria-label="key">
    <li><span class="matrix-ramp" aria-hidden="true"></span><span>below … above the base (${scales})</span></li>
    ${sample({ trained: 'all' }, 'trained on this, with other words')}
    ${sample({ trained: 'some' }, 'trained on some of these dimensions')}
    ${sample({}, 'transfer')}
    <li><b class="matrix-mark" aria-hidden="true">●</b><span>${clear}</span></li>
  </ul>`;
}
