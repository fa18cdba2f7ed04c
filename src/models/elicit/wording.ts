/**
 * The prompts that ask for a rating, in our own words: a question for each of the eleven dimensions and three wordings
 * around it, in English, Dutch and Simplified Chinese; and prompts that the reader writes.
 *
 * The word stands near the end, so that prompts about one dimension begin alike for all words.
 */
import { Problem } from '../../base/problem.ts';
import { dimensionIds, dimensionLabel, dimensionNamed, type DimensionId } from '../../data/dimensions.ts';
import { wordPlace } from '../tokens.ts';
import type { Scale } from './digits.ts';

interface Language {
  /** With {dimension}. */
  readonly question: string;
  readonly dimensions: Readonly<Record<DimensionId, string>>;
  /** With {question}, {low}, {high} and {word}. */
  readonly wordings: readonly [string, string, string];
}

const languages: Readonly<Record<'en' | 'nl' | 'zh', Language>> = {
  en: {
    question: 'How strongly is what this word means experienced {dimension}?',
    dimensions: {
      Auditory: 'by hearing', Gustatory: 'by tasting', Haptic: 'by feeling through touch', Interoceptive: 'by sensations inside the body', Olfactory: 'by smelling', Visual: 'by seeing',
      Foot_leg: 'by an action of the foot or leg', Hand_arm: 'by an action of the hand or arm', Head: 'by an action of the head, not the mouth', Mouth: 'by an action of the mouth or throat', Torso: 'by an action of the torso',
    },
    wordings: [
      '{question} Rate it from {low} (not at all) to {high} (greatly). Answer with only a number from {low} to {high}.\nWord: {word}\nRating:',
      'You rate a word on a scale from {low} (not at all) to {high} (very strongly). {question} Give the number only.\nWord: {word}\nNumber:',
      '{question} Reply with one number between {low}, not at all, and {high}, as strongly as can be, and nothing else.\nThe word is: {word}\nYour answer:',
    ],
  },
  nl: {
    question: 'Hoe sterk wordt wat dit woord betekent ervaren {dimension}?',
    dimensions: {
      Auditory: 'door te horen', Gustatory: 'door te proeven', Haptic: 'door aan te raken', Interoceptive: 'door gewaarwordingen in het lichaam', Olfactory: 'door te ruiken', Visual: 'door te zien',
      Foot_leg: 'door een handeling van de voet of het been', Hand_arm: 'door een handeling van de hand of de arm', Head: 'door een handeling van het hoofd, niet de mond', Mouth: 'door een handeling van de mond of de keel', Torso: 'door een handeling van de romp',
    },
    wordings: [
      '{question} Beoordeel het van {low} (helemaal niet) tot {high} (heel sterk). Antwoord met alleen een getal van {low} tot {high}.\nWoord: {word}\nBeoordeling:',
      'Je beoordeelt een woord op een schaal van {low} (helemaal niet) tot {high} (zeer sterk). {question} Geef alleen het getal.\nWoord: {word}\nGetal:',
      '{question} Antwoord met één getal tussen {low}, helemaal niet, en {high}, zo sterk als maar kan, en verder niets.\nHet woord is: {word}\nJouw antwoord:',
    ],
  },
  zh: {
    question: '人们在多大程度上通过{dimension}来体验这个词所表示的事物？',
    dimensions: {
      Auditory: '听觉', Gustatory: '味觉', Haptic: '触觉', Interoceptive: '身体内部的感觉', Olfactory: '嗅觉', Visual: '视觉',
      Foot_leg: '脚或腿的动作', Hand_arm: '手或手臂的动作', Head: '头部（不包括嘴）的动作', Mouth: '嘴或喉咙的动作', Torso: '躯干的动作',
    },
    wordings: [
      '{question}请从{low}（完全没有）到{high}（非常强烈）打分，只回答一个{low}到{high}之间的数字。\n词语：{word}\n评分：',
      '请用{low}（完全没有）到{high}（非常强烈）的量表给一个词打分。{question}只给出数字。\n词语：{word}\n数字：',
      '{question}请只回答一个数字，{low}表示完全没有，{high}表示极其强烈，不要写其他内容。\n这个词是：{word}\n你的回答：',
    ],
  },
};

/** Languages in which there are prompts of our own. */
const promptLanguages: readonly string[] = Object.keys(languages);

/** One way to ask: a prompt with {word} for each dimension. */
export interface Wording {
  readonly name: string;
  readonly prompts: readonly string[];
}

export interface WordingSettings {
  /** Dimension ids; others than the eleven need prompts of the reader's. */
  readonly dimensions: readonly string[];
  /** "en", "nl", "zh-CN". */
  readonly language: string;
  readonly scale: Scale;
  /** The reader's prompts; our own where there are none. */
  readonly own: readonly string[];
  /** How many of our own wordings to ask. */
  readonly count: number;
}

