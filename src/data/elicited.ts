/** A model's own ratings: what it answered to every prompt, beside the representation that is made of them. */

/** Which of the two kinds of ratings a representation holds. */
export type AnswerKind = 'expected' | 'greedy';

export const readings = ['number', 'outside', 'range', 'list', 'cut', 'words', 'refusal', 'empty'] as const;

/**
 * What an answer turned out to be: a number on the scale, one that is not on it, a range or several numbers, a number that
 * may be the mark of a list's first entry or of a legend, a number that may go on where the answer was cut off, other words,
 * a refusal, nothing.
 */
export type Reading = (typeof readings)[number];

/** The answers to one wording of the prompts, n x k: words by dimensions, row-major. */
export interface ElicitedAnswers {
  /** The wording's name: "wording 1". */
  readonly name: string;
  /** Of each dimension, the prompt with {word}. */
  readonly prompts: readonly string[];
  /** The rating expected under the probabilities of the digits as the answer's first token, normalised over them. */
  readonly expected: Float64Array;
  /** The digits' probability in all, 0 to 1. */
  readonly mass: Float64Array;
  /** The number in the greedy text, NaN where there is none; empty where no text was asked for. */
  readonly greedy: Float64Array;
  /** The greedy texts; empty where none was asked for. */
  readonly texts: readonly string[];
}

export interface Elicited {
  readonly model: string;
  /** Which answers the representation's layer holds. */
  readonly answer: AnswerKind;
  readonly scale: readonly [number, number];
  /** Whether the prompts were put into the model's chat template. */
  readonly chat: boolean;
  readonly system: string;
  readonly greedyTokens: number;
  /** The first prompt as it was fed, its template and special tokens included. */
  readonly example: string;
  readonly wordings: readonly ElicitedAnswers[];
  /** Greedy texts by what they turned out to be, over all wordings; all 0 where none was asked for. */
  readonly counts: Readonly<Record<Reading, number>>;
  /** A few answers that are no number, for each reading. */
  readonly examples: readonly { readonly reading: Reading; readonly word: string; readonly dimension: string; readonly text: string }[];
  /** Tokens other than digits that begin answers, with their mean probability over all prompts; the most probable first. */
  readonly instead: readonly { readonly text: string; readonly share: number }[];
  /** Whether common beginnings of prompts were computed once, by the export's key-value cache. */
  readonly shared: boolean;
}

/** Digits hold less of the first token's probability than this on average: the expected value says little. */
export const littleMass = 0.5;

/**
 * The digits' mean probability over all that a model was asked in those dimensions and wordings where it is little.
 * @param k the number of dimensions
 * @returns 0 to 1, null where it is little nowhere
 */
export function littleOnDigits({ wordings }: Pick<Elicited, 'wordings'>, k: number): number | null {
  const little = wordings.flatMap(({ mass }) => Array.from({ length: k }, (_, at) => mean(mass.filter((_one, place) => place % k === at)))).filter((share) => share < littleMass);
  return little.length > 0 ? mean(little) : null;
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
