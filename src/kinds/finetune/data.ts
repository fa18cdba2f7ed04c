/** What a `finetune` cell trains on: its data, split, as a task with the aim that fits it. */
import { Problem } from '../../base/problem.ts';
import { loadQuestions, questionLanguages, type QuestionLanguage } from '../../data/questions.ts';
import { wordsIn } from '../../data/stimuli.ts';
import { textsOf } from '../../data/table.ts';
import type { TaskCard, TunedHead } from '../../data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../data/values.ts';
import { readConfig } from '../../models/config.ts';
import type { ModelFiles } from '../../models/files.ts';
import { objectiveOf } from '../../models/language.ts';
import { loadTokenizer, type WordTokenizer } from '../../models/tokens.ts';
import { mentionsOf, questionMentions, splitDimensions, splitWords, wordForms, type Mentions, type Side, type WordSplit } from '../../tuning/split.ts';
import type { TrainingAim } from '../../tuning/step.ts';
import type { Batch, Task, TaskSettings } from '../../tuning/tasks/batch.ts';
import { choiceTask, optionsPerQuestion, type ChoiceForm } from '../../tuning/tasks/choice.ts';
import { ratingTask } from '../../tuning/tasks/rating.ts';
import { textTask } from '../../tuning/tasks/text.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type RunContext } from '../kind.ts';
import type { fields } from './schema.ts';

export type Params = ParamsOf<typeof fields>;

type Described = Pick<TaskCard, 'task' | 'form' | 'data' | 'origin' | 'language' | 'dimensions' | 'heldOut' | 'unit'>;

export interface TrainingData {
  readonly task: Task;
  readonly aim: TrainingAim;
  readonly scales: TunedHead['scales'];
  readonly validation: readonly Batch[];
  readonly test: readonly Batch[];
  readonly card: Described & Pick<TaskCard, 'sides' | 'dropped'>;
}

/** Reads and splits the data. Throws Problem for data that the task lacks, and what splits and tasks throw. */
export async function trainingData(params: Params, model: ModelValue, files: ModelFiles, context: RunContext): Promise<TrainingData> {
  const tokeniser = await loadTokenizer(files, context);
  const settings: TaskSettings = { name: params.task, seed: params.seed, batchSize: params.batch, contextLength: model.contextLength };
  switch (params.task) {
    case 'rating': return ratings(params, settings, tokeniser, context);
    case 'choice': return questions(params, settings, model, tokeniser, context);
    case 'text': return sentences(params, settings, model, files, tokeniser, context);
    default: throw new Error(`unknown task ${String(params.task satisfies never)}`);
  }
}

function ratings(params: Params, settings: TaskSettings, tokeniser: WordTokenizer, context: RunContext): TrainingData {
  const place = `cell ${context.cell}`;
  if (params.stimuli === 'none') throw new Problem({ code: 'stimuli-missing', place, what: 'stimuli is none, and the task is rating', fix: 'Name a stimuli cell with ratings.' });
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  if (!stimuli.ratings) {
    throw new Problem({ code: 'no-ratings', place, what: `the stimuli of ${params.stimuli} carry no ratings`, fix: `Fill in ratings in cell ${params.stimuli} (for example "*.mean").` });
  }
  const known = stimuli.ratings.dimensions;
  const asked = params.dimensions.filter((name) => name.trim() !== '');
  const { train: dimensions, test: heldOut } = splitDimensions(known, asked.length > 0 ? asked : known, [], place);
  const fed = wordsIn(stimuli, params.language, place).map((word) => (params.lowercase ? word.toLowerCase() : word));
  const split = splitWords(stimuli, params, place);
  const task = ratingTask(
    { words: fed, ratings: stimuli.ratings, train: rowsOn(split, 'train') },
    { ...settings, dimensions, scaling: 'zscore', templates: params.templates, pooling: params.pooling }, tokeniser,
  );
  return together(task, { type: 'ratings', dimensions: dimensions.length }, stimuli.words, split, {
    task: 'rating', form: 'head', data: stimuli.label, origin: stimuli.ratings.origin, language: params.language || stimuli.language, dimensions, heldOut, unit: 'word',
  }, task.scales.map(({ dimension, offset, factor }) => ({ dimension, offset, factor })));
}

