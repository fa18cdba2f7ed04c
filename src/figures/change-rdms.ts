/**
 * `<rdm-trio>`: the RDM before, after, and of the reference, side by side with the words in one order. Pointing at a
 * pair in one of them, or moving with the arrow keys, reads that pair in all three. Emits `trio-change` with {mode}.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import type { ChangeRdms } from '../data/change.ts';
import type { Metric } from '../data/values.ts';
import { pairIndex } from '../gpu/condensed.ts';
import { segmented } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { decimal, percent } from '../ui/format.ts';
import { themeOf, watchTheme } from '../ui/theme.ts';
import './figures.css';
import { metricLabel } from './metric.ts';
import { rampGradient } from './ramp.ts';
import { blocksOf, gridOf, scaleOf, type Scale } from './rdm-grid.ts';
import { type HeatmapMode, paint } from './rdm-heatmap.ts';

const sides = ['before', 'after', 'reference'] as const;
type Side = (typeof sides)[number];

/** Narrowest figure that takes all three in a row, and the widest square, CSS pixels. */
const ROW = 540;
const LARGEST = 340;
const GAP = 16;
/** Width of the band that shows categories, with its distance. */
const BAND = 8;

export class RdmTrio extends LightElement {
  static override properties = {
    value: { attribute: false },
    names: { attribute: false },
    metric: {},
    mode: {},
    width: { state: true },
    theme: { state: true },
    cursor: { state: true },
  };
  declare value: ChangeRdms;
  /** What each side is called. */
  declare names: Readonly<Record<Side, string>>;
  declare metric: Metric;
  declare mode: HeatmapMode;
  declare width: number;
  declare theme: 'light' | 'dark';
  /** Drawn row and column being read. */
  declare cursor: readonly [number, number] | null;

  readonly #scales = new WeakMap<Float32Array, Scale>();
  #observer: ResizeObserver | null = null;
  #unwatch: (() => void) | null = null;
  #painted: readonly unknown[] = [];

  constructor() {
    super();
    this.names = { before: 'before', after: 'after', reference: 'reference' };
    this.metric = 'cosine';
    this.mode = 'rank';
    this.width = 0;
    this.theme = 'light';
    this.cursor = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const look = () => { this.theme = themeOf(this); };
    look();
    this.#unwatch = watchTheme(look);
    this.#observer = new ResizeObserver(() => { this.width = Math.floor(this.clientWidth); });
    this.#observer.observe(this);
    this.width = Math.floor(this.clientWidth);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#unwatch?.();
    this.#painted = [];
  }

