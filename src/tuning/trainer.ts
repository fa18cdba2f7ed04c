/**
 * The training loop: batches in turn, clipped gradients, a scheduled rate, the optimiser, validation with early
 * stopping, checkpoints. What happens in a step depends on the seed and the step's number alone, so a run that is
 * resumed from a checkpoint goes on bit for bit (on wasm, whose sums do not depend on timing).
 */
import { isSuspension } from '../base/problem.ts';
import type { Progress, ProgressCurve, Watch } from '../base/progress.ts';
import { Breather, pause } from '../gpu/pause.ts';
import { duration } from '../ui/format.ts';
import { snapshot, type Checkpoint } from './checkpoint.ts';
import { clipGradients } from './clip.ts';
import { targetsKnown } from './gradient/feeds.ts';
import { optimise, startOptimiser, type OptimiserSettings, type OptimiserState, type Tensors } from './optimiser.ts';
import { checkSchedule, rateAt, type Schedule } from './schedule.ts';
import type { TrainingStep } from './step.ts';
import { afterEvaluation, shouldStop, startStopping, type StoppingSettings } from './stopping.ts';
import type { Batch, Task } from './tasks/batch.ts';
import { drawsFor } from './tasks/draws.ts';
import type { Mixture } from './tasks/mixture.ts';

/** A task, the step that trains it, and what it is validated on. Steps of one run share arrays by name. */
export interface Part {
  readonly task: Pick<Task, 'name' | 'batch'>;
  readonly step: Pick<TrainingStep, 'run' | 'predict' | 'tensors'>;
  /** Batches of validation rows; none for a task without validation. */
  readonly validation: readonly Batch[];
}

export interface TrainSettings {
  /** Name of the run: a hash of model, data and settings. See {@link Checkpoint.run}. */
  readonly run: string;
  /** For dropout: integer, 0 to 2^53 - 1. Tasks have theirs. */
  readonly seed: number;
  /** Which task each step takes; its steps are those of the run. */
  readonly plan: Mixture;
  readonly schedule: Schedule;
  readonly optimiser: OptimiserSettings;
  /** Largest norm of the gradients, above 0; null leaves them as they are. */
  readonly clip: number | null;
  readonly stopping: StoppingSettings;
  /** Steps from one validation to the next, at least 1; it is validated before the first step and after the last as well. */
  readonly evaluateEvery: number;
  /** Steps from one checkpoint to the next; none by default. */
  readonly checkpointEvery?: number;
}

export interface TrainWatch extends Watch {
  /** Takes a copy of the run's state; the run waits for it. Called where the settings say, when one is due and at a suspension. */
  readonly checkpoint?: (checkpoint: Checkpoint) => Promise<void> | void;
  /** Asked after every step. */
  readonly checkpointDue?: () => boolean;
}

export interface TrainResult {
  /** The run where it ended. Its parameters are those of the last step, copied. */
  readonly end: Checkpoint;
  /** Steps after which the weights that were kept were reached: the best ones on validation, else the last ones. */
  readonly keptStep: number;
  readonly stoppedEarly: boolean;
}

/** The training loss that is shown: the mean over this many steps. */
const smoothedOver = 10;
/** Milliseconds between two drawings of the curves, and the most points of one. */
const drawnEvery = 250;
const drawnPoints = 120;
/** Milliseconds after which an evaluation tells how far it is. */
const longEvaluation = 500;

/**
 * Trains. Writes to the arrays of the steps; at the end they hold the weights with the lowest validation loss, or the
 * last ones where nothing was validated.
 *
 * @param from a checkpoint of the same run to go on from
 * @throws Problem `schedule`, `gradient-not-finite`, `validation-not-finite` and what the steps throw; an AbortError
 *   between two steps or batches after cancel; RangeError where the parts are not those of the plan or the checkpoint
 */
