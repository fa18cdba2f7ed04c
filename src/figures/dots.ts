/** Many dots of one series as one element: thousands of elements would keep the page busy for longer than a frame. */
import type * as Plot from '@observablehq/plot';
import type { Series } from './series.ts';

export interface Dot { readonly x: number; readonly y: number }

export interface DotStyle {
  readonly colour: string;
  /** A circle where nothing is said. */
  readonly symbol?: Series['symbol'];
  /** Pixels. */
  readonly r: number;
  readonly opacity: number;
}

/** The symbols of figures (series.ts), around 0, in units of their radius. */
const shapes = {
  circle: [],
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  diamond: [[0, -1.35], [0.95, 0], [0, 1.35], [-0.95, 0]],
  triangle: [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
  wye: [[-0.4, 1.3], [-0.4, 0.2], [-1.3, -0.35], [-0.9, -1], [0, -0.45], [0.9, -1], [1.3, -0.35], [0.4, 0.2], [0.4, 1.3]],
} as const satisfies Record<Series['symbol'], readonly (readonly [number, number])[]>;

/** A mark for Plot; `x` and `y` of the dots are in the scales' units. */
export function manyDots(dots: readonly Dot[], { colour, symbol = 'circle', r, opacity }: DotStyle): Plot.RenderFunction {
  return (_, scales) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const corners = shapes[symbol].map(([x, y]) => [x * r, y * r] as const);
    const outline = corners.map(([x, y], at) => `l${(x - (corners[at - 1]?.[0] ?? 0)).toFixed(1)},${(y - (corners[at - 1]?.[1] ?? 0)).toFixed(1)}`).join('');
    // Circles are lines of no length with round ends; the others run to their first corner unseen.
    const mark = corners.length ? `m${outline.slice(1)}z` : 'h0';
    path.setAttribute('d', dots.map((dot) => `M${Number(scales.x!(dot.x)).toFixed(1)},${Number(scales.y!(dot.y)).toFixed(1)}${mark}`).join(''));
    const attributes = corners.length ? { fill: colour, 'fill-opacity': opacity } : { fill: 'none', stroke: colour, 'stroke-width': 2 * r, 'stroke-linecap': 'round', 'stroke-opacity': opacity };
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, String(value));
    return path;
  };
}
