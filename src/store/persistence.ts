/** Asks the browser, once, not to clear this site's data when the disk runs low. */

const askedKey = 'sensorium.persistence.asked';

/**
 * Call after the reader's first edit: some browsers show a question, which would mean nothing before.
 * @returns whether the site's data are persistent; false also when the reader was asked before and declined.
 */
export async function askToPersist(): Promise<boolean> {
  if (!navigator.storage.persist) return false;
  if (await navigator.storage.persisted()) return true;
  if (!firstTime()) return false;
  return navigator.storage.persist();
}

/** True also where localStorage is full or switched off: a second question is better than lost work. */
function firstTime(): boolean {
  try {
    if (localStorage.getItem(askedKey)) return false;
    localStorage.setItem(askedKey, 'yes');
  } catch {
    // Not remembered.
  }
  return true;
}
