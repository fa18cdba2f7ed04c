/** Takes the hidden states of every layer of a model for the words of stimuli: what an `activations` cell gives, and a leaderboard of each of its models. */
import { wordsIn } from '../../data/stimuli.ts';
import type { ModelValue, RepresentationValue, StimuliValue } from '../../data/values.ts';
import { openModel } from '../../models/activations.ts';
import { readsForwards, templatesAtStart } from '../../models/direction.ts';
import type { ModelBackend } from '../../models/runtime.ts';
import type { ParamsOf } from '../field.ts';
import type { RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import type { fields } from './schema.ts';

/** How words are fed, and how their states are pooled. */
export type Feeding = Omit<ParamsOf<typeof fields>, 'model' | 'stimuli'>;

export interface Taken {
  readonly value: RepresentationValue;
  readonly backend: ModelBackend;
  /** From the first word fed to the last, without opening the model. */
  readonly seconds: number;
}

/** For the reader: what words at the very start of a text mean in a model that reads forwards. */
export function atStart(templates: readonly string[]): string {
  return `the model reads from left to right, and its tokenizer puts no token before a text: with ${templates.map((template) => JSON.stringify(template)).join(' and ')} a word of one token has seen nothing but itself, at a place whose states many such models use for something else. A template with a word before it, such as "the {word}", avoids that.`;
}

/**
 * Opens the model, runs it over the words and lets go of it, whatever happens.
 * @throws Problem where the model cannot be opened or run, or no word can be fed; an AbortError after cancel.
 */
export async function takeStates(model: ModelValue, stimuli: StimuliValue, params: Feeding, context: RunContext): Promise<Taken> {
  const fed = wordsIn(stimuli, params.language, `cell ${context.cell}`).map((word) => (params.lowercase ? word.toLowerCase() : word));
  const open = await openModel(model, openModelFiles(model, context), { device: params.device, compute: await context.compute() }, context);
  context.ranOn(`model: ${open.backend}`);
  try {
    const began = performance.now();
    const { kept, layers, dropped } = await open.hiddenStates(fed, { templates: params.templates, pooling: params.pooling, keepTemplates: params.keepTemplates }, context);
    const seconds = (performance.now() - began) / 1000;
    const bare = readsForwards(model) ? templatesAtStart(open.tokenizer, params.templates, kept.map((row) => fed[row]!), model.contextLength) : [];
    if (bare.length > 0) context.warn(atStart(bare));
    const apart = params.keepTemplates && params.templates.length > 1;
    if (params.keepTemplates && !apart) context.warn('keepTemplates has nothing to keep apart: there is one template.');
    for (const note of model.notes) context.warn(note);
    const value: RepresentationValue = {
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
    return { value, backend: open.backend, seconds };
  } finally {
    await open.dispose();
  }
}
