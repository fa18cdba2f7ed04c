/** The imported files a cell needs, found by the names its text gives. */
import { Problem } from '../base/problem.ts';
import { fileNamed } from '../kinds/field.ts';
import type { Node } from './graph.ts';

/** Where imported files are kept. */
export interface FileSource {
  /** The latest file of that name. */
  byName(name: string): Promise<{ readonly name: string; readonly sha256: string } | undefined>;
  /** Every version of every file, newest first. */
  list(): Promise<readonly { readonly name: string; readonly sha256: string }[]>;
  read(sha256: string): Promise<Blob>;
}

export interface NeededFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Finds the files of a cell: those its own fields name, and the folders of models it or its inputs name (a cell that
 * runs a model opens the model's files again).
 * @param inputs the nodes whose values the cell takes.
 * @throws Problem `file-missing` with the address it may be fetched from, `folder-missing` for a local model.
 */
export async function neededFiles(node: Node, inputs: readonly Node[], source: FileSource): Promise<NeededFile[]> {
  const { kind, params, cell } = node;
  const found: NeededFile[] = [];
  for (const [key, declared] of Object.entries(kind?.fields ?? {})) {
    if (declared.control !== 'file') continue;
    const name = fileNamed(declared, params[key]);
    if (name === null) continue;
    const address = String(params[declared.addressField] ?? '');
    const file = await source.byName(name);
    if (!file) {
      throw new Problem({
        code: 'file-missing',
        place: `cell ${cell.name}`,
        what: `${name} is not in this browser`,
        fix: address ? `Drop the file here, or fetch it from ${address}.` : 'Drop the file here or choose it.',
        action: { type: 'choose-file', name, address },
      });
    }
    found.push({ name, sha256: file.sha256 });
  }
  const folders = [node, ...inputs].flatMap((named) => named.kind?.folders?.(named.params as never) ?? []);
  for (const folder of new Set(folders)) {
    // The list has every version of a name, newest first; only the newest counts.
    const files = (await source.list()).filter((file, at, all) => file.name.startsWith(`${folder}/`) && all.findIndex((other) => other.name === file.name) === at);
    if (files.length === 0) {
      throw new Problem({
        code: 'folder-missing',
        place: `cell ${cell.name}`,
        what: `the folder ${folder} is not in this browser`,
        fix: 'Choose the folder that holds config.json, tokenizer.json and onnx/.',
        action: { type: 'choose-file', name: `${folder}/`, address: '' },
      });
    }
    found.push(...files.map(({ name, sha256 }) => ({ name, sha256 })));
  }
  return found;
}
