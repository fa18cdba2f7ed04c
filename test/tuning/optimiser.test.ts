/** The optimiser, its rates and the clipping against PyTorch, and against what can be worked out by hand. */
import { describe, expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { clipGradients, gradientNorm } from '../../src/tuning/clip.ts';
import { defaultOptimiser, optimise, startOptimiser, type OptimiserSettings, type Tensors } from '../../src/tuning/optimiser.ts';
import { checkSchedule, rateAt, type Schedule } from '../../src/tuning/schedule.ts';
import reference from './references/optimiser.json';

type Plain = Readonly<Record<string, readonly number[]>>;
const tensorsOf = (plain: Plain): Record<string, Float32Array> => Object.fromEntries(Object.entries(plain).map(([name, values]) => [name, Float32Array.from(values)]));

/** Largest difference relative to the number itself, or to 0.01 where that is larger. */
function difference(actual: Tensors, expected: Plain): number {
  return Math.max(...Object.entries(expected).flatMap(([name, values]) => values.map((value, i) => Math.abs(actual[name]![i]! - value) / Math.max(0.01, Math.abs(value)))));
}

describe('steps', () => {
  for (const { kind, settings, rates, path } of reference.runs) {
    test(`${kind} with ${JSON.stringify(settings)} takes PyTorch's steps`, () => {
      const parameters = tensorsOf(reference.start);
      let state = startOptimiser(parameters);
      rates.forEach((rate, step) => {
        state = optimise({ kind: kind as OptimiserSettings['kind'], ...settings }, rate, state, parameters, tensorsOf(reference.gradients[step]!));
        // A few units in the last place: PyTorch fuses multiplication and addition on some processors.
        expect(difference(parameters, path[step]!), `step ${step + 1}`).toBeLessThan(5e-7);
      });
      expect(state.step).toBe(rates.length);
    });
  }

  test('the first step without decay is the rate, against the sign of the gradient', () => {
    const parameters = { p: Float32Array.of(1, -2, 3) };
    optimise({ ...defaultOptimiser, epsilon: 0 }, 0.25, startOptimiser(parameters), parameters, { p: Float32Array.of(1e-3, -40, 7) });
    [0.75, -1.75, 2.75].forEach((value, i) => expect(parameters.p[i]).toBeCloseTo(value, 6));
  });

  test('decoupled decay shrinks by rate times decay whatever the gradient, coupled decay does not', () => {
    const shrunk = (kind: OptimiserSettings['kind']): number => {
      const parameters = { p: Float32Array.of(4) };
      optimise({ ...defaultOptimiser, kind, weightDecay: 0.5 }, 0.25, startOptimiser(parameters), parameters, { p: Float32Array.of(0) });
      return parameters.p[0]!;
    };
    expect(shrunk('adamw')).toBe(3.5);
    // L2: the gradient is 2, and the first step has the length of the rate.
    expect(shrunk('adam')).toBeCloseTo(3.75, 6);
  });

  test('a constant gradient keeps the step at the rate', () => {
    const parameters = { p: Float32Array.of(0) };
    let state = startOptimiser(parameters);
    for (let step = 1; step <= 50; step++) {
      state = optimise(defaultOptimiser, 0.01, state, parameters, { p: Float32Array.of(3) });
      expect(parameters.p[0]).toBeCloseTo(-0.01 * step, 5);
    }
  });

  test('the state survives structured clone, and goes on bit for bit', () => {
    const stream = new PhiloxStream(5);
    const gradients = Array.from({ length: 40 }, () => ({ p: Float32Array.from({ length: 7 }, () => stream.uniform() - 0.5) }));
    const run = (cut: number | null): Float32Array => {
      let parameters = { p: new Float32Array(7) };
      let state = startOptimiser(parameters);
      gradients.forEach((gradient, step) => {
        if (step === cut) ({ parameters, state } = structuredClone({ parameters, state }));
        state = optimise({ ...defaultOptimiser, weightDecay: 0.1 }, 0.01, state, parameters, gradient);
      });
      return parameters.p;
    };
    expect(run(17)).toEqual(run(null));
    expect(run(null).some((value) => value !== 0)).toBe(true);
  });

  test('settings out of range and gradients of other parameters are refused', () => {
    const parameters = { p: new Float32Array(2) };
    const attempt = (settings: Partial<OptimiserSettings>, rate = 0.1, gradients: Tensors = parameters) => () => optimise({ ...defaultOptimiser, ...settings }, rate, startOptimiser(parameters), parameters, gradients);
    expect(attempt({ beta2: 1 })).toThrow('beta2 is 1, not from 0 up to but not 1');
    expect(attempt({ weightDecay: -1 })).toThrow('weight decay is -1');
    expect(attempt({}, NaN)).toThrow('learning rate is NaN');
    expect(attempt({}, 0.1, { p: new Float32Array(3) })).toThrow('p has 2 numbers, its gradient 3');
    expect(attempt({}, 0.1, {})).toThrow('its gradient none');
  });
});

describe('rates', () => {
  const base: Schedule = { decay: 'linear', peak: 0.05, warmUp: 4, steps: 12 };
  for (const [name, expected] of Object.entries(reference.schedules)) {
    test(`${name} as in transformers`, () => {
      const schedule: Schedule = { ...base, decay: name.split(' ')[0] as Schedule['decay'], warmUp: name.endsWith('without') ? 0 : 4 };
      expected.forEach((rate, done) => expect(rateAt(schedule, done)).toBeCloseTo(rate, 15));
    });
  }

  test('the rate rises to its peak, never exceeds it, and ends at 0', () => {
    for (const decay of ['linear', 'cosine'] as const) {
      const rates = Array.from({ length: 20 }, (_, done) => rateAt({ ...base, decay }, done));
      expect(rates[4]).toBe(0.05);
      expect(Math.max(...rates)).toBe(0.05);
      expect(rates.slice(12)).toEqual(Array.from({ length: 8 }, () => 0));
      for (let i = 5; i <= 12; i++) expect(rates[i]).toBeLessThan(rates[i - 1]!);
    }
    // Warm-up to the very end.
    expect(rateAt({ ...base, warmUp: 12 }, 11)).toBeCloseTo((0.05 * 11) / 12, 15);
  });

  test('schedules that cannot be are refused', () => {
    expect(() => checkSchedule({ ...base, peak: 0 })).toThrow('the learning rate is 0');
    expect(() => checkSchedule({ ...base, warmUp: 13 })).toThrow('the warm-up takes 13 of 12 steps');
    expect(() => checkSchedule({ ...base, steps: 1.5 })).toThrow('the run has 1.5 steps');
    expect(() => checkSchedule(base)).not.toThrow();
  });
});

describe('clipping', () => {
  test('as clip_grad_norm_', () => {
    reference.clipped.forEach(({ norm, gradients }, step) => {
      const own = tensorsOf(reference.gradients[step]!);
      expect(clipGradients(own, 1) / norm).toBeCloseTo(1, 6);
      expect(difference(own, gradients)).toBeLessThan(5e-7);
    });
    expect(reference.clipped.some(({ norm }) => norm > 1)).toBe(true);
  });

  test('a longer gradient gets the wanted length and keeps its direction; a shorter one keeps all bits', () => {
    const gradients = { a: Float32Array.of(3, 0), b: Float32Array.of(-4) };
    expect(gradientNorm(gradients)).toBe(5);
    expect(clipGradients(gradients, 10)).toBe(5);
    expect(gradients).toEqual({ a: Float32Array.of(3, 0), b: Float32Array.of(-4) });
    expect(clipGradients(gradients, null)).toBe(5);
    expect(clipGradients(gradients, 1)).toBe(5);
    expect(gradientNorm(gradients)).toBeCloseTo(1, 5);
    expect(gradients.b[0]! / gradients.a[0]!).toBeCloseTo(-4 / 3, 6);
  });

  test('a gradient that is not a number stops training and is named', () => {
    expect(() => clipGradients({ fine: Float32Array.of(1), spoilt: Float32Array.of(0, NaN) }, 1)).toThrow(/gradient of spoilt: it holds NaN/);
    expect(() => clipGradients({ huge: Float32Array.of(Infinity) }, null)).toThrow(/gradient of huge: it holds Infinity/);
  });
});