async function questions(params: Params, settings: TaskSettings, model: ModelValue, tokeniser: WordTokenizer, context: RunContext): Promise<TrainingData> {
  const place = `cell ${context.cell}`;
  const language = questionLanguages.find((code) => code === (params.language || 'en'));
  if (!language) throw new Problem({ code: 'language-missing', place, what: `language is ${params.language}, and the demo questions are in ${questionLanguages.join(' and ')}`, fix: 'Choose one of these.' });
  const all = await loadQuestions(context.base, context);
  const ids = all.map(({ id }) => id);
  const split = splitWords({ words: ids, translations: {}, split: [] }, params, place);
  const train = rowsOn(split, 'train');
  const task = choiceTask(all, train, { ...settings, language, form: formFor(model), pooling: params.pooling }, tokeniser);
  tellMentions(params, context, (forms) => questionMentions(train.map((row) => all[row]!), language satisfies QuestionLanguage, forms).any, 'questions');
  return together(task, { type: 'choice', options: optionsPerQuestion }, ids, split, { task: 'choice', form: 'head', data: 'demo questions', origin: 'illustrative', language, dimensions: [], heldOut: [], unit: 'question' });
}

/** How the model was used to reading two texts. */
export function formFor({ architecture }: ModelValue): ChoiceForm {
  if (/roberta|camembert/i.test(architecture)) return 'pair-double';
  return /bert|electra/i.test(architecture) ? 'pair' : 'joined';
}

async function sentences(params: Params, settings: TaskSettings, model: ModelValue, files: ModelFiles, tokeniser: WordTokenizer, context: RunContext): Promise<TrainingData> {
  const place = `cell ${context.cell}`;
  if (params.sentences === 'none') throw new Problem({ code: 'sentences-missing', place, what: 'sentences is none, and the task is text', fix: 'Name a table cell with one sentence in each row.' });
  const table = inputOf(context, params.sentences, 'table');
  const texts = [...new Set(textsOf(table, params.column.trim() || table.wordColumn, place).map((text) => text.trim()))].filter((text) => text !== '');
  // A number stands for a sentence: its words are no forms that could link it to another.
  const split = splitWords({ words: texts.map((_, row) => `sentence ${row + 1}`), translations: {}, split: [] }, params, place);
  const train = rowsOn(split, 'train');
  const objective = objectiveOf(model);
  const { vocabularySize } = await readConfig(files, context);
  if (objective === 'masked' && vocabularySize === 0) throw new Problem({ code: 'vocabulary-unknown', place: `model ${model.id}, config.json`, what: 'it does not say how many tokens the vocabulary has', fix: 'Use a model whose config.json names vocab_size.' });
  const task = textTask(texts, train, { ...settings, objective, vocabulary: vocabularySize }, tokeniser);
  tellMentions(params, context, (forms) => mentionsOf(train.map((row) => texts[row]!), forms), 'sentences');
  return together(task, { type: 'language', objective }, texts, split, { task: 'text', form: 'prompt', data: table.file, origin: null, language: params.language, dimensions: [], heldOut: [], unit: 'sentence' });
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

function together(task: Task, aim: TrainingAim, names: readonly string[], split: WordSplit, described: Described, scales: TunedHead['scales'] = []): TrainingData {
  const [validation, test] = [task.evaluation(rowsOn(split, 'validation')), task.evaluation(rowsOn(split, 'test'))];
  const unusable = new Set(task.leftOut.flatMap(({ rows }) => rows));
  const evaluated = new Set([...validation, ...test].flatMap(({ source }) => source));
  const used = (side: Side): number[] => rowsOn(split, side).filter((row) => (side === 'train' ? !unusable.has(row) : evaluated.has(row)));
  const named = (rows: readonly number[]): string[] => rows.map((row) => names[row]!);
  const unfed = [...rowsOn(split, 'validation'), ...rowsOn(split, 'test')].filter((row) => !evaluated.has(row));
  return {
    task, aim, scales, validation, test,
    card: {
      ...described,
      sides: { train: named(used('train')), validation: named(used('validation')), test: named(used('test')) },
      dropped: [
        ...task.leftOut.map(({ reason, rows }) => ({ reason: `training: ${reason}`, words: named(rows) })),
        ...(unfed.length > 0 ? [{ reason: 'validation and test: cannot be fed, or no answer is known', words: named(unfed) }] : []),
      ],
    },
  };
}
