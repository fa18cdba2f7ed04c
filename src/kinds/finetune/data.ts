/** What a `finetune` cell trains on: its data, split, as tasks with the aims that fit them. */
import { Problem } from '../../base/problem.ts';
import { loadQuestions } from '../../data/questions.ts';
import { completeLanguages, wordsIn } from '../../data/stimuli.ts';
import type { TaskCard, TunedHead, TuningTask } from '../../data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../data/values.ts';
import { readConfig } from '../../models/config.ts';
import type { ModelFiles } from '../../models/files.ts';
import { objectiveOf } from '../../models/language.ts';
import { loadTokenizer, type WordTokenizer } from '../../models/tokens.ts';
import { mentionsOf, questionMentions, splitDimensions, splitWords, wordForms, type DimensionSplit, type Mentions, type Side, type WordSplit } from '../../tuning/split.ts';
import type { TrainingAim } from '../../tuning/step.ts';
import type { Batch, LanguageBatch, Task, TaskSettings } from '../../tuning/tasks/batch.ts';
import { choiceTask, optionsPerQuestion, type ChoiceForm } from '../../tuning/tasks/choice.ts';
import { likelihoodTask } from '../../tuning/tasks/likelihood.ts';
import { promptOfChoice, promptsOfRatings, promptTask, ratingPrompts, type RatingPrompt } from '../../tuning/tasks/prompt.ts';
import { ratingTask, type RatingTask } from '../../tuning/tasks/rating.ts';
import { textTask } from '../../tuning/tasks/text.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type RunContext } from '../kind.ts';
import { requireUnseen } from './earlier.ts';
import { questionLanguage } from './language.ts';
import type { fields } from './schema.ts';
import { readSentences, sentenceKey } from './sentences.ts';

export type Params = ParamsOf<typeof fields>;

type Described = Pick<TaskCard, 'task' | 'form' | 'data' | 'origin' | 'language' | 'dimensions' | 'heldOut' | 'unit'>;

/** One task of a run: what is trained on, validated on and tested on, and how. */
export interface TaskData {
  readonly task: Task;
  /** The same training data in the order, and with the chances, of another seed. */
  readonly reseeded: (seed: number) => Task;
  readonly aim: TrainingAim;
  readonly scales: TunedHead['scales'];
  readonly validation: readonly Batch[];
  readonly test: readonly Batch[];
  readonly card: Described & Pick<TaskCard, 'sides' | 'seenForms' | 'formLanguages' | 'dropped'>;
  /** What the unit of a row is known by when trainings are compared: forms of a word, a question's name, a sentence's key. */
  readonly known: { readonly [side in Exclude<Side, 'train'>]: readonly (readonly string[])[] };
}

/** What every task is made from. */
interface Source {
  readonly params: Params;
  readonly model: ModelValue;
  readonly files: ModelFiles;
  readonly tokeniser: WordTokenizer;
  readonly context: RunContext;
  readonly place: string;
  readonly settings: (task: TuningTask, seed: number) => TaskSettings;
}

/** Reads and splits the data of each task. Throws Problem for data that a task lacks, and what splits and tasks throw. */
export async function trainingData(params: Params, model: ModelValue, files: ModelFiles, context: RunContext): Promise<readonly TaskData[]> {
  const source: Source = {
    params, model, files, context, place: `cell ${context.cell}`, tokeniser: await loadTokenizer(files, context),
    settings: (name, seed) => ({ name, seed, batchSize: params.batch, contextLength: model.contextLength }),
  };
  if (params.answer === 'prompt') requireCausal(source);
  const all: TaskData[] = [];
  for (const task of new Set(params.task)) all.push(await dataOf(task, source));
  await requireUnseen(model, all, source.place, context.warn);
  return all;
}

function dataOf(task: TuningTask, source: Source): TaskData | Promise<TaskData> {
  switch (task) {
    case 'rating': return ratings(source);
    case 'choice': return questions(source);
    case 'text': return sentences(source);
    default: throw new Error(`unknown task ${String(task satisfies never)}`);
  }
}

/** A prompt is answered by what follows it; a masked model predicts what is hidden within a text. */
function requireCausal({ model, params, place }: Source): void {
  if (params.task.every((task) => task === 'text') || objectiveOf(model) === 'causal') return;
  throw new Problem({
    code: 'prompt-model', place, what: `answer is prompt, and ${model.label} (${model.architecture}) predicts tokens within a text, not what follows one`,
    fix: 'Set answer: head, or take a causal model such as sensorium-mini-causal.',
  });
}

