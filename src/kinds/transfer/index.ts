/** The `transfer` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const transfer = defineKind({
  name: 'transfer',
  version: 2,
  title: 'Transfer',
  summary: 'What tuning bought, and where it transfers: languages, dimensions, task formats.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'transfer',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
