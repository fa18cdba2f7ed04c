/**
 * The frame of every figure: title, origins and controls; the drawing; what it shows in words; the numbers behind it
 * as a table, with csv and SVG.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Dropped, Origin } from '../data/values.ts';
import { badge } from '../ui/badge.ts';
import { button } from '../ui/controls.ts';
import { downloadCsv } from '../ui/download.ts';
import { LightElement, register } from '../ui/element.ts';
import { count, counted } from '../ui/format.ts';
import { icon } from '../ui/icons.ts';
import { dataTable, type TableColumn } from '../ui/data-table.ts';
import { PlotChart } from './chart.ts';
import { downloadSvg, fileName } from './export.ts';
import './figures.css';
import { originBadge } from './origin.ts';
import type { Draw } from './plot.ts';

export interface FigureTable<Row> {
  /** What the rows are, where they are not all the numbers of the figure. */
  readonly name?: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
}

export interface FigureParts<Row> {
  readonly title: string;
  /** What it shows, one or two sentences: caption and text alternative. */
  readonly summary: string;
  /** Method in small print: n, intervals, what was left out. */
  readonly notes?: readonly string[];
  readonly origins: readonly Origin[];
  readonly legend?: TemplateResult;
  readonly controls?: TemplateResult;
  readonly body: TemplateResult;
  readonly table: FigureTable<Row>;
}

export function figure<Row>(parts: FigureParts<Row>): TemplateResult {
  const { title, summary, notes = [], origins } = parts;
  return html`<figure class="figure" aria-label=${title} ?data-illustrative=${origins.includes('illustrative')}>
    <div class="figure-head">
      <div class="figure-title">${title}</div>
      <div class="figure-origins">${[...new Set(origins)].map(originBadge)}</div>
      ${parts.controls ? html`<div class="figure-controls">${parts.controls}</div>` : nothing}
    </div>
    ${parts.legend ?? nothing}
    <div class="figure-body">${parts.body}</div>
    <figcaption>
      <figure-quick .of=${parts}></figure-quick>
      <p>${summary}</p>
      ${notes.filter(Boolean).map((note) => html`<p class="figure-note">${note}</p>`)}
    </figcaption>
    ${figureData(title, summary, parts.table)}
  </figure>`;
}

/** A Plot drawing inside a figure; `of` is what it depends on. */
export function chart(label: string, draw: Draw, of: readonly unknown[]): TemplateResult {
  return html`<plot-chart .label=${label} .draw=${draw} .of=${of}></plot-chart>`;
}

/** Headings of the csv file: where two columns share a label, each says its note as well. */
export function csvHeads(columns: readonly Pick<TableColumn<never>, 'label' | 'note'>[]): string[] {
  return columns.map(({ label, note }) => (note && columns.filter((other) => other.label === label).length > 1 ? `${label} (${note})` : label));
}

function figureData<Row>(title: string, summary: string, table: FigureTable<Row>): TemplateResult {
  return html`<figure-data .name=${title} .summary=${summary} .table=${table}></figure-data>`;
}

/**
 * What Quick changed in the numbers of the figure that holds an element, '' when nothing. The page says it once, on the
 * element around a cell's view (`data-quick`), so that no kind's view can forget it.
 */
function quickOf(element: Element): string {
  return element.closest<HTMLElement>('[data-quick]')?.dataset['quick'] ?? '';
}

/** `<figure-quick>`: says in the caption of a cell's first figure that the numbers are Quick's; once is enough to read. */
export class FigureQuick extends LightElement {
  static override properties = { of: { attribute: false } };
  /** Whatever the figure is made of: new with each drawing. */
  declare of: unknown;

  protected override render(): unknown {
    const first = this.closest('[data-quick]')?.querySelector('figure-quick') === this;
    const text = first ? quickOf(this) : '';
    // Without words it takes no row of the caption.
    this.hidden = text === '';
    return text ? html`<p class="figure-quick">${badge('Quick', 'warn')} ${text.replace(/^Quick: /, '')}</p>` : nothing;
  }
}

/** `<figure-data>`: the numbers behind a figure. The table is made when it is opened. */
export class FigureData extends LightElement {
  static override properties = { name: {}, summary: {}, table: { attribute: false }, opened: { state: true } };
  declare name: string;
  declare summary: string;
  declare table: FigureTable<unknown>;
  declare opened: boolean;

  constructor() {
    super();
    this.name = '';
    this.summary = '';
    this.table = { columns: [], rows: [] };
    this.opened = false;
  }

  /** Quick's numbers say so in the name of their file. */
  get #file(): string {
    return quickOf(this) ? `${this.name}, quick` : this.name;
  }

  #csv(): void {
    const { columns, rows } = this.table;
    downloadCsv(fileName(this.#file), csvHeads(columns), rows.map((row) => columns.map((column) => column.value(row))));
  }

  get #charts(): SVGSVGElement[] {
    return [...(this.closest('.figure')?.querySelectorAll('plot-chart') ?? [])].flatMap((one) => (one instanceof PlotChart && one.svg ? [one.svg] : []));
  }

  #svg(): void {
    const charts = this.#charts;
    charts.forEach((drawing, at) => downloadSvg(drawing, charts.length > 1 ? `${this.#file} ${at + 1}` : this.#file, this.summary, quickOf(this)));
  }

  protected override render(): unknown {
    const { rows, columns } = this.table;
    return html`<details class="disclosure figure-data" @toggle=${(event: Event) => { this.opened = (event.target as HTMLDetailsElement).open; }}>
      <summary>${icon('chevron')}<span>${this.table.name ?? 'Data'} <span class="figure-count">${counted(rows.length, 'row')}</span></span></summary>
      ${this.opened
        ? html`<div class="disclosure-body">
            ${dataTable(`${this.name}: data`, columns, rows)}
            <div class="figure-files">
              ${button({ label: 'csv', icon: 'download', look: 'quiet', onClick: () => this.#csv() })}
              ${this.#charts.length ? button({ label: 'SVG', icon: 'download', look: 'quiet', onClick: () => this.#svg() }) : nothing}
            </div>
          </div>`
        : nothing}
    </details>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'figure-data': FigureData; 'figure-quick': FigureQuick }
}

register('figure-data', FigureData);
register('figure-quick', FigureQuick);

/** Words left out and why, or what else the lists name; nothing when none were. */
export function droppedNote(dropped: readonly Dropped[], one = 'word'): TemplateResult | typeof nothing {
  const lost = dropped.filter((group) => group.words.length > 0);
  if (lost.length === 0) return nothing;
  const total = lost.reduce((sum, group) => sum + group.words.length, 0);
  return html`<details class="disclosure dropped">
    <summary>${icon('chevron')}<span>${counted(total, one)} left out</span></summary>
    <div class="disclosure-body"><dl>
      ${lost.map((group) => html`<div><dt>${group.reason} <span class="figure-count">${count(group.words.length)}</span></dt>
        <dd>${group.words.slice(0, 60).join(', ')}${group.words.length > 60 ? ` … and ${count(group.words.length - 60)} more` : ''}</dd></div>`)}
    </dl></div>
  </details>`;
}
