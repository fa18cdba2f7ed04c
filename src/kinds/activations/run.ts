/** Runs a model over the words and keeps every layer's hidden states, pooled per word. */
import { wordsIn } from '../../data/stimuli.ts';
import { openModel } from '../../models/activations.ts';
import { inputOf, type Run } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'representation'> = async (params, context) => {
  const model = inputOf(context, params.model, 'model');
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const fed = wordsIn(stimuli, params.language, `cell ${context.cell}`).map((word) => (params.lowercase ? word.toLowerCase() : word));
  const open = await openModel(model, openModelFiles(model, context), { device: params.device, compute: await context.compute() }, context);
  context.ranOn(`model: ${open.backend}`);
  try {
    const { kept, layers, dropped } = await open.hiddenStates(fed, { templates: params.templates, pooling: params.pooling, keepTemplates: params.keepTemplates }, context);
    const apart = params.keepTemplates && params.templates.length > 1;
    if (params.keepTemplates && !apart) context.warn('keepTemplates has nothing to keep apart: there is one template.');
    for (const note of model.notes) context.warn(note);
    return {
      type: 'representation',
      label: params.label || model.label,
      // Named by the stimuli's own words, whatever language was fed, so that other representations join by word.
      words: kept.map((row) => stimuli.words[row]!),
      language: params.language || stimuli.language,
      categories: stimuli.categories.length > 0 ? kept.map((row) => stimuli.categories[row]!) : [],
      split: stimuli.split.length > 0 ? kept.map((row) => stimuli.split[row]!) : [],
      layers,
      dimensions: [],
      origin: 'model',
      ...(apart ? { measuredBy: { by: 'template' as const, names: params.templates } } : {}),
      dropped: [...stimuli.dropped, ...dropped.map(({ reason, positions }) => ({ reason, words: positions.map((row) => stimuli.words[row]!) }))],
    };
  } finally {
    await open.dispose();
  }
};
