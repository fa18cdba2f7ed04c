/** How much the hub models of a notebook would download, known only by asking the hub, and asked only when the reader says so. */
import { askSize, type DownloadSize } from '../models/hub/size.ts';
import type { PreviewModel } from '../notebook/preview.ts';

/** Models are one where they have the same id, revision and precision, whichever cells load them. */
export function sizeKey({ id, dtype, revision }: PreviewModel): string {
  return `${id} ${revision ?? 'main'} ${dtype}`;
}

/**
 * Asks the hub about each model once, one after another.
 * @param hub address of the hub in use, for models that name no host of their own.
 * @param told called with each answer as it comes; not after cancel.
 * @throws an AbortError after cancel.
 */
export async function askSizes(models: readonly PreviewModel[], hub: string, signal: AbortSignal, told: (key: string, size: DownloadSize) => void): Promise<void> {
  const asked = new Set<string>();
  for (const model of models) {
    const key = sizeKey(model);
    if (model.source !== 'hub' || asked.has(key)) continue;
    asked.add(key);
    told(key, await askSize(model, hub, signal));
  }
}
