/**
 * `<plot-chart>`: shows a drawing at the width it has, draws again when the width or the data change, and reads out
 * points: the nearest one under the pointer, the next one with the arrow keys.
 */
import { html, nothing } from 'lit';
import { LightElement, register } from '../ui/element.ts';
import type { Chart, ChartPoint, Draw } from './plot.ts';

/** How far from a point the pointer may be, CSS pixels. */
const REACH = 36;
/** Narrowest drawing, CSS pixels. */
const NARROWEST = 220;

export class PlotChart extends LightElement {
  static override properties = {
    draw: { attribute: false },
    of: { attribute: false },
    label: {},
    width: { state: true },
    at: { state: true },
  };
  declare draw: Draw;
  /** What the drawing depends on; compared one by one, so that a cell's progress does not draw its figures again. */
  declare of: readonly unknown[];
  /** Names the chart and says in a sentence what it shows. */
  declare label: string;
  declare width: number;
  /** Index of the point being read, -1 for none. */
  declare at: number;

  #chart: Chart | null = null;
  #drawn: readonly unknown[] = [];
  #observer: ResizeObserver | null = null;

  constructor() {
    super();
    this.of = [];
    this.label = '';
    this.width = 0;
    this.at = -1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(this);
    this.#measure();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  /** The current drawing, for export. */
  get svg(): SVGSVGElement | null {
    return this.#chart?.svg ?? null;
  }

  #measure(): void {
    const width = Math.floor(this.clientWidth);
    if (width > 0) this.width = width;
  }

  #redraw(): void {
    const depends = [this.width, ...this.of];
    if (this.#chart && depends.length === this.#drawn.length && depends.every((part, at) => Object.is(part, this.#drawn[at]))) return;
    // Narrower than this a figure says nothing; it scales down instead.
    this.#chart = this.draw(Math.max(NARROWEST, this.width));
    this.#drawn = depends;
    if (this.at >= this.#chart.points.length) this.at = -1;
  }

  #pointed(event: PointerEvent): void {
    const box = this.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [nearest, best] = [-1, REACH];
    this.#chart?.points.forEach((point, at) => {
      const distance = Math.hypot(point.x - x, point.y - y);
      if (distance < best) [nearest, best] = [at, distance];
    });
    this.at = nearest;
  }

  #key(event: KeyboardEvent): void {
    const last = (this.#chart?.points.length ?? 0) - 1;
    if (last < 0) return;
    const step = {
      ArrowRight: this.at + 1, ArrowDown: this.at + 1, ArrowLeft: this.at < 0 ? last : this.at - 1, ArrowUp: this.at < 0 ? last : this.at - 1,
      Home: 0, End: last, Escape: -1,
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.at = event.key === 'Escape' ? -1 : Math.min(last, Math.max(0, step));
  }

  protected override render(): unknown {
    if (this.width === 0) return nothing;
    this.#redraw();
    const points = this.#chart?.points ?? [];
    const point: ChartPoint | undefined = points[this.at];
    return html`<div class="chart-box" tabindex=${points.length ? '0' : nothing} role="application" aria-roledescription="chart"
      aria-label="${this.label}.${points.length ? ` ${points.length === 1 ? '1 point; the arrow keys read it.' : `${points.length} points; the arrow keys read them.`}` : ''}"
      @pointermove=${this.#pointed} @pointerdown=${this.#pointed} @pointerleave=${() => { this.at = -1; }} @keydown=${this.#key} @blur=${() => { this.at = -1; }}>
      ${this.#chart?.svg}
      <div class="chart-ring" ?hidden=${!point}></div>
      <div class="chart-tip" ?hidden=${!point} role="status" aria-live="polite">
        ${point ? html`<strong>${point.title}</strong>${point.lines.map((line) => html`<span>${line}</span>`)}` : nothing}
      </div>
    </div>`;
  }

  protected override updated(): void {
    const point = this.#chart?.points[this.at];
    const [ring, tip] = [this.querySelector<HTMLElement>('.chart-ring'), this.querySelector<HTMLElement>('.chart-tip')];
    if (!point || !ring || !tip) return;
    ring.style.transform = `translate(${point.x}px, ${point.y}px)`;
    ring.style.color = point.colour ?? 'var(--ink)';
    const left = Math.min(Math.max(0, point.x - tip.offsetWidth / 2), Math.max(0, this.width - tip.offsetWidth));
    // Above the point, or below where there is no room.
    const above = point.y - tip.offsetHeight - 12;
    tip.style.transform = `translate(${left}px, ${above >= -8 ? above : point.y + 12}px)`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'plot-chart': PlotChart }
}

register('plot-chart', PlotChart);
