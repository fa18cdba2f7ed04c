/** Each kernel against its CPU twin on the same made-up input, turn by turn in one run, because timings here are noisy. */
import { openCompute, type Compute } from '../src/gpu/compute.ts';
import { mantelRankSums, mantelSums } from '../src/gpu/mantel.ts';
import { PhiloxStream } from '../src/gpu/philox.ts';
import { computeRdms } from '../src/gpu/rdm.ts';

/** One comparison: median milliseconds of each side. */
export interface Row {
  readonly what: string;
  readonly webgpu: number;
  readonly wasm: number;
  readonly cpu: number;
}

const rounds = 3;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function uniform(length: number, seed: number): Float32Array {
  const stream = new PhiloxStream(seed);
  return Float32Array.from({ length }, () => stream.uniform() - 0.5);
}

type Side = 'webgpu' | 'wasm' | 'cpu';

async function compare(what: string, work: (compute: Compute) => Promise<unknown>): Promise<Row> {
  const machines = await Promise.all((['webgpu', 'wasm', 'cpu'] as const).map(async (side) => [side, await openCompute({ backend: side })] as const));
  const times: Record<Side, number[]> = { webgpu: [], wasm: [], cpu: [] };
  for (const [, machine] of machines) await work(machine);
  for (let round = 0; round < rounds; round++) {
    for (const [side, machine] of machines) {
      const started = performance.now();
      await work(machine);
      times[side].push(performance.now() - started);
    }
  }
  for (const [, machine] of machines) machine.dispose();
  return { what, webgpu: median(times.webgpu), wasm: median(times.wasm), cpu: median(times.cpu) };
}

async function run(): Promise<{ adapter: string; rows: Row[] }> {
  const compute = await openCompute({ backend: 'webgpu' });
  const { adapter } = compute.description;
  compute.dispose();
  const rows: Row[] = [];
  for (const [n, d, layers] of [[240, 96, 5], [1000, 256, 1], [1000, 768, 1]] as const) {
    const data = Array.from({ length: layers }, (_, layer) => uniform(n * d, layer + 1));
    rows.push(await compare(`RDM, cosine, ${n} words x ${d}, ${layers} layer${layers > 1 ? 's' : ''}`, (side) => computeRdms(side, data, { n, d }, 'cosine')));
  }
  {
    const n = 240;
    const pairs = (n * (n - 1)) / 2;
    const ranks = (seed: number): Int32Array => Int32Array.from(uniform(pairs, seed), (value) => Math.round(value * pairs));
    const candidates = [1, 2, 3, 4, 5].map(ranks);
    rows.push(await compare(`Mantel, ranks, ${n} words, 5 candidates, 2,000 permutations`, (side) => mantelRankSums(side, { n, reference: ranks(9), candidates, permutations: 2000, seed: 1 })));
  }
  {
    const n = 1000;
    const pairs = (n * (n - 1)) / 2;
    const reference = uniform(pairs, 99);
    const candidates = Array.from({ length: 12 }, (_, seed) => uniform(pairs, seed + 1));
    for (const [count, permutations] of [[4, 128], [12, 128]] as const) {
      rows.push(await compare(`Mantel, ${n} words, ${count} candidates, ${permutations} permutations`, (side) => (
        mantelSums(side, { n, reference, candidates: candidates.slice(0, count), permutations, seed: 1 })
      )));
    }
  }
  return { adapter, rows };
}

(window as unknown as { benchmark: Promise<unknown> }).benchmark = run();
