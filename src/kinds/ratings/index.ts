/** The `ratings` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const ratings = defineKind({
  name: 'ratings',
  version: 1,
  title: 'Ratings',
  summary: 'Represent each word by its ratings, human or a model’s.',
  cost: 'cheap',
  deviceSensitive: false,
  produces: 'representation',
  fields,
  namedByCell: (params) => params.label.trim() === '',
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
