/** The `words` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const words = defineKind({
  name: 'words',
  version: 1,
  title: 'Words',
  summary: 'Which words a model gets right, and whether models agree on them.',
  cost: 'costly',
  deviceSensitive: false,
  produces: 'words',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
