/** How large a plain value is: what a memory or a storage budget counts. */

/** Bytes of its typed arrays (exact) and of its text and numbers (about), without counting keys. */
export function byteSize(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  let bytes = 16;
  for (const item of Array.isArray(value) ? value : Object.values(value)) bytes += byteSize(item);
  return bytes;
}
