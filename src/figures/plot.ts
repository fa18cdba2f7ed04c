/** Observable Plot as we use it: one class, no inline stylesheet (the page's security policy forbids it), pixel look-ups. */
import * as Plot from '@observablehq/plot';

/** A mark the reader can point at or reach with the arrow keys. */
export interface ChartPoint {
  /** Position in the figure, CSS pixels from its top left. */
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly colour?: string;
}

/** A drawn figure and its readable points. */
export interface Chart {
  readonly svg: SVGSVGElement;
  readonly points: readonly ChartPoint[];
}

/** A drawing for a given width in CSS pixels. */
export type Draw = (width: number) => Chart;

export interface Drawn {
  readonly svg: SVGSVGElement;
  readonly x: (value: number | string) => number;
  readonly y: (value: number | string) => number;
}

/** Draws with Plot. Text sizes and colours come from figures.css. */
export function drawPlot(label: string, options: Plot.PlotOptions): Drawn {
  const drawn = Plot.plot({ className: 'chart', ...options, ariaLabel: label });
  const svg = drawn as unknown as SVGSVGElement;
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  // Plot names its groups; ARIA allows no name on a group without a role, and inside an image nothing reads it.
  for (const group of svg.querySelectorAll('[aria-label]')) {
    group.setAttribute('data-mark', group.getAttribute('aria-label') ?? '');
    group.removeAttribute('aria-label');
  }
  const apply = (name: 'x' | 'y') => {
    const scale = drawn.scale(name);
    // Point and band scales give the left edge of a band; points have none.
    return (value: number | string) => Number(scale?.apply(value)) + (scale?.bandwidth ?? 0) / 2;
  };
  return { svg, x: apply('x'), y: apply('y') };
}

let context: CanvasRenderingContext2D | null | undefined;

/** Width of a text in figures, CSS pixels. */
export function textWidth(text: string, size = 12): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * size * 0.55;
  context.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}

/** A text cut to a width, with an ellipsis where it was cut. */
export function fitted(text: string, width: number, size = 12): string {
  if (textWidth(text, size) <= width) return text;
  let [shortest, longest] = [0, text.length];
  while (shortest < longest) {
    const middle = Math.ceil((shortest + longest) / 2);
    if (textWidth(`${text.slice(0, middle).trimEnd()}…`, size) <= width) shortest = middle;
    else longest = middle - 1;
  }
  return `${text.slice(0, shortest).trimEnd()}…`;
}

/** Room for a column of labels: as wide as the widest, at most `share` of the figure. */
export function labelRoom(labels: readonly string[], width: number, share = 0.36): number {
  const widest = Math.max(0, ...labels.map((label) => textWidth(label)));
  return Math.ceil(Math.min(widest, width * share)) + 12;
}

/** The finite extent of some numbers, with 0 always inside and a little air; [-0.1, 1] when there are none. */
export function extentWithZero(values: Iterable<number>): [number, number] {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return [-0.1, 1];
  const air = (high - low) * 0.05;
  return [low < 0 ? low - air : 0, high > 0 ? high + air : 0];
}

/** An x axis title: centred under the frame, or ending at its right edge where it is wider than the frame. */
export function axisTitle(text: string, width: number, marginLeft: number, marginRight: number): { label: string; labelAnchor: 'center' | 'right'; labelArrow: 'none' } {
  const centred = textWidth(text) <= width - marginLeft - marginRight;
  return { label: fitted(text, width - marginRight), labelAnchor: centred ? 'center' : 'right', labelArrow: 'none' };
}
