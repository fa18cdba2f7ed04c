/** The `choice` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const choice = defineKind({
  name: 'choice',
  version: 1,
  title: 'Choice',
  summary: 'Multiple-choice questions: which option a causal model finds most probable, and how often it is right.',
  cost: 'costly',
  deviceSensitive: true,
  resumable: true,
  produces: 'choice',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
