/** The compute worker where WebGPU is gone, as after a driver that did not come back. */
import './no-gpu.ts';
import '../../src/worker/compute.worker.ts';
