/** The `vectors` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const vectors = defineKind({
  name: 'vectors',
  version: 1,
  title: 'Vectors',
  summary: 'Representations from a file: hidden states taken in Python, or word vectors such as GloVe.',
  cost: 'costly',
  deviceSensitive: false,
  produces: 'representation',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
