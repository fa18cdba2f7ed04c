/**
 * Made-up studies whose truth is known, run through the `rsa` cell itself: how often do its tests reject where there is
 * nothing to find, and where there is something? Words are the random factor: every simulation draws new ones.
 */
import type { Layer, RepresentationValue } from '../../src/data/values.ts';
import { openCompute, type Compute } from '../../src/gpu/compute.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { checkField, type ParamsOf } from '../../src/kinds/field.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { run } from '../../src/kinds/rsa/run.ts';
import { fields } from '../../src/kinds/rsa/schema.ts';
import type { ValueOf } from '../../src/data/values.ts';

/** The level that all tests are held to. */
export const level = 0.05;

/** Hidden dimensions of the words' meaning, and of the candidates. */
const dimensions = 6;
/** Layers of the design `max`. */
const layerCount = 12;
/** The layer that knows something, where one does. */
const knowing = 7;

/**
 * `permutation`: one candidate, effect times the words' meaning plus noise of SD 1.
 * `difference`: two candidates, meaning plus noise; the second has 1 - effect times the meaning.
 * `unrelated`: two candidates of noise alone, whatever the effect.
 * `max`: 12 layers that share half of their variance; effect times the meaning is in one of them.
 */
export type Design = 'permutation' | 'difference' | 'unrelated' | 'max';

export interface Study {
  readonly design: Design;
  /** Words. */
  readonly n: number;
  /** 0: nothing to find. */
  readonly effect: number;
  readonly permutations: number;
  readonly bootstrap: number;
  /** How the words are drawn for differences; automatic unless given. */
  readonly resampling?: 'automatic' | 'delete-half';
}

/**
 * What was rejected at the level: under `permutation` the Mantel test; under `difference` and `unrelated` the corrected
 * t, and beside it whether the percentile interval leaves out 0; under `max` the maximum statistic (of any layer, or of
 * the one that knows something), and beside it the same without correction.
 */
export type Rejected = Readonly<Record<string, boolean>>;

function stream(study: Study, simulation: number): PhiloxStream {
  const designs: readonly Design[] = ['permutation', 'difference', 'max', 'unrelated'];
  const number = designs.indexOf(study.design) * 1e9 + study.n * 1e6 + Math.round(study.effect * 100) * 1e4;
  return new PhiloxStream(number + simulation, 0xe0000000);
}

function normals(source: PhiloxStream, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - source.uniform())) * Math.cos(2 * Math.PI * source.uniform()));
}

const plus = (a: Float64Array, b: Float64Array, times: number): Float64Array => a.map((value, k) => value + times * b[k]!);

function representation(label: string, n: number, kind: 'ratings' | 'states', data: readonly Float64Array[]): RepresentationValue {
  const layers = data.map((values, index): Layer => (
    kind === 'ratings' ? { name: 'ratings', index, d: dimensions, data: values } : { name: `layer ${index}`, index, d: dimensions, data: new Float32Array(values) }
  ));
  return {
    type: 'representation', label, words: Array.from({ length: n }, (_, i) => `w${i}`), language: 'en', categories: [], split: [], layers,
    dimensions: kind === 'ratings' ? Array.from({ length: dimensions }, (_, k) => `d${k}`) : [], origin: 'model', dropped: [],
  };
}

function candidatesOf({ design, n, effect }: Study, meaning: Float64Array, source: PhiloxStream): RepresentationValue[] {
  const noise = (): Float64Array => normals(source, n * dimensions);
  switch (design) {
    case 'permutation':
      return [representation('candidate', n, 'ratings', [plus(noise(), meaning, effect)])];
    case 'difference':
      return [representation('first', n, 'ratings', [plus(noise(), meaning, 1)]), representation('second', n, 'ratings', [plus(noise(), meaning, 1 - effect)])];
    case 'unrelated':
      return [representation('first', n, 'ratings', [noise()]), representation('second', n, 'ratings', [noise()])];
    case 'max': {
      const shared = noise();
      const layers = Array.from({ length: layerCount }, (_, index) => (
        plus(plus(noise(), shared, 1).map((value) => value * Math.SQRT1_2), meaning, index === knowing ? effect : 0)
      ));
      return [representation('model', n, 'states', layers)];
    }
    default:
      return design satisfies never;
  }
}

