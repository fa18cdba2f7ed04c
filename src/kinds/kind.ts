/**
 * What a cell kind is: its fields, what it produces, how it runs (in the compute worker) and how it is shown (on the
 * page). `run` and `view` load lazily, so that the page never loads statistics and the worker never loads figures.
 */
import type { TemplateResult } from 'lit';
import type { Progress } from '../base/progress.ts';
import type { CellValue, ValueOf, ValueType } from '../data/values.ts';
import type { Compute } from '../gpu/compute.ts';
import { Problem } from '../base/problem.ts';
import type { Kept } from '../worker/protocol.ts';
import type { Fields, ParamsOf } from './field.ts';

/** An imported file a cell asked for, by the name written in the notebook. */
export interface InputFile {
  readonly name: string;
  readonly sha256: string;
  readonly content: Blob;
}

/** What a running cell is given besides its parameters. All in the compute worker. */
export interface RunContext {
  /** The cell's own name, for messages. */
  readonly cell: string;
  /** Values of the cells it refers to, by cell name. */
  readonly inputs: ReadonlyMap<string, CellValue>;
  /** Files its parameters name, by file name; includes every file of a local model folder. */
  readonly files: ReadonlyMap<string, InputFile>;
  /** Address of the app's folder (ends in '/'), under which public/ files lie. */
  readonly base: string;
  /** Address of the hub or of a mirror with its paths, without a slash at the end. */
  readonly hub: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Adds a line to the run card's warnings. */
  readonly warn: (message: string) => void;
  /** Tells the run card what a step ran on, where `compute` does not decide it: "model: wasm". */
  readonly ranOn: (what: string) => void;
  /**
   * What earlier runs towards this very result have kept, for kinds that are `resumable`. It is gone once the result is
   * there; another parameter asks for another result and so never meets it.
   */
  readonly kept: Kept;
  /** Tells the run card that what an earlier run had kept goes on from there: "step 120 of 300". */
  readonly resumedAt: (where: string) => void;
  /** The GPU and the backend choice; opened on first use. */
  readonly compute: () => Promise<Compute>;
}

export type Run<F extends Fields, T extends ValueType> = (params: ParamsOf<F>, context: RunContext) => Promise<ValueOf<T>>;

/** What a view may know and ask for besides the value. */
export interface ViewContext {
  readonly cell: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Width available to figures, CSS pixels. */
  readonly width: number;
  /** Asks the page to draw the cell again (after a control inside the view changed). */
  readonly update: () => void;
  /** View state that lasts while the notebook is open: chosen layer, sort order. */
  readonly state: Map<string, unknown>;
  /**
   * Makes one of the kind's {@link Kind.exports} of the value in the worker and saves it under a name; what goes wrong is
   * told. Absent where a view is drawn outside a notebook.
   */
  readonly save?: (what: string, name: string) => Promise<void>;
}

/** What an export is given: a run's context without inputs, results and devices. */
export type ExportContext = Pick<RunContext, 'cell' | 'files' | 'base' | 'hub' | 'signal' | 'progress' | 'warn'>;

/** Makes a file of a value in the compute worker, where what takes long keeps no page waiting. */
export type Export<T extends ValueType> = (value: ValueOf<T>, context: ExportContext) => Promise<Blob>;

export type View<T extends ValueType> = (value: ValueOf<T>, context: ViewContext) => TemplateResult;

/** Parameters to write as one edit; undefined goes back to the default. */
export type Changes = Readonly<Record<string, string | undefined>>;

/** What the part of a form that a kind draws itself knows, and how it changes the cell. */
export interface AssistContext {
  /** As the notebook has them: what is not written is missing. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Whether nothing may be changed. */
  readonly locked: boolean;
  /** Whether the notebook is the reader's own: one from outside names hosts that the reader has not agreed to. */
  readonly trusted: boolean;
  /** Address of the hub or of the mirror in use, without a slash at the end. */
  readonly hub: string;
  readonly set: (changes: Changes) => void;
}

/** What a kind adds to its form: loaded when the form is opened, on the page only. */
export interface Assistance {
  /** A part beside the fields. */
  readonly assist: (context: AssistContext) => TemplateResult;
  /** What a value typed into a field means for other fields as well; null where it means itself alone. */
  readonly meant: (name: string, value: unknown, context: Pick<AssistContext, 'params' | 'hub'>) => Changes | null;
}

/** A model that a cell loads, as its text names it. */
export interface WantedModel {
  readonly source: 'bundled' | 'hub' | 'local';
  readonly id: string;
  /** A precision; whatever else is written there where the cell has a mistake. */
  readonly dtype: string;
  /** Branch or commit of the hub; absent for main. */
  readonly revision?: string;
}

export interface Kind<F extends Fields = Fields, T extends ValueType = ValueType> {
  /** The word after `cell` in the info string. */
  readonly name: string;
  /** Raised whenever the meaning of the result changes; part of every result's key. */
  readonly version: number;
  readonly title: string;
  /** One sentence for the menu that adds a cell. */
  readonly summary: string;
  /** Cheap cells follow edits at once; costly ones turn stale and wait for Run. */
  readonly cost: 'cheap' | 'costly';
  /** Whether float32 device arithmetic reaches the result, so that the device is part of the key. */
  readonly deviceSensitive: boolean;
  /**
   * Whether `run` can be paused: it saves its state in `kept` now and then, and once more when its signal is aborted with
   * a suspension, and goes on from there when it is run again.
   */
  readonly resumable?: boolean;
  readonly produces: T;
  readonly fields: F;
  /** Fields that name cells and may stay as they are, but that a new cell fills in all the same. */
  readonly filled?: readonly string[];
  /** Names of local folders whose imported files `run` needs, besides the files its file fields name. */
  readonly folders?: (params: ParamsOf<F>) => readonly string[];
  /**
   * The models a run loads, for the preview of a notebook that is not trusted yet. Also asked of cells with mistakes: the
   * parameters have the fields' shapes (texts, lists), their content may be anything.
   */
  readonly models?: (params: ParamsOf<F>) => readonly WantedModel[];
  /** Whether the cell's own name shows in the result, so that renaming the cell makes another result. */
  readonly namedByCell?: (params: ParamsOf<F>) => boolean;
  readonly run: () => Promise<{ readonly run: Run<F, T> }>;
  readonly view: () => Promise<{ readonly view: View<T> }>;
  readonly assist?: () => Promise<Assistance>;
  /** Whether that part stands above the fields, and the form opens by itself when a cell is added: the choice that the fields follow from. */
  readonly assistFirst?: boolean;
  /** Files that can be made of a value on demand, by name; a view asks for them through ViewContext.save. */
  readonly exports?: Readonly<Record<string, () => Promise<{ readonly make: Export<T> }>>>;
}

/** Checks nothing at run time: it ties the types of fields, run and view together. */
export function defineKind<const F extends Fields, T extends ValueType>(kind: Kind<F, T>): Kind<F, T> {
  return kind;
}

/** The value of an input cell, narrowed to the type the field accepts. */
export function inputOf<T extends ValueType>(context: RunContext, name: string, ...types: readonly T[]): ValueOf<T> {
  const value = context.inputs.get(name);
  if (value && (types as readonly ValueType[]).includes(value.type)) return value as ValueOf<T>;
  throw new Problem({
    code: 'input-type',
    place: `cell ${context.cell}`,
    what: value ? `${name} is a ${value.type} cell` : `${name} has no result`,
    fix: `Name a cell that gives ${types.join(' or ')}.`,
  });
}
