/** Representational dissimilarity matrices of hidden states: all layers at once on the GPU, or one after the other on the CPU. */
import type { Watch } from '../base/progress.ts';
import { isDirect, type KernelMetric } from './metric.ts';
import { Buffers, isOutOfMemory, largestBinding } from './buffers.ts';
import type { Backend, Trial } from './choose.ts';
import type { Compute } from './compute.ts';
import { pairCount } from './condensed.ts';
import { countUndefinedPairs, distancesOfRow, prepareRows, type PreparedRows } from './cpu/rdm.ts';
import type { Gpu } from './device.ts';
import { dispatch, kernelOf } from './kernel.ts';
import type { PackedLayer, PackLayout } from './pack.ts';
import { finishDistances, packLayer, packLayout } from './pack.ts';
import { Breather, pause } from './pause.ts';
import { PhiloxStream } from './philox.ts';
import { runChunks } from './scheduler.ts';
import { hasWasmSimd, isWasmOutOfMemory } from './wasm/memory.ts';
import { rdmFitsWasm, WasmRdm } from './wasm/rdm.ts';

export interface RdmShape {
  /** Rows: words. At most 46,340 (indices are 32-bit in the kernels). */
  readonly n: number;
  /** Columns: hidden size, at least 1. */
  readonly d: number;
}

export interface RdmResult {
  /** Per layer, condensed, n(n-1)/2. NaN where undefined. */
  readonly distances: Float32Array<ArrayBuffer>[];
  /** Per layer, pairs computed from their differences (near-duplicates, or all); 0 on the CPU, which computes all so in float64. */
  readonly refinedPairs: number[];
  /** Per layer, pairs with a row that is not finite, is zero (cosine) or constant (correlation). */
  readonly undefinedPairs: number[];
  readonly backend: Backend;
}

/** Keep in sync with `metric` in shaders/shared/distance.wgsl. */
const metricCodes = {
  cosine: 0, correlation: 1, euclidean: 2, sqeuclidean: 3, manhattan: 4, chebyshev: 5, minkowski3: 6,
} as const satisfies Record<KernelMetric, number>;

type Variant = 'panel' | 'staged';

/** Below this many multiply-adds the CPU needs some 50 ms; a measurement costs more. */
const worthMeasuring = 1e8;
/** Panels of one batch of layers, in bytes: bounds the memory on both sides. */
const batchBytes = 128 * 2 ** 20;

/**
 * Distances between the rows of each layer, scipy's conventions (see {@link rdmCpu} for the definitions). On the GPU
 * all layers run in one submission, in chunks of tiles, in float32: relative error at most 2e-5, and 5e-6 for
 * near-duplicates (pairs closer than a tenth of their distance to the mean row), which are computed by difference, as are
 * all pairs under manhattan, chebyshev and minkowski3.
 * A device without the memory gives way to the CPU.
 *
 * @param layers each n x d, row-major
 * @throws Problem `gpu-lost`, `gpu-error`; the signal's reason when cancelled
 */
export async function computeRdms(
  compute: Compute, layers: readonly Float32Array[], shape: RdmShape, metric: KernelMetric, watch: Watch = {},
): Promise<RdmResult> {
  const { n, d } = shape;
  if (!(Number.isInteger(n) && n >= 0 && n <= 46_340 && Number.isInteger(d) && d >= 1)) throw new RangeError(`rdm of ${n} x ${d}`);
  for (const layer of layers) if (layer.length !== n * d) throw new RangeError(`a layer has ${layer.length} values, not ${n} x ${d}`);
  watch.signal?.throwIfAborted();
  const work = layers.length * pairCount(n) * d;
  if (work > worthMeasuring) await compute.measure('rdm', rdmTrial, watch.signal);
  const onCpu = (backend: Backend): Promise<Outcome> => (backend === 'wasm' ? onWasm(layers, shape, metric, watch) : onTwin(layers, shape, metric, watch));
  let fits = true;
  // Manhattan and its kind have no kernel in WebAssembly.
  let fitsInWasm = !isDirect(metric) && rdmFitsWasm(n, d);
  for (;;) {
    // Asked again after a failure, so that the run card says where it ran.
    const backend = pairCount(n) > 0 ? compute.backendFor('rdm', work, fits, fitsInWasm) : 'cpu';
    const variant = compute.variantOf('rdm') || (compute.gpu?.facts.isFallback ? 'panel' : 'staged');
    try {
      const outcome = backend === 'webgpu' && compute.gpu ? onGpu(compute.gpu, layers, shape, metric, variant as Variant, watch) : onCpu(backend);
      return { ...(await outcome), backend };
    } catch (error) {
      if (backend === 'webgpu' && isOutOfMemory(error)) fits = false;
      else if (backend === 'wasm' && isWasmOutOfMemory(error)) fitsInWasm = false;
      else throw error;
    }
  }
}