function ratings({ params, tokeniser, context, place, settings }: Source): TaskData {
  if (params.stimuli === 'none') throw new Problem({ code: 'stimuli-missing', place, what: 'stimuli is none, and the task is rating', fix: 'Name a stimuli cell with ratings.' });
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const rated = stimuli.ratings;
  if (!rated) {
    throw new Problem({ code: 'no-ratings', place, what: `the stimuli of ${params.stimuli} carry no ratings`, fix: `Fill in ratings in cell ${params.stimuli} (for example "*.mean").` });
  }
  const { train: dimensions, test: heldOut } = dimensionsOf(params, rated.dimensions, place);
  const words = wordsIn(stimuli, params.language, place).map((word) => (params.lowercase ? word.toLowerCase() : word));
  const split = splitWords(stimuli, params, place);
  const units: Units = { names: stimuli.words, forms: wordForms(stimuli), languages: completeLanguages(stimuli) };
  const train = rowsOn(split, 'train');
  const language = params.language || stimuli.language;
  const described: Described = { task: 'rating', form: params.answer, data: stimuli.label, origin: rated.origin, language, dimensions, heldOut, unit: 'word' };
  if (params.answer === 'prompt') {
    const prompts = promptsOfRatings(words, rated, words.map((_, row) => row), dimensions, ratingPrompts[questionLanguage(language, 'rating prompts', place)]);
    return together((seed) => ofWords(prompts, train, (numbers) => promptTask(prompts, numbers, settings('rating', seed), tokeniser)), { type: 'language', objective: 'causal' }, units, split, described, params.seed);
  }
  const make = (seed: number): RatingTask => ratingTask(
    { words, ratings: rated, train }, { ...settings('rating', seed), dimensions, scaling: 'zscore', templates: params.templates, pooling: params.pooling }, tokeniser,
  );
  const scales = make(params.seed).scales.map(({ dimension, offset, factor }) => ({ dimension, offset, factor }));
  return together(make, { type: 'ratings', dimensions: dimensions.length }, units, split, described, params.seed, scales);
}

/** Dimensions to train on, and those to hold out: all that were not named for the other side. */
function dimensionsOf(params: Params, known: readonly string[], place: string): DimensionSplit {
  const named = (names: readonly string[]): string[] => names.filter((name) => name.trim() !== '');
  const [asked, heldOut] = [named(params.dimensions), named(params.heldOut)];
  if (asked.length > 0 || heldOut.length === 0) return splitDimensions(known, asked.length > 0 ? asked : known, heldOut, place);
  const { train: kept, test: rest } = splitDimensions(known, heldOut, [], place);
  return splitDimensions(known, rest, kept, place);
}

/** A task over prompts as one over the words that they ask about. */
function ofWords(prompts: readonly RatingPrompt[], train: readonly number[], make: (numbers: readonly number[]) => Task<LanguageBatch>): Task<LanguageBatch> {
  const numbersOf = (rows: readonly number[]): number[] => {
    const wanted = new Set(rows);
    return prompts.flatMap(({ row }, number) => (wanted.has(row) ? [number] : []));
  };
  const task = make(numbersOf(train));
  const unused = new Set(task.leftOut.flatMap(({ rows }) => rows));
  const asked = new Set(prompts.flatMap(({ row }, number) => (unused.has(number) ? [] : [row])));
  const reason = [...new Set(task.leftOut.map((one) => one.reason)), 'no rating of the chosen dimensions, or no word'].join('; or ');
  const leftOut = train.filter((row) => !asked.has(row));
  return {
    ...task,
    leftOut: leftOut.length > 0 ? [{ reason, rows: leftOut }] : [],
    evaluation: (rows) => task.evaluation(numbersOf(rows)).map((batch) => ({ ...batch, source: batch.source.map((number) => prompts[number]!.row) })),
  };
}

async function questions({ params, model, tokeniser, context, place, settings }: Source): Promise<TaskData> {
  const language = questionLanguage(params.language || 'en', 'demo questions', place);
  const all = await loadQuestions(context.base, context);
  const ids = all.map(({ id }) => id);
  const units: Units = { names: ids, forms: ids.map((id) => [id]), languages: [] };
  const split = splitWords({ words: ids, translations: {}, split: [] }, params, place);
  const train = rowsOn(split, 'train');
  tellMentions(params, context, (forms) => questionMentions(train.map((row) => all[row]!), language, forms).any, 'questions');
  const described: Described = { task: 'choice', form: params.answer, data: 'demo questions', origin: 'illustrative', language, dimensions: [], heldOut: [], unit: 'question' };
  if (params.answer === 'prompt') {
    const prompts = all.map((question) => promptOfChoice(question, language));
    return together((seed) => promptTask(prompts, train, settings('choice', seed), tokeniser), { type: 'language', objective: 'causal' }, units, split, described, params.seed);
  }
  if (params.options === 'likelihood') {
    const objective = objectiveOf(model);
    return together((seed) => likelihoodTask(all, train, { ...settings('choice', seed), language, objective }, tokeniser), { type: 'options', options: optionsPerQuestion, objective }, units, split, { ...described, form: 'likelihood' }, params.seed);
  }
  const form = formFor(model);
  return together((seed) => choiceTask(all, train, { ...settings('choice', seed), language, form, pooling: params.pooling }, tokeniser), { type: 'choice', options: optionsPerQuestion }, units, split, described, params.seed);
}

