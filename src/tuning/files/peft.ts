/**
 * Adapters as the two files that Python's peft loads: adapter_config.json and adapter_model.safetensors.
 *
 * Names and sizes follow peft 0.21's LoraConfig and get_peft_model_state_dict: lora_A.weight is rank x inputs and
 * lora_B.weight outputs x rank, the transposes of ours, and what they add is multiplied by lora_alpha / r.
 */
import * as v from 'valibot';
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { Adapter, AdapterSite } from '../adapter.ts';
import { readSafetensors, writeSafetensors, type NamedTensor } from './safetensors.ts';

export const peftConfigFile = 'adapter_config.json';
export const peftWeightsFile = 'adapter_model.safetensors';

/** The two files by name. */
export type PeftFiles = Readonly<Record<typeof peftConfigFile | typeof peftWeightsFile, Uint8Array<ArrayBuffer>>>;

export interface PeftOptions {
  /** Hub id or folder of the model that was tuned: base_model_name_or_path. */
  readonly base: string;
  readonly taskType?: 'FEATURE_EXTRACTION' | 'CAUSAL_LM' | null;
  /** Dropout of training; of no effect on the tuned model. 0 by default. */
  readonly dropout?: number;
  /**
   * The module's name in the Python class that will load the adapter, where it is not the site's: BertModel knows as
   * "encoder.layer.0..." what BertForMaskedLM calls "bert.encoder.layer.0...".
   */
  readonly moduleName?: (site: AdapterSite) => string;
}

const prefix = 'base_model.model.';

