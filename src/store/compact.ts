/** A value without memory it does not show. */

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
