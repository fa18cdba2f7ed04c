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
import { register } from '../ui/element.ts';
import { decimal, percent } from '../ui/format.ts';
import './figures.css';
import { metricLabel } from './metric.ts';
import { PairReader, type SquareLayout } from './pair-reader.ts';
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

export class RdmTrio extends PairReader {
  static override properties = {
    value: { attribute: false },
    names: { attribute: false },
    metric: {},
    mode: {},
  };
  declare value: ChangeRdms;
  /** What each side is called. */
  declare names: Readonly<Record<Side, string>>;
  declare metric: Metric;
  declare mode: HeatmapMode;

  readonly #scales = new WeakMap<Float32Array, Scale>();

  constructor() {
    super();
    this.names = { before: 'before', after: 'after', reference: 'reference' };
    this.metric = 'cosine';
    this.mode = 'rank';
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

  protected get count(): number {
    return this.value.words.length;
  }

  protected get layout(): SquareLayout {
    const gutter = this.value.orderedBy === 'category' ? BAND : 0;
    const columns = this.width >= ROW ? 3 : 1;
    const room = Math.floor((this.width - GAP * (columns - 1)) / columns) - gutter;
    return { gutter, side: Math.max(100, Math.min(LARGEST, room)) };
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
    const { gutter, side: size } = this.layout;
    const { min, median, max } = this.#scale(side);
    const digits = max >= 10 ? 1 : 3;
    return html`<div style=${styleMap({ width: `${gutter + size}px` })}>
      <div class="trio-name" title=${this.names[side]}>${this.names[side]}</div>
      <div class="rdm-square" data-side=${side} style=${styleMap({ width: `${gutter + size}px`, height: `${size}px` })}
        @pointermove=${this.pointed} @pointerdown=${this.pointed} @pointerleave=${this.released}>
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
        @keydown=${this.key} @blur=${this.released}>${sides.map((side) => this.#panel(side))}</div>
      <div class="rdm-readout" role="status" aria-live="polite">${this.#readout()}</div>
      <div class="trio-foot">
        <div class="trio-key"><span>near</span><div class="rdm-ramp" style=${styleMap({ background: rampGradient(this.theme) })}></div><span>far: ${metricLabel(this.metric)}${this.mode === 'rank' ? ', by rank' : ', each on its own range'}</span></div>
        ${segmented<HeatmapMode>({ label: 'Colour by', showLabel: true, value: this.mode, options: [{ value: 'rank', label: 'rank' }, { value: 'value', label: 'value' }], onChange: (mode) => this.dispatchEvent(new CustomEvent('trio-change', { detail: { mode }, bubbles: true })) })}
      </div>
    </div>`;
  }

  protected override updated(): void {
    if (this.width === 0) return;
    const { gutter, side } = this.layout;
    const depends: readonly unknown[] = [this.value, this.mode, this.theme, side, devicePixelRatio];
    const repaint = depends.some((part, at) => part !== this.painted[at]);
    if (repaint) this.painted = depends;
    for (const one of sides) {
      const square = this.querySelector<HTMLElement>(`.rdm-square[data-side=${one}]`);
      if (!square) continue;
      // A frame of its own for each picture: the other figures of the cell are drawn in this one.
      if (repaint) requestAnimationFrame(() => { if (this.isConnected && this.painted === depends) this.#paint(one, square, gutter, side); });
      this.placeCross(square);
    }
  }

  #paint(which: Side, square: HTMLElement, gutter: number, side: number): void {
    const sized = this.sized(square.querySelector('canvas'));
    if (!sized) return;
    const { context, ratio } = sized;
    const { words, order, categories } = this.value;
    const n = words.length;
    const { g, shares } = gridOf(this.value[which], n, order, side * ratio, this.#scale(which)[this.mode]);
    context.drawImage(paint(shares, g, this.theme), gutter, 0, side, side);
    if (gutter === 0) return;
    context.fillStyle = getComputedStyle(this).color;
    blocksOf(categories, order).forEach((block, at) => {
      context.globalAlpha = at % 2 ? 0.25 : 0.7;
      context.fillRect(0, (block.from / n) * side + 0.5, BAND - 3, Math.max(1, (block.length / n) * side - 1));
    });
    context.globalAlpha = 1;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'rdm-trio': RdmTrio }
}

register('rdm-trio', RdmTrio);
