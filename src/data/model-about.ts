/** Which host a model of the hub came from, and what that tells of it. */

export interface ModelAbout {
  /** Address of the hub or the mirror, without a slash at the end: later cells read the files from there, whatever hub is set. */
  readonly host: string;
  /** "feature-extraction"; null where it is not stated. */
  readonly task: string | null;
  readonly licence: string | null;
  /** Bytes that a first run downloads at this precision: weights, configuration, tokenizer. */
  readonly download: number;
  /** Estimated peak bytes while it runs. */
  readonly memory: number;
}
