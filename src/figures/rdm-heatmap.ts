/**
 * `<rdm-heatmap>`: every pair of words as a cell of a square, words in the value's order, categories along the edge.
 * The pointer or the arrow keys name the pair; thumbnails choose the layer. Emits `heatmap-change` with
 * {layer, mode}; the view keeps them.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import type { RdmValue } from '../data/values.ts';
import { pairIndex } from '../gpu/condensed.ts';
import { segmented } from '../ui/controls.ts';
import { freshId, register } from '../ui/element.ts';
import { decimal, percent } from '../ui/format.ts';
import { metricLabel } from './metric.ts';
import { PairReader, type SquareLayout } from './pair-reader.ts';
import { fitted } from './plot.ts';
import { ramp, RAMP_SIZE, rampGradient } from './ramp.ts';
import { blocksOf, gridOf, gridSteps, scaleOf, scaleSteps, thinned, type Grid, type Scale } from './rdm-grid.ts';
import { inTurns } from './turns.ts';

export type HeatmapMode = 'rank' | 'value';

/** Widest the square grows, CSS pixels. */
const LARGEST = 600;
const THUMB = 52;
const GUTTER = 116;
const BAND = 6;

/** From so many pairs on (some 350 words) the square is drawn in turns with what else the page does. */
const MANY_PAIRS = 60_000;

