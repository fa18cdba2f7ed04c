/** Runs an `rdm` and an `rsa` cell on made-up values, as the compute worker would, and tells how long each step took. */
import type { CellValue, RepresentationValue } from '../src/data/values.ts';
import { openCompute, type Compute } from '../src/gpu/compute.ts';
import { PhiloxStream } from '../src/gpu/philox.ts';
import { checkField, type Fields, type ParamsOf } from '../src/kinds/field.ts';
import type { Run, RunContext } from '../src/kinds/kind.ts';
import { run as runRdm } from '../src/kinds/rdm/run.ts';
import { fields as rdmFields } from '../src/kinds/rdm/schema.ts';
import { run as runRsa } from '../src/kinds/rsa/run.ts';
import { fields as rsaFields } from '../src/kinds/rsa/schema.ts';
import type { ValueOf, ValueType } from '../src/data/values.ts';

export interface CellOrder {
  /** Words, size and number of layers of hidden states; the reference is ratings on 11 dimensions. */
  readonly n: number;
  readonly d: number;
  readonly layers: number;
  /** 'wasm': without a GPU. */
  readonly backend: 'measured' | 'wasm';
  /** Whether RDMs to look at are made first. */
  readonly rdm: boolean;
  /** Fields of the rsa cell; the rest keep their defaults. */
  readonly rsa: Readonly<Record<string, unknown>>;
}

export interface CellTimes {
  /** Seconds of each step of each cell, by its label in progress. */
  readonly steps: readonly (readonly [string, number])[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly ranOn: readonly string[];
  readonly warnings: readonly string[];
}

/** Hidden states that lean one way, as those of models do, and some of which know the ratings. */
function made({ n, d, layers }: CellOrder): { human: RepresentationValue; hidden: RepresentationValue } {
  const stream = new PhiloxStream(1);
  const normal = (): number => {
    const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
    return radius * Math.cos(2 * Math.PI * stream.uniform());
  };
  const words = Array.from({ length: n }, (_, i) => `word${i}`);
  const dimensions = Array.from({ length: 11 }, (_, k) => `Dimension${k}`);
  const ratings = Float64Array.from({ length: n * 11 }, () => Math.round(stream.uniform() * 50) / 10);
  const plain = { words, language: 'en', categories: [], split: [], dropped: [] };
  return {
    human: { type: 'representation', label: 'human', ...plain, dimensions, origin: 'human', layers: [{ name: 'ratings', index: 0, d: 11, data: ratings }] },
    hidden: {
      type: 'representation', label: 'hidden', ...plain, dimensions: [], origin: 'model',
      layers: Array.from({ length: layers }, (_, index) => {
        const mean = Float64Array.from({ length: d }, normal);
        const data = Float32Array.from({ length: n * d }, (_value, at) => mean[at % d]! + normal() + (index / layers) * (ratings[Math.floor(at / d) * 11 + (at % 11)]! - 2.5));
        return { name: index === 0 ? 'embeddings' : `layer ${index}`, index, d, data };
      }),
    },
  };
}

function paramsOf<F extends Fields>(fields: F, given: Readonly<Record<string, unknown>>): ParamsOf<F> {
  return Object.fromEntries(Object.entries(fields).map(([name, declared]) => {
    const checked = checkField(name, declared, given[name]);
    if (!checked.ok) throw new Error(checked.what);
    return [name, checked.value];
  })) as ParamsOf<F>;
}

async function benchmark(order: CellOrder): Promise<CellTimes> {
  const { human, hidden } = made(order);
  const inputs = new Map<string, CellValue>([['human', human], ['hidden', hidden]]);
  const compute: Compute = await openCompute({ backend: order.backend });
  const ranOn = new Set<string>();
  const backendFor = compute.backendFor.bind(compute);
  compute.backendFor = (kernel, ...about) => {
    const backend = backendFor(kernel, ...about);
    ranOn.add(`${kernel}: ${backend}`);
    return backend;
  };
  const steps: [string, number][] = [];
  const seconds: Record<string, number> = {};
  const warnings: string[] = [];
  const timed = async <F extends Fields, T extends ValueType>(cell: string, fields: F, run: Run<F, T>, given: Readonly<Record<string, unknown>>): Promise<ValueOf<T>> => {
    let label = 'begin';
    let since = performance.now();
    const started = since;
    const step = (next: string): void => {
      if (next === label) return;
      const now = performance.now();
      steps.push([`${cell}: ${label}`, (now - since) / 1000]);
      label = next;
      since = now;
    };
    const context: RunContext = {
      cell, inputs, files: new Map(), base: '/', hub: '', signal: new AbortController().signal,
      progress: (progress) => step(progress.label),
      ranOn: (what) => void ranOn.add(what),
      kept: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      resumedAt: () => undefined,
      warn: (message) => void warnings.push(message),
      compute: () => Promise.resolve(compute),
    };
    const value = await run(paramsOf(fields, given), context);
    step('end');
    seconds[cell] = (performance.now() - started) / 1000;
    return value;
  };
  // Results stay in memory, as they do in the app's worker.
  if (order.rdm) inputs.set('distances', await timed('rdm', rdmFields, runRdm, { of: 'hidden', order: 'source' }));
  inputs.set('gap', await timed('rsa', rsaFields, runRsa, { reference: 'human', candidates: ['hidden'], ...order.rsa }));
  return { steps, seconds, ranOn: [...ranOn], warnings };
}

addEventListener('message', (event: MessageEvent<CellOrder>) => {
  void benchmark(event.data).then((times) => postMessage(times), (error: unknown) => setTimeout(() => { throw error; }));
});
