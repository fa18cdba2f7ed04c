/**
 * Compiles a WGSL kernel and binds its buffers. Layouts are explicit: `layout: 'auto'` drops bindings that a kernel
 * happens not to use and then runs silently on zeros.
 */
import { Problem } from '../base/problem.ts';
import type { Gpu } from './device.ts';
import { shaderCode } from './shaders.ts';

/** How a kernel sees a buffer; binding k of group 0 is the k-th in the list. */
export type BindingKind = 'uniform' | 'read' | 'write';

export interface KernelSpec {
  /** File in shaders/: 'rdm.wgsl'. */
  readonly file: string;
  readonly entryPoint: string;
  readonly bindings: readonly BindingKind[];
  /** Values of the file's `override` constants. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** A compiled kernel. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  /** Binds buffers in the order of the file's bindings. */
  bind(buffers: readonly (GPUBuffer | GPUBufferBinding)[]): GPUBindGroup;
}

const bufferTypes = { uniform: 'uniform', read: 'read-only-storage', write: 'storage' } as const;

/** The kernel of this device, compiled on first use and kept; a failed compilation is tried again next time. */
export function kernelOf(gpu: Gpu, spec: KernelSpec): Promise<Kernel> {
  const key = `${spec.file} ${spec.entryPoint} ${JSON.stringify(spec.constants ?? {})}`;
  const known = gpu.kernels.get(key);
  if (known) return known;
  const compiling = compile(gpu, spec, key);
  gpu.kernels.set(key, compiling);
  compiling.catch(() => gpu.kernels.delete(key));
  return compiling;
}

async function compile(gpu: Gpu, spec: KernelSpec, label: string): Promise<Kernel> {
  const { device } = gpu;
  const fail = (message: string): Problem => new Problem({
    code: 'gpu-kernel', place: `shaders/${spec.file}`, what: `the kernel does not compile on ${gpu.facts.adapter}: ${message}`,
    fix: 'Run the cell again; if it stays, report this with the run card',
  });
  const { module, layout } = await gpu.scoped(() => ({
    module: device.createShaderModule({ label, code: shaderCode(spec.file) }),
    layout: device.createBindGroupLayout({
      label,
      entries: spec.bindings.map((kind, binding) => ({
        binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: bufferTypes[kind] },
      })),
    }),
  }), fail);
  let pipeline: GPUComputePipeline;
  try {
    pipeline = await gpu.wait(device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: spec.entryPoint, constants: { ...spec.constants } },
    }));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw fail(error instanceof Error ? error.message : String(error));
  }
  return {
    pipeline,
    bind: (buffers) => device.createBindGroup({
      label, layout, entries: buffers.map((buffer, binding) => ({ binding, resource: 'buffer' in buffer ? buffer : { buffer } })),
    }),
  };
}

/** Encodes one dispatch in a pass of its own. */
export function dispatch(
  encoder: GPUCommandEncoder, kernel: Kernel, group: GPUBindGroup, x: number, y = 1, z = 1,
): void {
  const pass = encoder.beginComputePass();
  pass.setPipeline(kernel.pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y, z);
  pass.end();
}