/** A grid of shares as a picture; undefined cells stay transparent. */
export function paint(shares: Float32Array, g: number, theme: 'light' | 'dark'): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = g;
  canvas.height = g;
  const image = new ImageData(g, g);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = new Uint32Array(ramp(theme).buffer);
  for (let at = 0; at < shares.length; at += 1) {
    const share = shares[at]!;
    // Undefined pairs and the diagonal stay transparent.
    if (Number.isNaN(share)) continue;
    pixels[at] = colours[Math.min(RAMP_SIZE - 1, Math.max(0, Math.round(share * (RAMP_SIZE - 1))))]!;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

export class RdmHeatmap extends PairReader {
  static override properties = {
    value: { attribute: false },
    layer: { type: Number },
    mode: {},
  };
  declare value: RdmValue;
  /** Place in `value.layers`. */
  declare layer: number;
  declare mode: HeatmapMode;

  readonly #scales = new WeakMap<Float32Array | Float64Array, Scale>();
  readonly #name = freshId('layer');
  /** Ends the drawing under way. */
  #drawing = new AbortController();

  constructor() {
    super();
    this.layer = 0;
    this.mode = 'rank';
  }

  get #distances(): Float32Array | Float64Array {
    return this.value.layers[Math.min(this.layer, this.value.layers.length - 1)]?.distances ?? new Float32Array(0);
  }

  /** Absent until a large RDM has been looked through. */
  get #scale(): Scale | undefined {
    const distances = this.#distances;
    let scale = this.#scales.get(distances);
    if (!scale && distances.length < MANY_PAIRS) {
      scale = scaleOf(distances);
      this.#scales.set(distances, scale);
    }
    return scale;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What was being drawn when it was taken off the page is drawn again.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#drawing.abort();
  }

  protected get count(): number {
    return this.value.words.length;
  }

  protected get layout(): SquareLayout {
    const named = this.value.orderedBy === 'category' && this.value.categories.length > 0;
    const wide = this.width >= 560;
    const gutter = named ? (wide ? GUTTER : BAND + 2) : 0;
    // Beside the square stands the column of layers, where there is room.
    const beside = this.width >= 820 ? 260 : 0;
    return { gutter, side: Math.max(120, Math.min(LARGEST, this.width - gutter - beside)) };
  }

  #change(change: { layer?: number; mode?: HeatmapMode }): void {
    this.dispatchEvent(new CustomEvent('heatmap-change', { detail: { layer: this.layer, mode: this.mode, ...change }, bubbles: true }));
  }

  #readout(): TemplateResult {
    const { words, order, categories, metric } = this.value;
    if (!this.cursor) return html`<span class="rdm-hint">Point at a cell, or focus the square and use the arrow keys.</span>`;
    const [i, j] = this.cursor.map((place) => order[place] ?? 0) as [number, number];
    const of = (at: number) => html`<strong>${words[at]}</strong>${categories[at] ? html` <small>${categories[at]}</small>` : nothing}`;
    if (i === j) return html`<span>${of(i)} with itself</span>`;
    const distance = this.#distances[pairIndex(words.length, i, j)] ?? Number.NaN;
    return html`<span>${of(i)} – ${of(j)}</span>
      <span>${Number.isFinite(distance) ? html`${metricLabel(metric)} ${distance.toFixed(3)}, ${this.#scale ? percent(this.#scale.rank(distance)) : '…'} of pairs are nearer` : 'undefined: a zero vector has no direction'}</span>`;
  }

  #scaleKey(): TemplateResult {
    const { min, median, max } = this.#scale ?? { min: Number.NaN, median: Number.NaN, max: Number.NaN };
    const middle = this.mode === 'rank' ? median : (min + max) / 2;
    const shown = (value: number) => (this.#scale ? decimal(value, digits) : '…');
    const digits = max >= 100 ? 0 : max >= 10 ? 1 : max >= 3 ? 2 : 3;
    return html`<div class="rdm-scale">
      <div class="rdm-ramp" style=${styleMap({ background: rampGradient(this.theme) })}></div>
      <div class="rdm-scale-numbers"><span>${shown(min)}<small>near</small></span><span>${shown(middle)}<small>${this.mode === 'rank' ? 'median' : ''}</small></span><span>${shown(max)}<small>far</small></span></div>
      <div class="rdm-scale-title">${metricLabel(this.value.metric)}${this.mode === 'rank' ? ', coloured by rank' : ''}</div>
    </div>`;
  }

  #thumbnails(): TemplateResult {
    return html`<fieldset class="rdm-layers">
      <legend>Layer</legend>
      <div class="rdm-thumbs">${this.value.layers.map((layer, at) => html`<label class="rdm-thumb">
        <input type="radio" name=${this.#name} .checked=${at === this.layer} @change=${() => this.#change({ layer: at })} />
        <canvas width=${THUMB * 2} height=${THUMB * 2} aria-hidden="true"></canvas>
        <span>${layer.name}</span>
      </label>`)}</div>
    </fieldset>`;
  }

  protected override render(): unknown {
    if (this.width === 0) return nothing;
    const { words, layers, label } = this.value;
    const { gutter, side } = this.layout;
    const name = layers[this.layer]?.name ?? '';
    return html`<div class="rdm">
      <div class="rdm-main">
        <div class="rdm-square" tabindex="0" role="application" aria-roledescription="heatmap" style=${styleMap({ width: `${gutter + side}px`, height: `${side}px` })}
          aria-label="Dissimilarity of ${words.length} words, ${label}${layers.length > 1 ? `, ${name}` : ''}. The arrow keys read the pairs, with Shift ten at a time."
          @pointermove=${this.pointed} @pointerdown=${this.pointed} @pointerleave=${this.released} @keydown=${this.key} @blur=${this.released}>
          <canvas class="rdm-canvas" aria-hidden="true"></canvas>
          <div class="rdm-cross rdm-cross-row" ?hidden=${!this.cursor}></div>
          <div class="rdm-cross rdm-cross-column" ?hidden=${!this.cursor}></div>
        </div>
        <div class="rdm-readout" role="status" aria-live="polite">${this.#readout()}</div>
      </div>
      <div class="rdm-side">
        ${this.#scaleKey()}
        ${segmented<HeatmapMode>({ label: 'Colour by', showLabel: true, value: this.mode, options: [{ value: 'rank', label: 'rank' }, { value: 'value', label: 'value' }], onChange: (mode) => this.#change({ mode }) })}
        ${layers.length > 1 ? this.#thumbnails() : nothing}
      </div>
    </div>`;
  }

  protected override updated(): void {
    if (this.width === 0) return;
    const { gutter, side } = this.layout;
    const depends = [this.value, this.layer, this.mode, this.theme, side, devicePixelRatio];
    if (depends.some((part, at) => part !== this.painted[at])) {
      void this.#paintSquare(gutter, side);
      if ([0, 2, 3].some((at) => depends[at] !== this.painted[at])) this.#paintThumbnails();
      this.painted = depends;
    }
    this.placeCross(this);
  }

  async #paintSquare(gutter: number, side: number): Promise<void> {
    this.#drawing.abort();
    const distances = this.#distances;
    const n = this.value.words.length;
    const size = side * devicePixelRatio;
    const draw = ({ g, shares }: Grid): void => {
      const sized = this.sized(this.querySelector<HTMLCanvasElement>('.rdm-canvas'));
      if (!sized) return;
      sized.context.drawImage(paint(shares, g, this.theme), gutter, 0, side, side);
      if (gutter > 0) this.#paintBlocks(sized.context, gutter, side);
    };
    if (distances.length < MANY_PAIRS) {
      draw(gridOf(distances, n, this.value.order, size, this.#scale![this.mode]));
      return;
    }
    const { signal } = (this.#drawing = new AbortController());
    const [{ order }, mode] = [this.value, this.mode];
    try {
      let scale = this.#scales.get(distances);
      if (!scale) {
        scale = await inTurns(scaleSteps(distances), signal);
        this.#scales.set(distances, scale);
        this.requestUpdate();
      }
      draw(await inTurns(gridSteps(distances, n, order, size, scale[mode]), signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Category bands at the left, names where they fit, hairlines through the square. */
  #paintBlocks(context: CanvasRenderingContext2D, gutter: number, side: number): void {
    const style = getComputedStyle(this);
    const token = (name: string) => {
      // A probe resolves light-dark(), which custom properties keep unresolved.
      this.style.setProperty('outline-color', `var(${name})`);
      const colour = style.outlineColor;
      this.style.removeProperty('outline-color');
      return colour;
    };
    const [ink, strong, ground] = [token('--ink-2'), token('--boundary'), token('--surface')];
    const n = this.value.words.length;
    context.font = `12px ${style.fontFamily}`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    blocksOf(this.value.categories, this.value.order).forEach((block, at) => {
      const [top, height] = [(block.from / n) * side, (block.length / n) * side];
      context.fillStyle = strong;
      context.globalAlpha = at % 2 ? 0.45 : 1;
      context.fillRect(gutter - BAND - 2, top + 0.5, BAND - 2, Math.max(1, height - 1));
      context.globalAlpha = 1;
      if (at > 0 && height > 5) {
        context.fillStyle = ground;
        context.globalAlpha = 0.55;
        context.fillRect(gutter, top - 0.5, side, 1);
        context.fillRect(gutter + top - 0.5, 0, 1, side);
        context.globalAlpha = 1;
      }
      if (gutter >= GUTTER && height >= 12) {
        context.fillStyle = ink;
        context.fillText(fitted(block.category, gutter - BAND - 10), gutter - BAND - 8, top + height / 2);
      }
    });
  }

  #paintThumbnails(): void {
    this.querySelectorAll<HTMLCanvasElement>('.rdm-thumb canvas').forEach((canvas, at) => {
      const layer = this.value.layers[at];
      const context = canvas.getContext('2d');
      if (!layer || !context) return;
      const thin = thinned(layer.distances, this.value.order, THUMB * 2);
      const { g, shares } = gridOf(thin.distances, thin.n, null, THUMB * 2, scaleOf(thin.distances)[this.mode]);
      context.imageSmoothingEnabled = false;
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.drawImage(paint(shares, g, this.theme), 0, 0, canvas.width, canvas.height);
    });
  }
}

declare global {
  interface HTMLElementTagNameMap { 'rdm-heatmap': RdmHeatmap }
}

register('rdm-heatmap', RdmHeatmap);
