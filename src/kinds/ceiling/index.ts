/** The `ceiling` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const ceiling = defineKind({
  name: 'ceiling',
  version: 2,
  title: 'Noise ceiling',
  summary: 'How high RSA with these norms can come, given how far raters differ.',
  cost: 'costly',
  deviceSensitive: true,
  produces: 'ceiling',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
