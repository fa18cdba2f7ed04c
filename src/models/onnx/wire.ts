/**
 * Protobuf on the wire: reading fields by position and writing small messages. Payloads are never copied or decoded,
 * so a model of a gigabyte is read in milliseconds. Encoding: https://protobuf.dev/programming-guides/encoding/.
 */

/** Bytes that are not protobuf; carries where reading stopped. */
export class WireError extends Error {
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(what);
    this.name = 'WireError';
    this.offset = offset;
  }
}

/** One field of a message. */
export interface WireField {
  readonly field: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: number;
  /** The number itself for varints, otherwise 0. */
  readonly value: number;
  /** Where the field's tag begins. */
  readonly at: number;
  /** Payload: [start, end). For varints the bytes of the number. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a varint at `offset`. Exact up to 2^53; ten-byte varints are negative int64 numbers, exact above -2^48.
 * @returns [value, offset after it].
 */
export function readVarint(bytes: Uint8Array, offset: number, limit: number = bytes.length): readonly [number, number] {
  let value = 0;
  let scale = 1;
  let position = offset;
  for (let count = 0; count < 10; count++) {
    if (position >= limit) throw new WireError('the bytes end inside a number', offset);
    const byte = bytes[position++]!;
    // Bits from 2^49 on of a ten-byte varint are the sign extension of a small negative number.
    if (count < 7 || byte < 128) value += count === 9 ? 0 : (byte & 127) * scale;
    if (byte < 128) return [count === 9 ? value - 2 ** 49 : value, position];
    scale *= 128;
  }
  throw new WireError('a number runs on for more than ten bytes', offset);
}

/** Visits the fields of the message in bytes[start, end), in file order. Throws {@link WireError} where they stop making sense. */
export function visitFields(bytes: Uint8Array, start: number, end: number, visit: (field: WireField) => void): void {
  let position = start;
  while (position < end) {
    const at = position;
    const [tag, afterTag] = readVarint(bytes, position, end);
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0) throw new WireError('a field has the number 0', at);
    let value = 0;
    let payload = afterTag;
    let after: number;
    if (wire === 0) {
      [value, after] = readVarint(bytes, afterTag, end);
    } else if (wire === 2) {
      const [length, begin] = readVarint(bytes, afterTag, end);
      payload = begin;
      after = begin + length;
    } else if (wire === 1 || wire === 5) {
      after = afterTag + (wire === 1 ? 8 : 4);
    } else {
      throw new WireError(`a field has the unknown wire type ${wire}`, at);
    }
    if (after > end || after < payload) {
      throw new WireError(`a field says it holds ${after - payload} bytes, but only ${end - payload} follow`, at);
    }
    visit({ field, wire, value, at, start: payload, end: after });
    position = after;
  }
}

/** The integers of a repeated varint field, packed or not. */
export function readIntegers(bytes: Uint8Array, field: WireField): number[] {
  if (field.wire === 0) return [field.value];
  const integers: number[] = [];
  for (let position = field.start; position < field.end; ) {
    const [value, next] = readVarint(bytes, position, field.end);
    integers.push(value);
    position = next;
  }
  return integers;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function readText(bytes: Uint8Array, field: WireField): string {
  return decoder.decode(bytes.subarray(field.start, field.end));
}

/** A non-negative integer as varint bytes. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** A varint field. */
export function integerField(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

/** A length-delimited field: a message, bytes or text. */
export function messageField(field: number, body: ArrayLike<number> | string): number[] {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...Array.from(bytes)];
}

/** All parts in one array. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
