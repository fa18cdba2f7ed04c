/** Trains adapters for a model on the data of a `finetune` cell; gives a model like any other. */
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { shortList } from '../../data/names.ts';
import type { TaskCard, TunedHead, TuningCard } from '../../data/tuned.ts';
import { heads } from '../../tuning/gradient/losses.ts';
import { defaultOptimiser } from '../../tuning/optimiser.ts';
import { openTrainingStep, type TrainingStep } from '../../tuning/step.ts';
import { planMixture } from '../../tuning/tasks/mixture.ts';
import { meanLoss, train, type TrainResult } from '../../tuning/trainer.ts';
import { tunedModel } from '../../tuning/tuned.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { trainingData, type Params, type TrainingData } from './data.ts';
import type { fields } from './schema.ts';

/** Gradients are clipped to this norm, as is usual for adapters. */
const clip = 1;

export const run: Run<typeof fields, 'model'> = async (params, context) => {
  const started = performance.now();
  const model = inputOf(context, params.model, 'model');
  const files = openModelFiles(model, context);
  const data = await trainingData(params, model, files, context);
  for (const { reason, words } of data.card.dropped) context.warn(`${words.length} ${data.card.unit}s left out (${reason}): ${shortList(words)}`);
  context.progress({ label: 'making the training graph', done: 0, total: 0 });
  const step = await openTrainingStep(model, files, {
    device: params.device, compute: await context.compute(), aim: data.aim, rank: params.rank, scale: params.scale, dropout: params.dropout, seed: params.seed,
    ...(params.targets === 'all' ? { choose: ({ layer }) => layer !== null } : {}),
  }, context);
  context.ranOn(`training: ${step.backend}`);
  try {
    for (const note of [...model.notes, ...step.notes]) context.warn(note);
    const reference = await referenceLoss(data, step);
    const result = await trained(params, model.revision, data, step, context);
    if (data.validation.length > 0 && result.keptStep === 0) context.warn('the loss on the validation side never fell: the adapters are those before training, which change nothing');
    const test = data.test.length > 0 ? { loss: await meanLoss(step, data.test), reference } : null;
    const part: TaskCard = { ...data.card, share: 1, validation: result.end.validation, test };
    const card: TuningCard = {
      base: model.label, seed: params.seed, settings: settingsOf(params), parts: [part],
      parameters: step.parameters.reduce((sum, { values }) => sum + values.length, 0),
      history: result.end.history.map((point) => ({ step: point.step, loss: point.loss, task: params.task })),
      validation: result.end.validation,
      steps: result.end.step, keptStep: result.keptStep, stoppedEarly: result.stoppedEarly,
      device: step.backend, seconds: (performance.now() - started) / 1000,
    };
    return await tunedModel(model, { adapters: step.adapters(), heads: headOf(data, step), card }, params.label.trim() || context.cell);
  } finally {
    await step.dispose();
  }
};

function headOf({ card: { task }, scales }: TrainingData, { tensors }: TrainingStep): TunedHead[] {
  if (task === 'text') return [];
  const [weight, bias] = task === 'rating' ? [tensors[heads.rating.weight], tensors[heads.rating.bias]] : [tensors[heads.choice.weight], new Float32Array(1)];
  return weight && bias ? [{ task, weight, bias, scales }] : [];
}

/** See TaskCard.test; to be asked before training. NaN without a test side. */
async function referenceLoss({ aim, test }: TrainingData, step: TrainingStep): Promise<number> {
  if (test.length === 0) return NaN;
  switch (aim.type) {
    // Targets are z-scores over the training words, whose mean is 0.
    case 'ratings': {
      const known = test.flatMap((batch) => (batch.type === 'ratings' ? [...batch.targets] : [])).filter((target) => !Number.isNaN(target));
      return known.reduce((sum, target) => sum + target ** 2, 0) / known.length;
    }
    case 'choice': return Math.log(aim.options);
    case 'language': return meanLoss(step, test);
    default: throw new Error(`unknown aim ${String(aim satisfies never)}`);
  }
}

async function trained(params: Params, revision: string, { task, validation, card }: TrainingData, step: TrainingStep, context: RunContext): Promise<TrainResult> {
  const { steps, seed, rate, warmup, every, patience } = params;
  const name = await sha256(canonicalJson({ revision, params, sides: card.sides, dimensions: card.dimensions }));
  return train({
    run: name, seed, clip,
    plan: planMixture([{ steps, shares: { [task.name]: 1 } }], [task.name], `cell ${context.cell}`),
    schedule: { decay: 'linear', peak: rate, warmUp: Math.round(warmup * steps), steps },
    optimiser: defaultOptimiser,
    stopping: { patience: patience > 0 ? patience : null, improvement: 0 },
    evaluateEvery: every,
  }, [{ task, step, validation }], context);
}

/** What was chosen, without names of cells. */
function settingsOf({ test, validation, steps, batch, rank, scale, dropout, targets, rate, warmup, every, patience, pooling, templates, lowercase }: Params): TuningCard['settings'] {
  return { test, validation, steps, batch, rank, scale, dropout, targets, rate, warmup, every, patience, pooling, templates: templates.join(' | '), lowercase, clip };
}