let opened: Promise<Compute> | null = null;

function cell(inputs: readonly RepresentationValue[], given: Readonly<Record<string, unknown>>): Promise<ValueOf<'rsa'>> {
  const [reference, ...candidates] = inputs.map(({ label }) => label);
  const all: Readonly<Record<string, unknown>> = { reference, candidates, ...given };
  const params = Object.fromEntries(Object.entries(fields).map(([name, declared]) => {
    const checked = checkField(name, declared, all[name]);
    if (!checked.ok) throw new Error(checked.what);
    return [name, checked.value];
  })) as ParamsOf<typeof fields>;
  const context: RunContext = {
    cell: 'study', inputs: new Map(inputs.map((value) => [value.label, value])), files: new Map(), base: '/', hub: '',
    signal: new AbortController().signal, progress: () => undefined, warn: () => undefined, ranOn: () => undefined,
    kept: { load: () => Promise.resolve(null), save: () => Promise.resolve() }, resumedAt: () => undefined,
    compute: () => (opened ??= openCompute({ backend: 'wasm' })),
  };
  return run(params, context);
}

/** Draws the words of one simulation, runs the cell, and tells what it rejects. */
export async function simulate(study: Study, simulation: number): Promise<Rejected> {
  const { design, n, effect, permutations, bootstrap, resampling = 'automatic' } = study;
  const source = stream(study, simulation);
  const meaning = normals(source, n * dimensions);
  const inputs = [representation('human', n, 'ratings', [meaning]), ...candidatesOf(study, meaning, source)];
  const seed = simulation + 1;
  switch (design) {
    case 'permutation': {
      const { rows } = await cell(inputs, { permutations, bootstrap: 0, seed });
      return { permutation: rows[0]!.p! <= level };
    }
    case 'difference':
    case 'unrelated': {
      const corrected = await cell(inputs, { permutations: 0, bootstrap, seed, resampling });
      const percentile = await cell(inputs, { permutations: 0, bootstrap, seed, resampling, interval: 'percentile' });
      const [low, high] = percentile.differences[0]!.interval!;
      return { [design]: corrected.differences[0]!.p! <= level, [`percentile of ${design}`]: low > 0 || high < 0 };
    }
    case 'max': {
      const { rows } = await cell(inputs, { permutations, bootstrap: 0, correction: 'max', seed });
      const asked = effect === 0 ? rows : rows.slice(knowing, knowing + 1);
      return { max: asked.some(({ pAdjusted }) => pAdjusted! <= level), uncorrected: asked.some(({ p }) => p! <= level) };
    }
    default:
      return design satisfies never;
  }
}

/** How many of simulations `from` to `to - 1` reject, by test. */
export async function count(study: Study, from: number, to: number): Promise<Record<string, number>> {
  const rejections: Record<string, number> = {};
  for (let simulation = from; simulation < to; simulation++) {
    for (const [test, rejected] of Object.entries(await simulate(study, simulation))) rejections[test] = (rejections[test] ?? 0) + Number(rejected);
  }
  return rejections;
}

/** Smallest and largest count that a test of exactly this rate gives, but for a share `outside` of all runs (half at each end). */
export function binomialBand(runs: number, rate: number, outside: number): readonly [number, number] {
  const counts = new Float64Array(runs + 1);
  counts[0] = (1 - rate) ** runs;
  for (let k = 1; k <= runs; k++) counts[k] = (counts[k - 1]! * (runs - k + 1) * rate) / (k * (1 - rate));
  const end = (from: number, step: 1 | -1): number => {
    let k = from;
    for (let tail = counts[k]!; tail <= outside / 2; tail += counts[k]!) k += step;
    return k;
  };
  return [end(0, 1), end(runs, -1)];
}
