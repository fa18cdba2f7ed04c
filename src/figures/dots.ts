/** Many dots of one colour as one element: thousands of circles would keep the page busy for longer than a frame. */
import type * as Plot from '@observablehq/plot';

export interface Dot { readonly x: number; readonly y: number }

/** A mark for Plot; `x` and `y` in the scales' units, `r` in pixels. */
export function manyDots(dots: readonly Dot[], style: { readonly colour: string; readonly r: number; readonly opacity: number }): Plot.RenderFunction {
  return (_, scales) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const [x, y] = [scales.x!, scales.y!];
    // Lines of no length with round ends.
    path.setAttribute('d', dots.map((dot) => `M${Number(x(dot.x)).toFixed(1)},${Number(y(dot.y)).toFixed(1)}h0`).join(''));
    const attributes = { fill: 'none', stroke: style.colour, 'stroke-width': 2 * style.r, 'stroke-linecap': 'round', 'stroke-opacity': style.opacity };
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, String(value));
    return path;
  };
}
