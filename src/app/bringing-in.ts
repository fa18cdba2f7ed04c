/** What the reader drops or chooses: tables, questions, adapters and model folders go to the store, notebooks are opened. */
import { arrayFiles } from '../data/arrays/endings.ts';
import type { Fields } from '../kinds/field.ts';
import { areModel, isBesideModel, isModelPart } from '../models/local.ts';

/** A file with the name it gets in the store: folders keep their path. */
export interface Incoming {
  readonly name: string;
  readonly file: File;
}

export interface Sorted {
  readonly notebooks: readonly Incoming[];
  readonly tables: readonly Incoming[];
  readonly adapters: readonly Incoming[];
  /** Arrays and word vectors. */
  readonly arrays: readonly Incoming[];
  /** Multiple-choice questions and their answers. */
  readonly questions: readonly Incoming[];
  /** Files of folders, "folder/path". */
  readonly models: readonly Incoming[];
  /** Parts of a model that came by themselves: model.onnx, config.json, tokenizer.json. */
  readonly parts: readonly Incoming[];
  readonly unknown: readonly Incoming[];
}

/** Extensions that a table cell reads. */
export const tableFiles = '.csv,.tsv,.txt,.xlsx';
/** The one that an adapter cell reads. */
export const adapterFiles = '.zip';
/** Those that a choice cell reads besides tables; the last holds answers only. */
export const questionFiles = '.json,.jsonl,.lst';

/** Whether a name ends in one of the extensions (".csv,.tsv"). */
function endsIn(name: string, extensions: string): boolean {
  return extensions.split(',').some((extension) => name.toLowerCase().endsWith(extension));
}

/** What a file picker offers for a file of this name. */
export function acceptFor(name: string): string {
  return [adapterFiles, questionFiles, arrayFiles].find((extensions) => endsIn(name, extensions)) ?? tableFiles;
}

/** Which of a cell's fields take which of the files, by their extensions: each field and each file once. */
export function fittingFields(fields: Fields, files: readonly Incoming[]): { readonly parameter: string; readonly file: Incoming }[] {
  const left = [...files];
  return Object.entries(fields).flatMap(([parameter, field]) => {
    const at = field.control === 'file' ? left.findIndex(({ name }) => endsIn(name, field.accept)) : -1;
    return at < 0 ? [] : left.splice(at, 1).map((file) => ({ parameter, file }));
  });
}

/** Sorts files by what can be done with them. */
export function sortIncoming(files: readonly Incoming[]): Sorted {
  const inFolder = files.filter(({ name }) => name.includes('/'));
  const alone = files.filter(({ name }) => !name.includes('/'));
  // config.json is a model's, unless what came with it says otherwise; questions.json never is.
  const parts = areModel(alone.map(({ name }) => name)) ? alone.filter(({ name }) => isModelPart(name)) : [];
  // What lies beside a model's parts in its folder on the hub is of no use here.
  const single = alone.filter((file) => !parts.includes(file) && !(parts.length > 0 && isBesideModel(file.name)));
  const isNotebook = ({ name }: Incoming): boolean => /\.(?:md|markdown)$/i.test(name);
  const isTable = ({ name }: Incoming): boolean => endsIn(name, tableFiles);
  const isAdapter = ({ name }: Incoming): boolean => endsIn(name, adapterFiles);
  const isQuestions = ({ name }: Incoming): boolean => endsIn(name, questionFiles);
  const isArrays = ({ name }: Incoming): boolean => endsIn(name, arrayFiles);
  return {
    notebooks: single.filter(isNotebook),
    tables: single.filter(isTable),
    adapters: single.filter(isAdapter),
    questions: single.filter(isQuestions),
    arrays: single.filter(isArrays),
    models: inFolder,
    parts,
    unknown: single.filter((file) => !isNotebook(file) && !isTable(file) && !isAdapter(file) && !isQuestions(file) && !isArrays(file)),
  };
}

/** Everything in a drop, folders opened. Call it within the drop event: its items are gone afterwards. */
export async function filesOf(transfer: DataTransfer): Promise<Incoming[]> {
  const entries = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = await Promise.all(entries.map(async ({ entry, file }): Promise<Incoming[]> => {
    if (entry?.isDirectory) return inDirectory(entry as FileSystemDirectoryEntry, entry.name);
    return file ? [{ name: file.name, file }] : [];
  }));
  return found.flat();
}

/** Files of a folder that was chosen with `webkitdirectory`. */
export function filesOfInput(input: HTMLInputElement): Incoming[] {
  return [...(input.files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

async function inDirectory(directory: FileSystemDirectoryEntry, path: string): Promise<Incoming[]> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  // The reader hands entries out in batches until one is empty.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) break;
    children.push(...batch);
  }
  const found = await Promise.all(children.filter(({ name }) => !name.startsWith('.')).map(async (child): Promise<Incoming[]> => {
    const name = `${path}/${child.name}`;
    if (child.isDirectory) return inDirectory(child as FileSystemDirectoryEntry, name);
    const file = await new Promise<File>((resolve, reject) => (child as FileSystemFileEntry).file(resolve, reject));
    return [{ name, file }];
  }));
  return found.flat();
}