type Outcome = Omit<RdmResult, 'backend'>;

async function onTwin(layers: readonly Float32Array[], { n, d }: RdmShape, metric: KernelMetric, watch: Watch): Promise<Outcome> {
  return layerByLayer(layers, { n, d }, metric, watch, function* distances(prepared, out) {
    for (let i = 0; i < n; i++) {
      distancesOfRow(prepared, i, out);
      yield i + 1;
    }
  });
}

async function onWasm(layers: readonly Float32Array[], { n, d }: RdmShape, metric: KernelMetric, watch: Watch): Promise<Outcome> {
  const run = await WasmRdm.open(n, d);
  try {
    return await layerByLayer(layers, { n, d }, metric, watch, (prepared, out) => run.distances(prepared, out));
  } finally {
    run.close();
  }
}

/** @param compute writes one layer's distances and yields how many rows are done, every few milliseconds or sooner */
async function layerByLayer(
  layers: readonly Float32Array[], { n, d }: RdmShape, metric: KernelMetric, watch: Watch, compute: (prepared: PreparedRows, out: Float32Array) => Iterable<number>,
): Promise<Outcome> {
  const outcome: Outcome = { distances: [], refinedPairs: [], undefinedPairs: [] };
  const breather = new Breather();
  const total = layers.length * n;
  for (const layer of layers) {
    const prepared = prepareRows(layer, n, d, metric);
    const out = new Float32Array(pairCount(n));
    for (const rows of compute(prepared, out)) {
      if (!breather.due()) continue;
      watch.progress?.({ label: 'distances', done: outcome.distances.length * n + rows, total });
      await pause();
      watch.signal?.throwIfAborted();
    }
    outcome.distances.push(out);
    outcome.refinedPairs.push(0);
    outcome.undefinedPairs.push(countUndefinedPairs(prepared.undefinedRows));
  }
  watch.progress?.({ label: 'distances', done: total, total });
  return outcome;
}

async function onGpu(
  gpu: Gpu, layers: readonly Float32Array[], { n, d }: RdmShape, metric: KernelMetric, variant: Variant, watch: Watch,
): Promise<Outcome> {
  const layout = packLayout(n, d);
  const bytesPerLayer = 4 * Math.max(layout.panelLength, layout.rowLength, pairCount(n));
  const perBatch = Math.max(1, Math.floor(Math.min(batchBytes, largestBinding(gpu)) / bytesPerLayer));
  const outcome: Outcome = { distances: [], refinedPairs: [], undefinedPairs: [] };
  let finished = 0;
  for (let first = 0; first < layers.length; first += perBatch) {
    const packed: PackedLayer[] = [];
    for (const layer of layers.slice(first, first + perBatch)) {
      packed.push(packLayer(layer, layout, metric));
      await pause();
      watch.signal?.throwIfAborted();
    }
    // Layers of one batch that are nearly all near-duplicates take the other kernel, and so do metrics without dot products.
    for (const direct of [false, true]) {
      const chosen = packed.flatMap((layer, index) => (layer.byDifference === direct ? [{ layer, index: first + index }] : []));
      if (chosen.length === 0) continue;
      const before = finished;
      const part = await runLayers(gpu, chosen.map(({ layer }) => layer), layout, metric, direct ? 'direct' : variant, {
        ...watch,
        // In rows of layers, as on the CPU, over all batches.
        progress: ({ label, done, total }) => watch.progress?.({
          label, done: Math.round((before + (chosen.length * done) / total) * n), total: layers.length * n,
        }),
      });
      finished += chosen.length;
      chosen.forEach(({ layer, index }, place) => {
        finishDistances(part.distances[place]!, layer, n, metric);
        outcome.distances[index] = part.distances[place]!;
        outcome.refinedPairs[index] = part.refined[place]!;
        outcome.undefinedPairs[index] = countUndefinedPairs(layer.undefinedRows);
      });
    }
  }
  return outcome;
}

