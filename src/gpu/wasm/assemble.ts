/**
 * A small assembler: kernels for WebAssembly SIMD are written as typed expressions, and this turns them into the bytes
 * of a module. Only the instructions that the kernels use are here; numbers are those of the WebAssembly core
 * specification 2.0 (binary format, instructions).
 */

/** What an instruction leaves on the stack. */
export type Kind = 'i32' | 'v128';

/** Instructions that leave one value of kind `T`, or nothing. */
export interface Code<T extends Kind | 'nothing'> {
  readonly leaves: T;
  readonly bytes: readonly number[];
}

type Statement = Code<'nothing'>;

function code<T extends Kind | 'nothing'>(leaves: T, ...parts: readonly (number | readonly number[])[]): Code<T> {
  return { leaves, bytes: parts.flat() };
}

/** Unsigned LEB128: seven bits a byte, lowest first. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    // The sign is bit 6 of the last byte.
    if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

const vector = (instruction: number): number[] => [0xfd, ...unsigned(instruction)];
/** Alignment (a promise that may be broken, so none is made) and offset. */
const memory = (offset: number): number[] => [0, ...unsigned(offset)];

const binary = <T extends Kind>(leaves: T, instruction: readonly number[]) => (a: Code<T>, b: Code<T>): Code<T> => code(leaves, a.bytes, b.bytes, instruction);

export const i32 = {
  const: (value: number): Code<'i32'> => code('i32', 0x41, signed(value)),
  add: binary('i32', [0x6a]),
  subtract: binary('i32', [0x6b]),
  multiply: binary('i32', [0x6c]),
  /** 1 where a < b, both unsigned. */
  less: binary('i32', [0x49]),
  load: (address: Code<'i32'>, offset = 0): Code<'i32'> => code('i32', address.bytes, 0x28, memory(offset)),
};

export const v128 = {
  zero: code('v128', vector(12), Array.from({ length: 16 }, () => 0)),
  load: (address: Code<'i32'>, offset = 0): Code<'v128'> => code('v128', address.bytes, vector(0), memory(offset)),
  store: (address: Code<'i32'>, value: Code<'v128'>, offset = 0): Statement => code('nothing', address.bytes, value.bytes, vector(11), memory(offset)),
  /** The lower eight bytes of a, then those of b. */
  lowerHalves: (a: Local<'v128'>, b: Local<'v128'>): Code<'v128'> => (
    code('v128', a.get.bytes, b.get.bytes, vector(13), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
  ),
  upperHalves: (a: Local<'v128'>, b: Local<'v128'>): Code<'v128'> => (
    code('v128', a.get.bytes, b.get.bytes, vector(13), [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31])
  ),
  /** The upper eight bytes, twice. */
  upperHalf: (value: Local<'v128'>): Code<'v128'> => (
    code('v128', value.get.bytes, value.get.bytes, vector(13), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
  ),
};

/** Four float32. */
export const f32x4 = {
  /** One number from memory in all lanes. */
  splat: (address: Code<'i32'>, offset = 0): Code<'v128'> => code('v128', address.bytes, vector(9), memory(offset)),
  add: binary('v128', vector(228)),
  multiply: binary('v128', vector(230)),
};

/** Two float64. */
export const f64x2 = {
  splat: (address: Code<'i32'>, offset = 0): Code<'v128'> => code('v128', address.bytes, vector(10), memory(offset)),
  add: binary('v128', vector(240)),
  subtract: binary('v128', vector(241)),
  multiply: binary('v128', vector(242)),
  /** The lower two float32, widened. */
  fromLowerF32: (value: Code<'v128'>): Code<'v128'> => code('v128', value.bytes, vector(95)),
};

/** Runs `body` again and again while `condition`, computed at its end, is not zero: at least once. */
export function repeatWhile(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return code('nothing', 0x03, 0x40, body.flatMap(({ bytes }) => bytes), condition.bytes, 0x0d, 0, 0x0b);
}

/** Runs `body` if `condition` is not zero. */
export function when(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return code('nothing', condition.bytes, 0x04, 0x40, body.flatMap(({ bytes }) => bytes), 0x0b);
}

/** A variable of a routine. */
export interface Local<T extends Kind> {
  readonly get: Code<T>;
  set(value: Code<T>): Statement;
}

const kindBytes = { i32: 0x7f, v128: 0x7b } as const;

/** An exported function that takes 32-bit integers and gives nothing back. */
export class Routine {
  readonly name: string;
  readonly parameters: number;
  readonly #locals: Kind[] = [];
  readonly #body: number[] = [];

  constructor(name: string, parameters: number) {
    this.name = name;
    this.parameters = parameters;
  }

  parameter(index: number): Local<'i32'> {
    if (index >= this.parameters) throw new RangeError(`${this.name} takes ${this.parameters} parameters`);
    return variable('i32', index);
  }

  local<T extends Kind>(kind: T): Local<T> {
    return variable(kind, this.parameters + this.#locals.push(kind) - 1);
  }

  locals<T extends Kind>(kind: T, count: number): Local<T>[] {
    return Array.from({ length: count }, () => this.local(kind));
  }

  add(...statements: readonly Statement[]): void {
    for (const { bytes } of statements) this.#body.push(...bytes);
  }

  /** As the code section wants it: size, variables, instructions. */
  bytes(): number[] {
    const variables = this.#locals.flatMap((kind) => [1, kindBytes[kind]]);
    const content = [...unsigned(this.#locals.length), ...variables, ...this.#body, 0x0b];
    return [...unsigned(content.length), ...content];
  }
}

function variable<T extends Kind>(kind: T, index: number): Local<T> {
  return {
    get: code(kind, 0x20, unsigned(index)),
    set: (value) => code('nothing', value.bytes, 0x21, unsigned(index)),
  };
}

/** A module of routines that work in a memory given to them as `kernel.memory`. */
export function assemble(routines: readonly Routine[]): Uint8Array<ArrayBuffer> {
  const text = (words: string): number[] => [...unsigned(words.length), ...new TextEncoder().encode(words)];
  const list = (entries: readonly (readonly number[])[]): number[] => [...unsigned(entries.length), ...entries.flat()];
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(routines.map(({ parameters }) => [0x60, ...list(Array.from({ length: parameters }, () => [kindBytes.i32])), 0]))),
    ...section(2, list([[...text('kernel'), ...text('memory'), 2, 0, 1]])),
    ...section(3, list(routines.map((_, index) => unsigned(index)))),
    ...section(7, list(routines.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]))),
    ...section(10, list(routines.map((routine) => routine.bytes()))),
  ]);
}
