/** Runs one model over the held-out words and questions: hidden states, and what it answers in each way it can be asked. */
import { Problem } from '../../base/problem.ts';
import type { ChoiceQuestion, QuestionLanguage } from '../../data/questions.ts';
import type { Layer, ModelValue } from '../../data/values.ts';
import { openModel, type HiddenStates, type OpenModel, type Pooling } from '../../models/activations.ts';
import { openLanguageModel, type LanguageModel } from '../../models/language.ts';
import { loadTokenizer, type WordTokenizer } from '../../models/tokens.ts';
import { expectedDigit, headChoices, headRatings, optionLikelihoods, promptedAnswers } from '../../tuning/answers.ts';
import { choiceTask } from '../../tuning/tasks/choice.ts';
import { choiceAnswers, promptOfChoice, ratingPrompt, ratingPrompts } from '../../tuning/tasks/prompt.ts';
import { formFor } from '../finetune/data.ts';
import type { RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { headOf, type FoundHead } from './models.ts';

/** A test in one language: words that are held out and have a form in it. */
export interface WordPlan {
  /** Unique: label and language. */
  readonly key: string;
  /** As the stimuli name them. */
  readonly words: readonly string[];
  /** As they are fed, but for case. */
  readonly fed: readonly string[];
  readonly language: string;
  /** Rated dimensions, and the ratings: words x dimensions, none missing. */
  readonly dimensions: readonly string[];
  readonly ratings: Float64Array;
}

/** Questions in one language. */
export interface QuestionPlan {
  readonly language: QuestionLanguage;
  readonly questions: readonly ChoiceQuestion[];
  /** Rows that are asked. */
  readonly rows: readonly number[];
}

/** What to ask of every model alike. */
export interface Plan {
  readonly words: readonly WordPlan[];
  readonly questions: readonly QuestionPlan[];
  /** Whether ratings are asked for by prompts, since a model was tuned on that. */
  readonly promptedRatings: boolean;
  /** The same for the letters of options. */
  readonly promptedChoices: boolean;
  readonly layer: string;
  readonly pooling: Pooling;
  readonly templates: readonly string[];
  readonly lowercase: boolean;
  readonly likelihood: 'sum' | 'mean';
  readonly device: 'auto' | 'webgpu' | 'wasm';
}

/** Numbers of the words of a plan; a word without any has no row. */
export interface WordRows {
  /** Row of each of the plan's words, -1 for none. */
  readonly at: Int32Array;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
}

/** Ratings by a model, and of which dimensions. */
export interface RatedRows extends WordRows {
  readonly dimensions: readonly string[];
}

/** Something that was measured, or why it was not. */
export type Found<T> = { readonly found: T } | { readonly reason: string };

/** A score for each option, by the question's row; a question that cannot be asked has none. */
export type Scores = ReadonlyMap<number, readonly number[]>;

export interface Measures {
  /** Name of the layer whose states were taken. */
  readonly layer: string;
  /** By a plan's key. */
  readonly states: ReadonlyMap<string, WordRows>;
  readonly headRatings: ReadonlyMap<string, Found<RatedRows>>;
  readonly promptedRatings: ReadonlyMap<string, Found<RatedRows>>;
  /** By language. */
  readonly choices: Readonly<Record<'head' | 'prompt' | 'likelihood', ReadonlyMap<string, Found<Scores>>>>;
}

export async function measureModel(model: ModelValue, label: string, plan: Plan, context: RunContext): Promise<Measures> {
  const files = openModelFiles(model, context);
  const watched: RunContext = { ...context, progress: (progress) => context.progress({ ...progress, label: `${label}: ${progress.label}` }) };
  const options = { device: plan.device, compute: await context.compute() };
  const open = await openModel(model, files, options, watched);
  context.ranOn(`models: ${open.backend}`);
  const measures = { states: new Map<string, WordRows>(), headRatings: new Map<string, Found<RatedRows>>(), promptedRatings: new Map<string, Found<RatedRows>>() };
  const choices: Record<'head' | 'prompt' | 'likelihood', Map<string, Found<Scores>>> = { head: new Map(), prompt: new Map(), likelihood: new Map() };
  let layer = '';
  try {
    const rating = headOf(model, 'rating');
    for (const words of plan.words) {
      const states = await statesOf(open, words, plan, watched);
      const chosen = layerOf(states, plan.layer, label, context.cell);
      layer = chosen.name;
      measures.states.set(words.key, { at: placesOf(states, words), width: chosen.d, data: chosen.data });
      measures.headRatings.set(words.key, rating ? { found: await ratedByHead(open, rating, words, plan, states, watched) } : { reason: 'it has no head that predicts ratings' });
    }
    const choice = headOf(model, 'choice');
    for (const asked of plan.questions) {
      choices.head.set(asked.language, choice ? answered(await chosenByHead(open, choice, asked, watched)) : { reason: 'it has no head that answers questions' });
    }
  } finally {
    await open.dispose();
  }
  if (plan.questions.length > 0 || plan.promptedRatings) {
    const language = await languageModel(model, files, options, watched);
    try {
      for (const asked of plan.questions) await askQuestions(language, asked, plan, choices, watched);
      if (plan.promptedRatings) for (const words of plan.words) measures.promptedRatings.set(words.key, await ratedByPrompt(language, words, plan, watched));
    } finally {
      if ('found' in language) await language.found.model.dispose();
    }
  }
  return { layer, ...measures, choices };
}

function fedWords({ fed }: WordPlan, lowercase: boolean): readonly string[] {
  return lowercase ? fed.map((word) => word.toLowerCase()) : fed;
}

function statesOf(open: OpenModel, words: WordPlan, how: Pick<Plan, 'templates' | 'pooling' | 'lowercase'>, context: RunContext): Promise<HiddenStates> {
  return open.hiddenStates(fedWords(words, how.lowercase), { templates: how.templates, pooling: how.pooling }, context);
}

function placesOf({ kept }: HiddenStates, { words }: WordPlan): Int32Array {
  const at = new Int32Array(words.length).fill(-1);
  kept.forEach((word, row) => { at[word] = row; });
  return at;
}

/** @throws Problem `unknown-layer` */
function layerOf({ layers }: HiddenStates, wanted: string, label: string, cell: string): Layer {
  const name = wanted.trim().toLowerCase();
  const layer = name === 'last' ? layers.at(-1) : /^\d+$/.test(name) ? layers.find(({ index }) => index === Number(name)) : undefined;
  if (layer) return layer;
  throw new Problem({ code: 'unknown-layer', place: `cell ${cell}`, what: `layer is ${JSON.stringify(wanted)}, but ${label} has the layers ${layers.map(({ index }) => index).join(', ')}`, fix: 'Write last, or one of these numbers.' });
}

/** The head reads the last layer as it did in training, whatever the cell compares. */
async function ratedByHead(open: OpenModel, { head, ...how }: FoundHead, words: WordPlan, plan: Plan, states: HiddenStates, context: RunContext): Promise<RatedRows> {
  const same = how.pooling === plan.pooling && how.lowercase === plan.lowercase && how.templates.join('\n') === plan.templates.join('\n');
  const own = same ? states : await statesOf(open, words, how, context);
  const dimensions = head.scales.map(({ dimension }) => dimension);
  return { at: placesOf(own, words), width: dimensions.length, data: headRatings(own.layers.at(-1)!.data, head), dimensions };
}

async function chosenByHead(open: OpenModel, { head, pooling }: FoundHead, { questions, rows, language }: QuestionPlan, context: RunContext): Promise<Scores> {
  const task = choiceTask(questions, rows, { name: 'choice', seed: 0, batchSize: 8, contextLength: open.session.config.contextLength, language, form: formFor(open.value), pooling }, open.tokenizer);
  return headChoices(open.session, task.evaluation(rows), head, context);
}

/** A model that can be asked no question has no share of right answers. */
function answered(scores: Scores): Found<Scores> {
  return scores.size > 0 ? { found: scores } : { reason: 'it cannot be asked any of the questions: they are too long for it, or an answer is not one token' };
}

interface Speaker {
  readonly model: LanguageModel;
  readonly tokeniser: WordTokenizer;
}

/** Codes of problems that mean that a model has no language head to ask. */
const speechless = new Set(['no-logits', 'objective-unknown']);

async function languageModel(model: ModelValue, files: ReturnType<typeof openModelFiles>, options: Parameters<typeof openLanguageModel>[2], context: RunContext): Promise<Found<Speaker>> {
  try {
    const tokeniser = await loadTokenizer(files, context);
    const opened = await openLanguageModel(model, files, options, context);
    if (opened.objective === 'causal' || tokeniser.mask !== null) return { found: { model: opened, tokeniser } };
    await opened.dispose();
    return { reason: 'its tokenizer has no mask token' };
  } catch (error) {
    if (error instanceof Problem && speechless.has(error.code)) return { reason: error.record.what };
    throw error;
  }
}

async function askQuestions(language: Found<Speaker>, { questions, rows, language: code }: QuestionPlan, plan: Plan, choices: Record<'prompt' | 'likelihood', Map<string, Found<Scores>>>, context: RunContext): Promise<void> {
  if ('reason' in language) {
    choices.prompt.set(code, language);
    choices.likelihood.set(code, language);
    return;
  }
  const { model, tokeniser } = language.found;
  const asked = rows.map((row) => questions[row]!);
  const byRow = (scores: readonly (readonly number[] | null)[]): Found<Scores> => answered(new Map(rows.flatMap((row, at) => (scores[at] ? [[row, scores[at]] as const] : []))));
  choices.likelihood.set(code, byRow(await optionLikelihoods(model, tokeniser, asked.map(({ question, options }) => ({ question: question[code], options: options[code] })), plan.likelihood, context)));
  if (plan.promptedChoices) choices.prompt.set(code, byRow(await promptedAnswers(model, tokeniser, asked.map((question) => promptOfChoice(question, code).prompt), choiceAnswers, context)));
}

/** Digits that an answer can be. */
const digits = ['0', '1', '2', '3', '4', '5'] as const;

async function ratedByPrompt(language: Found<Speaker>, words: WordPlan, plan: Plan, context: RunContext): Promise<Found<RatedRows>> {
  if ('reason' in language) return language;
  const prompts = Object.entries(ratingPrompts).find(([code]) => code === words.language)?.[1];
  if (!prompts) return { reason: `there is no prompt in ${words.language}` };
  const { model, tokeniser } = language.found;
  const { dimensions } = words;
  const asked = fedWords(words, plan.lowercase).flatMap((word) => dimensions.map((dimension) => ratingPrompt(word, dimension, prompts)));
  const logs = await promptedAnswers(model, tokeniser, asked, digits, context);
  const failed = logs.filter((own) => own === null).length;
  if (failed > 0) return { reason: `${failed} of ${logs.length} prompts cannot be asked: too long, or a digit is not one token` };
  const data = Float64Array.from(logs, (own) => expectedDigit(own!));
  return { found: { at: Int32Array.from(words.words, (_, row) => row), width: dimensions.length, data, dimensions } };
}
