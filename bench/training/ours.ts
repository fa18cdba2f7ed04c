/** Sensorium: gradients by ONNX Runtime, Adam outside. */
import { openCompute } from '../../src/gpu/compute.ts';
import { loadRuntime } from '../../src/models/runtime.ts';
import { optimise, startOptimiser } from '../../src/tuning/optimiser.ts';
import { openTrainingStep } from '../../src/tuning/step.ts';
import { rank, rate, scale, type TrainingProblem } from './problem.ts';
import { threadsOf, type Side, type SideOptions } from './side.ts';

const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;

export async function openSide({ value, files, dimensions, first }: TrainingProblem, { device }: SideOptions): Promise<Side> {
  const compute = device === 'webgpu' ? await openCompute({ backend: 'webgpu' }) : null;
  const step = await openTrainingStep(value, files, { device, compute, aim: { type: 'ratings', dimensions }, rank, scale, seed: 1, parameters: first });
  for (const [name, values] of Object.entries(first)) if (step.tensors[name] !== values) throw new Error(`${name} is not among what the step trains`);
  let state = startOptimiser(step.tensors);
  const { numThreads } = (await loadRuntime()).env.wasm;
  return {
    about: compute ? compute.description.adapter : threadsOf(numThreads ?? 1),
    gradients: (batch) => step.run(batch),
    step: async (batch) => {
      const { loss, gradients } = await step.run(batch);
      state = optimise(adam, rate, state, step.tensors, gradients);
      return loss;
    },
  };
}
