/** How far a long step has come. */
export interface Progress {
  /** What is being done, for the reader: "hidden states", "permutations". */
  readonly label: string;
  /** Units done so far, 0 to total. */
  readonly done: number;
  /** Units in all; 0 while unknown. */
  readonly total: number;
}

/** What every long computation takes: how to report and when to stop. */
export interface Watch {
  /** Called now and then; cheap to call often. */
  readonly progress?: (progress: Progress) => void;
  /** Aborted when the reader cancels; long loops call `signal.throwIfAborted()` between chunks. */
  readonly signal?: AbortSignal;
}
