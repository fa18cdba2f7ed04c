/** What has come of a file: in memory once, hashed as it comes, and kept in parts where there is room. */
import { partBytes, type KeptFile } from './hub/kept-file.ts';
import { Sha256 } from './hub/sha256.ts';

/** What a file is known to be beforehand. */
export interface Expected {
  readonly bytes: number;
  readonly sha256: string | null;
}

/** A file while it comes: taken up where an earlier run left it, and kept or let go at the end. */
export class Arrival {
  #keep: KeptFile | null;
  readonly #expected: Expected | null;
  readonly #notKept: (why: string) => void;
  /** One array where the size is known: a model must not be in memory twice. */
  #whole = new Uint8Array(0);
  #length = 0;
  #total = 0;
  #etag = '';
  #hash: Sha256 | null = null;
  #resumedFrom = 0;
  /** Parts that are kept, or on their way. */
  #savedParts = 0;
  #saving: Promise<void> = Promise.resolve();

  /** @param notKept told once, when there is no room or no right to keep the file. */
  constructor(keep: KeptFile | null, expected: Expected | null, notKept: (why: string) => void) {
    this.#keep = keep;
    this.#expected = expected;
    this.#notKept = notKept;
    this.startOver();
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of the whole file, 0 while unknown. */
  get total(): number {
    return this.#total;
  }

  get etag(): string {
    return this.#etag;
  }

  /** Bytes that an earlier run had kept. */
  get resumedFrom(): number {
    return this.#resumedFrom;
  }

  /** Whether what has come outlasts this run. */
  get outlasts(): boolean {
    return this.#keep !== null && this.#total > partBytes;
  }

  /** All that has come, without a copy where the size was known. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#whole.length ? this.#whole : this.#whole.slice(0, this.#length);
  }

  /** SHA-256 of all that has come; null where none is expected. Nothing can come afterwards. */
  sha256(): string | null {
    return this.#hash?.hex() ?? null;
  }

  /** Goes on from what an earlier run has kept, unless that is of another file. */
  async takeUp(): Promise<void> {
    const begun = await this.#keep?.begun().catch(() => null);
    if (!begun) return;
    if (this.#expected && this.#expected.bytes !== begun.total) {
      await this.#keep?.discard();
      return;
    }
    this.#whole = new Uint8Array(begun.bytes.buffer);
    this.#length = begun.bytes.length;
    this.#total = begun.total;
    this.#etag = begun.etag;
    this.#savedParts = Math.floor(this.#length / partBytes);
    this.#resumedFrom = this.#length;
    this.#hash?.update(begun.bytes);
  }

  /** Begins at the beginning. */
  startOver(): void {
    this.#length = 0;
    this.#total = 0;
    this.#etag = '';
    this.#resumedFrom = 0;
    this.#savedParts = 0;
    this.#hash = this.#expected?.sha256 ? new Sha256() : null;
  }

  /** Begins at the beginning, and lets go of what was kept. */
  async forget(): Promise<void> {
    this.startOver();
    await this.#saving;
    await this.#keep?.discard();
  }

  /**
   * A whole file follows.
   * @param total its bytes, 0 where the host does not say.
   * @throws RangeError when there is no memory for it.
   */
  begin(total: number, etag: string): void {
    this.#total = total;
    this.#etag = etag;
    this.#whole = new Uint8Array(total || 65_536);
  }

  /** More bytes; at most as many as are missing. Waits for the part before the last to be kept. */
  async take(piece: Uint8Array): Promise<void> {
    const end = this.#length + piece.length;
    if (end > this.#whole.length) {
      const grown = new Uint8Array(Math.max(2 * this.#whole.length, end));
      grown.set(this.#whole.subarray(0, this.#length));
      this.#whole = grown;
    }
    this.#whole.set(piece, this.#length);
    this.#hash?.update(piece);
    this.#length = end;
    while (this.outlasts && (this.#savedParts + 1) * partBytes <= this.#length) await this.#savePart((this.#savedParts + 1) * partBytes);
  }

  /** After a failure or a cancel: what has come since the last part is kept, too. */
  async keepRest(): Promise<void> {
    if (this.outlasts && this.#length > this.#savedParts * partBytes && this.#length < this.#total) await this.#savePart(this.#length);
    await this.#saving;
  }

  /** Keeps the file, which has come whole. */
  async keepWhole(): Promise<void> {
    const lost = (why: unknown): Promise<void> => this.#keepNothing(why);
    if (this.#length <= partBytes) {
      await this.#keep?.save(this.bytes).catch(lost);
      return;
    }
    this.#total = this.#length;
    for (let at = this.#savedParts * partBytes; at < this.#length; at += partBytes) await this.#savePart(Math.min(at + partBytes, this.#length));
    await this.#saving;
    await this.#keep?.finish(this.#length).catch(lost);
  }

  /** Keeps the next part, up to `end`. One is on its way at a time; who comes faster waits. */
  async #savePart(end: number): Promise<void> {
    await this.#saving;
    const keep = this.#keep;
    if (!keep) return;
    const index = this.#savedParts++;
    const bytes = this.#whole.slice(index * partBytes, end);
    this.#saving = keep.savePart(index, bytes, this.#total, this.#etag).catch((why: unknown) => this.#keepNothing(why));
  }

  /** The file is used without being kept, and what was kept of it makes room. */
  async #keepNothing(reason: unknown): Promise<void> {
    const keep = this.#keep;
    if (!keep) return;
    this.#keep = null;
    const full = reason instanceof DOMException && reason.name === 'QuotaExceededError';
    this.#notKept(full ? 'the browser’s storage is full' : reason instanceof Error ? reason.message : String(reason));
    await keep.discard().catch(() => undefined);
  }
}
