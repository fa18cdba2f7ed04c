/** What the view says about how questions were put and counted. */
import type { ChoiceShare, ChoiceValue, ScoredQuestion } from '../../data/choice.ts';
import { count, counted, decimal, percent } from '../../ui/format.ts';
import { letterOf } from './prompts.ts';

/** A share with one decimal, as accuracies are given: "58.4 %". */
export const shareText = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : '–');

/** Percentage points with their sign: "+18.4 pp". */
export function pointsText(difference: number): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  return `${Number(points) === 0 ? '' : difference > 0 ? '+' : '−'}${points} pp`;
}

export const intervalText = (interval: readonly [number, number] | null): string => (interval ? `[${shareText(interval[0])}, ${shareText(interval[1])}]` : '');

export const categoryText = (category: string): string => category || 'all questions';

/** "B  thunder". */
export const optionText = ({ options }: Pick<ScoredQuestion, 'options'>, at: number): string => `${letterOf(at % 26)}  ${options[at]!}`;

const divided = { none: 'not divided by lengths', tokens: 'divided by its tokens', characters: 'divided by its characters', bytes: 'divided by its bytes' } as const;

/** How an option is scored, in a sentence. */
export function scoringNote({ form, orders, normalise, neutral, chat, template }: ChoiceValue): string {
  const what = form === 'letters'
    ? `ln p of an option’s letter behind the question and all options${orders === 'cyclic' ? ', averaged over the cyclic orders of the options' : ''}`
    : `sum of ln p of an option’s tokens behind the question, ${divided[normalise]}`;
  return `Score: ${what}${neutral ? `, minus the same behind “${neutral}” alone` : ''}. Put as ${JSON.stringify(template).replaceAll('"', '')}${chat ? ' in the model’s chat template' : ''}.`;
}

/** Under the other ways of dividing: "Divided otherwise: by tokens 52.1 %, by characters 54.0 %." */
export function otherwiseNote({ otherwise, normalise }: ChoiceValue): string {
  const others = otherwise.filter((one) => one.normalise !== normalise);
  return others.length === 0 ? '' : `The same scores divided otherwise: ${others.map((one) => `by ${one.normalise === 'none' ? 'nothing' : one.normalise} ${shareText(one.share)}`).join(', ')}.`;
}

export function tiesNote({ ties }: ChoiceShare): string {
  return ties === 0 ? '' : `In ${counted(ties, 'question')} options tie for the highest score; the first of them counts as the model’s choice.`;
}

/** "first 200 of 1 838 questions". */
export function sampleText({ questions, of, drawn }: ChoiceValue): string {
  const asked = `${count(questions.length)}${questions.length < of ? ` of ${count(of)}` : ''}`;
  return drawn > questions.length ? `${asked} (${count(drawn - questions.length)} left out)` : asked;
}

export const marginText = (margin: number | null): string => decimal(margin, 3);

/** "42.5 % of 120 questions right, chance 25 %; the interval excludes chance". */
export function accuracySentence({ share, interval, n, chance }: ChoiceShare, level: number): string {
  const beyond = interval === null ? '' : interval[0] > chance ? ' The interval is above chance.' : interval[1] < chance ? ' The interval is below chance.' : ' The interval includes chance.';
  return `${shareText(share)} of ${counted(n, 'question')} right, ${percent(level)} interval ${intervalText(interval)}; guessing gives ${shareText(chance)}.${beyond}`;
}
