/** The `activations` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const activations = defineKind({
  name: 'activations',
  version: 1,
  title: 'Activations',
  summary: 'Hidden states of every layer of a model for each word.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'representation',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
