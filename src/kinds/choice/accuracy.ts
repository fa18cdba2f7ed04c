/** From scores of options to shares of right answers, their intervals, and what two models differ by. */
import { normalisations, type ChoiceDifference, type ChoiceShare, type Normalisation, type ScoredQuestion } from '../../data/choice.ts';
import { mcnemarExact, pairedShareInterval, wilsonInterval } from '../../rsa/inference/accuracy.ts';
import { holm } from '../../rsa/inference/correct.ts';

const bytes = new TextEncoder();

/** What the ln p of an option is divided by. Characters are code points. */
export function lengthOf(option: string, tokens: number, normalise: Normalisation): number {
  switch (normalise) {
    case 'none': return 1;
    case 'tokens': return tokens;
    case 'characters': return [...option].length;
    case 'bytes': return bytes.encode(option).length;
    default: throw new Error(`unknown normalisation ${String(normalise satisfies never)}`);
  }
}

/** The highest of the scores, the first of equals, and how many are equal to it. */
export function chosenOf(scores: readonly number[]): { readonly chosen: number; readonly tied: number } {
  const highest = Math.max(...scores);
  return { chosen: scores.indexOf(highest), tied: scores.filter((score) => score === highest).length };
}

/** The right option's score minus the highest of the others. */
export function marginOf(scores: readonly number[], answer: number): number {
  return scores[answer]! - Math.max(...scores.filter((_, at) => at !== answer));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const isRight = ({ chosen, answer }: ScoredQuestion): boolean => chosen === answer;

/** Categories in the order of the questions; one alone says no more than all. */
function categoriesOf(questions: readonly ScoredQuestion[]): string[] {
  const named = [...new Set(questions.map(({ category }) => category))].filter((category) => category !== '');
  return named.length > 1 || (named.length === 1 && questions.some(({ category }) => category === '')) ? named : [];
}

/** Shares of all questions and of each category; none where no answer is known. */
export function sharesOf(questions: readonly ScoredQuestion[], level: number): ChoiceShare[] {
  const answered = questions.filter(({ answer }) => answer !== null);
  return ['', ...categoriesOf(answered)].flatMap((category): ChoiceShare[] => {
    const own = answered.filter((question) => category === '' || question.category === category);
    if (own.length === 0) return [];
    const right = own.filter(isRight).length;
    const share = right / own.length;
    return [{
      category, n: own.length, right, share, interval: wilsonInterval(share, own.length, level),
      chance: mean(own.map(({ options }) => 1 / options.length)), ties: own.filter(({ tied }) => tied > 1).length, margin: mean(own.map(({ margin }) => margin!)),
    }];
  });
}

/** Accuracy under each way of dividing the same ln p. */
export function otherwise(questions: readonly ScoredQuestion[]): { normalise: Normalisation; share: number }[] {
  const answered = questions.filter(({ answer }) => answer !== null);
  if (answered.length === 0) return [];
  return normalisations.map((normalise) => ({
    normalise,
    share: mean(answered.map(({ options, logs, neutral, tokens, answer }) => Number(chosenOf(logs.map((log, at) => (log - (neutral[at] ?? 0)) / lengthOf(options[at]!, tokens[at]!, normalise))).chosen === answer))),
  }));
}

/** Questions that both have under one id, with the same words and options and a known answer. */
export function sharedQuestions(own: readonly ScoredQuestion[], other: readonly ScoredQuestion[]): (readonly [ScoredQuestion, ScoredQuestion])[] {
  const byId = new Map(other.map((question) => [question.id, question]));
  return own.flatMap((question) => {
    const twin = byId.get(question.id);
    const same = twin && twin.question === question.question && twin.answer === question.answer && twin.options.join('\n') === question.options.join('\n');
    return same && question.answer !== null ? [[question, twin] as const] : [];
  });
}

/**
 * Differences on the questions that both were asked, of all and of each category. Intervals are Tango's, p is McNemar's,
 * exact; over categories p is corrected by Holm.
 */
export function differencesOf(pairs: readonly (readonly [ScoredQuestion, ScoredQuestion])[], level: number): ChoiceDifference[] {
  const found = ['', ...categoriesOf(pairs.map(([own]) => own))].map((category): Omit<ChoiceDifference, 'holm'> => {
    const kept = pairs.filter(([own]) => category === '' || own.category === category);
    const rightOf = (which: 0 | 1): number => kept.filter((pair) => isRight(pair[which])).length;
    const both = kept.filter(([own, other]) => isRight(own) && isRight(other)).length;
    const [share, otherShare] = [rightOf(0) / kept.length, rightOf(1) / kept.length];
    const [onlyThis, onlyOther] = [rightOf(0) - both, rightOf(1) - both];
    return {
      category, n: kept.length, share, otherShare, otherInterval: wilsonInterval(otherShare, kept.length, level),
      onlyThis, onlyOther, difference: (onlyThis - onlyOther) / kept.length, interval: pairedShareInterval(onlyThis, onlyOther, kept.length, level), p: mcnemarExact(onlyThis, onlyOther),
    };
  });
  const corrected = holm(found.slice(1).map(({ p }) => p));
  return found.map((difference, at) => ({ ...difference, holm: at === 0 ? difference.p : corrected[at - 1]! }));
}
