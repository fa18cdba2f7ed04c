/**
 * How much memory a model takes while it is opened and run, estimated from its size before it is downloaded.
 *
 * Opening is the peak of small batches: ONNX Runtime copies the file into its WebAssembly memory, parses it there, and
 * lays the weights out for its kernels, before it lets the copies go. Weights in half precision are widened besides,
 * since its kernels on the CPU reckon in float32. That memory never shrinks: what a run needs comes on top of the weights
 * only, in the room that opening left.
 */
import { Problem } from '../base/problem.ts';
import type { ModelDtype } from './candidates.ts';
import type { ModelBackend } from './runtime.ts';

/** What is known of a model beforehand, and how it will be run. */
export interface MemoryNeeds {
  /** Of the ONNX file. */
  readonly fileBytes: number;
  /** Of the files beside it that hold weights; 0 by default. */
  readonly externalBytes?: number;
  /** How weights are stored; fp16 also where half-precision weights are behind casts to float32. */
  readonly dtype: ModelDtype;
  readonly backend: ModelBackend;
  /** Blocks; 0 where unknown. */
  readonly layers: number;
  /** Numbers per token in a hidden state; 0 where unknown. */
  readonly hiddenSize: number;
  /** Tokens whose logits are given back for every token of a batch; 0 for hidden states. */
  readonly vocabularySize: number;
  /** Most tokens of a batch, padding included. */
  readonly batchTokens: number;
  /** Texts whose pooled states of all layers are kept; 0 by default. */
  readonly texts?: number;
}

/** How much memory a model takes while it runs. */
export interface MemoryEstimate {
  /** Bytes at the peak, all together. */
  readonly peak: number;
  /** Bytes of WebAssembly memory, which is at most {@link wasmLimit}. */
  readonly wasm: number;
  /** Bytes on the GPU; 0 with wasm. */
  readonly gpu: number;
  /** Whether a session can be made at all: not where the runtime would need more than WebAssembly can address. */
  readonly fits: boolean;
}

/** Most bytes that WebAssembly's 32-bit addresses reach. */
export const wasmLimit = 2 ** 32;

/** The runtime's own, measured with models of two megabytes. */
const runtimeBytes = 14e6;

/**
 * WebAssembly memory per byte of the file at the peak of opening, measured (Chromium, ONNX Runtime Web 1.31.0, one thread;
 * see {@link estimateMemory}).
 */
const opening: Readonly<Record<ModelDtype, number>> = { fp32: 2.7, fp16: 4.1, q8: 3.2, q4: 3, q4f16: 4.1 };
/** The same for weights beside the file, which are not parsed: one copy, and a second one of the matrix being laid out. */
const openingBeside = 1.25;
/** Weights as the session keeps them, per byte of the file. */
const resident: Readonly<Record<ModelDtype, number>> = { fp32: 1, fp16: 2, q8: 1.2, q4: 1.2, q4f16: 2 };
/** Tensors of one hidden state's size that a block has at once, its wider inner ones and attention included. */
const innerTensors = 23;

/**
 * The memory that opening and running a model takes at its peak.
 *
 * The constants were fitted to the measured size of the runtime's WebAssembly memory after opening and after runs of 512
 * and of 2048 tokens, for stories260k (2 MB), sensorium-mini (10 MB) and random BERTs of 21 and 138 MB in float32, their
 * fp16, q8 and q4 exports, and one with its weights beside the file. The estimate for 512 tokens lay between 13 % below and
 * 21 % above what was measured; for 2048 tokens between 1 % below and 15 % above, but for q8, whose runs take less (up
 * to 58 % above). The page's own share (the file as it came and its copy with other outputs) and the GPU's are counted
 * and not measured: browsers do not tell.
 */
export function estimateMemory(needs: MemoryNeeds): MemoryEstimate {
  const { fileBytes, externalBytes = 0, dtype, backend, layers, hiddenSize, vocabularySize, batchTokens, texts = 0 } = needs;
  const onCpu = backend === 'wasm';
  // With WebGPU weights in half precision stay as they are, or are widened one by one on the way.
  const factor = onCpu || dtype === 'q8' || dtype === 'q4' ? opening[dtype] : opening.fp32;
  const load = runtimeBytes + factor * fileBytes + openingBeside * (onCpu ? resident[dtype] : 1) * externalBytes;
  const states = 4 * hiddenSize * (layers + 1);
  const activations = batchTokens * (states + 4 * hiddenSize * innerTensors + 4 * vocabularySize);
  const weights = (fileBytes + externalBytes) * (onCpu ? resident[dtype] : 1);
  const wasm = onCpu ? Math.max(load, runtimeBytes + weights + activations) : load;
  const gpu = onCpu ? 0 : weights + activations;
  // In the page: the file as it came (of a merged decoder its copy without the cache branch, once the file is let go), its
  // copy with other outputs, and the states that are kept.
  const page = 2 * fileBytes + externalBytes + texts * states;
  return { peak: Math.round(wasm + gpu + page), wasm: Math.round(wasm), gpu: Math.round(gpu), fits: wasm <= wasmLimit };
}

/**
 * Refuses a model that the runtime can open neither on the CPU nor on a GPU.
 * @param place the model and its file, for the message.
 * @throws Problem `model-too-large` with both numbers.
 */
export function requireRoom(needs: Omit<MemoryNeeds, 'backend'>, place: string): void {
  const estimates = (['wasm', 'webgpu'] as const).map((backend) => estimateMemory({ ...needs, backend }));
  if (estimates.some(({ fits }) => fits)) return;
  const least = Math.min(...estimates.map(({ wasm }) => wasm));
  throw new Problem({
    code: 'model-too-large',
    place,
    what: `it takes about ${(least / 1e9).toFixed(1)} GB to open, and the runtime can address ${(wasmLimit / 1e9).toFixed(1)} GB`,
    fix: 'Choose a smaller precision or a smaller model, or run it in Python and import its activations.',
  });
}
