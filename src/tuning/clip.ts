/** Gradient clipping by the norm over all parameters. */
import { Problem } from '../base/problem.ts';
import type { Tensors } from './optimiser.ts';

/** The Euclidean norm over all numbers of all gradients, summed in double precision in the order of the names. */
export function gradientNorm(gradients: Tensors): number {
  let sum = 0;
  for (const values of Object.values(gradients)) for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * Scales all gradients by one factor, min(1, most / (norm + 1e-6)), so that their norm is at most `most`:
 * torch.nn.utils.clip_grad_norm_.
 *
 * @param most above 0; null leaves the gradients as they are
 * @returns the norm before
 * @throws Problem `gradient-not-finite` naming the parameter: a step with such a gradient would spoil all weights
 */
export function clipGradients(gradients: Tensors, most: number | null): number {
  const norm = gradientNorm(gradients);
  if (!Number.isFinite(norm)) {
    const [name, values] = Object.entries(gradients).find(([, list]) => list.some((value) => !Number.isFinite(value))) ?? ['all', []];
    throw new Problem({
      code: 'gradient-not-finite',
      place: `gradient of ${name}`,
      what: `it holds ${String(values.find((value) => !Number.isFinite(value)) ?? norm)}, so training cannot go on`,
      fix: 'Lower the learning rate, or clip gradients to a smaller norm; the last checkpoint is from before.',
    });
  }
  if (most === null) return norm;
  if (!(most > 0)) throw new RangeError(`the largest norm is ${most}, not above 0`);
  const factor = Math.fround(Math.min(1, most / (norm + 1e-6)));
  if (factor < 1) for (const values of Object.values(gradients)) for (let i = 0; i < values.length; i++) values[i]! *= factor;
  return norm;
}
