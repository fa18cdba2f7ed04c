/**
 * The smallest editor on the real store: a text area, one notebook, every keystroke saved. The tests that kill tabs,
 * race tabs and fill the disk drive this page from outside.
 */
import { openStore, type Store } from '../../../src/store/database.ts';
import { openNotebook, type OpenNotebook } from '../../../src/store/open-notebook.ts';

export interface PageApi {
  readonly store: Store;
  /** Opens notebook `id` (created empty if there is none) in the text area. */
  open(id: string): Promise<OpenNotebook>;
  notebook: OpenNotebook | null;
}

declare global {
  interface Window {
    api: Promise<PageApi>;
    /** Bound by the test: what has just been acknowledged. */
    acknowledged?: (text: string) => void;
  }
}

const area = document.querySelector('textarea') as HTMLTextAreaElement;

async function start(): Promise<PageApi> {
  const store = await openStore('page');
  const api: PageApi = {
    store,
    notebook: null,
    async open(id) {
      if (!(await store.notebooks.list()).some((entry) => entry.id === id)) {
        await store.notebooks.create({ id, title: id, text: '', origin: 'own' });
      }
      const notebook = await openNotebook(store, id);
      const show = () => {
        area.readOnly = notebook.role === 'reader';
        if (area.value !== notebook.text) area.value = notebook.text;
        if (notebook.state === 'saved') window.acknowledged?.(notebook.text);
      };
      notebook.onChange(show);
      area.addEventListener('input', () => notebook.edit(area.value));
      api.notebook = notebook;
      show();
      area.focus();
      return notebook;
    },
  };
  return api;
}

window.api = start();
