/** The `rsa` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const rsa = defineKind({
  name: 'rsa',
  version: 3,
  title: 'RSA',
  summary: 'Representational similarity to a reference, with its uncertainty.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'rsa',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
