/** Runs a `transfer` cell: finds what no model has seen, measures every model on it, and compares each with the base. */
import { shortList } from '../../data/names.ts';
import { loadQuestions, questionLanguages, type ChoiceQuestion } from '../../data/questions.ts';
import type { TransferTest, TransferValue } from '../../data/transfer.ts';
import type { ModelValue } from '../../data/values.ts';
import { requireRoom } from '../../rsa/analyse.ts';
import { mentionsOf, questionMentions, wordForms } from '../../tuning/split.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { cellsOf, type ColumnResult } from './cells.ts';
import { compareQuestions } from './compare-questions.ts';
import { compareWords } from './compare-words.ts';
import { doubts, heldOutQuestions, heldOutWords, type HeldOut, type WordTest } from './held-out.ts';
import { measureModel, type Measures, type Plan } from './measure.ts';
import { headOf, membersOf, partsOf, prompted, rowOf, type Compared } from './models.ts';
import { planQuestions, planWords } from './plan.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'transfer'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const models = modelsOf(params, context);
  const tests = testsOf(params.tests, context);
  const held = await heldOutWords(tests, models, place);
  for (const doubt of [...doubts(tests, models), ...oddModels(models)]) context.warn(doubt);
  const words = planWords(tests, held, params, place, context.warn);
  const trainings = models.flatMap(({ members }) => members).length;
  for (const test of words) requireRoom(test.words.length, 1 + trainings, `${place}, ${test.key}`, 'Draw a sample in the stimuli cell, or compare fewer models at a time.');
  const asked = params.questions === 'demo';
  // Questions that were trained on are read too, to tell which words they name.
  const questions = asked || models.some(({ members }) => partsOf(members[0]!).some(({ task }) => task === 'choice')) ? await loadQuestions(context.base, context) : [];
  const heldQuestions = asked ? await heldOutQuestions(questions, models, place) : null;
  for (const said of mentions(tests, held, questions, models)) context.warn(said);

  const languages = heldQuestions ? planQuestions(params.languages, tests) : [];
  if (heldQuestions && languages.length === 0) context.warn(`the questions are in ${questionLanguages.join(' and ')} only, and are left out.`);
  const plan: Plan = {
    ...params, words,
    questions: languages.map((language) => ({ language, questions, rows: heldQuestions!.rows })),
    promptedRatings: prompted(models, 'rating'), promptedChoices: prompted(models, 'choice'),
  };
  const measures: Measures[][] = [];
  for (const { label, members } of models) {
    const own: Measures[] = [];
    for (const [at, model] of members.entries()) own.push(await measureModel(model, members.length > 1 ? `${label}, training ${at + 1} of ${members.length}` : label, plan, context));
    measures.push(own);
  }
  const watch = { progress: context.progress, signal: context.signal };
  const columns: ColumnResult[] = [];
  const compared = { tests: [] as TransferTest[], perDimension: [] as TransferValue['perDimension'][number][] };
  for (const test of words) {
    const found = await compareWords(test, models, measures, { ...params, compute: context.compute, watch, place });
    columns.push(...found.columns);
    compared.tests.push(found.test);
    compared.perDimension.push(...found.perDimension);
  }
  for (const part of plan.questions) {
    const found = compareQuestions(part, heldQuestions!, measures, params);
    columns.push(...found.columns);
    compared.tests.push(found.test);
  }
  const rows = models.map((model, at) => rowOf(model, at === 0));
  const ordered = ['rsa', 'probe', 'rating', 'choice'].flatMap((measure) => columns.filter(({ column }) => column.measure === measure));
  const { cells, family } = cellsOf(rows, ordered, params);
  tellPower(params, cells.some(({ pFrom }) => pFrom === 'bootstrap') ? family : 0, context);
  return {
    type: 'transfer', rows, columns: ordered.map(({ column }) => column), cells, ...compared, family,
    layer: measures[0]![0]!.layer, pooling: params.pooling, templates: [...params.templates], likelihood: params.likelihood,
    folds: params.folds, bootstrap: params.bootstrap, level: params.level, seed: params.seed,
  };
};

