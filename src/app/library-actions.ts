/** What can be done with a stored notebook from outside: copy, rename, save as a file, bring in from one. */
import { Problem } from '../base/problem.ts';
import { parseNotebook } from '../notebook/document.ts';
import type { Store } from '../store/database.ts';
import type { NotebookEntry } from '../store/notebooks.ts';
import { openNotebook } from '../store/open-notebook.ts';
import { download } from '../ui/download.ts';
import { fileNameOf, newNotebook, withTitle } from './titles.ts';

/** Texts beyond this are no notebooks. Characters. */
const longest = 5_000_000;

export function createNotebook(store: Store): Promise<NotebookEntry> {
  const title = 'Untitled notebook';
  return store.notebooks.create({ title, text: newNotebook(title), origin: 'own' });
}

/** A copy of a foreign notebook is as foreign as the first. */
export async function duplicate(store: Store, id: string): Promise<NotebookEntry> {
  const { title, text, origin } = await store.notebooks.read(id);
  const name = `${title} (copy)`;
  return store.notebooks.create({ title: name, text: withTitle(text, name), origin: origin === 'foreign' ? 'foreign' : 'own' });
}

/**
 * Renames a notebook that is not open in this tab.
 * @throws Problem `notebook-read-only` while another tab writes in it.
 */
export async function rename(store: Store, id: string, title: string): Promise<void> {
  const open = await openNotebook(store, id);
  try {
    open.edit(withTitle(open.text, title));
    await open.flush();
  } finally {
    await open.close();
  }
  await store.notebooks.rename(id, title);
}

export async function saveAsFile(store: Store, id: string): Promise<void> {
  const { title, text } = await store.notebooks.read(id);
  download(fileNameOf(title), text, 'text/markdown;charset=utf-8');
}

/**
 * Stores a notebook from a file. It is foreign until the reader trusts it.
 * @throws Problem `not-a-notebook` when it is too long or no text.
 */
export async function bringIn(store: Store, file: File): Promise<NotebookEntry> {
  const text = file.size > longest * 4 ? '' : await file.text();
  if (file.size > longest * 4 || text.length > longest || text.includes('\0')) {
    throw new Problem({ code: 'not-a-notebook', place: file.name, what: 'this is no notebook: it is too long, or not text', fix: 'Open a Markdown file.' });
  }
  const parsed = parseNotebook(text);
  const title = parsed.title === 'Untitled' ? file.name.replace(/\.[^.]+$/, '') : parsed.title;
  return store.notebooks.create({ title, text, origin: 'foreign' });
}
