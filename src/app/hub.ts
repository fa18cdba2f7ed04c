/** Which hub models come from: the mirror that the reader set, or the public one. */
import { publicHub, readHubAddress } from '../base/hub.ts';
import { remember, remembered } from './preferences.ts';

/** Of this page alone, as the runner sets it. */
let here: string | null = null;

const listeners = new Set<() => void>();

/** Address of the hub in use, without a slash at the end. */
export function hubInUse(): string {
  if (here !== null) return here;
  const kept = remembered('hub');
  if (kept === null) return publicHub;
  try {
    return readHubAddress(kept);
  } catch {
    // What an older version or somebody else wrote there is no address: as if nothing were set.
    return publicHub;
  }
}

/**
 * Sets the hub for this browser; the next run and the next question go there. `null` goes back to the public one.
 * @throws Problem `hub-address`.
 */
export function setHub(typed: string | null): void {
  const address = typed === null ? null : readHubAddress(typed);
  here = null;
  remember('hub', address === publicHub ? null : address);
  // Where nothing can be remembered the choice lasts as long as the page.
  if (address !== null && hubInUse() !== address) here = address;
  for (const listener of listeners) listener();
}

/** Sets the hub for this page only. @throws Problem `hub-address`. */
export function useHub(typed: string): void {
  here = readHubAddress(typed);
  for (const listener of listeners) listener();
}

// Another tab's Settings hold here too.
globalThis.addEventListener('storage', (event: Event) => {
  if ((event as StorageEvent).key === 'sensorium.hub') for (const listener of listeners) listener();
});

/** Calls back after the hub changed; returns how to stop. */
export function onHubChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
