/** The `stimuli` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const stimuli = defineKind({
  name: 'stimuli',
  version: 1,
  title: 'Stimuli',
  summary: 'Choose the words: norms, filters, sample, split.',
  cost: 'cheap',
  deviceSensitive: false,
  produces: 'stimuli',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
