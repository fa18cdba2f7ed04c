/** The `elicit` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const elicit = defineKind({
  name: 'elicit',
  version: 1,
  title: 'Elicited ratings',
  summary: 'A causal model’s own ratings of each word, asked by a prompt for every dimension.',
  cost: 'costly',
  deviceSensitive: true,
  resumable: true,
  produces: 'representation',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
