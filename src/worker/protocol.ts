/** What the page and the compute worker say to each other. */
import type { ProblemRecord } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';

/** One cell to run. Input values travel separately, by key, because the worker may still hold them. */
export interface Job<Value> {
  readonly kind: string;
  readonly cell: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Keys of the input cells' results, by cell name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly content: Blob }[];
  /** Key of the result, under which the worker keeps it for cells that follow, and the run its {@link Kept | states}. */
  readonly key: string;
  /** Class of the device that the key is made for; '' where results do not depend on it. Another one refuses the job. */
  readonly deviceClass: string;
  readonly value?: Value;
}

/** Intermediate states of one run, by name, from which a later run towards the same result goes on. */
export interface Kept {
  /** What was kept under a name; null where nothing was. */
  load(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keeps bytes in place of the former of that name; resolves when they outlast the tab. `at`: how far the run has come. */
  save(name: string, bytes: Uint8Array<ArrayBuffer>, at: Progress): Promise<void>;
}

/** {@link Kept} as the worker asks the page for it, over a port of the run's own. */
export type KeptService = {
  readonly load: { readonly argument: string; readonly answer: Uint8Array<ArrayBuffer> | null };
  readonly save: { readonly argument: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly at: Progress }; readonly answer: null };
};

/** What a run gives back besides its value. */
export interface Outcome<Value> {
  readonly value: Value;
  readonly warnings: readonly string[];
  readonly device: string;
  /** From where it went on with what an earlier run had kept: "step 120 of 300". */
  readonly resumed: readonly string[];
}

/** A file to make of a result that there is: one of the kind's exports. */
export interface ExportJob<Value> {
  readonly kind: string;
  readonly cell: string;
  /** Name of the export. */
  readonly what: string;
  readonly value: Value;
  readonly files: Job<Value>['files'];
}

export interface Exported {
  readonly content: Blob;
  readonly warnings: readonly string[];
}

/** The worker's methods. `Value` is the union of cell values; the protocol does not look inside. */
export type ComputeService<Value> = {
  /** Which of these results the worker does not hold. */
  readonly missing: { readonly argument: readonly string[]; readonly answer: readonly string[] };
  /** Hands over a result that a later job needs. */
  readonly provide: { readonly argument: { readonly key: string; readonly value: Value }; readonly answer: null };
  /** Runs one cell. Its port answers a {@link KeptService}. */
  readonly run: { readonly argument: Job<Value> & { readonly kept: MessagePort }; readonly answer: Outcome<Value> };
  /** Makes a file of a value. */
  readonly export: { readonly argument: ExportJob<Value>; readonly answer: Exported };
};

/** First message to the worker, and again when the hub has changed; jobs that run keep what they began with. */
export interface Settings {
  readonly type: 'settings';
  /** Address of the app's folder, ending in '/'. */
  readonly base: string;
  /** Address of the hub or of a mirror with its paths, without a slash at the end. */
  readonly hub: string;
  /** False after the GPU was lost twice: browsers block WebGPU for a site that keeps losing it. */
  readonly gpu: boolean;
  /** What earlier visits measured, as the worker told it; opaque to the page. */
  readonly measurements: Readonly<Record<string, unknown>>;
}

/** Unasked message from the worker: measurements to keep for the next visit. */
export interface Measured {
  readonly type: 'measured';
  readonly measurements: Readonly<Record<string, unknown>>;
}

/** Unasked message from the worker: what class of device it was given, which may be another than the page's adapter. */
export interface DeviceOpened {
  readonly type: 'device';
  readonly deviceClass: string;
}

/** Unasked message from the worker: it can no longer be trusted with the device. */
export interface DeviceLost {
  readonly type: 'device-lost';
  readonly problem: ProblemRecord;
}
