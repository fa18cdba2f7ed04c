/** What the driver asks of every side. */
import type { Tensors } from '../../src/tuning/optimiser.ts';
import type { RatingBatch } from './problem.ts';

export interface Side {
  /** What ran where: threads, adapter. */
  readonly about: string;
  /** The loss and its gradients by the names of the parameters, at the parameters as they are. */
  gradients(batch: RatingBatch): Promise<{ readonly loss: number; readonly gradients: Tensors }>;
  /** Forwards, backwards, one step of Adam; done when it returns. Gives the loss before the step. */
  step(batch: RatingBatch): Promise<number>;
}

export interface SideOptions {
  readonly device: 'wasm' | 'webgpu';
  /** How the side is written where there is more than one way. */
  readonly variant: string;
}

export function threadsOf(count: number): string {
  return count === 1 ? '1 thread' : `${count} threads`;
}
