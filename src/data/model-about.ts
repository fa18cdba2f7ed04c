/** What the hub says of a model, as far as it was asked when the model cell ran. */

export interface ModelAbout {
  /** Address of the hub or the mirror, without a slash at the end. */
  readonly host: string;
  /** "feature-extraction"; null where it is not stated. */
  readonly task: string | null;
  readonly licence: string | null;
  /** Bytes that a first run downloads at this precision: weights, configuration, tokenizer. */
  readonly download: number;
  /** Estimated peak bytes while it runs. */
  readonly memory: number;
}
