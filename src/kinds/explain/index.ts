/** The `explain` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const explain = defineKind({
  name: 'explain',
  version: 2,
  title: 'What explains it',
  summary: 'Which representations explain the reference’s RDM, beyond each other and beyond word form or frequency.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'explain',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
