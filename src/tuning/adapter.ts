/** Low-rank adapters: what fine-tuning trains in place of a model's own weights (Hu et al. 2021, arXiv:2106.09685). */
export type { Adapter, AdapterSite } from '../data/tuned.ts';
