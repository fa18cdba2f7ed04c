/**
 * Vectors in word2vec's binary form: a line with the number of words and of numbers, then for each word its text, a space
 * and its numbers in float32, little-endian; some programs put a line end after them.
 */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { KeptRows } from './kept-rows.ts';
import type { OpenVectors, VectorFile } from './vector-file.ts';

const sliceBytes = 1 << 22;
const longestWord = 4096;

/** Whether bytes begin as such a file does: a line of two numbers, then something other than a line of text. */
export function looksLikeWord2vec(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  const header = /^\d+ \d+\n/.exec(text);
  // Binary floats soon show bytes that no text has.
  return header !== null && head.subarray(header[0].length).some((byte) => byte < 9 || (byte > 13 && byte < 32));
}

/**
 * Reads the vectors of the words that are looked for.
 * @throws Problem `word2vec-unreadable` with the byte; an AbortError after cancel
 */
export async function word2vecVectors(file: string, content: Blob, options: OpenVectors, watch: Watch = {}): Promise<VectorFile> {
  let bytes = new Uint8Array(0);
  /** Byte of the file at which `bytes` begins, and where in them the reading stands. */
  let base = 0;
  let at = 0;
  const fill = async (needs: number): Promise<boolean> => {
    if (at + needs <= bytes.length) return true;
    watch.signal?.throwIfAborted();
    base += at;
    at = 0;
    bytes = new Uint8Array(await content.slice(base, base + Math.max(sliceBytes, needs)).arrayBuffer());
    watch.progress?.({ label: `reading ${file}`, done: base, total: content.size });
    return bytes.length >= needs;
  };
  const until = async (stop: number): Promise<string | null> => {
    await fill(longestWord);
    const end = bytes.indexOf(stop, at);
    if (end < 0 || end - at > longestWord) return null;
    const text = new TextDecoder().decode(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  const broken = (what: string): Problem => new Problem({
    code: 'word2vec-unreadable', place: `${file} byte ${base + at}`, what, fix: 'The file is cut off, or is not in word2vec’s binary form: download it again, or save it as text.',
  });
  const [n, d] = ((await until(0x0a)) ?? '').split(' ').map(Number) as [number, number];
  if (!(n >= 0) || !(d > 0)) throw broken('it does not begin with two numbers');
  const kept = new KeptRows(d, options.wanted);
  for (let k = 0; k < n; k++) {
    const word = await until(0x20);
    if (word === null) throw broken(`word ${k + 1} of ${n} is missing`);
    if (!(await fill(4 * d))) throw broken(`the numbers of word ${k + 1} of ${n}, ${JSON.stringify(word.trim())}, are cut off`);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4 * d);
    // The line end that follows some programs' numbers comes with the next word.
    kept.offer(word.replace(/^\n/, ''), k + 1, () => Float32Array.from({ length: d }, (_, i) => view.getFloat32(4 * i, true)));
    at += 4 * d;
  }
  return kept.file('word2vec binary, float32', n, (place) => `word ${place}`);
}
