/** The `model` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const model = defineKind({
  name: 'model',
  version: 1,
  title: 'Model',
  summary: 'Choose a language model: bundled, from the hub, or a local folder.',
  cost: 'costly',
  deviceSensitive: false,
  produces: 'model',
  fields,
  folders: (params) => (params.source === 'local' ? [params.id] : []),
  models: ({ source, id, dtype, revision }) => [{ source: source === 'hub' || source === 'local' ? source : 'bundled', id, dtype, ...(source === 'hub' && revision !== 'main' ? { revision } : {}) }],
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
  assistFirst: true,
  assist: () => import('./picker.ts'),
});