/** The dimension that a name stands for: one of the eleven by any of its names, else the name itself. */
export function dimensionOf(name: string): string {
  return dimensionNamed(name)?.id ?? name.trim();
}

/**
 * The wordings with everything but the word filled in.
 *
 * A prompt of the reader's that begins with a dimension's name and a colon ("Visual: ...") is for that dimension, others
 * are for all that have none of their own; several for each dimension are several wordings.
 *
 * @throws Problem `prompt-language` where we have no prompts in the language, `prompt-dimension` where a dimension has no
 *   prompt or one that would be the same for several, `prompt-places`, `prompt-counts`
 */
export function wordings(settings: WordingSettings, place: string): Wording[] {
  const { dimensions, language, own, count, scale: [low, high] } = settings;
  const known = languages[language.toLowerCase().split('-')[0] as keyof typeof languages] as Language | undefined;
  const templates = own.length > 0 ? ownTemplates(own, dimensions, place) : dimensions.map((dimension) => {
    if (!known) throw new Problem({ code: 'prompt-language', place, what: `language is ${language}, and our prompts are in ${promptLanguages.join(', ')}`, fix: 'Write prompts of your own under prompt, with {word} and {dimension}.' });
    if (!isOurs(dimension)) throw new Problem({ code: 'prompt-dimension', place, what: `there is no question about ${dimension}`, fix: `Write prompts of your own under prompt, or choose among ${dimensionIds.join(', ')}.` });
    return known.wordings.slice(0, count);
  });
  const each = templates[0]?.length ?? 0;
  const odd = templates.findIndex(({ length }) => length !== each);
  if (odd >= 0) throw new Problem({ code: 'prompt-counts', place, what: `${dimensions[odd]} has ${templates[odd]!.length} prompts and ${dimensions[0]} has ${each}`, fix: 'Give every dimension as many prompts.' });
  const filled = templates.map((list, k) => list.map((template) => {
    const dimension = dimensions[k]!;
    const phrase = known && isOurs(dimension) ? known.dimensions[dimension] : dimensionLabel(dimension);
    if (template.includes('{question}') && !(known && isOurs(dimension))) {
      throw new Problem({ code: 'prompt-dimension', place, what: `there is no {question} about ${dimension} in the language ${language}`, fix: 'Write the question into the prompt.' });
    }
    return template
      .replaceAll('{question}', () => known?.question ?? '').replaceAll('{dimension}', () => phrase)
      .replaceAll('{low}', () => String(low)).replaceAll('{high}', () => String(high));
  }));
  return Array.from({ length: each }, (_, t) => ({ name: own.length > 0 ? `prompt ${t + 1}` : `wording ${t + 1}`, prompts: filled.map((list) => list[t]!) }));
}

/** The prompt about one word. */
export function promptAbout(word: string, prompt: string): string {
  return prompt.replace(wordPlace, () => word);
}

function isOurs(dimension: string): dimension is DimensionId {
  return (dimensionIds as readonly string[]).includes(dimension);
}

/** Of each dimension, the reader's prompts for it. */
function ownTemplates(own: readonly string[], dimensions: readonly string[], place: string): string[][] {
  const parsed = own.map((text) => {
    const [, name = '', rest = ''] = /^\s*([^:{}\n]{1,40}):\s*(.*)$/s.exec(text) ?? [];
    const dimension = name && dimensions.includes(dimensionOf(name)) ? dimensionOf(name) : null;
    // A form's list has one line for each entry.
    return { dimension, template: (dimension === null ? text : rest).replaceAll('\\n', '\n') };
  });
  for (const { template } of parsed) {
    if (template.split(wordPlace).length === 2) continue;
    throw new Problem({ code: 'prompt-places', place, what: `the prompt ${JSON.stringify(template)} does not hold ${wordPlace} once`, fix: `Write ${wordPlace} once, where the word goes, as near to the end as can be.` });
  }
  return dimensions.map((dimension) => {
    const special = parsed.filter((one) => one.dimension === dimension);
    const general = parsed.filter((one) => one.dimension === null);
    if (special.length > 0) return special.map(({ template }) => template);
    if (general.length === 0) throw new Problem({ code: 'prompt-dimension', place, what: `there is no prompt for ${dimension}`, fix: `Add one that begins with "${dimension}: ", or one for all with {dimension}.` });
    const blind = dimensions.length > 1 ? general.find(({ template }) => !/\{(dimension|question)\}/.test(template)) : undefined;
    if (blind) throw new Problem({ code: 'prompt-dimension', place, what: `the prompt ${JSON.stringify(blind.template)} would be the same for all ${dimensions.length} dimensions`, fix: 'Write {dimension} or {question} into it, begin it with the name of its dimension and a colon, or ask for one dimension only.' });
    return general.map(({ template }) => template);
  });
}
