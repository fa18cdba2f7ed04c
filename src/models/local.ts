/** A model from the reader's own disk: which of the files belong to it, and what is missing before it can run. */
import { Problem } from '../base/problem.ts';
import { graphOfWeights } from './candidates.ts';

const onnx = /\.onnx$/i;
/** The hub's names for the rest of a model. */
const named = new Set([
  'config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json',
  'vocab.json', 'vocab.txt', 'merges.txt', 'tokenizer.model', 'sentencepiece.bpe.model', 'chat_template.jinja', 'chat_template.json',
]);
/** The same weights for other programs, which a clone of the hub brings along and nothing here reads. */
const elsewhere = /\.(?:safetensors|bin|h5|msgpack|ot|gguf|pt|pth|ckpt|pb|tflite|mlmodel)$/i;

/** Whether a single file is told by its name to be part of a model. */
export function isModelPart(name: string): boolean {
  return onnx.test(name) || graphOfWeights(name) !== null || named.has(name.toLowerCase());
}

/** Whether a file that came with a model's parts is of no use here: its licence, the same weights for other programs. */
export function isBesideModel(name: string): boolean {
  return elsewhere.test(name) || /^(?:licen[cs]e|notice|use_policy)(?:\.\w+)?$/i.test(name) || name.startsWith('.git');
}

/** Whether single files are a model, or what one lacked: graphs or weights among them, or nothing but parts. */
export function areModel(names: readonly string[]): boolean {
  return names.some((name) => onnx.test(name) || graphOfWeights(name) !== null) || (names.some((name) => name.endsWith('.json')) && names.every(isModelPart));
}

/** Of a folder's files those worth keeping, where it holds a graph. */
export function worthKeeping(paths: readonly string[]): readonly string[] {
  return paths.some((path) => onnx.test(path)) ? paths.filter((path) => !elsewhere.test(path)) : paths;
}

/**
 * What a local model lacks, in words; none where it can be looked at and fed.
 * @param paths files below the model's folder.
 */
export function missingParts(paths: readonly string[]): string[] {
  const has = (name: string): boolean => paths.some((path) => path === name || path.endsWith(`/${name}`));
  return [
    ...(paths.some((path) => onnx.test(path)) ? [] : ['an ONNX file (model.onnx, or onnx/model.onnx)']),
    ...['config.json', 'tokenizer.json'].filter((name) => !has(name)),
  ];
}

/**
 * Says all at once what a local model lacks.
 * @returns what it can be looked at without, for a warning; '' where nothing is missing.
 * @throws Problem `model-incomplete` where it cannot even be looked at.
 */
export function checkLocalModel(id: string, paths: readonly string[]): string {
  const lacks = missingParts(paths);
  if (lacks.length === 0) return '';
  if (lacks.every((name) => name === 'tokenizer.json')) return `${id} has no tokenizer.json: no words can be fed to it. Drop the file on this cell.`;
  throw new Problem({
    code: 'model-incomplete',
    place: `model ${id}`,
    what: `the folder lacks ${lacks.join(', ')}; it has ${paths.slice(0, 8).join(', ') || 'no files'}${paths.length > 8 ? ', …' : ''}`,
    fix: 'Drop what is missing on this cell, or choose the whole folder.',
    action: { type: 'choose-file', name: `${id}/`, address: '' },
  });
}

/** A clone made without Git LFS holds a line of text in place of every large file. @throws Problem `git-lfs-pointer`. */
export async function refusePointers(files: readonly { readonly name: string; readonly file: Blob }[]): Promise<void> {
  for (const { name, file } of files) {
    if (file.size > 1000 || !(onnx.test(name) || graphOfWeights(name) !== null || name.endsWith('tokenizer.json'))) continue;
    if (!(await file.text()).startsWith('version https://git-lfs')) continue;
    throw new Problem({ code: 'git-lfs-pointer', place: name, what: 'this only says where Git LFS keeps the file, and is not the file', fix: 'Run "git lfs pull" in the folder, then drop it again.' });
  }
}