/** Row-major rows x columns as columns x rows. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** The value that most have, the first of equals; others are told apart by module. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

/** Patterns of peft are regular expressions over the end of a module's name. */
function patternOf(module: string): string {
  return module.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/**
 * Writes adapters for Python.
 * @throws RangeError without adapters, or with two of one module
 */
export function writePeft(adapters: readonly Adapter[], options: PeftOptions): PeftFiles {
  const named = adapters.map((adapter) => ({ module: options.moduleName?.(adapter.site) ?? adapter.site.module, adapter }));
  if (named.length === 0) throw new RangeError('there are no adapters');
  const modules = named.map(({ module }) => module);
  if (new Set(modules).size < modules.length) throw new RangeError(`two adapters are of one module, among ${modules.join(', ')}`);
  const rank = commonest(adapters.map((adapter) => adapter.rank));
  const alpha = commonest(adapters.map((adapter) => adapter.scale * adapter.rank));
  const tensors: Record<string, NamedTensor> = {};
  const ranks: Record<string, number> = {};
  const alphas: Record<string, number> = {};
  for (const { module, adapter } of named) {
    const { site: { inputs, outputs }, rank: own, scale, a, b } = adapter;
    if (a.length !== inputs * own || b.length !== own * outputs) throw new RangeError(`${module}: A has ${a.length} and B ${b.length} numbers, for ${inputs} inputs, rank ${own} and ${outputs} outputs`);
    tensors[`${prefix}${module}.lora_A.weight`] = { dims: [own, inputs], data: transposed(a, inputs, own) };
    tensors[`${prefix}${module}.lora_B.weight`] = { dims: [outputs, own], data: transposed(b, own, outputs) };
    if (own !== rank) ranks[patternOf(module)] = own;
    if (scale * own !== alpha) alphas[patternOf(module)] = scale * own;
  }
  const config = {
    peft_type: 'LORA',
    task_type: options.taskType ?? null,
    base_model_name_or_path: options.base,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: options.dropout ?? 0,
    target_modules: modules,
    rank_pattern: ranks,
    alpha_pattern: alphas,
    bias: 'none',
    fan_in_fan_out: false,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
    inference_mode: true,
  };
  return {
    [peftConfigFile]: new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`),
    [peftWeightsFile]: writeSafetensors({ tensors, metadata: { format: 'pt' } }),
  };
}

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const configSchema = v.object({
  peft_type: v.literal('LORA', 'Only low-rank adapters (LORA) are read.'),
  base_model_name_or_path: v.nullish(v.string()),
  r: positive,
  lora_alpha: v.pipe(v.number(), v.finite()),
  rank_pattern: v.nullish(v.record(v.string(), positive), {}),
  alpha_pattern: v.nullish(v.record(v.string(), v.pipe(v.number(), v.finite())), {}),
  bias: v.nullish(v.literal('none', 'Adapters that change biases are not read.'), 'none'),
  use_rslora: v.nullish(v.boolean(), false),
  use_dora: v.nullish(v.literal(false, 'DoRA adapters are not read.'), false),
});

export interface PeftAdapters {
  readonly adapters: readonly Adapter[];
  /** What the files say was tuned; null where they do not. */
  readonly base: string | null;
  /** Tensors that belong to no low-rank adapter (a head that was trained besides), left out. */
  readonly ignored: readonly string[];
}

/**
 * Reads adapters that peft or {@link writePeft} wrote.
 *
 * @param sites where the model can carry adapters; a module of the files is found by its name, or by the end of it
 *   ("encoder.layer.0..." for "bert.encoder.layer.0...") where only one site fits
 * @throws Problem `adapter-unreadable`, `adapter-kind` for adapters that are not plain low-rank ones,
 *   `adapter-of-another-model` where a module or its size is not that of any site, and what readSafetensors throws
 */
export function readPeft(files: PeftFiles, sites: readonly AdapterSite[]): PeftAdapters {
  const config = readConfig(files[peftConfigFile]);
  const { tensors } = readSafetensors(files[peftWeightsFile], peftWeightsFile);
  const ignored: string[] = [];
  const pairs = new Map<string, { a?: NamedTensor; b?: NamedTensor }>();
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, module, part] = /^(?:base_model\.model\.)?(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(name) ?? [];
    if (!module) {
      if (/\.lora_/.test(name)) throw new Problem({ code: 'adapter-kind', place: `${peftWeightsFile}, tensor ${name}`, what: 'this is not part of a plain low-rank adapter of a linear layer', fix: 'Train with LoraConfig on linear layers, without DoRA and without embeddings.' });
      ignored.push(name);
      continue;
    }
    pairs.set(module, { ...pairs.get(module), [part === 'A' ? 'a' : 'b']: tensor });
  }
  if (pairs.size === 0) throw unreadable(peftWeightsFile, 'it holds no lora_A and lora_B');
  const adapters = [...pairs].map(([module, { a, b }]): Adapter => {
    if (a?.dims.length !== 2 || b?.dims.length !== 2 || a.dims[0] !== b.dims[1]) throw unreadable(peftWeightsFile, `lora_A and lora_B of ${module} do not fit together`);
    const site = siteOf(module, sites);
    const [rank, inputs] = a.dims as [number, number];
    const [outputs] = b.dims as [number, number];
    if (inputs !== site.inputs || outputs !== site.outputs) throw foreign(`${module} has ${inputs} inputs and ${outputs} outputs there, ${site.inputs} and ${site.outputs} in this model`);
    const stated = patterned(config.rank_pattern, module) ?? config.r;
    if (stated !== rank) throw unreadable(peftConfigFile, `it gives ${module} rank ${stated}, and its tensors have rank ${rank}`);
    const alpha = patterned(config.alpha_pattern, module) ?? config.lora_alpha;
    return { site, rank, scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank), a: transposed(a.data, rank, inputs), b: transposed(b.data, outputs, rank) };
  });
  const twice = adapters.find(({ site }, at) => adapters.findIndex((other) => other.site === site) < at);
  if (twice) throw foreign(`two of its modules are ${twice.site.module}`);
  return { adapters, base: config.base_model_name_or_path ?? null, ignored };
}

function readConfig(bytes: Uint8Array): v.InferOutput<typeof configSchema> & { rank_pattern: Record<string, number>; alpha_pattern: Record<string, number> } {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unreadable(peftConfigFile, 'it is not JSON');
  }
  const parsed = v.safeParse(configSchema, data);
  if (parsed.success) return { ...parsed.output, rank_pattern: parsed.output.rank_pattern ?? {}, alpha_pattern: parsed.output.alpha_pattern ?? {} };
  const [issue] = parsed.issues;
  const key = v.getDotPath(issue) ?? '';
  if (key === 'peft_type' || key === 'bias' || key === 'use_dora') {
    throw new Problem({ code: 'adapter-kind', place: peftConfigFile, what: `${key} is ${issue.received}`, fix: issue.message });
  }
  throw unreadable(peftConfigFile, `${key || 'it'}: ${issue.message}`);
}

/**
 * As peft looks a module up in its patterns: by the whole name or by its end after a dot. They are regular expressions;
 * only names are understood, with their dots escaped or not.
 */
function patterned(patterns: Readonly<Record<string, number>>, module: string): number | undefined {
  for (const [pattern, value] of Object.entries(patterns)) {
    const name = pattern.replaceAll(/\\([.\-_])/g, '$1');
    if (/[\\*+?^$|()[\]{}]/.test(name)) {
      throw new Problem({ code: 'adapter-kind', place: peftConfigFile, what: `it has the pattern ${JSON.stringify(pattern)}, which is not the name of a module`, fix: 'Name the modules in rank_pattern and alpha_pattern one by one.' });
    }
    if (module === name || module.endsWith(`.${name}`)) return value;
  }
  return undefined;
}

function siteOf(module: string, sites: readonly AdapterSite[]): AdapterSite {
  const exact = sites.find((site) => site.module === module);
  if (exact) return exact;
  const near = sites.filter((site) => site.module.endsWith(`.${module}`) || module.endsWith(`.${site.module}`));
  if (near.length === 1) return near[0]!;
  throw foreign(near.length > 1 ? `${module} could be ${shortList(near.map((site) => site.module), 3)}` : `it tunes ${module}, and this model has ${shortList(sites.map((site) => site.module), 3)}`);
}

function foreign(what: string): Problem {
  return new Problem({ code: 'adapter-of-another-model', place: peftWeightsFile, what, fix: 'Choose the model that the adapter was trained on.' });
}

function unreadable(place: string, what: string): Problem {
  return new Problem({ code: 'adapter-unreadable', place, what: `this is not an adapter of peft: ${what}`, fix: 'Choose the two files that save_pretrained wrote, or export the adapter again.' });
}
