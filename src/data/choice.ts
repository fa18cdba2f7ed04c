/** What a model chooses among the options of questions: a score for every option, the share that is right, its uncertainty. */
import type { Dropped, Interval, Origin } from './values.ts';

/** By what the ln p of an option is divided: nothing, its tokens, its characters (code points), its bytes in UTF-8. */
export const normalisations = ['none', 'tokens', 'characters', 'bytes'] as const;
export type Normalisation = (typeof normalisations)[number];

/** Whether the text of an option is scored behind the question, or its letter behind the question with all options. */
export type ChoiceForm = 'text' | 'letters';

/** A question with the scores of its options, in their order. */
export interface ScoredQuestion {
  /** Unique in its file. */
  readonly id: string;
  readonly question: string;
  /** '' where the file has none. */
  readonly category: string;
  readonly options: readonly string[];
  /** Position of the right option; null where it is not known. */
  readonly answer: number | null;
  /** What decides: normalised and calibrated as the cell says. The highest wins. */
  readonly scores: readonly number[];
  /** Sum of ln p of the option's tokens behind the question; the mean over orders where there are several. */
  readonly logs: readonly number[];
  /** The same behind the neutral prompt; empty without calibration. */
  readonly neutral: readonly number[];
  /** Tokens that were scored; the mean over orders. */
  readonly tokens: readonly number[];
  /** Position of the highest score, the first of equals. */
  readonly chosen: number;
  /** Options that share the highest score; 1 where there is no tie. */
  readonly tied: number;
  /** Score of the right option minus the highest of the others; null without an answer. */
  readonly margin: number | null;
}

/** The share of questions answered rightly, of all or of one category. */
export interface ChoiceShare {
  /** '' for all questions. */
  readonly category: string;
  /** Questions with a known answer. */
  readonly n: number;
  readonly right: number;
  readonly share: number;
  /** Wilson's. */
  readonly interval: Interval;
  /** The mean over questions of one divided by the number of options. */
  readonly chance: number;
  /** Questions in which options share the highest score: the first of them counts as chosen. */
  readonly ties: number;
  /** Mean of {@link ScoredQuestion.margin}. */
  readonly margin: number;
}

/** Another model on the same questions, paired. */
export interface ChoiceDifference {
  /** '' for all questions. */
  readonly category: string;
  /** Questions that both were asked, with the same options and a known answer. */
  readonly n: number;
  /** Shares on these questions. */
  readonly share: number;
  readonly otherShare: number;
  readonly otherInterval: Interval;
  /** Questions that only this model got right, and that only the other did. */
  readonly onlyThis: number;
  readonly onlyOther: number;
  /** This minus the other. */
  readonly difference: number;
  /** Tango's score interval of paired shares. */
  readonly interval: Interval;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
  /** Holm's correction over the categories; that of all questions is a question of its own and is not corrected. */
  readonly holm: number;
}

export interface ChoiceValue {
  readonly type: 'choice';
  readonly label: string;
  /** Label of the model. */
  readonly model: string;
  readonly revision: string;
  /** Name of the file, or "demo questions". */
  readonly source: string;
  readonly origin: Origin;
  /** As it was asked, with its places. */
  readonly template: string;
  readonly form: ChoiceForm;
  /** Orders of the options over which letters are averaged; 1 where they are asked as they stand. */
  readonly orders: 'given' | 'cyclic';
  readonly normalise: Normalisation;
  /** The prompt that stands for no question; '' without calibration. */
  readonly neutral: string;
  /** Whether questions were put in the model's chat template. */
  readonly chat: boolean;
  readonly level: number;
  /** Questions in the file, and how many of them were drawn. */
  readonly of: number;
  readonly drawn: number;
  readonly questions: readonly ScoredQuestion[];
  /** All questions first, then category by category in the order of the file; empty without answers. */
  readonly shares: readonly ChoiceShare[];
  /** Accuracy had the same ln p been divided otherwise; empty for letters and without answers. */
  readonly otherwise: readonly { readonly normalise: Normalisation; readonly share: number }[];
  /** Questions in which a token spans the end of the prompt and the beginning of an option. */
  readonly merged: number;
  readonly against: { readonly label: string; readonly differences: readonly ChoiceDifference[] } | null;
  /** Questions left out, by their ids. */
  readonly dropped: readonly Dropped[];
}