  #scale(side: Side): Scale {
    const distances = this.value[side];
    let scale = this.#scales.get(distances);
    if (!scale) {
      scale = scaleOf(distances);
      this.#scales.set(distances, scale);
    }
    return scale;
  }

  get #layout(): { gutter: number; side: number } {
    const gutter = this.value.orderedBy === 'category' ? BAND : 0;
    const columns = this.width >= ROW ? 3 : 1;
    const room = Math.floor((this.width - GAP * (columns - 1)) / columns) - gutter;
    return { gutter, side: Math.max(100, Math.min(LARGEST, room)) };
  }

  #pointed(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const n = this.value.words.length;
    const { gutter, side } = this.#layout;
    const [column, row] = [event.clientX - box.left - gutter, event.clientY - box.top].map((at) => Math.floor((at / side) * n)) as [number, number];
    this.cursor = row >= 0 && row < n && column >= 0 && column < n ? [row, column] : null;
  }

  #key(event: KeyboardEvent): void {
    const moves: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (event.key === 'Escape') this.cursor = null;
    if (!move) return;
    event.preventDefault();
    const last = this.value.words.length - 1;
    const step = event.shiftKey ? 10 : 1;
    const clamp = (place: number) => Math.min(last, Math.max(0, place));
    this.cursor = this.cursor ? [clamp(this.cursor[0] + move[0] * step), clamp(this.cursor[1] + move[1] * step)] : [0, Math.min(1, last)];
  }

  #readout(): TemplateResult {
    const { words, order, categories } = this.value;
    if (!this.cursor) return html`<span class="rdm-hint">Point at a cell, or focus the squares and use the arrow keys: the pair is read in all three.</span>`;
    const [i, j] = this.cursor.map((place) => order[place] ?? 0) as [number, number];
    const of = (at: number) => html`<strong>${words[at]}</strong>${categories[at] ? html` <small>${categories[at]}</small>` : nothing}`;
    if (i === j) return html`<span>${of(i)} with itself</span>`;
    const said = (side: Side) => {
      const distance = this.value[side][pairIndex(words.length, i, j)] ?? Number.NaN;
      return `${this.names[side]} ${Number.isFinite(distance) ? `${distance.toFixed(3)} (${percent(this.#scale(side).rank(distance))} nearer)` : 'undefined'}`;
    };
    return html`<span>${of(i)} – ${of(j)}</span>${sides.map((side) => html`<span>${said(side)}</span>`)}`;
  }

  #panel(side: Side): TemplateResult {
    const { gutter, side: size } = this.#layout;
    const { min, median, max } = this.#scale(side);
    const digits = max >= 10 ? 1 : 3;
    return html`<div style=${styleMap({ width: `${gutter + size}px` })}>
      <div class="trio-name" title=${this.names[side]}>${this.names[side]}</div>
      <div class="rdm-square" data-side=${side} style=${styleMap({ width: `${gutter + size}px`, height: `${size}px` })}
        @pointermove=${this.#pointed} @pointerdown=${this.#pointed} @pointerleave=${() => { this.cursor = null; }}>
        <canvas class="rdm-canvas" aria-hidden="true"></canvas>
        <div class="rdm-cross rdm-cross-row" ?hidden=${!this.cursor}></div>
        <div class="rdm-cross rdm-cross-column" ?hidden=${!this.cursor}></div>
      </div>
      <div class="trio-range">${decimal(min, digits)} to ${decimal(max, digits)}, median ${decimal(median, digits)}</div>
    </div>`;
  }

  protected override render(): unknown {
    if (this.width === 0) return nothing;
    const { words } = this.value;
    return html`<div class="trio">
      <div class="trio-squares" tabindex="0" role="application" aria-roledescription="heatmaps"
        aria-label="Dissimilarity of ${words.length} words: ${sides.map((side) => this.names[side]).join(', ')}. The arrow keys read the pairs in all three, with Shift ten at a time."
        @keydown=${this.#key} @blur=${() => { this.cursor = null; }}>${sides.map((side) => this.#panel(side))}</div>
      <div class="rdm-readout" role="status" aria-live="polite">${this.#readout()}</div>
      <div class="trio-foot">
        <div class="trio-key"><span>near</span><div class="rdm-ramp" style=${styleMap({ background: rampGradient(this.theme) })}></div><span>far: ${metricLabel(this.metric)}${this.mode === 'rank' ? ', by rank' : ', each on its own range'}</span></div>
        ${segmented<HeatmapMode>({ label: 'Colour by', showLabel: true, value: this.mode, options: [{ value: 'rank', label: 'rank' }, { value: 'value', label: 'value' }], onChange: (mode) => this.dispatchEvent(new CustomEvent('trio-change', { detail: { mode }, bubbles: true })) })}
      </div>
    </div>`;
  }

  protected override updated(): void {
    if (this.width === 0) return;
    const { gutter, side } = this.#layout;
    const depends: readonly unknown[] = [this.value, this.mode, this.theme, side, devicePixelRatio];
    const repaint = depends.some((part, at) => part !== this.#painted[at]);
    if (repaint) this.#painted = depends;
    for (const one of sides) {
      const square = this.querySelector<HTMLElement>(`.rdm-square[data-side=${one}]`);
      if (!square) continue;
      // A frame of its own for each picture: the other figures of the cell are drawn in this one.
      if (repaint) requestAnimationFrame(() => { if (this.isConnected && this.#painted === depends) this.#paint(one, square, gutter, side); });
      this.#placeCross(square, gutter, side);
    }
  }

  #paint(which: Side, square: HTMLElement, gutter: number, side: number): void {
    const canvas = square.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round((gutter + side) * ratio);
    canvas.height = Math.round(side * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { words, order, categories } = this.value;
    const n = words.length;
    const { g, shares } = gridOf(this.value[which], n, order, side * ratio, this.#scale(which)[this.mode]);
    context.imageSmoothingEnabled = false;
    context.drawImage(paint(shares, g, this.theme), gutter, 0, side, side);
    if (gutter === 0) return;
    context.fillStyle = getComputedStyle(this).color;
    blocksOf(categories, order).forEach((block, at) => {
      context.globalAlpha = at % 2 ? 0.25 : 0.7;
      context.fillRect(0, (block.from / n) * side + 0.5, BAND - 3, Math.max(1, (block.length / n) * side - 1));
    });
    context.globalAlpha = 1;
  }

  #placeCross(square: HTMLElement, gutter: number, side: number): void {
    const [row, column] = [square.querySelector<HTMLElement>('.rdm-cross-row'), square.querySelector<HTMLElement>('.rdm-cross-column')];
    if (!this.cursor || !row || !column) return;
    const size = side / this.value.words.length;
    const thick = Math.max(3, size);
    const place = (at: number) => (at + 0.5) * size - thick / 2;
    Object.assign(row.style, { left: `${gutter}px`, top: '0', width: `${side}px`, height: `${thick}px`, transform: `translateY(${place(this.cursor[0])}px)` });
    Object.assign(column.style, { left: `${gutter}px`, top: '0', width: `${thick}px`, height: `${side}px`, transform: `translateX(${place(this.cursor[1])}px)` });
  }
}

declare global {
  interface HTMLElementTagNameMap { 'rdm-trio': RdmTrio }
}

register('rdm-trio', RdmTrio);
