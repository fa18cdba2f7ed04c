/** How much the hub models of a notebook would download, known only by asking the hub, and asked only when the reader says so. */
import { problemRecord } from '../base/problem.ts';
import { hubInfo, parseHubAddress } from '../models/hub/info.ts';
import type { PreviewModel } from '../notebook/preview.ts';
import { bytes } from '../ui/format.ts';

export interface Size {
  /** Bytes to download; null where the hub did not tell. */
  readonly bytes: number | null;
  /** "90.5 MB", or why it is not known. */
  readonly text: string;
}

/** Models are one where they have the same id, revision and precision, whichever cells load them. */
export function sizeKey({ id, dtype, revision }: PreviewModel): string {
  return `${id} ${revision ?? 'main'} ${dtype}`;
}

async function sizeOf({ id: written, dtype, revision: given }: PreviewModel, host: string, signal: AbortSignal): Promise<Size> {
  try {
    const { id, revision, host: own } = parseHubAddress(written);
    const info = await hubInfo(id, { host: own ?? host, revision: revision ?? given ?? 'main' }, { signal });
    const found = info.dtypes.find((one) => one.dtype === dtype);
    if (info.gated) return { bytes: null, text: 'gated: the hub gives it only to accounts' };
    if (!found) return { bytes: null, text: info.dtypes.length > 0 ? `has no export at ${dtype}, only ${info.dtypes.map((one) => one.dtype).join(', ')}` : 'has no ONNX export' };
    const total = found.bytes + info.otherBytes;
    return { bytes: total, text: `${bytes(total)} to download` };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes: null, text: problemRecord(error).what };
  }
}

/**
 * Asks the hub about each model once, one after another.
 * @param told called with each answer as it comes.
 * @throws an AbortError after cancel.
 */
export async function askSizes(models: readonly PreviewModel[], host: string, signal: AbortSignal, told: (key: string, size: Size) => void): Promise<void> {
  const asked = new Set<string>();
  for (const model of models) {
    const key = sizeKey(model);
    if (model.source !== 'hub' || asked.has(key)) continue;
    asked.add(key);
    told(key, await sizeOf(model, host, signal));
  }
}
