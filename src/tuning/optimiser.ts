/**
 * Adam and AdamW over named arrays of float32, in PyTorch's order of operations, so that a run can be compared with
 * torch.optim step by step. The state is plain data: it survives structured clone, and a run that is resumed from it
 * goes on bit for bit.
 */
import { Problem } from '../base/problem.ts';

/** Parameters, or numbers that belong to them one by one (gradients, moments), by name. */
export type Tensors = Readonly<Record<string, Float32Array>>;

export interface OptimiserSettings {
  /**
   * How weight decay reaches the parameters: `adam` adds it to the gradient (L2), `adamw` shrinks the parameter by
   * itself (decoupled).
   */
  readonly kind: 'adam' | 'adamw';
  /** Decay of the first moment, 0 up to but not 1. */
  readonly beta1: number;
  /** Decay of the second moment, 0 up to but not 1. */
  readonly beta2: number;
  /** Added to the root of the second moment; at least 0. */
  readonly epsilon: number;
  /** At least 0; 0 for none. */
  readonly weightDecay: number;
}

/** PyTorch's defaults for AdamW, but without decay: adapters start at zero and stay small by themselves. */
export const defaultOptimiser: OptimiserSettings = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

export interface OptimiserState {
  /** Steps taken. */
  readonly step: number;
  /** Running mean of the gradient, by parameter. */
  readonly m: Tensors;
  /** Running mean of the squared gradient, by parameter. */
  readonly v: Tensors;
}

/** The state before the first step. */
export function startOptimiser(parameters: Tensors): OptimiserState {
  const zeros = (): Tensors => Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, new Float32Array(values.length)]));
  return { step: 0, m: zeros(), v: zeros() };
}

/** What a setting may be, in words; null where it is in range. */
function outOfRange({ beta1, beta2, epsilon, weightDecay }: OptimiserSettings, rate: number): string | null {
  if (!(beta1 >= 0 && beta1 < 1)) return `beta1 is ${beta1}, not from 0 up to but not 1`;
  if (!(beta2 >= 0 && beta2 < 1)) return `beta2 is ${beta2}, not from 0 up to but not 1`;
  if (!(epsilon >= 0)) return `epsilon is ${epsilon}, not 0 or more`;
  if (!(weightDecay >= 0)) return `weight decay is ${weightDecay}, not 0 or more`;
  return rate >= 0 && Number.isFinite(rate) ? null : `learning rate is ${rate}, not 0 or more`;
}

/**
 * One step of Adam (Kingma and Ba 2015, arXiv:1412.6980) or AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101):
 *
 * m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g², and
 * p -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
 *
 * Every operation on a parameter is rounded to float32, the factors of a step are in double precision, as in
 * torch.optim. Writes to the parameters and to the state's arrays.
 *
 * @returns the state after the step; it holds the same arrays
 * @throws Problem `optimiser-setting` for a setting or a rate out of range; RangeError where the gradients are not those
 *   of the parameters
 */
export function optimise(settings: OptimiserSettings, rate: number, state: OptimiserState, parameters: Tensors, gradients: Tensors): OptimiserState {
  const wrong = outOfRange(settings, rate);
  if (wrong) throw new Problem({ code: 'optimiser-setting', place: '', what: wrong, fix: 'Change the setting in the cell.' });
  const { kind, beta1, beta2, epsilon, weightDecay } = settings;
  const { fround, sqrt } = Math;
  const step = state.step + 1;
  const stepSize = fround(-rate / (1 - beta1 ** step));
  const root = fround(sqrt(1 - beta2 ** step));
  const [share1, share2, keep2, small, decay, shrink] = [1 - beta1, 1 - beta2, beta2, epsilon, weightDecay, 1 - rate * weightDecay].map(fround) as [number, number, number, number, number, number];
  for (const [name, p] of Object.entries(parameters)) {
    const [g, m, v] = [gradients[name], state.m[name], state.v[name]];
    if (g?.length !== p.length || m?.length !== p.length || v?.length !== p.length) {
      throw new RangeError(`${name} has ${p.length} numbers, its gradient ${g?.length ?? 'none'}, its moments ${m?.length ?? 'none'} and ${v?.length ?? 'none'}`);
    }
    for (let i = 0; i < p.length; i++) {
      let value = p[i]!;
      let gradient = g[i]!;
      if (weightDecay > 0 && kind === 'adamw') value = fround(value * shrink);
      if (weightDecay > 0 && kind === 'adam') gradient = fround(gradient + fround(decay * value));
      // As torch's lerp: from either end, by which is nearer.
      const mean = share1 < 0.5 ? fround(m[i]! + fround(share1 * fround(gradient - m[i]!))) : fround(gradient - fround(fround(gradient - m[i]!) * fround(1 - share1)));
      const square = fround(fround(v[i]! * keep2) + fround(fround(share2 * gradient) * gradient));
      const denominator = fround(fround(fround(sqrt(square)) / root) + small);
      m[i] = mean;
      v[i] = square;
      p[i] = value + fround(fround(stepSize * mean) / denominator);
    }
  }
  return { step, m: state.m, v: state.v };
}
