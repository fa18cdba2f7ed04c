/** The number types that arrays of other programs come in, and how one number is read. */
import { halfToNumber } from '../../base/half.ts';

/** By their NumPy names, and bfloat16. */
export type NumberType = keyof typeof readers;

type Read = (view: DataView, at: number, little: boolean) => number;

const readers = {
  float64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  float32: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  float16: { bytes: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  bfloat16: { bytes: 2, read: (view, at, little) => upperHalf(view.getUint16(at, little)) },
  int64: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  int32: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  int16: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint64: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  uint32: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  uint16: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, { bytes: number; read: Read }>;

/** Bytes of one number. */
export function bytesOf(type: NumberType): number {
  return readers[type].bytes;
}

/** Reads one number of a type at a byte. */
export function readerOf(type: NumberType): Read {
  return readers[type].read;
}

const scratch = new DataView(new ArrayBuffer(4));

/** A bfloat16 is the upper half of a float32. */
function upperHalf(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

const numpyNames: Readonly<Record<string, NumberType>> = {
  f8: 'float64', f4: 'float32', f2: 'float16', i8: 'int64', i4: 'int32', i2: 'int16', i1: 'int8',
  u8: 'uint64', u4: 'uint32', u2: 'uint16', u1: 'uint8', b1: 'bool',
};

/** The type and byte order of a NumPy descriptor such as "<f4"; null where it is not one of real numbers. */
export function numpyType(descr: string): { readonly type: NumberType; readonly little: boolean } | null {
  const type = numpyNames[descr.slice(1)];
  return type && /^[<>|=]/.test(descr) ? { type, little: descr[0] !== '>' } : null;
}

const safetensorsNames: Readonly<Record<string, NumberType>> = {
  F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', I64: 'int64', I32: 'int32', I16: 'int16', I8: 'int8',
  U64: 'uint64', U32: 'uint32', U16: 'uint16', U8: 'uint8', BOOL: 'bool',
};

/** The type of a safetensors entry; null where it is none that is read (8-bit floats). */
export function safetensorsType(name: string): NumberType | null {
  return safetensorsNames[name] ?? null;
}
