/** What an answer can move to the other side instead of copying it there. */

/**
 * Buffers of a value's typed arrays, each once; shared memory cannot be moved. Where they are moved the value is empty
 * afterwards, so it must be nobody else's.
 */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  collect(value, found);
  return [...found];
}

function collect(value: unknown, found: Set<ArrayBuffer>): void {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    return;
  }
  if (Array.isArray(value)) {
    // Word lists are long and flat.
    if (value.some((item) => typeof item === 'object' && item !== null)) for (const item of value) collect(item, found);
    return;
  }
  if (Object.getPrototypeOf(value) === Object.prototype) for (const item of Object.values(value)) collect(item, found);
}
