/** Errors written for the reader: what is wrong, where, the value, and what to do next. */

/** The plain form of a {@link Problem}; survives `postMessage` and IndexedDB. */
export interface ProblemRecord {
  /** Stable kebab-case code; tests and docs refer to it. */
  readonly code: string;
  /** Where: "norms.csv line 218", "cell human, line 14". Empty when the place is obvious. */
  readonly place: string;
  /** What is wrong, with the value, lower case: "Visual.mean is 7.2, outside 0-5". */
  readonly what: string;
  /** What the reader can do about it, a full sentence. */
  readonly fix: string;
  /** A way out the app can offer as a button. */
  readonly action?: ProblemAction;
}

/** Ways out that the app knows how to offer. */
export type ProblemAction =
  | { readonly type: 'choose-file'; readonly name: string; readonly address: string }
  | { readonly type: 'run-cell'; readonly cell: string }
  | { readonly type: 'free-storage' };

/** An error for the reader. Its message reads "place: what. fix". */
export class Problem extends Error {
  readonly record: ProblemRecord;

  constructor(record: ProblemRecord) {
    super(`${record.place ? `${record.place}: ` : ''}${record.what}. ${record.fix}`);
    this.name = 'Problem';
    this.record = record;
  }

  get code(): string {
    return this.record.code;
  }
}

/** Any thrown thing as a record; what we did not foresee keeps its own message under the code `unexpected`. */
export function problemRecord(error: unknown): ProblemRecord {
  if (error instanceof Problem) return error.record;
  // Parts of the app load when first needed; after an update on the server the old ones are gone.
  if (error instanceof TypeError && /dynamically imported module|importing a module script failed/i.test(error.message)) {
    return {
      code: 'part-missing',
      place: '',
      what: 'a part of Sensorium could not be loaded: the connection failed, or a newer version was put on the server',
      fix: 'Reload the page; the notebook is saved.',
    };
  }
  return {
    code: 'unexpected',
    place: '',
    what: error instanceof Error ? error.message : String(error),
    fix: 'Run the cell again; if it stays, report it with the run card.',
  };
}

/**
 * A reason to abort a run that shall go on later: before it ends, a run that can go on hands over what it has. Any other
 * reason means that nothing of it is wanted.
 */
export function suspension(): DOMException {
  return new DOMException('suspended', 'AbortError');
}

/** Whether an aborted signal's reason is a {@link suspension}. */
export function isSuspension(reason: unknown): boolean {
  return isCancelled(reason) && (reason as DOMException).message === 'suspended';
}

/** True for the error that an aborted signal throws. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
