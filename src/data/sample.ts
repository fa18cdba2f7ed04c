/**
 * Random samples and splits of words that depend on the seed and the words alone: not on the order of rows, of filters,
 * or on which language a cell studies. Every key gets its own random number (Philox, keyed by the seed, streamed by the
 * key's hash); a sample takes the lowest. So a sample of 100 lies within the sample of 200 of the same seed.
 */
import { PhiloxStream } from '../gpu/philox.ts';
import { wordKey } from './join.ts';

/** FNV-1a, 32 bits, over UTF-16 code units. Two keys with one hash are told apart by the keys themselves. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** Positions of the keys in the order of their random numbers. Purposes draw independently of each other. */
function shuffled(keys: readonly string[], seed: number, purpose: string): number[] {
  const draws = keys.map((key) => new PhiloxStream(seed, hash32(`${purpose}\u0000${key}`)).uint32());
  return keys
    .map((_, i) => i)
    .sort((a, b) => draws[a]! - draws[b]! || (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b));
}

/**
 * The forms under which a word can meet a reader or a model: itself and its translations, case folded; a cell that
 * offers several ("pit / stone") counts as all of them.
 */
export function formsOf(spellings: readonly string[]): string[] {
  const forms = spellings.flatMap((cell) => cell.split(/[;,/|]/)).map((form) => wordKey(form).toLowerCase());
  return [...new Set(forms.filter((form) => form !== ''))].sort();
}

/**
 * Draws n rows at random without replacement.
 *
 * @param forms per row, see {@link formsOf}
 * @returns row positions, ascending; all of them where n is no smaller than the number of rows
 */
export function sampleRows(forms: readonly (readonly string[])[], n: number, seed: number): number[] {
  const keys = forms.map((row) => row.join('\u0001'));
  return shuffled(keys, seed, 'sample').slice(0, n).sort((a, b) => a - b);
}

/** Groups of rows that share a form, directly or through other rows: the group's number per row, from 0. */
export function linkedGroups(forms: readonly (readonly string[])[]): Int32Array {
  const parent = Int32Array.from(forms, (_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!;
      i = parent[i]!;
    }
    return i;
  };
  const owner = new Map<string, number>();
  forms.forEach((row, i) => {
    for (const form of row) {
      const other = owner.get(form);
      if (other === undefined) owner.set(form, i);
      else parent[root(i)] = root(other);
    }
  });
  const numbers = new Map<number, number>();
  return Int32Array.from(forms, (_, i) => {
    const top = root(i);
    if (!numbers.has(top)) numbers.set(top, numbers.size);
    return numbers.get(top)!;
  });
}

/**
 * Sets a share of the rows aside for testing. Rows that share a form in any language stay on one side, so no test word,
 * nor its translation, is ever trained on.
 *
 * @param share of rows, 0 to 1, rounded to whole rows; never exceeded, and missed only where the groups that are left
 *   no longer fit
 */
export function splitRows(forms: readonly (readonly string[])[], share: number, seed: number): ('train' | 'test')[] {
  const group = linkedGroups(forms);
  const members: number[][] = [];
  group.forEach((g, i) => (members[g] ??= []).push(i));
  const keys = members.map((rows) => rows.flatMap((i) => forms[i]!).sort()[0] ?? '');
  const sides = forms.map((): 'train' | 'test' => 'train');
  let left = Math.round(share * forms.length);
  for (const g of shuffled(keys, seed, 'split')) {
    const rows = members[g]!;
    if (rows.length > left) continue;
    for (const i of rows) sides[i] = 'test';
    left -= rows.length;
    if (left === 0) break;
  }
  return sides;
}
