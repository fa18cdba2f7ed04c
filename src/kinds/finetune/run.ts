/** Trains adapters for a model on the data of a `finetune` cell; gives a model like any other. */
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { isSuspension } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { shortList } from '../../data/names.ts';
import type { TaskCard, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import type { ModelFiles } from '../../models/files.ts';
import { defaultOptimiser } from '../../tuning/optimiser.ts';
import { meanLoss, train, type TrainResult } from '../../tuning/trainer.ts';
import { tunedModel } from '../../tuning/tuned.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { trainingData, type Params, type TaskData } from './data.ts';
import { openTasks, tellMemory, type OpenTask } from './parts.ts';
import { keeping, keptStart, type KeptTraining } from './resume.ts';
import { planOf, planText, type Plan } from './plan.ts';
import type { fields } from './schema.ts';

/** Gradients are clipped to this norm, as is usual for adapters. */
const clip = 1;

/** What all trainings of a cell have in common. */
interface Cell {
  readonly params: Params;
  readonly model: ModelValue;
  readonly files: ModelFiles;
  readonly data: readonly TaskData[];
  readonly plan: Plan;
  readonly context: RunContext;
}

export const run: Run<typeof fields, 'model'> = async (params, context) => {
  const model = inputOf(context, params.model, 'model');
  const files = openModelFiles(model, context);
  const plan = planOf([...new Set(params.task)], params.plan, params.steps, `cell ${context.cell}`);
  if (plan.written !== null) context.warn(`the plan’s ${plan.written} steps are brought to ${params.steps}, the number of steps: ${planText(plan.phases)}`);
  const data = await trainingData(params, model, files, context);
  for (const { card } of data) for (const { reason, words } of card.dropped) context.warn(`${words.length} ${card.unit}s left out (${reason}): ${shortList(words)}`);
  tellMemory(data, model, context);
  const cell: Cell = { params, model, files, data, plan, context };
  // One after the other, each with its memory given back: models are many times as large as what is learnt.
  const first = await training(cell, 0, null);
  const repeats: ModelValue[] = [];
  for (let repeat = 1; repeat < params.repeats; repeat++) {
    context.signal.throwIfAborted();
    repeats.push((await training(cell, repeat, first.references)).value);
  }
  const { value } = first;
  return repeats.length > 0 ? { ...value, tuned: { ...value.tuned!, repeats } } : value;
};

/**
 * One training of the cell.
 *
 * @param repeat from 0; it is added to the seed of what is random in training. The split stays.
 * @param known losses for reference, which are the same for all repeats; null to find them out
 */
async function training(cell: Cell, repeat: number, known: readonly number[] | null): Promise<{ value: ModelValue; references: readonly number[] }> {
  const { params, model, files, context } = cell;
  const started = performance.now();
  const seed = params.seed + repeat;
  const data = repeat === 0 ? cell.data : cell.data.map((one) => ({ ...one, task: one.reseeded(seed) }));
  const report = (label: string): string => (params.repeats > 1 ? `training ${repeat + 1} of ${params.repeats}, ${label}` : label);
  context.progress({ label: report('making the training graph'), done: repeat * params.steps, total: repeat === 0 ? 0 : params.repeats * params.steps });
  const within: RunContext = {
    ...context,
    progress: (progress) => context.progress({ ...progress, label: report(progress.label), done: repeat * params.steps + progress.done, total: params.repeats * params.steps }),
  };
  /** Evaluations count no steps. */
  const evaluating = (done: number): Watch => ({ signal: context.signal, progress: ({ label }) => within.progress({ label, done, total: params.steps }) });
  const open = await openTasks(data, model, files, {
    device: params.device, compute: await context.compute(), rank: params.rank, scale: params.scale, dropout: params.dropout, seed,
    ...(params.targets === 'all' ? { choose: ({ layer }) => layer !== null } : {}),
  }, context);
  try {
    if (repeat === 0) {
      context.ranOn(`training: ${open.backend}`);
      for (const note of [...model.notes, ...open.notes]) context.warn(note);
    }
    const references = known ?? await inTurn(open.tasks, (task) => referenceLoss(task, evaluating(0)));
    const result = await trained(cell, repeat, open.tasks, {
      name: `training ${repeat + 1}`,
      at: (step) => ({ label: report(`step ${step} of ${params.steps}`), done: repeat * params.steps + step, total: params.repeats * params.steps }),
    }, within);
    const validated = open.tasks.some(({ validation }) => validation.length > 0);
    if (validated && result.keptStep === 0) context.warn(`${report('')}the loss on the validation side never fell: the adapters are those before training, which change nothing`);
    const parts = await partsOf(cell, open.tasks, references, result, evaluating(params.steps));
    // What a cancel would throw away is not given as a result. After a suspension it is: nothing is left to go on with.
    if (!isSuspension(context.signal.reason)) context.signal.throwIfAborted();
    const card: TuningCard = {
      base: model.label, seed, settings: settingsOf(cell), parts,
      parameters: open.parameters.reduce((sum, { values }) => sum + values.length, 0),
      history: result.end.history.map(({ step, loss, task }) => ({ step, loss, task: open.tasks.find((one) => one.task.name === task)!.card.task })),
      validation: result.end.validation.map(({ step, loss }) => ({ step, loss })),
      steps: result.end.step, keptStep: result.keptStep, stoppedEarly: result.stoppedEarly,
      device: open.backend, seconds: result.secondsBefore + (performance.now() - started) / 1000,
    };
    const label = params.label.trim() || context.cell;
    return { value: await tunedModel(model, { adapters: open.adapters(), heads: open.heads(), card }, repeat === 0 ? label : `${label}, seed ${seed}`), references };
  } finally {
    await open.dispose();
  }
}

/** One after the other: what is evaluated at the same time could not say how far it is. */
async function inTurn<T, U>(items: readonly T[], each: (item: T) => Promise<U>): Promise<U[]> {
  const all: U[] = [];
  for (const item of items) all.push(await each(item));
  return all;
}

/** See TaskCard.test; to be asked before training. NaN without a test side. */
async function referenceLoss({ aim, test, step, card }: OpenTask, watch: Watch): Promise<number> {
  if (test.length === 0) return NaN;
  switch (aim.type) {
    // Targets are z-scores over the training words, whose mean is 0.
    case 'ratings': {
      const known = test.flatMap((batch) => (batch.type === 'ratings' ? [...batch.targets] : [])).filter((target) => !Number.isNaN(target));
      return known.reduce((sum, target) => sum + target ** 2, 0) / known.length;
    }
    case 'choice': return Math.log(aim.options);
    case 'language': case 'options': return meanLoss(step, test, testOf(card), watch);
    default: throw new Error(`unknown aim ${String(aim satisfies never)}`);
  }
}

const testOf = ({ task }: Pick<TaskCard, 'task'>): string => `test of ${task}`;

async function partsOf({ plan: { mixture } }: Cell, tasks: readonly OpenTask[], references: readonly number[], { end }: TrainResult, watch: Watch): Promise<TaskCard[]> {
  const taken = mixture.taken(mixture.steps);
  const parts: TaskCard[] = [];
  for (const [at, { task: { name }, card, test, step }] of tasks.entries()) {
    parts.push({
      ...card, share: taken[name]! / mixture.steps,
      validation: end.validation.flatMap((point) => (name in point.tasks ? [{ step: point.step, loss: point.tasks[name]! }] : [])),
      test: test.length > 0 ? { loss: await meanLoss(step, test, testOf(card), watch), reference: references[at]! } : null,
    });
  }
  return parts;
}

async function trained({ params, model, data, plan }: Cell, repeat: number, tasks: readonly OpenTask[], named: Pick<KeptTraining, 'name' | 'at'>, context: RunContext): Promise<TrainResult & { readonly secondsBefore: number }> {
  const { steps, warmup, every, patience } = params;
  const seed = params.seed + repeat;
  const run = await sha256(canonicalJson({ revision: model.revision, params, seed, data: data.map(({ card: { sides, dimensions } }) => ({ sides, dimensions })) }));
  const kept: KeptTraining = { ...named, run };
  const start = await keptStart(kept, context);
  const watch = keeping(kept, start, context);
  const result = await train({
    run, seed, clip, plan: plan.mixture,
    schedule: { decay: 'linear', peak: rateOf(params), warmUp: Math.round(warmup * steps), steps },
    optimiser: defaultOptimiser,
    // What a curriculum leads up to is its last phase: what came before neither ends the run nor is kept.
    stopping: { patience: patience > 0 ? patience : null, improvement: 0, from: steps - plan.phases.at(-1)!.steps },
    evaluateEvery: every,
  }, tasks, { ...context, ...watch }, start.from);
  // It is not done again, whether the cell stops in what is left to compute or in its next training.
  await watch.checkpoint(result.end);
  return { ...result, secondsBefore: start.seconds };
}

/** Learning rates that are usual here: questions by likelihood start from what the model knows, and lose it at higher ones. */
const usualRate = { likelihood: 0.001, other: 0.005 } as const;

function rateOf({ rate, task, answer, options }: Params): number {
  if (rate > 0) return rate;
  return answer === 'head' && options === 'likelihood' && !task.includes('rating') && task.includes('choice') ? usualRate.likelihood : usualRate.other;
}

/** What was chosen, without names of cells. */
function settingsOf({ params, plan, context }: Cell): TuningCard['settings'] {
  // What text is split by, by its label.
  const followed = params.stimuli === 'none' ? 'none' : inputOf(context, params.stimuli, 'stimuli').label;
  const text: TuningCard['settings'] = params.task.includes('text') ? { sentencesFollow: followed, readTestWords: params.readTestWords } : {};
  const { answer, options, test, validation, steps, batch, rank, scale, dropout, targets, warmup, every, patience, pooling, templates, lowercase, repeats } = params;
  return { plan: planText(plan.phases), answer, options, test, validation, steps, batch, rank, scale, dropout, targets, rate: rateOf(params), warmup, every, patience, pooling, templates: templates.join(' | '), lowercase, repeats, clip, ...text };
}