export async function train(settings: TrainSettings, parts: readonly Part[], watch: TrainWatch = {}, from: Checkpoint | null = null): Promise<TrainResult> {
  const { plan, schedule, seed } = settings;
  checkSchedule(schedule);
  if (settings.evaluateEvery < 1 || (settings.checkpointEvery ?? 1) < 1) throw new RangeError('validation and checkpoints are at least one step apart');
  const byName = new Map(parts.map((part) => [part.task.name, part]));
  const parameters = allTensors(parts);
  let run = from ? resumed(from, settings, parameters) : begin(settings, parts, parameters);
  // One list that grows: a copy at every step would cost more with every step.
  const history = [...run.history];
  run = { ...run, history };
  const clock = new Clock(run.step, plan.steps);
  const validated = parts.some(({ validation }) => validation.length > 0);
  const evaluate = (): Promise<Checkpoint> => evaluated(run, settings, parts, parameters, { ...watch, progress: (at) => clock.report(run, watch, at) });
  if (validated && run.validation.length === 0) run = await evaluate();
  const breather = new Breather();
  while (run.step < plan.steps && !shouldStop(settings.stopping, run.stopping)) {
    if (breather.due()) await pause();
    await stopIfAborted(run, watch);
    const turn = plan.at(run.step);
    const part = byName.get(turn.task);
    if (!part) throw new RangeError(`the plan has a task ${turn.task} and the parts are ${[...byName.keys()].join(', ')}`);
    const { loss, gradients } = await part.step.run(part.task.batch(turn.index), drawsFor(seed, 'dropout', run.step));
    const norm = clipGradients(gradients, settings.clip);
    const rate = rateAt(schedule, run.step);
    const taken = { ...run.taken, [turn.task]: turn.index + 1 };
    const optimiser = update(settings.optimiser, rate, run.optimiser, parts, part, taken, gradients);
    const step = run.step + 1;
    history.push({ step, task: turn.task, loss, norm, rate });
    run = { ...run, step, optimiser, taken };
    clock.report(run, watch);
    if (validated && (step % settings.evaluateEvery === 0 || step === plan.steps)) run = await evaluate();
    const due = settings.checkpointEvery !== undefined && step % settings.checkpointEvery === 0;
    if (due || watch.checkpointDue?.()) await watch.checkpoint?.(snapshot(run));
  }
  await stopIfAborted(run, watch);
  const end = snapshot(run);
  if (end.stopping.weights) write(end.stopping.weights, parameters);
  return { end, keptStep: validated ? end.stopping.bestStep : end.step, stoppedEarly: end.step < plan.steps };
}

/** A run that is suspended hands over its state before it ends; one that is cancelled just ends. */
async function stopIfAborted(run: Checkpoint, { signal, checkpoint }: TrainWatch): Promise<void> {
  if (isSuspension(signal?.reason)) await checkpoint?.(snapshot(run));
  signal?.throwIfAborted();
}

/** All that is trained, by name. */
function allTensors(parts: readonly Part[]): Tensors {
  const all: Record<string, Float32Array> = {};
  for (const { step } of parts) {
    for (const [name, values] of Object.entries(step.tensors)) {
      if (all[name] && all[name] !== values) throw new RangeError(`two steps train ${name}, each in an array of its own`);
      all[name] = values;
    }
  }
  return all;
}

function begin({ run, seed }: TrainSettings, parts: readonly Part[], parameters: Tensors): Checkpoint {
  return { run, seed, step: 0, parameters, optimiser: startOptimiser(parameters), taken: Object.fromEntries(parts.map(({ task }) => [task.name, 0])), stopping: startStopping, history: [], validation: [] };
}

/** The state of a checkpoint, whose arrays stay as they are, with its weights in the arrays of the steps. */
function resumed(from: Checkpoint, { run }: TrainSettings, parameters: Tensors): Checkpoint {
  if (from.run !== run) throw new RangeError(`the checkpoint is of the run ${from.run}, not ${run}`);
  write(from.parameters, parameters);
  return { ...snapshot(from), parameters };
}

function write(from: Tensors, to: Tensors): void {
  for (const [name, values] of Object.entries(to)) {
    const source = from[name];
    if (source?.length !== values.length) throw new RangeError(`${name} has ${values.length} numbers, and the checkpoint ${source?.length ?? 'none'}`);
    values.set(source);
  }
}

/**
 * The optimiser's step for the parameters of one part. As in torch.optim each parameter counts the steps in which it
 * had a gradient: a head only those of its own task.
 */
function update(settings: OptimiserSettings, rate: number, state: OptimiserState, parts: readonly Part[], part: Part, taken: Readonly<Record<string, number>>, gradients: Tensors): OptimiserState {
  const byCount = new Map<number, Record<string, Float32Array>>();
  for (const [name, values] of Object.entries(part.step.tensors)) {
    const count = parts.reduce((sum, { task, step }) => sum + (name in step.tensors ? taken[task.name]! : 0), 0);
    const group = byCount.get(count);
    if (group) group[name] = values;
    else byCount.set(count, { [name]: values });
  }
  for (const [count, group] of byCount) optimise(settings, rate, { ...state, step: count - 1 }, group, gradients);
  return { ...state, step: state.step + 1 };
}

