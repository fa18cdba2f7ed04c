/** Geometry: a map of points, how true it is (Shepard plot), the tree; for RDMs the grid of their likeness as well. */
import { html, nothing } from 'lit';
import { droppedNote } from '../../figures/figure.ts';
import type { View } from '../kind.ts';
import { shownMap } from './view-common.ts';
import { gridFigure } from './view-grid.ts';
import { mapFigure, shepardFigure } from './view-map.ts';
import { treeFigure } from './view-tree.ts';

export const view: View<'geometry'> = (value, context) => {
  const shown = shownMap(value, context);
  return html`<div class="view">
    ${mapFigure(value, shown, context)}
    ${value.secondOrder ? gridFigure(value, value.secondOrder, shown) : nothing}
    ${treeFigure(value, shown, context)}
    ${shepardFigure(value, shown)}
    ${droppedNote(value.dropped)}
  </div>`;
};