/** How the model was used to reading two texts. */
export function formFor({ architecture }: ModelValue): ChoiceForm {
  if (/roberta|camembert/i.test(architecture)) return 'pair-double';
  return /bert|electra/i.test(architecture) ? 'pair' : 'joined';
}

async function sentences({ params, model, files, tokeniser, context, place, settings }: Source): Promise<TaskData> {
  const { texts, split, data, language } = await readSentences(params, context, place);
  const train = rowsOn(split, 'train');
  const objective = objectiveOf(model);
  const { vocabularySize } = await readConfig(files, context);
  if (objective === 'masked' && vocabularySize === 0) throw new Problem({ code: 'vocabulary-unknown', place: `model ${model.id}, config.json`, what: 'it does not say how many tokens the vocabulary has', fix: 'Use a model whose config.json names vocab_size.' });
  tellMentions(params, context, (forms) => mentionsOf(train.map((row) => texts[row]!), forms), 'sentences');
  return together((seed) => textTask(texts, train, { ...settings('text', seed), objective, vocabulary: vocabularySize }, tokeniser), { type: 'language', objective }, { names: texts, forms: texts.map((text) => [sentenceKey(text)]), languages: [] }, split, { task: 'text', form: 'prompt', data, origin: null, language, dimensions: [], heldOut: [], unit: 'sentence' }, params.seed);
}

/** Says how often data other than ratings name words that the stimuli keep for testing. */
function tellMentions(params: Params, context: RunContext, count: (forms: readonly (readonly string[])[]) => Mentions, what: string): void {
  if (params.stimuli === 'none') return;
  const stimuli: StimuliValue = inputOf(context, params.stimuli, 'stimuli');
  const forms = wordForms(stimuli);
  const tested = rowsOn(splitWords(stimuli, params, `cell ${context.cell}`), 'test').map((row) => forms[row]!);
  const { texts, of } = count(tested);
  if (texts > 0) context.warn(`${texts} of ${of} ${what} to train on name a test word of ${params.stimuli}: the word was seen, its ratings were not`);
}

function rowsOn({ sides }: Pick<WordSplit, 'sides'>, side: Side): number[] {
  return sides.flatMap((own, row) => (own === side ? [row] : []));
}

/** What is split: by row its name and what it is known by (see TaskData.known), and the languages of the forms of words. */
interface Units {
  readonly names: readonly string[];
  readonly forms: readonly (readonly string[])[];
  readonly languages: readonly string[];
}

function together(reseeded: (seed: number) => Task, aim: TrainingAim, { names, forms, languages }: Units, split: Pick<WordSplit, 'sides'>, described: Described, seed: number, scales: TunedHead['scales'] = []): TaskData {
  const task = reseeded(seed);
  const [validation, test] = [task.evaluation(rowsOn(split, 'validation')), task.evaluation(rowsOn(split, 'test'))];
  const unusable = new Set(task.leftOut.flatMap(({ rows }) => rows));
  const evaluated = new Set([...validation, ...test].flatMap(({ source }) => source));
  const used = (side: Side): number[] => rowsOn(split, side).filter((row) => (side === 'train' ? !unusable.has(row) : evaluated.has(row)));
  const named = (rows: readonly number[]): string[] => rows.map((row) => names[row]!);
  const seen = (side: Side): string[] => (described.unit === 'sentence' ? [] : [...new Set(used(side).flatMap((row) => forms[row]!))].sort());
  const known = (side: Side): (readonly string[])[] => used(side).map((row) => forms[row]!);
  const unfed = [...rowsOn(split, 'validation'), ...rowsOn(split, 'test')].filter((row) => !evaluated.has(row));
  return {
    task, reseeded, aim, scales, validation, test, known: { validation: known('validation'), test: known('test') },
    card: {
      ...described,
      sides: { train: named(used('train')), validation: named(used('validation')), test: named(used('test')) },
      seenForms: { train: seen('train'), validation: seen('validation') },
      formLanguages: languages,
      dropped: [
        ...task.leftOut.map(({ reason, rows }) => ({ reason: `training: ${reason}`, words: named(rows) })),
        ...(unfed.length > 0 ? [{ reason: 'validation and test: cannot be fed, or no answer is known', words: named(unfed) }] : []),
      ],
    },
  };
}
