/** The `table` kind; registered in kinds/index.ts. */
import { defineKind } from '../kind.ts';
import { fields } from './schema.ts';

export const table = defineKind({
  name: 'table',
  version: 1,
  title: 'Table',
  summary: 'Import a csv, tsv or xlsx file and choose its columns.',
  cost: 'cheap',
  deviceSensitive: false,
  produces: 'table',
  fields,
  run: () => import('./run.ts'),
  view: () => import('./view.ts'),
});
