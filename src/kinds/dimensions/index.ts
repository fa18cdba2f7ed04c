/** The `dimensions` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const dimensions = defineKind({
  name: 'dimensions',
  version: 3,
  title: 'Dimensions',
  summary: 'Agreement with the reference dimension by dimension, and tests between candidates.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'dimensions',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
