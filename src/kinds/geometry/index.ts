/** The `geometry` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const geometry = defineKind({
  name: 'geometry',
  version: 1,
  title: 'Geometry',
  summary: 'Maps and trees of words, or of the layers of several models, from their RDMs.',
  cost: 'costly',
  deviceSensitive: false,
  produces: 'geometry',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
