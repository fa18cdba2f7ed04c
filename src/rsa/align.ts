/**
 * The same words in the same order, in every representation that is compared, with every word that falls out named
 * together with the reason.
 */
import { Problem } from '../base/problem.ts';
import { ambiguous, WordIndex } from '../data/join.ts';
import { counted, listed } from '../ui/format.ts';
import type { Dropped, Layer, RepresentationValue } from '../data/values.ts';

/** Rows of several representations that stand for the same words. */
export interface Alignment {
  /** In the spelling and order of the first representation. */
  readonly words: readonly string[];
  /** Per representation: the row of each word. */
  readonly rows: readonly Uint32Array[];
  readonly dropped: readonly Dropped[];
}

/** Part of a representation that an analysis reads. */
export interface Block {
  /** Which of the aligned representations. */
  readonly of: number;
  /** Name for messages. */
  readonly label: string;
  readonly layer: Layer;
  /** Rating columns that are read; null for hidden states, which are read whole. */
  readonly columns: readonly number[] | null;
  /** Names of the layer's columns; empty for hidden states. */
  readonly names: readonly string[];
}

/**
 * Joins representations by word (see data/join.ts); words of the first that another lacks are dropped.
 *
 * @param fewest how many words the analysis needs at least
 * @throws Problem `no-common-words`, `few-common-words`
 */
export function alignWords(representations: readonly Pick<RepresentationValue, 'words'>[], labels: readonly string[], place: string, fewest = 1): Alignment {
  const [first, ...others] = representations;
  const words = first!.words;
  const found = others.map((other) => new WordIndex(other.words).rowsOf(words));
  const kept: number[] = [];
  const lost: Dropped[] = [];
  words.forEach((word, row) => {
    const lacking = found.findIndex((rows) => rows[row]! < 0);
    if (lacking < 0) kept.push(row);
    else lost.push({ reason: whyLost(found[lacking]![row]!, labels[lacking + 1]!), words: [word] });
  });
  const dropped = mergeDropped([lost]);
  // Fewer words than that in the first itself are no matter of the join: the analysis says so.
  if (!kept.length || (kept.length < fewest && words.length >= fewest)) throw fewCommon(kept.length, words.length, found, labels, place, fewest);
  return {
    words: kept.map((row) => words[row]!),
    rows: [Uint32Array.from(kept), ...found.map((rows) => Uint32Array.from(kept, (row) => rows[row]!))],
    dropped,
  };
}

/** Where two cells hardly overlap, or none of the words is in all: names who lacks most. */
function fewCommon(kept: number, words: number, found: readonly Int32Array[], labels: readonly string[], place: string, fewest: number): Problem {
  const shared = found.map((rows) => rows.filter((row) => row >= 0).length);
  const least = Math.min(...shared);
  const other = labels[shared.indexOf(least) + 1] ?? 'the candidates';
  const fix = 'Take both from one stimuli cell; for two languages, from one with a translation.';
  if (least === 0) return new Problem({ code: 'no-common-words', place, what: `none of the ${counted(words, 'word')} of ${labels[0]!} is in ${other}`, fix });
  const who = least < fewest ? [labels[0]!, other] : labels;
  const needs = fewest > 1 ? `, and it takes ${fewest}` : '';
  return new Problem({ code: kept ? 'few-common-words' : 'no-common-words', place, what: `${listed(who)} share ${counted(least < fewest ? least : kept, 'word')} of ${words}${needs}`, fix: who.length > 2 ? fix.replace('both', 'all') : fix });
}

function whyLost(row: number, label: string): string {
  return row === ambiguous ? `not told apart by case in ${label}` : `not in ${label}`;
}

/** Drops the words that have an empty cell in any column that any of the blocks reads (listwise). */
export function keepComplete(alignment: Alignment, blocks: readonly Block[]): Alignment {
  return keepWhere(alignment, (at) => {
    for (const { of, label, layer, columns, names } of blocks) {
      const start = alignment.rows[of]![at]! * layer.d;
      const count = columns?.length ?? layer.d;
      for (let k = 0; k < count; k++) {
        const column = columns ? columns[k]! : k;
        if (Number.isNaN(layer.data[start + column]!)) return `empty ${names[column] ?? layer.name} in ${label}`;
      }
    }
    return '';
  });
}

/** Keeps the words for which `reason` gives '', and files the others under their reason. */
export function keepWhere(alignment: Alignment, reason: (at: number) => string): Alignment {
  const kept: number[] = [];
  const gone = new Map<string, string[]>();
  alignment.words.forEach((word, at) => {
    const why = reason(at);
    if (why === '') kept.push(at);
    else gone.set(why, [...(gone.get(why) ?? []), word]);
  });
  if (!gone.size) return alignment;
  return {
    words: kept.map((at) => alignment.words[at]!),
    rows: alignment.rows.map((rows) => Uint32Array.from(kept, (at) => rows[at]!)),
    dropped: mergeDropped([alignment.dropped, [...gone].map(([why, words]) => ({ reason: why, words }))]),
  };
}

/** Lists of dropped words as one: one entry per reason, each word once. */
export function mergeDropped(lists: readonly (readonly Dropped[])[]): Dropped[] {
  const merged = new Map<string, Set<string>>();
  for (const { reason, words } of lists.flat()) {
    const seen = merged.get(reason) ?? new Set<string>();
    for (const word of words) seen.add(word);
    merged.set(reason, seen);
  }
  return [...merged].map(([reason, words]) => ({ reason, words: [...words] }));
}

/**
 * The aligned words' values of a block: n x columns, row-major, in the layer's own precision.
 *
 * @param data one of the layer's measurements in place of their mean
 */
export function gather(block: Block, rows: Uint32Array, data: Float32Array | Float64Array = block.layer.data): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const { layer, columns } = block;
  const width = columns?.length ?? layer.d;
  const out = data instanceof Float64Array ? new Float64Array(rows.length * width) : new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i]! * layer.d;
    for (let k = 0; k < width; k++) out[i * width + k] = data[start + (columns ? columns[k]! : k)]!;
  }
  return out;
}

/** How many columns a block reads. */
export function widthOf(block: Block): number {
  return block.columns?.length ?? block.layer.d;
}
