/** The results a worker holds, least recently used first out, so that chains of cells need no copies. */
import { byteSize } from '../base/size.ts';

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

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
