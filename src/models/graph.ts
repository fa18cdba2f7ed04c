/** A model's graph in the runtime, with the outputs that are wanted and no others. */
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelValue } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { readConfig, type ModelConfig } from './config.ts';
import { checkInputs, makeFeeds, type TokenBatch } from './feeds.ts';
import type { ModelFiles } from './files.ts';
import { hashOf, partsOf, readOnnx, type OnnxFiles } from './inspect.ts';
import { quantisesByRun } from './onnx/dynamic.ts';
import type { OnnxIndex } from './onnx/index.ts';
import { withOutputs } from './onnx/patch.ts';
import { elementTypes } from './onnx/precision.ts';
import { chooseBackend, createSession, loadRuntime, runSession, type ModelBackend, type ModelDevice, type Ort, type Tensor } from './runtime.ts';

export interface OpenOptions {
  readonly device: ModelDevice;
  /** The shared device; without one the model runs on the CPU. */
  readonly compute?: Compute | null;
}

export interface OpenGraph {
  readonly config: ModelConfig;
  readonly backend: ModelBackend;
  /** What the runtime says it gives back. */
  readonly outputs: readonly string[];
  /** Whether a text's numbers are its own only if it is run by itself, without padding: see {@link quantisesByRun}. */
  readonly oneByOne: boolean;
  /**
   * One run. `use` sees each output while it lives (with webgpu float32 ones are buffers of the device); what it makes of
   * them is handed on, in the order in which the outputs were asked for.
   * @param extra inputs that were added to the graph.
   */
  run<T>(batch: TokenBatch, use: (tensor: Tensor, name: string) => Promise<T>, extra?: (ort: Ort) => Record<string, Tensor>): Promise<T[]>;
  dispose(): Promise<void>;
}

/** What to take from a graph. */
export interface Choice {
  /** Tensors to give back. */
  readonly names: readonly string[];
  /** A further change of the file, which has these outputs already. */
  readonly change?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

/**
 * Opens a model that was inspected before.
 * @param choose names the tensors to give back; all that they do not need is left out of the computation. It may change
 *   the graph besides.
 * @throws Problem `model-changed` when the files are not those that were inspected, `model-not-runnable` with the
 *   runtime's own words, `input-unknown`, and what `choose` throws.
 */
export async function openGraph(
  value: ModelValue, files: ModelFiles, options: OpenOptions, choose: (index: OnnxIndex) => Choice, watch: Watch = {},
): Promise<OpenGraph> {
  const gpu = options.compute?.gpu?.device ?? null;
  const backend = chooseBackend(options.device, gpu);
  const { config, onnx } = await readModel(value, files, watch);
  const { names, change } = choose(onnx.index);
  watch.signal?.throwIfAborted();
  const bytes = withOutputs(onnx.index, names);
  const session = await createSession(change?.(bytes) ?? bytes, {
    backend, gpu, external: onnx.external, outputs: backend === 'webgpu' ? placesOf(onnx.index, names) : 'cpu', file: onnx.index.file,
  });
  const ort = await loadRuntime();
  // The weights are in the runtime now; the index stays for its inputs only.
  const index = { ...onnx.index, bytes: new Uint8Array(0) };
  return {
    config,
    backend,
    outputs: session.outputNames,
    oneByOne: quantisesByRun(index, names),
    run: async (batch, use, extra) => {
      const feeds = { ...makeFeeds(ort, index, config, batch), ...extra?.(ort) };
      const tensors = await runSession(session, feeds, names);
      try {
        const results = [];
        for (const name of names) results.push(await use(tensors[name]!, name));
        return results;
      } finally {
        for (const tensor of [...Object.values(tensors), ...Object.values(feeds)]) tensor.dispose();
      }
    },
    dispose: () => session.release(),
  };
}

/**
 * The files of a model that was inspected before.
 * @throws Problem `model-changed` when they are not those that were inspected, `input-unknown`.
 */
export async function readModel(value: ModelValue, files: ModelFiles, watch: Watch): Promise<{ readonly config: ModelConfig; readonly onnx: OnnxFiles }> {
  const [config, read] = await Promise.all([readConfig(files, watch), readOnnx(files, value.onnxFile, watch)]);
  const revision = files.commit ? await files.commit(watch) : await hashOf(partsOf(read));
  if (revision !== value.revision) {
    throw new Problem({
      code: 'model-changed',
      place: `model ${value.id}`,
      what: `its files are of revision ${revision.slice(0, 12)}, not ${value.revision.slice(0, 12)}`,
      fix: 'Run the model cell again.',
    });
  }
  // The revision tells nothing where the host names no commits.
  const content = value.content && !value.tuned ? await hashOf(partsOf(read)) : null;
  if (content !== null && content !== value.content) {
    throw new Problem({
      code: 'model-changed',
      place: `model ${value.id}`,
      what: `its graph at ${value.revision} has the SHA-256 ${content.slice(0, 12)}…, not ${value.content!.slice(0, 12)}… as it had when the model cell ran`,
      fix: 'Run the model cell again; to pin it, name a host that knows commits, and a commit.',
    });
  }
  // Without the file as it was: of a merged decoder it is another copy, which nobody needs while the model is opened.
  const { path, index, external } = read;
  checkInputs(index);
  return { config, onnx: { path, index, external } };
}

/** Half-precision results must be widened, which happens on the CPU; the others stay where they were computed. */
function placesOf(index: OnnxIndex, names: readonly string[]): Record<string, 'cpu' | 'gpu-buffer'> {
  const types = elementTypes(index);
  return Object.fromEntries(names.map((name) => [name, types.get(name) === 10 ? 'cpu' : 'gpu-buffer']));
}
