/**
 * The notebooks that ship with the app. Opening one makes a copy in the store that can be edited; a copy that was never
 * edited follows the app's newer versions.
 */
import { parseNotebook } from '../notebook/document.ts';
import type { Store } from '../store/database.ts';
import { openNotebook } from '../store/open-notebook.ts';

export interface Bundled {
  /** Id in the store: "bundled:first-look". */
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const texts = import.meta.glob<string>('../../notebooks/*.md', { query: '?raw', import: 'default', eager: true });

/** The notebook a new reader sees first. */
export const firstId = 'bundled:first-look';

export const bundled: readonly Bundled[] = Object.entries(texts)
  .map(([path, text]) => ({ id: `bundled:${/([^/]+)\.md$/.exec(path)?.[1] ?? path}`, title: parseNotebook(text).title, text }))
  .sort((a, b) => Number(b.id === firstId) - Number(a.id === firstId) || a.title.localeCompare(b.title));

/** Marks, in the history, texts that are as the app shipped them. */
const asShipped = 'as shipped';

/** Makes the copy of a bundled notebook, or brings an unedited one up to date. Does nothing for other notebooks. */
export async function bringUpToDate(store: Store, id: string): Promise<void> {
  const shipped = bundled.find((notebook) => notebook.id === id);
  if (!shipped || store.readOnly) return;
  const known = [...(await store.notebooks.list()), ...(await store.notebooks.bin())].some((entry) => entry.id === id);
  if (!known) {
    await store.notebooks.create({ id, title: shipped.title, text: shipped.text, origin: 'bundled' });
    return;
  }
  const { text } = await store.notebooks.read(id);
  if (text === shipped.text || !(await isUnedited(store, id, text))) return;
  await replaceWithShipped(store, shipped);
}

async function isUnedited(store: Store, id: string, text: string): Promise<boolean> {
  const versions = await store.notebooks.history(id);
  const last = versions.find(({ summary, reason }) => summary === asShipped || reason === 'created');
  return last !== undefined && (await store.notebooks.version(id, last.number)) === text;
}

/** Only the tab that may write does it; in any other the notebook stays as it is for now. */
async function replaceWithShipped(store: Store, shipped: Bundled): Promise<void> {
  const open = await openNotebook(store, shipped.id);
  try {
    if (open.role !== 'writer') return;
    open.edit(shipped.text);
    await open.flush();
    await store.notebooks.keepVersion(shipped.id, { reason: 'saved', summary: asShipped });
  } finally {
    await open.close();
  }
}
