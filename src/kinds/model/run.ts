/** Looks at a model without running it: its configuration, its size, where its hidden states are. */
import { inspectModel } from '../../models/inspect.ts';
import { checkLocalModel } from '../../models/local.ts';
import type { Run } from '../kind.ts';
import { openModelFiles } from './files.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'model'> = async (params, context) => {
  const files = openModelFiles(params, context);
  const lacking = params.source === 'local' ? checkLocalModel(params.id, files.list?.() ?? []) : '';
  if (lacking) context.warn(lacking);
  return inspectModel(files, { dtype: params.dtype, label: params.label }, context);
};
