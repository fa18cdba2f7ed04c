/**
 * Large typed arrays are stored as Blobs: the database copies everything else of a value while the page waits, and a Blob
 * it only refers to. A value that was stored as it is, is read as it is.
 */
import { pause } from '../gpu/pause.ts';

/** Arrays below this many bytes are copied in about a millisecond. */
const packedFrom = 2 ** 18;

const types = { Float32Array, Float64Array, Uint8Array, Uint16Array, Uint32Array, Int32Array } as const;
type TypeName = keyof typeof types;

/** What stands in a stored value for an array. */
interface Packed {
  readonly packed: TypeName;
  readonly content: Blob;
}

const typeOf = (value: object): TypeName | undefined => (Object.keys(types) as TypeName[]).find((name) => value instanceof types[name]);

/** The value with its large arrays as Blobs; the page gets its turn after each of them. */
export async function pack(value: unknown): Promise<unknown> {
  const large = new Map<Uint8Array<ArrayBuffer>, TypeName>();
  walk(value, (found) => {
    const name = ArrayBuffer.isView(found) && found.byteLength >= packedFrom ? typeOf(found) : undefined;
    if (name) large.set(found as Uint8Array<ArrayBuffer>, name);
    return undefined;
  });
  const packed = new Map<object, Packed>();
  for (const [array, name] of large) {
    packed.set(array, { packed: name, content: new Blob([array]) });
    await pause();
  }
  return packed.size > 0 ? walk(value, (found) => packed.get(found)) : value;
}

/**
 * What {@link pack} was given.
 *
 * @throws DOMException NotReadableError or NotFoundError where the browser lost the file behind a Blob
 */
export async function unpack(value: unknown): Promise<unknown> {
  const found: Packed[] = [];
  walk(value, (one) => {
    if ('packed' in one && 'content' in one && one.content instanceof Blob) found.push(one as Packed);
    return undefined;
  });
  const arrays = new Map<object, unknown>();
  for (const one of found) arrays.set(one, new types[one.packed](await one.content.arrayBuffer()));
  return arrays.size > 0 ? walk(value, (one) => arrays.get(one)) : value;
}

/** The value with what `change` gives in place of an object, where it gives anything. */
function walk(value: unknown, change: (found: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) {
    // Word lists are long and flat.
    return value.some((item) => typeof item === 'object' && item !== null) ? value.map((item) => walk(item, change)) : value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, change)]));
}
