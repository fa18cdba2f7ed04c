/** A browser without WebGPU: imported before the compute worker, in one of its own. */
Object.defineProperty(navigator, 'gpu', { value: undefined });
