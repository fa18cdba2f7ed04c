/** Looks at a model without running it: its configuration, its size, where its hidden states are. */
import { inspectModel } from '../../models/inspect.ts';
import type { Run } from '../kind.ts';
import { openModelFiles } from './files.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'model'> = async (params, context) =>
  inspectModel(openModelFiles(params, context), { dtype: params.dtype, label: params.label }, context);
