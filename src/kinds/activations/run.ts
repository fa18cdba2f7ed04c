/** Runs a model over the words and keeps every layer's hidden states, pooled per word. */
import { inputOf, type Run } from '../kind.ts';
import type { fields } from './schema.ts';
import { takeStates } from './take.ts';

export const run: Run<typeof fields, 'representation'> = async (params, context) =>
  (await takeStates(inputOf(context, params.model, 'model'), inputOf(context, params.stimuli, 'stimuli'), params, context)).value;
