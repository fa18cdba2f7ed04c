/** RDMs of word form, made from the words themselves: what a reference must be explained beyond. */
import type { Watch } from '../../base/progress.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import { lettersOf, levenshtein } from './levenshtein.ts';

/** `orthography` is the Levenshtein distance as a share of the longer word; `levenshtein` counts letters. */
export type WordControl = 'length' | 'orthography' | 'levenshtein';

export const wordControls = ['length', 'orthography', 'levenshtein'] as const satisfies readonly WordControl[];

/**
 * The control's RDM.
 *
 * @returns condensed: letters (length, levenshtein) or a share of 0 to 1 (orthography)
 * @throws the signal's reason when cancelled
 */
export async function controlRdm(control: WordControl, words: readonly string[], watch: Watch = {}): Promise<Float64Array<ArrayBuffer>> {
  const letters = words.map(lettersOf);
  const row = new Uint32Array(Math.max(0, ...letters.map((own) => own.length)) + 1);
  const out = new Float64Array(pairCount(words.length));
  const breather = new Breather();
  for (let i = 0, pair = 0; i + 1 < words.length; i++) {
    for (let j = i + 1; j < words.length; j++) out[pair++] = distance(control, letters[i]!, letters[j]!, row);
    if (!breather.due()) continue;
    watch.progress?.({ label: `distances: ${control}`, done: i, total: words.length });
    await pause();
    watch.signal?.throwIfAborted();
  }
  return out;
}

function distance(control: WordControl, a: Uint32Array, b: Uint32Array, row: Uint32Array): number {
  switch (control) {
    case 'length':
      return Math.abs(a.length - b.length);
    case 'levenshtein':
      return levenshtein(a, b, row);
    case 'orthography':
      return levenshtein(a, b, row) / Math.max(1, a.length, b.length);
    default:
      return control satisfies never;
  }
}
