/** Transfer: models by measures as a heatmap, differences with intervals, and agreement dimension by dimension. */
import { html } from 'lit';
import { droppedNote } from '../../figures/figure.ts';
import type { View } from '../kind.ts';

export const view: View<'transfer'> = (value) => html`<div class="view">${droppedNote(value.tests.flatMap(({ dropped }) => dropped))}</div>`;
