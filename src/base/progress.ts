/** Numbers along the way, such as a loss over steps, for a small drawing: all points so far, thinned. */
export interface ProgressCurves {
  /** Where x will end. */
  readonly end: number;
  readonly lines: readonly ProgressCurve[];
}

export interface ProgressCurve {
  /** "training", "validation". */
  readonly name: string;
  readonly x: readonly number[];
  /** As many as x. */
  readonly y: readonly number[];
}

/** How far a long step has come. */
export interface Progress {
  /** What is being done, for the reader: "hidden states", "permutations". */
  readonly label: string;
  /** Units done so far, 0 to total. */
  readonly done: number;
  /** Units in all; 0 while unknown. */
  readonly total: number;
  /** Absent where there is nothing to draw. */
  readonly curves?: ProgressCurves;
}

/** What every long computation takes: how to report and when to stop. */
export interface Watch {
  /** Called now and then; cheap to call often. */
  readonly progress?: (progress: Progress) => void;
  /** Aborted when the reader cancels; long loops call `signal.throwIfAborted()` between chunks. */
  readonly signal?: AbortSignal;
}
