/** The `leaderboard` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { wantedModels } from './entries.ts';
import { fields } from './schema.ts';

export const leaderboard = defineKind({
  name: 'leaderboard',
  version: 1,
  title: 'Leaderboard',
  summary: 'Many models and layers against one reference: who is nearest, and which differences hold.',
  cost: 'costly',
  deviceSensitive: true,
  resumable: true,
  produces: 'leaderboard',
  fields,
  filled: ['models', 'stimuli'],
  models: ({ hub }) => wantedModels(hub),
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
  assist: () => import('./downloads.ts'),
});
