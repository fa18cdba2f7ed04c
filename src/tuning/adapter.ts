/** Low-rank adapters: what fine-tuning trains in place of a model's own weights (Hu et al. 2021, arXiv:2106.09685). */

/** A matrix product of the graph that can carry an adapter: activations x (... x inputs) times a constant weight. */
export interface AdapterSite {
  /** The node's name in the ONNX graph, or its output where nodes have no names. */
  readonly node: string;
  /** The tensor that the product reads as its weight (inputs x outputs). */
  readonly weight: string;
  /** Name of the module in PyTorch, for PEFT: "bert.encoder.layer.0.attention.self.query". */
  readonly module: string;
  /** Block, from 0; null outside the blocks. */
  readonly layer: number | null;
  readonly inputs: number;
  readonly outputs: number;
}

/** y = x W + scale * (x A) B. A starts random, B at zero, so that an untrained adapter changes nothing. */
export interface Adapter {
  readonly site: AdapterSite;
  readonly rank: number;
  /** PEFT's lora_alpha / rank. */
  readonly scale: number;
  /** inputs x rank, row-major; PEFT's lora_A is its transpose. */
  readonly a: Float32Array;
  /** rank x outputs, row-major; PEFT's lora_B is its transpose. */
  readonly b: Float32Array;
}
