/** The `rdm` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const rdm = defineKind({
  name: 'rdm',
  version: 3,
  title: 'RDM',
  summary: 'The dissimilarity of every pair of words, as a heatmap.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'rdm',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
