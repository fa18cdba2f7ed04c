/** Asks a causal model to rate the words, and makes a representation of its answers. */
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { Problem } from '../../base/problem.ts';
import { dimensionIds, dimensionLabel } from '../../data/dimensions.ts';
import { littleMass, type AnswerKind, type Elicited, type ElicitedAnswers } from '../../data/elicited.ts';
import { shortList } from '../../data/names.ts';
import { wordsIn } from '../../data/stimuli.ts';
import type { Layer } from '../../data/values.ts';
import { loadPromptTokenizer } from '../../models/chat.ts';
import { parseScale } from '../../models/elicit/digits.ts';
import { askPrompts, gathered, makePrompts, type ElicitSettings } from '../../models/elicit/elicit.ts';
import { dimensionOf, wordings } from '../../models/elicit/wording.ts';
import { openCausalModel, requireCausal } from '../../models/prefix.ts';
import { warmRuntime } from '../../models/runtime.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { keepAnswers } from './resume.ts';
import type { fields } from './schema.ts';
import { decimalsIn } from './use.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'representation'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const model = inputOf(context, params.model, 'model');
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  requireCausal(model);
  const language = params.language || stimuli.language;
  const words = wordsIn(stimuli, params.language, place);
  const scale = parseScale(params.scale, place);
  const dimensions = dimensionsOf(params.dimensions);
  const asked = wordings({ dimensions, language, scale, own: params.prompt.filter((text) => text.trim() !== ''), count: params.wordings }, place);
  if (params.answer === 'greedy' && params.greedyTokens === 0) {
    throw new Problem({ code: 'no-greedy-text', place, what: 'ratings come from greedy texts, and greedyTokens is 0', fix: 'Set greedyTokens to 6, or ratings from to expected.' });
  }
  void warmRuntime();
  const files = openModelFiles(model, context);
  const tokenizer = await loadPromptTokenizer(files, context);
  const settings: ElicitSettings = { dimensions, wordings: asked, scale, chat: tokenizer.chatFor(params.chat), system: params.system.trim(), greedyTokens: params.greedyTokens, batchTokens: params.batchTokens };
  const open = await openCausalModel(model, files, { device: params.device, compute: params.device === 'wasm' ? null : await context.compute() }, context);
  try {
    context.ranOn(`model: ${open.backend}`);
    const { prompts, example, kept, dropped } = await makePrompts(open, tokenizer, words, settings, context);
    // What was kept belongs to these very prompts: the key says as much, and a tokenizer that changed would show here.
    const made = await sha256(canonicalJson({ revision: model.revision, prompts: prompts.map(({ ids }) => ids.join(' ')) }));
    const keeper = await keepAnswers(made, prompts.length, context);
    await keeper.whileRunning((after) => askPrompts(open, tokenizer, prompts, settings, keeper.state, context, after));
    const found = gathered(keeper.state, kept.map((row) => words[row]!), tokenizer, settings);
    const elicited: Elicited = {
      model: model.label, answer: params.answer, scale, chat: settings.chat, system: settings.system, greedyTokens: params.greedyTokens,
      example, shared: open.cached && !open.oneByOne, ...found,
    };
    for (const note of notesOf(elicited, dimensions)) context.warn(note);
    const several = asked.length > 1;
    return {
      type: 'representation',
      label: params.label || `${model.label}, asked`,
      // Named by the stimuli's own words, whatever language was asked about, so that other representations join by word.
      words: kept.map((row) => stimuli.words[row]!),
      language,
      categories: stimuli.categories.length > 0 ? kept.map((row) => stimuli.categories[row]!) : [],
      split: stimuli.split.length > 0 ? kept.map((row) => stimuli.split[row]!) : [],
      layers: [layerOf(elicited.wordings, params.answer, dimensions.length)],
      dimensions,
      origin: 'model',
      scale,
      ...(several ? { measuredBy: { by: 'template' as const, names: asked.map(({ name }) => name) } } : {}),
      elicited,
      dropped: [...stimuli.dropped, ...dropped.map(({ reason, positions }) => ({ reason, words: positions.map((row) => stimuli.words[row]!) }))],
    };
  } finally {
    await open.dispose();
  }
};