/** Runs one kernel over packed layers; buffers live no longer than the call. */
async function runLayers(
  gpu: Gpu, layers: readonly PackedLayer[], layout: PackLayout, metric: KernelMetric, variant: Variant | 'direct', watch: Watch,
): Promise<{ distances: Float32Array<ArrayBuffer>[]; refined: number[] }> {
  const { n, d, tiles, panelD, quads } = layout;
  const pairs = pairCount(n);
  const direct = variant === 'direct';
  const constants = { metric: metricCodes[metric] };
  const kernel = direct
    ? await kernelOf(gpu, { file: 'rdm_direct.wgsl', entryPoint: 'pairs', bindings: ['uniform', 'read', 'read', 'write'], constants })
    : await kernelOf(gpu, { file: 'rdm.wgsl', entryPoint: variant, bindings: ['uniform', 'read', 'read', 'read', 'write', 'write'], constants });
  const buffers = new Buffers(gpu);
  try {
    const { queue } = gpu.device;
    const chunk = await buffers.uniform('chunk', 8);
    const rows = await buffers.storage('raw rows', layers.length * layout.rowLength * 4);
    const facts = await buffers.storage('row facts', layers.length * layout.factLength * 4);
    const distances = await buffers.storage('distances', layers.length * pairs * 4);
    const refined = await buffers.storage('refined pairs', layers.length * 4);
    const panels = direct ? null : await buffers.storage('packed rows', layers.length * layout.panelLength * 4);
    layers.forEach((layer, index) => {
      queue.writeBuffer(rows, index * layout.rowLength * 4, layer.rows);
      queue.writeBuffer(facts, index * layout.factLength * 4, layer.facts);
      if (panels) queue.writeBuffer(panels, index * layout.panelLength * 4, layer.panels);
    });
    const group = kernel.bind(panels ? [chunk, panels, rows, facts, distances, refined] : [chunk, rows, facts, distances]);
    const workPerUnit = layers.length * (direct ? 64 * 3 * d : 64 * 64 * panelD);
    await runChunks(gpu, {
      label: 'distances',
      // Units are tiles, or groups of 64 pairs.
      total: direct ? Math.ceil(pairs / 64) : (tiles * (tiles + 1)) / 2,
      first: Math.ceil(2e7 / workPerUnit),
      largest: gpu.device.limits.maxComputeWorkgroupsPerDimension,
      submit: (from, count) => {
        // Writes and submissions keep their order, so one uniform buffer serves all chunks.
        queue.writeBuffer(chunk, 0, direct
          ? new Uint32Array([n, d, quads, from * 64, Math.min(count * 64, pairs - from * 64), pairs])
          : new Uint32Array([n, d, panelD, quads, from, tiles, pairs, 0]));
        return gpu.submit('distances', (encoder) => dispatch(encoder, kernel, group, count, layers.length));
      },
    }, watch);
    const all = new Float32Array(await buffers.read(distances, layers.length * pairs * 4));
    const counts = new Uint32Array(await buffers.read(refined, layers.length * 4));
    return {
      distances: layers.map((_, index) => all.slice(index * pairs, (index + 1) * pairs)),
      refined: direct ? layers.map(() => pairs) : [...counts],
    };
  } finally {
    buffers.dispose();
  }
}

/** What measures the kernel: random rows of 256 columns, as many as make up the work. */
function rdmTrial(gpu: Gpu): Trial {
  const d = 256;
  const dataFor = (work: number) => {
    const n = Math.ceil(Math.sqrt((2 * work) / d));
    const stream = new PhiloxStream(1);
    return { n, layers: [Float32Array.from({ length: n * d }, () => stream.uniform() - 0.5)] };
  };
  const known = new Map<number, ReturnType<typeof dataFor>>();
  const run = (task: (layers: Float32Array[], shape: RdmShape) => Promise<unknown>) => async (work: number) => {
    const { n, layers } = known.get(work) ?? known.set(work, dataFor(work)).get(work)!;
    await task(layers, { n, d });
  };
  // Software has no workgroup memory to stage in, and takes up to a second to compile that variant.
  const variants: readonly Variant[] = gpu.facts.isFallback ? ['panel'] : ['panel', 'staged'];
  return {
    software: gpu.facts.isFallback,
    cpu: { name: 'cpu', run: run((layers, shape) => (hasWasmSimd() ? onWasm : onTwin)(layers, shape, 'cosine', {})) },
    webgpu: variants.map((variant) => ({
      name: variant, run: run((layers, shape) => onGpu(gpu, layers, shape, 'cosine', variant, {})),
    })),
  };
}
