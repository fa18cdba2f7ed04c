/** What holds an open notebook's text: the store's `OpenNotebook`, or nothing but memory where nothing can be stored. */
import type { OpenNotebook } from '../store/open-notebook.ts';

export type TextHolder = Pick<OpenNotebook, 'text' | 'role' | 'state' | 'problem' | 'message' | 'onChange' | 'edit' | 'flush' | 'takeOver' | 'beforeYield' | 'restore' | 'close'>;

/** A text that is shown and never changed. */
export function unstored(text: string): TextHolder {
  return {
    text, role: 'reader', state: 'saved', problem: null, message: null,
    onChange: () => () => undefined,
    edit: () => undefined,
    flush: () => Promise.resolve(),
    takeOver: () => Promise.resolve(),
    beforeYield: () => () => undefined,
    restore: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
