/** Runs that are interrupted and resumed end with the same bits as runs that are not. */
import { describe, expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { parseCheckpoint, serialiseCheckpoint, snapshot, type Checkpoint, type TrainPoint, type ValidationPoint } from '../../src/tuning/checkpoint.ts';
import { clipGradients } from '../../src/tuning/clip.ts';
import { readSafetensors, writeSafetensors } from '../../src/tuning/files/safetensors.ts';
import { defaultOptimiser, optimise, startOptimiser } from '../../src/tuning/optimiser.ts';
import { rateAt, type Schedule } from '../../src/tuning/schedule.ts';
import { afterEvaluation, shouldStop, startStopping } from '../../src/tuning/stopping.ts';
import { dealer } from '../../src/tuning/tasks/draws.ts';

const seed = 11;
const steps = 90;
const schedule: Schedule = { decay: 'cosine', peak: 0.1, warmUp: 8, steps };
const points = Array.from({ length: 23 }, (_, row) => {
  const stream = new PhiloxStream(3, row);
  return [2 * stream.uniform() - 1, 2 * stream.uniform() - 1] as const;
});

/** Mean over a batch of (w . x + b - (3 x0 - x1 + 0.5))², and its gradient. */
function gradientOf(w: Float32Array, b: Float32Array, rows: readonly number[]): { loss: number; gradients: Record<string, Float32Array> } {
  const gradients = { w: new Float32Array(2), b: new Float32Array(1) };
  let loss = 0;
  for (const row of rows) {
    const [x0, x1] = points[row]!;
    const error = w[0]! * x0 + w[1]! * x1 + b[0]! - (3 * x0 - x1 + 0.5);
    loss += error ** 2 / rows.length;
    gradients.w[0]! += (2 * error * x0) / rows.length;
    gradients.w[1]! += (2 * error * x1) / rows.length;
    gradients.b[0]! += (2 * error) / rows.length;
  }
  return { loss, gradients };
}

function start(): Checkpoint {
  const parameters = { w: new Float32Array(2), b: new Float32Array(1) };
  return { run: 'toy', seed, step: 0, parameters, optimiser: startOptimiser(parameters), taken: { points: 0 }, stopping: startStopping, history: [], validation: [] };
}

/** Trains from a checkpoint up to a step. */
function train(from: Checkpoint, until: number): Checkpoint {
  const { parameters, history, validation } = from;
  const curve: TrainPoint[] = [...history];
  const checks: ValidationPoint[] = [...validation];
  const dealt = dealer({ seed: from.seed, task: 'points', rows: points.length, size: 4 });
  let { step, optimiser, stopping, taken } = from;
  while (step < until && !shouldStop({ patience: 4 }, stopping)) {
    const rows = dealt(taken['points']!).rows;
    const { loss, gradients } = gradientOf(parameters['w']!, parameters['b']!, rows);
    const norm = clipGradients(gradients, 1);
    const rate = rateAt(schedule, step);
    optimiser = optimise({ ...defaultOptimiser, weightDecay: 0.01 }, rate, optimiser, parameters, gradients);
    step++;
    taken = { points: taken['points']! + 1 };
    curve.push({ step, task: 'points', loss, norm, rate });
    if (step % 5 === 0) {
      const all = gradientOf(parameters['w']!, parameters['b']!, points.map((_, row) => row)).loss;
      stopping = afterEvaluation({ patience: 4, improvement: 0 }, stopping, step, all, parameters);
      checks.push({ step, loss: all, tasks: { points: all } });
    }
  }
  return { ...from, step, optimiser, stopping, taken, history: curve, validation: checks };
}

test('interrupted at random steps, stored as bytes and resumed, a run ends bit-equal', () => {
  const whole = train(start(), steps);
  // Early stopping ends it, which a resumed run must find out by itself.
  expect(whole.step).toBeGreaterThan(40);
  expect(whole.step).toBeLessThan(steps);
  expect(whole.history.at(-1)!.loss).toBeLessThan(whole.history[0]!.loss / 20);
  const stream = new PhiloxStream(99);
  for (let attempt = 0; attempt < 20; attempt++) {
    let run = start();
    while (run.step < whole.step) run = parseCheckpoint(serialiseCheckpoint(train(run, Math.min(steps, run.step + stream.below(30)))), 'toy');
    expect(run).toEqual(whole);
    expect(serialiseCheckpoint(run)).toEqual(serialiseCheckpoint(whole));
  }
});

test('a run that stopped early stops at the same step when resumed, with the same best weights', () => {
  const stalled = (from: Checkpoint): Checkpoint => afterLoss(afterLoss(afterLoss(from, 5, 1), 10, 0.5), 15, 0.7);
  const afterLoss = (from: Checkpoint, step: number, loss: number): Checkpoint => {
    from.parameters['w']!.fill(step);
    return { ...from, step, stopping: afterEvaluation({ patience: 2, improvement: 0.1 }, from.stopping, step, loss, from.parameters) };
  };
  const resumed = parseCheckpoint(serialiseCheckpoint(stalled(start())), 'toy');
  expect(resumed.stopping).toEqual({ best: 0.5, bestStep: 10, waited: 1, weights: { w: Float32Array.of(10, 10), b: Float32Array.of(0) } });
  expect(shouldStop({ patience: 2 }, resumed.stopping)).toBe(false);
  // Better, but not by enough to count.
  const last = afterLoss(resumed, 20, 0.45);
  expect(shouldStop({ patience: 2 }, last.stopping)).toBe(true);
  expect(shouldStop({ patience: null }, last.stopping)).toBe(false);
  expect(last.stopping.weights).toEqual({ w: Float32Array.of(10, 10), b: Float32Array.of(0) });
  expect(() => afterLoss(resumed, 25, NaN)).toThrow(/step 25: the loss on the validation words is NaN/);
});

test('a snapshot is out of reach of later steps', () => {
  const kept = snapshot(train(start(), 30));
  const bytes = serialiseCheckpoint(kept);
  train(parseCheckpoint(bytes, 'toy'), 40);
  const shared = train(start(), 30);
  const copy = snapshot(shared);
  train(shared, 60);
  expect(serialiseCheckpoint(copy)).toEqual(bytes);
  expect(shared.parameters['w']).not.toEqual(copy.parameters['w']);
});

test('every bit of a float32 is kept, the order of parameters too', () => {
  const bits = new Float32Array(new Uint32Array([0x00000001, 0x80000000, 0x7f7fffff, 0x3f800001, 0xff800000]).buffer);
  const parameters = { z: bits, a: Float32Array.of(1) };
  const back = parseCheckpoint(serialiseCheckpoint({ ...start(), parameters, optimiser: startOptimiser(parameters) }), 'toy');
  expect(new Uint8Array(back.parameters['z']!.buffer)).toEqual(new Uint8Array(bits.buffer));
  expect(Object.keys(back.parameters)).toEqual(['z', 'a']);
  expect(Object.keys(back.optimiser.m)).toEqual(['z', 'a']);
});

describe('what cannot be resumed is refused', () => {
  const bytes = serialiseCheckpoint(train(start(), 12));
  const changed = (change: (metadata: Record<string, string>, tensors: Record<string, { dims: readonly number[]; data: Float32Array }>) => void): Uint8Array => {
    const { tensors, metadata } = structuredClone(readSafetensors(bytes, 'checkpoint')) as { tensors: Record<string, { dims: number[]; data: Float32Array }>; metadata: Record<string, string> };
    change(metadata, tensors);
    return writeSafetensors({ tensors, metadata });
  };
  const edited = (change: (text: Record<string, unknown>) => void): Uint8Array => changed((metadata) => {
    const text = JSON.parse(metadata['sensorium-checkpoint']!) as Record<string, unknown>;
    change(text);
    metadata['sensorium-checkpoint'] = JSON.stringify(text);
  });

  test('of another run', () => expect(() => parseCheckpoint(bytes, 'other')).toThrow(/it belongs to the run toy, and this is other: model, data or settings have changed/));
  test('cut off anywhere', () => {
    for (let length = 0; length < bytes.length; length += 97) expect(() => parseCheckpoint(bytes.slice(0, length), 'toy'), `${length} bytes`).toThrow(/not a whole safetensors file/);
  });
  test('of a later version', () => expect(() => parseCheckpoint(edited((text) => { text['version'] = 2; }), 'toy')).toThrow(/not a checkpoint that this version reads: version/));
  test('with a field missing', () => expect(() => parseCheckpoint(edited((text) => { delete text['taken']; }), 'toy')).toThrow(/reads: taken/));
  test('without a description', () => expect(() => parseCheckpoint(changed((metadata) => { metadata['sensorium-checkpoint'] = '{'; }), 'toy')).toThrow(/not a checkpoint/));
  test('with a moment missing or of another size', () => {
    expect(() => parseCheckpoint(changed((_, tensors) => { delete tensors['m/w']; }), 'toy')).toThrow(/tensors, not|m\/w is missing/);
    expect(() => parseCheckpoint(changed((_, tensors) => { tensors['v/b'] = { dims: [2], data: new Float32Array(2) }; }), 'toy')).toThrow(/v\/b is missing or of another size/);
  });
  test('with a tensor too many', () => expect(() => parseCheckpoint(changed((_, tensors) => { tensors['m/more'] = { dims: [1], data: new Float32Array(1) }; }), 'toy')).toThrow(/tensors, not 8/));
  test('a curve with a loss that is not a number is not even written', () => expect(() => serialiseCheckpoint({ ...start(), validation: [{ step: 1, loss: NaN, tasks: {} }] })).toThrow(/received NaN/i));
});
