/** How a question is put to a model: the texts before its options, and what stands for each option there. */
import { Problem } from '../../base/problem.ts';
import type { ChoiceForm } from '../../data/choice.ts';
import type { Question } from '../../data/question-files.ts';
import type { QuestionLanguage } from '../../data/questions.ts';

interface Wording {
  readonly text: string;
  readonly letters: string;
  readonly neutral: string;
}

const usual: Readonly<Record<QuestionLanguage, Wording>> = {
  en: { text: 'Question: {question}\nAnswer: {option}', letters: 'Question: {question}\n{options}\nAnswer: {option}', neutral: 'Answer:' },
  nl: { text: 'Vraag: {question}\nAntwoord: {option}', letters: 'Vraag: {question}\n{options}\nAntwoord: {option}', neutral: 'Antwoord:' },
};

/** One way of putting a question: the text up to the option, and for each option what stands in its place. */
export interface Put {
  readonly left: string;
  readonly options: readonly string[];
}

/** New lines are written as \n in a field of one line. */
const unescaped = (text: string): string => text.replaceAll('\\n', '\n');

const placesOf = (template: string): string[] => [...template.matchAll(/\{(question|options|option)\}/g)].map(([, name]) => name!);

/**
 * The template as it is used: the usual one of the form and language where none is written.
 *
 * @param place who asks: "cell quiz"
 * @throws Problem `template-places` where a place is missing, comes twice, or the option is not at the end
 */
export function templateOf(written: string, form: ChoiceForm, language: QuestionLanguage, place: string): string {
  const template = written.trim() === '' ? usual[language][form] : unescaped(written).trimEnd();
  const wanted = form === 'text' ? ['question', 'option'] : ['question', 'options', 'option'];
  const found = placesOf(template);
  const fail = (what: string): never => {
    throw new Problem({ code: 'template-places', place: `${place}, template ${JSON.stringify(written)}`, what, fix: `Write it like ${JSON.stringify(usual[language][form])}: ${wanted.map((name) => `{${name}}`).join(', ')} once each, the option at the end.` });
  };
  for (const name of wanted) {
    const times = found.filter((one) => one === name).length;
    if (times !== 1) fail(`it ${times === 0 ? 'does not hold' : 'holds'} {${name}}${times === 0 ? '' : ` ${times} times`}`);
  }
  if (found.length > wanted.length) fail('it holds {options}, which are listed for letters only');
  if (!template.endsWith('{option}')) fail(`there is text behind {option}: ${JSON.stringify(template.slice(template.indexOf('{option}') + 8))}`);
  return template;
}

/** The prompt that stands for no question; new lines as \n. */
export function neutralPrompt(written: string, language: QuestionLanguage): string {
  return written.trim() === '' ? usual[language].neutral : unescaped(written).trimEnd();
}

/** The letter of an option's place. */
export const letterOf = (at: number): string => String.fromCharCode(65 + at);

/** As many options as there are letters. */
export const mostLetters = 26;

/**
 * The question in each order of its options; for texts there is one. In order r of k the option i stands in place
 * (i + r) mod k, so that over the k cyclic orders each option stands in each place once.
 */
export function putsOf({ question, options }: Pick<Question, 'question' | 'options'>, template: string, form: ChoiceForm, orders: 'given' | 'cyclic'): Put[] {
  const filled = (listed: string): string => {
    const parts: Readonly<Record<string, string>> = { question, options: listed, option: '' };
    return template.replaceAll(/\{(question|options|option)\}/g, (_, name: string) => parts[name] ?? '');
  };
  if (form === 'text') return [{ left: filled(''), options }];
  const k = options.length;
  return Array.from({ length: orders === 'cyclic' ? k : 1 }, (_, r): Put => {
    const listed = Array.from({ length: k }, (_none, place) => `${letterOf(place)}. ${options[(place - r + k) % k]!}`).join('\n');
    return { left: filled(listed), options: options.map((_none, i) => letterOf((i + r) % k)) };
  });
}
