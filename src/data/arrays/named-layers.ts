/** Which of several named arrays are layers: by a pattern with {n}, or by a number at the end of their names. */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../names.ts';

export interface NamedLayer {
  /** Key in the file. */
  readonly key: string;
  /** "layer 3"; the key itself where it has no number. */
  readonly name: string;
  readonly index: number;
}

/**
 * Chooses layers among the names of arrays, in the order of their numbers.
 *
 * @param pattern "hidden_states.{n}", the name of one array, or '' for what the names say themselves
 * @throws Problem `no-such-array` where the pattern fits none, `which-array` where the names do not tell
 */
export function namedLayers(names: readonly string[], pattern: string, place: string): readonly NamedLayer[] {
  if (names.length === 0) throw new Problem({ code: 'no-such-array', place, what: 'it holds no array of numbers', fix: 'Save at least one array, words x features.' });
  const wanted = pattern.trim();
  if (wanted !== '') {
    const found = names.includes(wanted) ? [{ key: wanted, name: wanted, index: 0 }] : numbered(names, asExpression(wanted));
    if (found.length > 0) return found;
    throw new Problem({
      code: 'no-such-array', place, what: `no array is called ${wanted}`,
      fix: `Its arrays: ${shortList(names, 12)}. Write one of these, or a pattern with {n} for the number of the layer.`,
    });
  }
  if (names.length === 1) return [{ key: names[0]!, name: names[0]!, index: 0 }];
  const found = numbered(names, /^(.*?)(\d+)$/);
  const stems = new Set(names.map((name) => name.replace(/\d+$/, '')));
  if (found.length === names.length && stems.size === 1) return found;
  throw new Problem({
    code: 'which-array', place, what: `it holds ${names.length} arrays: ${shortList(names, 12)}`,
    fix: 'Name one in keys, or write a pattern: keys: "layer_{n}".',
  });
}

function numbered(names: readonly string[], expression: RegExp): NamedLayer[] {
  return names
    .flatMap((key): NamedLayer[] => {
      const digits = expression.exec(key)?.at(-1);
      return digits === undefined ? [] : [{ key, name: `layer ${Number(digits)}`, index: Number(digits) }];
    })
    .sort((a, b) => a.index - b.index);
}

/** "layer.{n}" as a regular expression whose last group is the number. */
function asExpression(pattern: string): RegExp {
  const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const [before, after, ...more] = pattern.split('{n}');
  if (after === undefined || more.length > 0) return /^(?!)/;
  return new RegExp(`^${literal(before!)}(\\d+)${literal(after)}$`);
}