/** The state after validation. Tasks count by their share of the run's steps. */
async function evaluated(run: Checkpoint, { plan, stopping }: TrainSettings, parts: readonly Part[], parameters: Tensors, watch: Watch): Promise<Checkpoint> {
  const shares = plan.taken(plan.steps);
  const tasks: Record<string, number> = {};
  let [sum, weight] = [0, 0];
  for (const { task, step, validation } of parts) {
    if (validation.length === 0) continue;
    tasks[task.name] = await meanLoss(step, validation, `validation${parts.length > 1 ? ` of ${task.name}` : ''}`, watch);
    sum += shares[task.name]! * tasks[task.name]!;
    weight += shares[task.name]!;
  }
  const loss = sum / weight;
  return { ...run, stopping: afterEvaluation(stopping, run.stopping, run.step, loss, parameters), validation: [...run.validation, { step: run.step, loss, tasks }] };
}

/**
 * Mean loss over the known targets of some batches, without dropout; NaN where none is known.
 *
 * @param what names it in progress, which is told where it takes long
 * @throws an AbortError after a cancel. A suspension waits until all is known: half of it is no state to go on from.
 */
export async function meanLoss(step: Pick<TrainingStep, 'predict'>, batches: readonly Batch[], what: string, { signal, progress }: Watch = {}): Promise<number> {
  const breather = new Breather();
  const began = performance.now();
  let [sum, count] = [0, 0];
  for (const [at, batch] of batches.entries()) {
    if (breather.due()) {
      await pause();
      if (performance.now() - began > longEvaluation) progress?.({ label: `${what}, batch ${at + 1} of ${batches.length}`, done: at, total: batches.length });
    }
    if (!isSuspension(signal?.reason)) signal?.throwIfAborted();
    const known = targetsKnown(batch);
    if (known === 0) continue;
    sum += known * (await step.predict(batch)).loss;
    count += known;
  }
  return sum / count;
}

/** Mean loss of the last steps. */
export function recentLoss(history: Checkpoint['history']): number {
  const last = history.slice(-smoothedOver);
  return last.reduce((sum, { loss }) => sum + loss, 0) / last.length;
}

/** Speed and time left, validation included, and the curves so far. */
class Clock {
  readonly #started = performance.now();
  readonly #from: number;
  readonly #steps: number;
  #curves: readonly ProgressCurve[] = [];
  #drawn = -Infinity;

  constructor(from: number, steps: number) {
    this.#from = from;
    this.#steps = steps;
  }

  /** @param evaluation how far the evaluation is that goes on */
  report(run: Checkpoint, { progress }: Watch, evaluation?: Progress): void {
    if (!progress) return;
    const { step, history, validation } = run;
    const now = performance.now();
    const perStep = (now - this.#started) / (step - this.#from);
    const speed = 1000 / perStep;
    const left = perStep * (this.#steps - step);
    if (now - this.#drawn >= drawnEvery && history.length > 0) {
      this.#drawn = now;
      this.#curves = curvesOf(run);
    }
    const checked = validation.at(-1);
    progress({
      label: evaluation ? `step ${step} of ${this.#steps}, ${evaluation.label}` : `step ${step} of ${this.#steps}, loss ${recentLoss(history).toPrecision(3)}, ${checked ? `validation ${checked.loss.toPrecision(3)}, ` : ''}${speed.toPrecision(speed < 10 ? 2 : 3)} steps/s, ${duration(left)} left`,
      done: step, total: this.#steps, ...(this.#curves.length > 0 ? { curves: { end: this.#steps, lines: this.#curves } } : {}),
    });
  }
}

/** The losses so far, those of several tasks apart, each point of the drawing a mean over neighbours. */
function curvesOf({ history, validation, taken }: Checkpoint): ProgressCurve[] {
  const tasks = Object.keys(taken);
  const training = tasks.length > 1 ? tasks.map((name) => thinned(name, history.filter(({ task }) => task === name))) : [thinned('training', history)];
  return [...training, ...(validation.length > 0 ? [thinned('validation', validation)] : [])];
}

function thinned(name: string, points: readonly { readonly step: number; readonly loss: number }[]): ProgressCurve {
  const size = Math.max(1, Math.ceil(points.length / drawnPoints));
  const groups = Array.from({ length: Math.ceil(points.length / size) }, (_, at) => points.slice(at * size, (at + 1) * size));
  return { name, x: groups.map((group) => group.at(-1)!.step), y: groups.map((group) => group.reduce((sum, { loss }) => sum + loss, 0) / group.length) };
}
