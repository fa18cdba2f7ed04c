/** The results a worker holds, least recently used first out, so that chains of cells need no copies, and what it gives away. */
import { byteSize } from '../base/size.ts';
import { buffersOf } from './move.ts';

/** A map with a byte budget. The latest entry and those kept for the coming job stay, however large. */
export class BoundedMemory<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  readonly #budget: number;
  #kept: ReadonlySet<string> = new Set();
  #bytes = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** From now on these entries, present or to come, are not dropped; others may be again. */
  keep(keys: readonly string[]): void {
    this.#kept = new Set(keys);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    // Insertion order is the order of use.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.#drop(key);
    const bytes = byteSize(value);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#budget) break;
      if (oldest !== key && !this.#kept.has(oldest)) this.#drop(oldest);
    }
  }

  /** Whether the value alone keeps to the budget. */
  fits(value: Value): boolean {
    return byteSize(value) <= this.#budget;
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

/**
 * Remembers a result and gives what may be moved to the page: a copy, since moving empties what is moved. A result beyond
 * the budget is not remembered but given away itself, so that it is never there twice; the page hands it back to the cell
 * that reads it. Not so where it holds buffers of its inputs, which moving would empty too.
 */
export function handedOver<Value>(memory: BoundedMemory<Value>, key: string, value: Value, inputs: Iterable<Value>): Value {
  if (!memory.fits(value) && !sharesBuffers(value, inputs)) return value;
  memory.set(key, value);
  return structuredClone(value);
}

function sharesBuffers(value: unknown, inputs: Iterable<unknown>): boolean {
  const own = new Set(buffersOf(value));
  return [...inputs].some((input) => buffersOf(input).some((buffer) => own.has(buffer)));
}
