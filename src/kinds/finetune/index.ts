/** The `finetune` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { modelExports } from './exports.ts';
import { fields } from './schema.ts';

export const finetune = defineKind({
  name: 'finetune',
  version: 3,
  title: 'Fine-tuning',
  summary: 'Tune a model on ratings, questions or text, and get a model like any other.',
  cost: 'costly',
  deviceSensitive: true,
  resumable: true,
  produces: 'model',
  fields,
  namedByCell: (params) => params.label.trim() === '',
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
  exports: modelExports,
});