/** Base first. */
function modelsOf({ base, tuned }: ParamsOf<typeof fields>, context: RunContext): Compared[] {
  const cells = [base, ...tuned];
  const values = cells.map((cell) => inputOf(context, cell, 'model'));
  const labels = distinct(values.map(({ label }) => label), cells);
  return values.map((value, at) => ({ label: labels[at]!, members: membersOf(value) }));
}

function testsOf(cells: readonly string[], context: RunContext): WordTest[] {
  const stimuli = cells.map((cell) => inputOf(context, cell, 'stimuli'));
  const labels = distinct(stimuli.map(({ label }) => label), cells);
  return stimuli.map((value, at) => ({ cell: cells[at]!, label: labels[at]!, stimuli: value }));
}

/** Where labels are the same the cell's name is added, and a number where a cell is named twice. */
function distinct(labels: readonly string[], cells: readonly string[]): string[] {
  const named = labels.map((label, at) => (labels.indexOf(label) === labels.lastIndexOf(label) ? label : `${label} (${cells[at]!})`));
  return named.map((label, at) => {
    const before = named.slice(0, at).filter((other) => other === label).length;
    return before > 0 ? `${label} ${before + 1}` : label;
  });
}

/** What is odd about the models, for the run card. */
function oddModels([base, ...tuned]: readonly Compared[]): string[] {
  const origin = ({ tuned: part, revision }: ModelValue): string => part?.base.revision ?? revision;
  const own = base!.members[0]!;
  return tuned.flatMap(({ label, members }) => [
    ...(origin(members[0]!) === origin(own) ? [] : [`${label} was not tuned from ${base!.label}: its differences are between two models, not what tuning did.`]),
    ...(['rating', 'choice'] as const).flatMap((task) => (headOf(members[0]!, task)?.older ? [`${label} was tuned on after its head for ${task === 'rating' ? 'ratings' : 'questions'} was trained; the head reads states that moved since.`] : [])),
  ]);
}

/** How often questions and sentences that were trained on name a held-out word. Not a leak: the word was seen, its ratings were not. */
function mentions(tests: readonly WordTest[], held: readonly HeldOut[], questions: readonly ChoiceQuestion[], models: readonly Compared[]): string[] {
  const byId = new Map(questions.map((question) => [question.id, question]));
  // A file names no question and no sentence.
  const unread = models.filter(({ members }) => partsOf(members[0]!).some(({ task, sides }) => task !== 'rating' && sides.train.length === 0));
  const untold = unread.map(({ label }) => `${label}: its adapter came from a file, which does not hold the questions or sentences that it was trained on; how many of them name a held-out word is not known.`);
  const told = tests.flatMap(({ cell, stimuli }, at) => {
    const all = wordForms(stimuli);
    const forms = held[at]!.rows.map((row) => all[row]!);
    return models.flatMap(({ label, members }) => partsOf(members[0]!).flatMap(({ task, unit, sides, language }) => {
      const spoken = questionLanguages.find((code) => code === language);
      const asked = sides.train.flatMap((id) => byId.get(id) ?? []);
      const found = task === 'text' ? mentionsOf(sides.train, forms) : task === 'choice' && spoken && asked.length > 0 ? questionMentions(asked, spoken, forms).any : null;
      return found && found.texts > 0 ? [`${found.texts} of ${found.of} ${unit}s that ${label} was trained on name a held-out word of ${cell} (${shortList(found.forms, 3)}): the word was seen, its ratings were not.`] : [];
    }));
  });
  return [...untold, ...told];
}

/** With few draws no p can survive the correction. */
function tellPower({ bootstrap, level }: ParamsOf<typeof fields>, family: number, { warn }: RunContext): void {
  const needed = Math.ceil((2 * family) / (1 - level)) - 1;
  if (family > 0 && bootstrap > 0 && bootstrap < needed) {
    warn(`with ${bootstrap} draws no p from the bootstrap is below ${(2 / (bootstrap + 1)).toPrecision(2)}; corrected for ${family} differences by Holm none can reach ${Number((1 - level).toPrecision(3))}. It takes ${needed} draws.`);
  }
}
