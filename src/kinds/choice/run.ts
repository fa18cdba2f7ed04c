/** Runs a `choice` cell: reads the questions, scores their options with the model, counts what is right. */
import { Problem } from '../../base/problem.ts';
import type { ChoiceValue } from '../../data/choice.ts';
import { shortList } from '../../data/names.ts';
import { demoQuestions, readQuestions, type Question } from '../../data/question-files.ts';
import { sampleRows } from '../../data/sample.ts';
import { loadPromptTokenizer } from '../../models/chat.ts';
import { openCausalModel, requireCausal } from '../../models/prefix.ts';
import { fileNamed, type FileField, type ParamsOf } from '../field.ts';
import { inputOf, type InputFile, type Run, type RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { differencesOf, otherwise, sharedQuestions, sharesOf } from './accuracy.ts';
import { mostLetters, neutralPrompt, templateOf } from './prompts.ts';
import { fields } from './schema.ts';
import { scoreQuestions } from './score.ts';

type Params = ParamsOf<typeof fields>;

export const run: Run<typeof fields, 'choice'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const model = inputOf(context, params.model, 'model');
  requireCausal(model);
  const other = params.against === 'none' ? null : inputOf(context, params.against, 'choice');
  const template = templateOf(params.template, params.form, params.language, place);
  const neutral = params.calibrate === 'none' ? '' : neutralPrompt(params.neutral, params.language);
  const { form, orders, normalise, level } = params;
  const read = await questionsOf(params, context);
  const questions = drawnOf(read, params);
  if (form === 'letters') requireLetters(questions, place);
  if (form === 'letters' && normalise !== 'none') context.warn('letters are not divided by lengths: normalise has no effect with form: letters');
  if (form === 'text' && orders === 'cyclic') context.warn('orders has no effect with form: text, which lists no options');

  const files = openModelFiles(model, context);
  const tokenizer = await loadPromptTokenizer(files, context);
  const chat = tokenizer.chatFor(params.chat);
  const open = await openCausalModel(model, files, { device: params.device, compute: await context.compute() }, context);
  context.ranOn(`model: ${open.backend}`);
  try {
    const { questions: scored, merged, dropped } = await scoreQuestions(open, tokenizer, questions, { template, form, orders, normalise, neutral, chat }, context);
    if (scored.length === 0) throw new Problem({ code: 'nothing-asked', place, what: `none of ${questions.length} questions can be asked: ${dropped.map(({ reason }) => reason).join('; ')}`, fix: 'Choose a model with a longer context or another tokenizer, or shorter questions.' });
    for (const note of model.notes) context.warn(note);
    if (merged > 0) context.warn(`in ${merged} of ${scored.length} questions a token spans the end of the prompt and the beginning of an option; it counts as the option’s`);
    const shares = sharesOf(scored, level);
    if (shares.length === 0) context.warn('no answer is known: there are scores, and no accuracy; name the file of answers in Answers');
    else if (shares[0]!.n < scored.length) context.warn(`the answers of ${scored.length - shares[0]!.n} of ${scored.length} questions are not known; accuracy is of the others`);
    const label = params.label.trim() || model.label;
    const value: ChoiceValue = {
      type: 'choice', label, model: model.label, revision: model.revision,
      source: params.questions === 'demo' ? 'demo questions' : params.questions, origin: params.questions === 'demo' ? 'illustrative' : 'model',
      template, form, orders, normalise, neutral, chat, level, of: read.length, drawn: questions.length,
      questions: scored, shares, otherwise: form === 'text' ? otherwise(scored) : [], merged, against: null, dropped,
    };
    return other ? { ...value, against: against(value, other, context) } : value;
  } finally {
    await open.dispose();
  }
};

async function questionsOf(params: Params, context: RunContext): Promise<readonly Question[]> {
  const fileOf = (name: 'questions' | 'labels', address: string): InputFile | null => {
    const declared: FileField = fields[name];
    const wanted = fileNamed(declared, params[name]);
    const file = wanted === null ? null : context.files.get(wanted);
    if (file !== undefined) return file;
    throw new Problem({
      code: 'file-missing', place: `cell ${context.cell}`, what: `${wanted} is not in this browser yet`,
      fix: address ? 'Fetch it from its address, or choose the file.' : 'Choose the file or drop it on the cell.',
      action: { type: 'choose-file', name: wanted!, address },
    });
  };
  const labels = fileOf('labels', params.labelsAddress);
  const file = fileOf('questions', params.address);
  if (file) return readQuestions(file, labels, context.warn, context);
  if (labels) context.warn(`${labels.name} is not read: the demo questions have their answers`);
  return demoQuestions(context.base, params.language, context);
}

/** In the order of the file. */
function drawnOf(questions: readonly Question[], { limit, draw, seed }: Params): readonly Question[] {
  if (limit === 0 || limit >= questions.length) return questions;
  return draw === 'first' ? questions.slice(0, limit) : sampleRows(questions.map(({ id, question }) => [id, question]), limit, seed).map((row) => questions[row]!);
}

function requireLetters(questions: readonly Question[], place: string): void {
  const long = questions.find(({ options }) => options.length > mostLetters);
  if (long) throw new Problem({ code: 'too-many-options', place, what: `question ${long.id} has ${long.options.length} options, and there are ${mostLetters} letters`, fix: 'Set form: text.' });
}

/** @throws Problem `nothing-shared` where the two cells were not asked the same */
function against(own: ChoiceValue, other: ChoiceValue, { cell, warn }: RunContext): NonNullable<ChoiceValue['against']> {
  const pairs = sharedQuestions(own.questions, other.questions);
  if (pairs.length === 0) {
    throw new Problem({ code: 'nothing-shared', place: `cell ${cell}`, what: `${other.label} was asked ${other.source}, and none of its questions with an answer is among those of ${own.source}`, fix: 'Name a choice cell on the same questions under against.' });
  }
  if (pairs.length < own.questions.length) warn(`compared with ${other.label} on ${pairs.length} of ${own.questions.length} questions: those that both were asked and whose answer is known`);
  const unlike = (['form', 'orders', 'normalise', 'neutral', 'template', 'chat'] as const).filter((key) => own[key] !== other[key]);
  if (unlike.length > 0) warn(`${own.label} and ${other.label} were asked in other ways (${shortList(unlike)}): what differs may be the way of asking, not the model`);
  return { label: other.label === own.label ? `${other.label} (against)` : other.label, differences: differencesOf(pairs, own.level) };
}
