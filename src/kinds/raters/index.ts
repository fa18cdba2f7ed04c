/** The `raters` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const raters = defineKind({
  name: 'raters',
  version: 2,
  title: 'RSA by rater',
  summary: 'RSA with every rater’s own RDM: does it hold for raters in general?',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'raters',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
