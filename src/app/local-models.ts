/** Brings in models from the reader's disk: folders under their own name, loose files under a name that is asked for. */
import { Problem } from '../base/problem.ts';
import { missingParts, refusePointers, worthKeeping } from '../models/local.ts';
import type { Node } from '../notebook/graph.ts';
import { counted, listed } from '../ui/format.ts';
import { ask } from './ask.ts';
import type { Incoming } from './bringing-in.ts';

/** The folder that a local model cell names; null for any other cell. */
export function folderOfCell(node: Node | undefined): string | null {
  const { source, id } = node?.params ?? {};
  return node?.kind?.name === 'model' && source === 'local' && typeof id === 'string' && id ? id : null;
}

/** Asks under which name loose files shall be kept. Null when the reader thinks better of it. @throws Problem `model-name`. */
async function askName(files: readonly Incoming[], known: readonly string[]): Promise<string | null> {
  const graph = files.find(({ name }) => name.endsWith('.onnx'))?.name.replace(/\.onnx$/, '') ?? '';
  const value = /^(?:decoder_|encoder_|text_)?model(?:_|$)/.test(graph) || !graph ? (known[0] ?? 'my-model') : graph;
  const name = await ask({
    title: `A model of ${counted(files.length, 'file')}`,
    note: `${listed(files.map(({ name: file }) => file))}. Under which name shall it be kept? Files that come later under the same name join it.`,
    text: { label: 'Name of the model', value },
    yes: 'Keep',
  });
  if (name !== null && /[/\\]/.test(name)) throw new Problem({ code: 'model-name', place: name, what: 'a model’s name here has no slash', fix: 'Drop the files again and write one word, as my-model.' });
  return name;
}

/**
 * The files of local models as the store shall name them, "folder/path".
 * @param folders files that came in folders.
 * @param loose parts of a model that came by themselves.
 * @param into the folder they belong to where that is known: the cell they were dropped on.
 * @param known folders of local models that are here.
 * @throws Problem `git-lfs-pointer`, `model-name`.
 */
export async function localModelFiles(folders: readonly Incoming[], loose: readonly Incoming[], into: string | null, known: readonly string[]): Promise<readonly Incoming[]> {
  const kept = new Set(worthKeeping(folders.map(({ name }) => name)));
  const files = folders.filter(({ name }) => kept.has(name));
  await refusePointers([...files, ...loose]);
  const name = loose.length === 0 ? null : (into ?? (await askName(loose, known)));
  return [...files, ...(name === null ? [] : loose.map((part) => ({ name: `${name}/${part.name}`, file: part.file })))];
}

/** What is told of a folder that has come in: "stories (3 files) is in this browser. It still lacks tokenizer.json." */
export function arrival(folder: string, came: number, all: readonly string[]): string {
  const lacks = missingParts(all.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)));
  return `${folder} (${counted(came, 'file')}) is in this browser.${lacks.length > 0 ? ` It still lacks ${listed(lacks)}: drop what is missing on its cell.` : ''}`;
}
