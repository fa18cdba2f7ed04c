/** What the reader drops or chooses: tables, adapters and model folders go to the store, notebooks are opened. */

/** A file with the name it gets in the store: folders keep their path. */
export interface Incoming {
  readonly name: string;
  readonly file: File;
}

export interface Sorted {
  readonly notebooks: readonly Incoming[];
  readonly tables: readonly Incoming[];
  readonly adapters: readonly Incoming[];
  /** Files of folders, "folder/path". */
  readonly models: readonly Incoming[];
  readonly unknown: readonly Incoming[];
}

/** Extensions that a table cell reads. */
export const tableFiles = '.csv,.tsv,.txt,.xlsx';
/** The one that an adapter cell reads. */
export const adapterFiles = '.zip';

/** Sorts files by what can be done with them. */
export function sortIncoming(files: readonly Incoming[]): Sorted {
  const inFolder = files.filter(({ name }) => name.includes('/'));
  const single = files.filter(({ name }) => !name.includes('/'));
  const isNotebook = ({ name }: Incoming): boolean => /\.(?:md|markdown)$/i.test(name);
  const isTable = ({ name }: Incoming): boolean => /\.(?:csv|tsv|txt|xlsx)$/i.test(name);
  const isAdapter = ({ name }: Incoming): boolean => name.toLowerCase().endsWith(adapterFiles);
  return {
    notebooks: single.filter(isNotebook),
    tables: single.filter(isTable),
    adapters: single.filter(isAdapter),
    models: inFolder,
    unknown: single.filter((file) => !isNotebook(file) && !isTable(file) && !isAdapter(file)),
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
