/** The `change` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const change = defineKind({
  name: 'change',
  version: 2,
  title: 'Change',
  summary: 'What tuning changed: layer by layer, word by word, and in the geometry.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'change',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
