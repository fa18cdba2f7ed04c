/** The run card: everything that made a result, kept and shown beside it. */
import { canonicalJson, sha256, type Plain } from '../base/hash.ts';
import type { Kind } from '../kinds/kind.ts';
import type { QuickMark } from './quick.ts';

export interface RunCard {
  readonly cell: string;
  readonly kind: string;
  readonly kindVersion: number;
  /** Name of the result: hash of all that follows except quick, time, what was resumed and warnings. */
  readonly key: string;
  readonly params: Readonly<Record<string, unknown>>;
  /**
   * What Quick changed in this cell and those it needs. It says how the text asked for the result, not what the result
   * is: the same parameters written out give the same key and no mark.
   */
  readonly quick: readonly QuickMark[];
  /** Keys of the input cells' results, by cell name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** SHA-256 of the imported files, by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** Version of the code and hash of its sources. */
  readonly code: string;
  /** What computed it: "webgpu: SwiftShader". */
  readonly device: string;
  readonly seed: number | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  /** From where it went on with what earlier, unfinished runs had kept: "step 120 of 300". Their seconds are not counted. */
  readonly resumed?: readonly string[];
  readonly warnings: readonly string[];
}

/** What a key is made of. */
export interface Recipe {
  readonly cell: string;
  readonly kind: Kind;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly code: string;
  /** Class of the device, for kinds whose numbers depend on it. */
  readonly deviceClass: string;
}

/**
 * Name of the result that a recipe makes. Inputs count by key and by the parameter that names them, so that renaming a
 * cell costs a new run only where its name shows in a result.
 */
export async function resultKey(recipe: Recipe): Promise<string> {
  const keyed = (value: unknown): Plain => {
    if (Array.isArray(value)) return value.map(keyed);
    return typeof value === 'string' && Object.hasOwn(recipe.inputs, value) ? `result ${recipe.inputs[value]}` : (value as Plain);
  };
  const params: Record<string, Plain> = {};
  for (const [name, declared] of Object.entries(recipe.kind.fields)) {
    if (declared.onlyShown) continue;
    const value = recipe.params[name];
    const refers = declared.control === 'cell' || declared.control === 'cells';
    params[name] = refers ? keyed(value) : (value as Plain);
  }
  // Names count where they show in a result: a cell's own in place of a label, those of the cells it compares.
  const names = [
    ...(recipe.kind.namedByCell?.(recipe.params as never) ? [recipe.cell] : []),
    ...(comparesCells(recipe) ? Object.keys(recipe.inputs) : []),
  ];
  return sha256(
    canonicalJson({
      kind: recipe.kind.name,
      version: recipe.kind.version,
      params,
      names,
      files: recipe.files,
      code: recipe.code,
      device: recipe.kind.deviceSensitive ? recipe.deviceClass : '',
    }),
  );
}

/** Whether cells stand beside each other, so that names tell apart those with one label: a list of them, or two of a type. */
function comparesCells({ kind, params, inputs }: Recipe): boolean {
  const fields = Object.entries(kind.fields);
  if (fields.some(([, declared]) => declared.control === 'cells')) return true;
  const accepted = fields.flatMap(([name, declared]) => {
    const value = params[name];
    return declared.control === 'cell' && typeof value === 'string' && Object.hasOwn(inputs, value) ? [declared.accepts] : [];
  });
  return accepted.some((types, k) => accepted.slice(k + 1).some((others) => types.some((type) => others.includes(type))));
}
