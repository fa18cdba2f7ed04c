/** How large a plain value is, and the same value without memory it does not show. */

/** Bytes of its typed arrays (exact) and of its text and numbers (about), without counting keys. */
export function byteSize(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object') return 8;
  if (value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  let bytes = 16;
  for (const item of Array.isArray(value) ? value : Object.values(value)) bytes += byteSize(item);
  return bytes;
}

/**
 * The value with every typed array that is a window on a larger or shared buffer copied out of it: structured clone
 * would store the whole buffer, and cannot store a shared one. Everything else is passed on as it is.
 */
export function compact<T>(value: T): T {
  return compactUnknown(value) as T;
}

function compactUnknown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const whole = value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength;
    if (whole || value instanceof DataView) return value;
    return (value as Float32Array).slice();
  }
  if (Array.isArray(value)) {
    // Word lists are long and flat; leave them alone.
    return value.some((item) => typeof item === 'object' && item !== null) ? value.map(compactUnknown) : value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compactUnknown(item)]));
}
