/** How much a model of the hub would download: known only by asking the host, and asked only when the reader says so. */
import { problemRecord } from '../../base/problem.ts';
import { bytes } from '../../ui/format.ts';
import { parseHubAddress } from './address.ts';
import { hubInfo } from './info.ts';

/** A model of the hub as a notebook names it. */
export interface SizedModel {
  /** "owner/name", with a revision, or an address. */
  readonly id: string;
  /** A precision; whatever else is written there where the cell has a mistake. */
  readonly dtype: string;
  /** Branch or commit; absent for main. The one that the id names wins. */
  readonly revision?: string;
}

/** What is known of a model's download. */
export interface DownloadSize {
  /** Bytes to download; null where the host did not tell. */
  readonly bytes: number | null;
  /** "90.5 MB to download", or why it is not known. */
  readonly text: string;
}

/** Which model of which host is meant. */
export interface SizedPlace {
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Without a slash at the end. */
  readonly host: string;
}

/**
 * Which model of which host is meant by what a notebook names.
 * @param hub address of the hub in use, for models that name no host of their own.
 * @returns null for what names no model: nobody is asked about it.
 */
export function placeOf({ id: written, revision: given }: SizedModel, hub: string): SizedPlace | null {
  try {
    const { id, revision, host } = parseHubAddress(written);
    return { id, revision: revision ?? given ?? 'main', host: host ?? hub };
  } catch {
    return null;
  }
}

/**
 * Asks the host of a model how much it would download: one request, or the heads of some files where a mirror has no API.
 * @param hub address of the hub in use, for models that name no host of their own.
 * @returns the size; what is wrong with the name, or what the host refused, is an answer too.
 * @throws an AbortError after cancel.
 */
export async function askSize(model: SizedModel, hub: string, signal: AbortSignal): Promise<DownloadSize> {
  try {
    const { id: written, dtype, revision: given } = model;
    const { id, revision, host } = parseHubAddress(written);
    const info = await hubInfo(id, { host: host ?? hub, revision: revision ?? given ?? 'main' }, { signal });
    signal.throwIfAborted();
    if (info.gated) return { bytes: null, text: 'gated: the hub gives it only to accounts' };
    const found = info.dtypes.find((one) => one.dtype === dtype);
    if (!found) return { bytes: null, text: `has no export at ${dtype}, only ${info.dtypes.map((one) => one.dtype).join(', ')}` };
    const total = found.bytes + info.otherBytes;
    return { bytes: total, text: `${bytes(total)} to download` };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes: null, text: problemRecord(error).what };
  }
}
