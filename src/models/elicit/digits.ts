/** Which tokens begin an answer with a digit of the scale, and the rating expected under their probabilities. */
import { Problem } from '../../base/problem.ts';
import type { PromptTokenizer } from '../chat.ts';

/** Lowest and highest rating: whole numbers of one digit. */
export type Scale = readonly [number, number];

/** Reads "0-5" or "1 to 7". Throws Problem `scale` for anything but two different digits in ascending order. */
export function parseScale(text: string, place: string): Scale {
  const match = /^\s*(\d+)\s*(?:-|–|to)\s*(\d+)\s*$/.exec(text);
  const [low, high] = [Number(match?.[1]), Number(match?.[2])];
  if (low < high && high <= 9) return [low, high];
  throw new Problem({
    code: 'scale', place, what: `scale is ${JSON.stringify(text)}`,
    fix: 'Write two digits, as in "0-5" or "1-7". Ratings of more than one digit have no single first token, so their expected value is not defined here.',
  });
}

/** Tokens that stand for a digit. */
export interface DigitTokens {
  readonly ids: Int32Array;
  /** The digit of each. */
  readonly digits: Int32Array;
}

/**
 * The tokens of the vocabulary that decode to a single digit of the scale and nothing else, blanks aside: "3", " 3" and a
 * byte of its own, but not "10", "3." or a piece that goes on with a word ("##3").
 *
 * @throws Problem `no-digits` where a digit of the scale has no such token
 */
export function digitTokens(tokenizer: PromptTokenizer, [low, high]: Scale, place: string): DigitTokens {
  const found = tokenizer
    // Spellings hold the digit as it is, or the byte's number as in <0x33>.
    .tokensWhere((spelling) => /\d/.test(spelling) && spelling.length <= 8)
    .flatMap((id) => {
      const match = /^\s*(\d)\s*$/.exec(tokenizer.show(id));
      const digit = Number(match?.[1]);
      return match && digit >= low && digit <= high ? [{ id, digit }] : [];
    })
    .sort((a, b) => a.id - b.id);
  const missing = Array.from({ length: high - low + 1 }, (_, k) => low + k).filter((digit) => !found.some((one) => one.digit === digit));
  if (missing.length > 0) {
    throw new Problem({ code: 'no-digits', place, what: `the vocabulary has no token for ${missing.join(', ')}`, fix: 'Choose another scale or another model.' });
  }
  return { ids: Int32Array.from(found, ({ id }) => id), digits: Int32Array.from(found, ({ digit }) => digit) };
}

/**
 * The mean of the digits, weighted by the probabilities of their tokens as the answer's first, normalised over them:
 * sum(d p(d)) / sum(p(d)); the sum p(d) is the mass.
 *
 * @param logs ln p of the whole vocabulary
 * @returns NaN for the value where the mass is 0
 */
export function expectedRating(logs: ArrayLike<number>, { ids, digits }: DigitTokens): { readonly value: number; readonly mass: number } {
  let mass = 0;
  let sum = 0;
  for (let at = 0; at < ids.length; at++) {
    const p = Math.exp(logs[ids[at]!]!);
    mass += p;
    sum += p * digits[at]!;
  }
  return { value: mass > 0 ? sum / mass : Number.NaN, mass: Math.min(1, mass) };
}
