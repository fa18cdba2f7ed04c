/** What a cell's run is given, put together by hand: real files and values, no worker and no GPU. */
import { checkField, type Fields, type ParamsOf } from '../../src/kinds/field.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import type { CellValue } from '../../src/data/values.ts';
import type { Kept } from '../../src/worker/protocol.ts';

export interface TestContext extends RunContext {
  readonly warnings: string[];
}

export function contextOf(
  cell: string,
  given: { inputs?: Record<string, CellValue>; files?: Record<string, string | Blob>; signal?: AbortSignal; kept?: Kept } = {},
): TestContext {
  const warnings: string[] = [];
  return {
    cell, warnings, base: '/', hub: 'https://hub.invalid',
    inputs: new Map(Object.entries(given.inputs ?? {})),
    files: new Map(Object.entries(given.files ?? {}).map(([name, content]) => [name, { name, sha256: '', content: new Blob([content]) }])),
    signal: given.signal ?? new AbortController().signal,
    progress: () => undefined,
    ranOn: () => undefined,
    kept: given.kept ?? { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    resumedAt: () => undefined,
    warn: (message) => void warnings.push(message),
    compute: () => Promise.reject(new Error('these cells compute nothing on the GPU')),
  };
}

/** Parameters as a notebook gives them: checked, with defaults filled in. */
export function paramsOf<F extends Fields>(fields: F, raw: Readonly<Record<string, unknown>>): ParamsOf<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, declared]) => {
      const checked = checkField(name, declared, raw[name]);
      if (!checked.ok) throw new Error(checked.what);
      return [name, checked.value];
    }),
  ) as ParamsOf<F>;
}
