/** Which backend a kernel runs on: decided by a short measurement on this machine, once per adapter and session. */

/** The GPU; on the CPU, WebAssembly SIMD where a kernel has it, and the TypeScript twins, which every kernel has. */
export type Backend = 'webgpu' | 'wasm' | 'cpu';
export type KernelName = 'rdm' | 'mantel' | 'pool';

/** One way to run a kernel: does `work` units (multiply-adds) and resolves when they are done. */
export interface Contender {
  readonly name: string;
  readonly run: (work: number) => Promise<void>;
}

/** What competes for a kernel: the CPU as it would do the work, and one or more variants on the GPU. */
export interface Trial {
  /** The adapter is software: it computes on the cores that the CPU side has, and its speed shows at a smaller size. */
  readonly software: boolean;
  readonly cpu: Contender;
  readonly webgpu: readonly Contender[];
}

/** A measurement: milliseconds = fixed + perMillion * work / 1e6. */
export interface Measurement {
  readonly kernel: KernelName;
  readonly cpu: Cost;
  readonly webgpu: Cost;
  /** The fastest variant on the GPU. */
  readonly variant: string;
}

export interface Cost {
  /** ms per call, whatever its size. */
  readonly fixed: number;
  /** ms per million multiply-adds. */
  readonly perMillion: number;
}

const small = 1e5;
const middle = 2e6;
const large = 1.6e7;
/** Beyond this ratio to the CPU at the middle size a software adapter cannot win any more. */
const hopeless = 3;

/** Milliseconds since whenever. */
type Clock = () => number;

/**
 * Times one contender at two sizes after a run that compiles and warms up; the lower of two times each.
 *
 * @param limit a cost per million that cannot win; a contender beyond it at the middle size is spared the large one
 */
async function costOf(contender: Contender, clock: Clock, limit: number): Promise<Cost> {
  const timed = async (work: number): Promise<number> => {
    const start = clock();
    await contender.run(work);
    return clock() - start;
  };
  await contender.run(small);
  const little = Math.min(await timed(small), await timed(small));
  const costAt = async (size: number): Promise<Cost> => {
    const much = Math.min(await timed(size), await timed(size));
    const perMillion = Math.max(1e-6, (much - little) / ((size - small) / 1e6));
    return { fixed: Math.max(0, little - (perMillion * small) / 1e6), perMillion };
  };
  if (limit < Infinity) {
    const early = await costAt(middle);
    if (early.perMillion > limit) return early;
  }
  return costAt(large);
}

/** Predicted milliseconds for `work` multiply-adds. */
export function predicted(cost: Cost, work: number): number {
  return cost.fixed + (cost.perMillion * work) / 1e6;
}

/** Runs the trial: 0.1 to 0.5 s on the machines seen so far, most of it compiling; the CPU goes first and sets the mark. */
export async function measureKernel(kernel: KernelName, trial: Trial, clock: Clock = () => performance.now()): Promise<Measurement> {
  const cpu = await costOf(trial.cpu, clock, Infinity);
  let webgpu: Cost | null = null;
  let variant = '';
  for (const contender of trial.webgpu) {
    const cost = await costOf(contender, clock, trial.software ? hopeless * cpu.perMillion : Infinity);
    if (webgpu && cost.perMillion >= webgpu.perMillion) continue;
    webgpu = cost;
    variant = contender.name;
  }
  if (!webgpu) throw new RangeError(`the trial of ${kernel} names no variant on the GPU`);
  return { kernel, cpu, webgpu, variant };
}