/** The dimensions by their ids, once each; all eleven where none is named. */
function dimensionsOf(names: Params['dimensions']): string[] {
  const named = names.map(dimensionOf).filter((name) => name !== '');
  return named.length > 0 ? [...new Set(named)] : [...dimensionIds];
}

/**
 * The ratings: the mean over the wordings. Missing where one of them has no number: a mean over fewer wordings would differ
 * from those of other words for that alone.
 */
export function layerOf(answered: readonly ElicitedAnswers[], answer: AnswerKind, d: number): Layer {
  const each = answered.map((one) => one[answer]);
  const data = each[0]!.map((_, at) => each.reduce((sum, values) => sum + values[at]!, 0) / each.length);
  return { name: 'ratings', index: 0, d, data, ...(each.length > 1 ? { measurements: each } : {}) };
}

/** Where more of the ratings in greedy texts than this are no whole numbers, the reader is told. */
const manyDecimals = 0.05;

/** What a reader must know before using the ratings. */
export function notesOf({ wordings: answered, instead, counts, examples, greedyTokens, model, answer, chat }: Elicited, dimensions: readonly string[]): string[] {
  const notes: string[] = [];
  const k = dimensions.length;
  const masses = answered.flatMap(({ name, mass }) => dimensions.map((dimension, at) => ({
    name: `${dimensionLabel(dimension)}${answered.length > 1 ? ` in ${name}` : ''}`, mean: meanOf(mass.filter((_, place) => place % k === at)),
  })));
  const little = masses.filter(({ mean }) => mean < littleMass);
  if (little.length > 0) {
    const where = little.length === masses.length ? '' : ` for ${shortList(little.map(({ name, mean }) => `${name} (${percentOf(mean)})`))}`;
    const rather = instead.slice(0, 3).map(({ text, share }) => `${JSON.stringify(text)} ${percentOf(share)}`).join(', ');
    notes.push(`digits have ${percentOf(meanOf(little.map(({ mean }) => mean)))} of the probability of the answer’s first token on average${where}, so the expected values ${where ? 'there ' : ''}rest on what ${model} hardly says; ${where ? 'besides digits its answers most often begin with' : 'it would rather say'} ${rather}${chat ? '' : '. A model tuned to follow instructions, asked in its chat template, answers with digits'}`);
  }
  const flat = dimensions.filter((_, dimension) => answered.every(({ expected }) => expected.every((value, at) => at % k !== dimension || Math.abs(value - expected[dimension]!) < 1e-9)));
  if (flat.length > 0 && answered[0]!.expected.length > k) notes.push(`all words have the same expected rating of ${shortList(flat.map(dimensionLabel))}`);
  const texts = Object.values(counts).reduce((sum, number) => sum + number, 0);
  if (greedyTokens > 0 && texts > counts.number) {
    const kinds = [
      [counts.refusal, 'refusals'], [counts.words, 'other words'], [counts.outside, 'numbers that are not on the scale'], [counts.range, 'ranges or several numbers'], [counts.list, 'marks of lists'], [counts.cut, 'numbers cut off at greedyTokens'], [counts.empty, 'empty'],
    ] as const;
    const told = kinds.filter(([number]) => number > 0).map(([number, name]) => `${number} ${name}`).join(', ');
    const first = examples[0];
    notes.push(`${texts - counts.number} of ${texts} greedy texts hold no rating (${told})${first ? `, such as ${JSON.stringify(first.text)} for ${first.word}, ${dimensionLabel(first.dimension)}` : ''}${answer === 'greedy' ? '; these ratings are missing' : ''}`);
  }
  if (answer === 'greedy' && answered.length > 1) {
    const holes = answered[0]!.greedy.map((_, at) => answered.filter(({ greedy }) => Number.isNaN(greedy[at]!)).length);
    const partly = holes.filter((missing) => missing > 0 && missing < answered.length).length;
    if (partly > 0) notes.push(`${partly} of ${holes.length} ratings are missing because one wording has no number and another has one`);
  }
  const decimals = decimalsIn(answered);
  if (decimals.share > manyDecimals) notes.push(`${percentOf(decimals.share)} of the ratings in greedy texts are no whole numbers, such as ${decimals.example}; expected values know the digit before the point only and take 3.7 for 3`);
  return notes;
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function percentOf(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}

