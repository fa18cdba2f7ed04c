/** Looks at a model without running it: its configuration, its size, where its hidden states are, what the hub says of it. */
import type { Run } from '../kind.ts';
import { lookAtModel } from './look.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'model'> = (params, context) => lookAtModel(params, context);
