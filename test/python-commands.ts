/** Python for tests that run in the browser: Vitest runs these beside it, in Node. */
import type { BrowserCommand } from 'vitest/node';
import { askPython, findPython, torchFolder, torchLikelihoods, withoutPython } from './python.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Null, or why tests that need Python are skipped. */
    whyNoPython(): Promise<string | null>;
    /** See askPython; files are in base64. */
    askPython(task: object, files?: Readonly<Record<string, string>>): Promise<unknown>;
    /** See torchFolder. */
    torchFolder(id: string): Promise<string>;
    /** See torchLikelihoods. */
    torchLikelihoods(model: string, asked: readonly { readonly left: string; readonly options: readonly string[] }[]): Promise<readonly { readonly sums: readonly number[]; readonly tokens: readonly number[] }[]>;
  }
}

const ask: BrowserCommand<[task: object, files?: Readonly<Record<string, string>>]> = (_, task, files = {}) =>
  askPython(task, Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'base64')])));
const why: BrowserCommand<[]> = () => (findPython() ? null : withoutPython);
const folder: BrowserCommand<[id: string]> = (_, id) => torchFolder(id);
const likelihoods: BrowserCommand<Parameters<typeof torchLikelihoods>> = (_, model, asked) => torchLikelihoods(model, asked);

export const pythonCommands = { whyNoPython: why, askPython: ask, torchFolder: folder, torchLikelihoods: likelihoods };
