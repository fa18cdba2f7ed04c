/** How many numbers a representation may hold: its layers are stored as one value, and analyses copy them. */
import { Problem } from '../base/problem.ts';

/** Bytes that the layers of a cell may take, 2 GB, as RDMs may. */
const mostBytes = 2e9;

/**
 * Looks at the size before anything is allocated.
 *
 * @param size apart: templates whose states are kept as well; with one there is nothing to keep apart
 * @throws Problem `too-many-words` where the states of all layers do not fit
 */
export function requireStates({ words, layers, d, apart }: { words: number; layers: number; d: number; apart: number }, place: string): void {
  const matrices = layers * (apart > 1 ? apart + 1 : 1);
  const bytes = matrices * words * d * Float32Array.BYTES_PER_ELEMENT;
  if (bytes <= mostBytes) return;
  const kept = apart > 1 ? `, ${apart} templates kept apart and their mean,` : '';
  throw new Problem({
    code: 'too-many-words', place,
    what: `hidden states of ${words} words in ${layers} layers of ${d} numbers${kept} need ${(bytes / 1e9).toFixed(1)} GB`,
    fix: `${apart > 1 ? 'Give fewer templates, turn keepTemplates off, or draw' : 'Draw'} a sample in the stimuli cell.`,
  });
}
