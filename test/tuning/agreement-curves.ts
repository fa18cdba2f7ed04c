/** Loss curves of 100 steps, here and in PyTorch, and when they agree. */
import { expect } from 'vitest';
import { defaultOptimiser } from '../../src/tuning/optimiser.ts';
import type { TrainingStep } from '../../src/tuning/step.ts';
import { planMixture } from '../../src/tuning/tasks/mixture.ts';
import { train, type Part, type TrainSettings } from '../../src/tuning/trainer.ts';

export const steps = 100;
/** Decay is on, so that it is compared as well. */
export const optimiser = { ...defaultOptimiser, weightDecay: 0.01 };

export type Run = Pick<TrainSettings, 'schedule' | 'clip'>;
const settingsOf = ({ schedule, clip }: Run): TrainSettings => ({
  run: 'agreement', seed: 1, plan: planMixture([{ steps, shares: { task: 1 } }], ['task'], ''), schedule, optimiser, clip, stopping: { patience: null, improvement: 0 }, evaluateEvery: steps,
});

/** The losses and norms of 100 steps on these batches. */
export async function followed(step: TrainingStep, batch: Part['task']['batch'], run: Run): Promise<Curve> {
  const { end } = await train(settingsOf(run), [{ task: { name: 'task', batch }, step, validation: [] }]);
  return { losses: end.history.map(({ loss }) => loss), norms: end.history.map(({ norm }) => norm) };
}

export interface Curve {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
}

/** Largest difference of a step relative to the reference. */
function furthest(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...actual.map((value, at) => Math.abs(value - expected[at]!) / Math.abs(expected[at]!)));
}

/** Within a tenth of the 1 % that is asked for, at every step; and the run is one in which something is learnt. */
export function expectSameCurve(actual: Curve, expected: Curve, falls: number): void {
  expect(expected.losses).toHaveLength(steps);
  expect(furthest(actual.losses, expected.losses)).toBeLessThan(0.001);
  expect(furthest(actual.norms, expected.norms)).toBeLessThan(0.01);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(actual.losses.slice(-10))).toBeLessThan(falls * mean(actual.losses.slice(0, 10)));
}
