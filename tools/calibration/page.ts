/** Hands the simulations to tools/calibration/run.mjs. */
import { count } from './designs.ts';

(window as unknown as { calibrate: typeof count }).calibrate = count;
