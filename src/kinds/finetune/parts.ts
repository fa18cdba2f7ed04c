/** The tasks of a run with what trains them: adapters that all share, heads of their own, one session for each aim. */
import { canonicalJson } from '../../base/hash.ts';
import type { Adapter, TunedHead } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import type { ModelFiles } from '../../models/files.ts';
import { Problem } from '../../base/problem.ts';
import { heads } from '../../tuning/gradient/losses.ts';
import { openTrainingStep, type TrainedParameter, type TrainingOptions, type TrainingStep } from '../../tuning/step.ts';
import { bytes } from '../../ui/format.ts';
import type { RunContext } from '../kind.ts';
import type { TaskData } from './data.ts';

/** A task whose batches and steps are at hand. */
export interface OpenTask extends TaskData {
  readonly step: TrainingStep;
}

export interface OpenTasks {
  readonly tasks: readonly OpenTask[];
  /** What is trained, shared arrays once. */
  readonly parameters: readonly TrainedParameter[];
  readonly notes: readonly string[];
  readonly backend: string;
  adapters(): readonly Adapter[];
  /** Copies are not made: the arrays are those that were trained. */
  heads(): TunedHead[];
  dispose(): Promise<void>;
}

/** Memory above which several aims at a time are worth a word. */
const muchMemory = 1.5e9;

/** How many sessions the tasks need: those with the same aim share one. */
function aimsOf(data: readonly Pick<TaskData, 'aim'>[]): number {
  return new Set(data.map(({ aim }) => canonicalJson({ ...aim }))).size;
}

/** Tells where several aims need much memory. A training session holds the weights about twice, one for validation once. */
export function tellMemory(data: readonly Pick<TaskData, 'aim'>[], { parameters }: Pick<ModelValue, 'parameters'>, { warn }: Pick<RunContext, 'warn'>): void {
  const aims = aimsOf(data);
  const needed = aims * 3 * 4 * parameters;
  if (aims > 1 && needed > muchMemory) warn(`tasks that are learnt in different ways hold the weights once more each: training needs about ${bytes(needed)}; fewer tasks in a cell need less`);
}

/** Opens what the tasks need. Where one cannot be opened, none stays open. Throws what openTrainingStep throws. */
export async function openTasks(data: readonly TaskData[], model: ModelValue, files: ModelFiles, options: Omit<TrainingOptions, 'aim' | 'parameters'>, context: RunContext): Promise<OpenTasks> {
  const steps = new Map<string, TrainingStep>();
  const dispose = async (): Promise<void> => {
    for (const step of steps.values()) await step.dispose();
  };
  const tasks: OpenTask[] = [];
  try {
    for (const one of data) {
      const key = canonicalJson({ ...one.aim });
      let step = steps.get(key);
      if (!step) {
        const parameters = Object.assign({}, ...[...steps.values()].map(({ tensors }) => tensors)) as TrainingStep['tensors'];
        step = await openTrainingStep(model, files, { ...options, aim: one.aim, parameters }, context);
        steps.set(key, step);
      }
      tasks.push({ ...one, step });
    }
  } catch (error) {
    await dispose();
    throw withoutHead(error, data);
  }
  const all = [...steps.values()];
  return {
    tasks, dispose,
    parameters: distinct(all.flatMap((step) => step.parameters), ({ name }) => name),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
    backend: all[0]!.backend,
    adapters: () => distinct(all.flatMap((step) => step.adapters()), ({ site }) => site.module),
    heads: () => tasks.flatMap(headOf),
  };
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function headOf({ card: { task, form }, scales, step: { tensors } }: OpenTask): TunedHead[] {
  if (task === 'text' || form !== 'head') return [];
  const [weight, bias] = task === 'rating' ? [tensors[heads.rating.weight], tensors[heads.rating.bias]] : [tensors[heads.choice.weight], new Float32Array(1)];
  return weight && bias ? [{ task, weight, bias, scales }] : [];
}

/** Prompts need a language model's output; the other form of answer does not. */
function withoutHead(error: unknown, data: readonly TaskData[]): unknown {
  if (!(error instanceof Problem) || error.code !== 'no-logits' || data.every(({ card }) => card.task === 'text' || card.form === 'head')) return error;
  const { code, place, what } = error.record;
  const setting = data.some(({ card }) => card.form === 'likelihood') ? 'options: head' : 'answer: head';
  return new Problem({ code, place, what, fix: `Set ${setting}, or choose an export with a language-model head (fill-mask or text generation).` });
}
