/** The `adapter` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { modelExports } from '../finetune/exports.ts';
import { fields } from './schema.ts';

export const adapter = defineKind({
  name: 'adapter',
  version: 2,
  title: 'Adapter',
  summary: 'Bring in a tuned model’s adapter from a file, and get a model like any other.',
  cost: 'costly',
  deviceSensitive: false,
  produces: 'model',
  fields,
  namedByCell: (params) => params.label.trim() === '',
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
  exports: modelExports,
});
