/**
 * How a leaderboard outlasts its tab: the hidden states of every model it has run, one record per model. A model's states
 * are words x width x layers float32 (240 words of twelve layers of 768 numbers: 9.6 MB), far smaller than the model, and
 * everything that follows can be made of them exactly; scores alone would not give paired differences on common words.
 */
import * as v from 'valibot';
import { problemRecord } from '../../base/problem.ts';
import type { LeaderboardCard } from '../../data/leaderboard.ts';
import type { Layer, RepresentationValue } from '../../data/values.ts';
import type { RunContext } from '../kind.ts';

/** A model that was run: what it gave, and what it is. */
export interface RunModel {
  readonly value: RepresentationValue;
  readonly card: LeaderboardCard;
}

/** Bytes that all models of one cell may keep on the way; those after run anew when the cell is resumed. */
const mostKept = 512e6;

const header = v.object({
  value: v.object({
    type: v.literal('representation'), label: v.string(), words: v.array(v.string()), language: v.string(), categories: v.array(v.string()),
    split: v.array(v.picklist(['train', 'test'])), dimensions: v.array(v.string()), origin: v.picklist(['human', 'illustrative', 'model']),
    dropped: v.array(v.object({ reason: v.string(), words: v.array(v.string()) })),
    layers: v.array(v.object({ name: v.string(), index: v.number(), d: v.number() })),
  }),
  card: v.object({
    source: v.picklist(['bundled', 'hub', 'local']), id: v.string(), revision: v.string(), dtype: v.string(), architecture: v.string(),
    parameters: v.number(), bytes: v.number(), states: v.number(), pooling: v.picklist(['mean', 'first', 'last', 'all']), ran: v.nullable(v.object({ backend: v.picklist(['webgpu', 'wasm']), wordsPerSecond: v.number() })),
  }),
});

/** Length of the head as uint32, the head as JSON, then each layer's float32 states; little endian, as every machine here. */
export function serialiseModel({ value, card }: RunModel): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify({ value: { ...value, layers: value.layers.map(({ name, index, d }) => ({ name, index, d })) }, card }));
  const states = value.layers.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const bytes = new Uint8Array(4 + head.length + states.reduce((sum, { length }) => sum + length, 0));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  let at = 4 + head.length;
  for (const own of states) {
    bytes.set(own, at);
    at += own.length;
  }
  return bytes;
}

/** @throws Error where the bytes are not what {@link serialiseModel} gives */
export function parseModel(bytes: Uint8Array<ArrayBuffer>): RunModel {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const { value, card } = v.parse(header, JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))));
  let at = 4 + length;
  const layers = value.layers.map((layer): Layer => {
    const size = 4 * value.words.length * layer.d;
    if (at + size > bytes.length) throw new Error(`the states of ${layer.name} are cut off`);
    const data = new Float32Array(bytes.slice(at, at + size).buffer);
    at += size;
    return { ...layer, data };
  });
  return { value: { ...value, layers }, card };
}

/** The models of one cell, by place in its list. */
export class KeptModels {
  readonly #context: RunContext;
  readonly #total: number;
  #bytes = 0;
  #told = false;
  /** How many came from an earlier run. */
  resumed = 0;

  constructor(context: RunContext, total: number) {
    this.#context = context;
    this.#total = total;
  }

  /** What an earlier run kept of a model; null where there is nothing, or nothing that can be used, which is told. */
  async load(at: number): Promise<RunModel | null> {
    const bytes = await this.#context.kept.load(`model ${at}`);
    if (!bytes) return null;
    try {
      const found = parseModel(bytes);
      this.#bytes += bytes.length;
      this.resumed++;
      return found;
    } catch (error) {
      this.#context.warn(`model ${at + 1} of ${this.#total} runs anew, what an unfinished run had kept of it could not be used: ${problemRecord(error).what}`);
      return null;
    }
  }

  /** Keeps a model that was run. Where there is no room the cell goes on, and says so. */
  async save(at: number, model: RunModel): Promise<void> {
    const bytes = serialiseModel(model);
    if (this.#bytes + bytes.length > mostKept) {
      this.#tell('the hidden states kept on the way are bounded to 512 MB');
      return;
    }
    try {
      await this.#context.kept.save(`model ${at}`, bytes, { label: `${at + 1} of ${this.#total} models`, done: at + 1, total: this.#total });
      this.#bytes += bytes.length;
    } catch (error) {
      this.#tell(problemRecord(error).what);
    }
  }

  /** A pause has something to go on from even before the first model is done. */
  async pause(done: number): Promise<void> {
    await this.#context.kept.save('place', new Uint8Array(0), { label: `${done} of ${this.#total} models`, done, total: this.#total });
  }

  #tell(why: string): void {
    if (!this.#told) this.#context.warn(`not all models were kept on the way, so that a closed tab would have cost their runs: ${why}`);
    this.#told = true;
  }
}
