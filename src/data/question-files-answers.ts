/**
 * Which option is the right one. Files write it as the option's name, its letter, its number from 0 or its text, and what
 * they write may be read in more than one way: "3" among the options 3, 4, 5, 6 is the first of them, or the fourth. So the
 * way is decided once for all answers of a file, and where the file does not decide it the answers are refused.
 */
import { Problem } from '../base/problem.ts';
import { shortList } from './names.ts';

/** A file's own word for an option, such as "sol1", "A", "0", and its text. */
export interface NamedOption {
  readonly name: string;
  readonly text: string;
}

/** What a file says of the right answer to one question. */
export interface SaidAnswer {
  /** "piqa.jsonl line 12". */
  readonly place: string;
  /** Begins the complaint: "label is". */
  readonly what: string;
  /** As it stands in the file. */
  readonly value: unknown;
  readonly options: readonly NamedOption[];
}

const ways = ['name', 'letter', 'number', 'text'] as const;
type Way = (typeof ways)[number];

const told: Readonly<Record<Way, string>> = { name: 'an option’s name', letter: 'a letter', number: 'a number from 0', text: 'an option’s text' };

/** Each way in which an answer can be read, with the position it gives; null where no answer is known. */
type Read = ReadonlyMap<Way, number> | null;

/** Text, numbers and truth values as text; null for what is none of them. */
export function textIn(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).trim() : null;
}

/** A value for a message, shortened. */
export function written(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * Positions of the right options, one for each answer; null where it is not known: nothing, or -1, which test sets have.
 *
 * A way that all answers can be read in goes before others. Names go before letters and numbers, since the file itself gives
 * them. Where no one way fits all answers, each is read by itself.
 *
 * @param said answers of one file; null for questions without
 * @param file its name, for warnings
 * @throws Problem `bad-question` for an answer that is none of the options, `answers-unclear` where two ways are left that
 *   give other options
 */
export function settleAnswers(said: readonly (SaidAnswer | null)[], file: string, warn: (message: string) => void): (number | null)[] {
  const read = said.map((one): Read => (one === null ? null : readingsOf(one)));
  const answered = read.filter((one) => one !== null);
  const common = ways.filter((way) => answered.every((one) => one.has(way)));
  const settled = read.map((one, at) => (one === null ? null : settle(one, common, said[at]!)));
  if (answered.length > 0 && common.length === 0) {
    const counts = ways.map((way) => [answered.filter((one) => chosen(one, [])[0] === way).length, way] as const).filter(([count]) => count > 0);
    warn(`${file}: right answers are written in several ways (${counts.map(([count, way]) => `${count} as ${told[way]}`).join(', ')}); each is read by itself`);
  }
  const known = settled.filter((position) => position !== null);
  if (answered.length > 0 && chosen(answered[0]!, common).every((way) => way === 'number') && common.length > 0 && !known.includes(0)) {
    warn(`${file}: numbers of right answers are read from 0, and none is 0. If the file counts from 1, every answer is read one option too late: write them from 0, or as letters`);
  }
  return settled;
}

/** @throws Problem `bad-question` where there is none */
function readingsOf({ value, options, what, place }: SaidAnswer): Read {
  const said = value === null || value === undefined ? '' : textIn(value);
  const folded = said?.toLowerCase() ?? '';
  const positions: Readonly<Record<Way, number>> = {
    name: options.findIndex(({ name }) => name.toLowerCase() === folded),
    letter: /^[a-z]$/.test(folded) ? folded.charCodeAt(0) - 97 : -1,
    number: /^\d+$/.test(folded) ? Number(folded) : -1,
    text: options.findIndex(({ text }) => text === said),
  };
  const found = new Map(ways.map((way) => [way, positions[way]] as const).filter(([, at]) => at >= 0 && at < options.length));
  if (said === '' || (said === '-1' && found.size === 0)) return null;
  if (said !== null && found.size > 0) return found;
  const letters = options.map((_, at) => String.fromCharCode(65 + at));
  throw new Problem({
    code: 'bad-question', place, what: `${what} ${written(value)}, and the question has ${options.length} options`,
    fix: `Write the letter of the right option (${shortList(letters, 6)}) or its number from 0 to ${options.length - 1}.`,
  });
}

/** The ways that count: those of all answers where there are any; names before letters and numbers. */
function chosen(read: ReadonlyMap<Way, number>, common: readonly Way[]): Way[] {
  const open = common.length > 0 ? [...common] : [...read.keys()];
  return open.includes('name') ? open.filter((way) => way === 'name' || way === 'text') : open;
}

function settle(read: ReadonlyMap<Way, number>, common: readonly Way[], { place, what, value, options }: SaidAnswer): number {
  const open = chosen(read, common);
  const first = read.get(open[0]!)!;
  const other = open.find((way) => read.get(way) !== first);
  if (other === undefined) return first;
  const means = [open[0]!, other].map((way) => `as ${told[way]} it means ${written(options[read.get(way)!]!.text)}`);
  throw new Problem({
    code: 'answers-unclear', place, what: `${what} ${written(value)}: ${means.join(', ')}, and no other answer of the file decides between them`,
    fix: open[0] === 'number' ? 'Write all right answers as letters (A, B, …).' : 'Write all right answers as numbers from 0.',
  });
}
