/** One side in a page of its own, driven from outside; what it is stands in the address. */
import { makeProblem, type Setting, type TrainingProblem } from './problem.ts';
import type { Side, SideOptions } from './side.ts';

const query = new URLSearchParams(location.search);
const options: SideOptions = { device: query.get('device') === 'webgpu' ? 'webgpu' : 'wasm', variant: query.get('variant') ?? '' };

/** Memory of WebAssembly: made before any runtime asks for it. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

/** What the GPU is asked for, counted; `waiting` are kernels with a barrier, at which threads wait for each other. */
const asked = { kernels: 0, waiting: 0, submits: 0, reads: 0 };

function countGpu(): void {
  if (!navigator.gpu) return;
  const [device, pass] = [GPUDevice.prototype, GPUComputePassEncoder.prototype];
  const { createShaderModule, createComputePipeline, createComputePipelineAsync } = device;
  const { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect } = pass;
  const { submit } = GPUQueue.prototype;
  const { mapAsync } = GPUBuffer.prototype;
  /** Modules, pipelines, and passes whose pipeline is set, that wait. */
  const waits = new WeakSet<object>();
  const markIf = <T extends object>(made: T, when: boolean): T => {
    if (when) waits.add(made);
    else waits.delete(made);
    return made;
  };
  device.createShaderModule = function (descriptor) {
    return markIf(createShaderModule.call(this, descriptor), descriptor.code.includes('Barrier('));
  };
  device.createComputePipeline = function (descriptor) {
    return markIf(createComputePipeline.call(this, descriptor), waits.has(descriptor.compute.module));
  };
  device.createComputePipelineAsync = async function (descriptor) {
    return markIf(await createComputePipelineAsync.call(this, descriptor), waits.has(descriptor.compute.module));
  };
  pass.setPipeline = function (pipeline) {
    markIf(this, waits.has(pipeline));
    return setPipeline.call(this, pipeline);
  };
  const count = (encoder: GPUComputePassEncoder): void => {
    asked.kernels++;
    if (waits.has(encoder)) asked.waiting++;
  };
  pass.dispatchWorkgroups = function (...sizes) {
    count(this);
    return dispatchWorkgroups.apply(this, sizes);
  };
  pass.dispatchWorkgroupsIndirect = function (...sizes) {
    count(this);
    return dispatchWorkgroupsIndirect.apply(this, sizes);
  };
  GPUQueue.prototype.submit = function (...buffers) {
    asked.submits++;
    return submit.apply(this, buffers);
  };
  GPUBuffer.prototype.mapAsync = function (mode, ...range) {
    if (mode === GPUMapMode.READ) asked.reads++;
    return mapAsync.call(this, mode, ...range);
  };
}

countGpu();

async function open(problem: TrainingProblem): Promise<Side> {
  switch (query.get('side')) {
    case 'tfjs': return (await import('./tfjs.ts')).openSide(problem, options);
    case 'jax': return (await import('./jax.ts')).openSide(problem, options);
    default: return (await import('./ours.ts')).openSide(problem, options);
  }
}

interface Opened {
  readonly about: string;
  /** Texts x tokens of a batch, and how many of them are no padding, over all batches. */
  readonly shape: readonly [number, number];
  readonly filled: number;
}

const driven = {
  side: null as Side | null,
  problem: null as TrainingProblem | null,
  next: 0,
  /** Lets go of what another setting opened by reloading the page, so it is called once. */
  open: async (setting: Setting): Promise<Opened> => {
    driven.problem = await makeProblem(setting);
    driven.side = await open(driven.problem);
    const { batches } = driven.problem;
    const { batch, tokens } = batches[0]!.tokens;
    return { about: driven.side.about, shape: [batch, tokens], filled: batches.flatMap((one) => one.tokens.ids).reduce((sum, ids) => sum + ids.length, 0) / (batches.length * batch * tokens) };
  },
  gradients: async (): Promise<{ loss: number; gradients: Record<string, number[]> }> => {
    const { loss, gradients } = await driven.side!.gradients(driven.problem!.batches[0]!);
    return { loss, gradients: Object.fromEntries(Object.entries(gradients).map(([name, values]) => [name, [...values]])) };
  },
  /** Steps one after the other: milliseconds and losses. */
  steps: async (count: number): Promise<{ times: number[]; losses: number[] }> => {
    const [times, losses]: [number[], number[]] = [[], []];
    for (let at = 0; at < count; at++) {
      const { batches } = driven.problem!;
      const started = performance.now();
      losses.push(await driven.side!.step(batches[driven.next++ % batches.length]!));
      times.push(performance.now() - started);
    }
    return { times, losses };
  },
  attempts: async (setting: Setting) => (await import('./jax.ts')).attempts(await makeProblem(setting), options.device),
  /** What steps so far asked of the GPU. */
  asked: () => ({ ...asked }),
  /** Megabytes: memory of WebAssembly. */
  memory: (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) / 2 ** 20,
};

(window as unknown as { driven: typeof driven }).driven = driven;
