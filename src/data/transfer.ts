/**
 * What tuning bought and where it transfers: models by measures, each with its interval and its paired difference from
 * the base. Long form, plain data: one record per model and column.
 */
import type { DimensionSet } from './dimensions.ts';
import type { AnswerForm, TuningTask } from './tuned.ts';
import type { Dropped, Interval, Origin } from './values.ts';

/**
 * rsa: agreement of the model's RDM with that of the ratings. probe: ridge predictions of held-out folds from hidden
 * states. rating: ratings that the model itself predicts. choice: share of questions answered rightly.
 */
export type TransferMeasure = 'rsa' | 'probe' | 'rating' | 'choice';
export const transferMeasures: readonly TransferMeasure[] = ['rsa', 'probe', 'rating', 'choice'];

/**
 * How an answer is read: by the head that was trained; as the digit or letter after a prompt; by how probable the
 * language model finds the text of each option, which can be asked of models that were never trained to answer. Null for rsa and probe, which read hidden states.
 */
export type AnswerRead = 'head' | 'prompt' | 'likelihood';

/** What is measured, for every model alike. */
export interface TransferColumn {
  /** Unique in the cell: "rsa words en motor". */
  readonly column: string;
  readonly measure: TransferMeasure;
  readonly read: AnswerRead | null;
  /** Label of the stimuli, or "demo questions". */
  readonly test: string;
  /** Origin of the ratings or answers. */
  readonly origin: Origin;
  /** Language that is fed. */
  readonly language: string;
  /** Null for questions. */
  readonly set: DimensionSet | null;
  /** Dimensions of the set that the ratings have; empty for questions. */
  readonly dimensions: readonly string[];
  /** Share of right answers by guessing; null for other measures. */
  readonly chance: number | null;
}

/** What a model was trained on, as its cards say. */
export interface TrainedOn {
  readonly task: TuningTask;
  readonly form: AnswerForm;
  readonly data: string;
  readonly language: string;
  readonly dimensions: readonly string[];
  /** How many words, questions or sentences, and what they are. */
  readonly n: number;
  readonly unit: string;
}

/** A model of the comparison. The first is the base. */
export interface TransferRow {
  readonly row: string;
  readonly base: boolean;
  readonly revision: string;
  /** Over all its rounds; empty for a model as it was found. */
  readonly trainedOn: readonly TrainedOn[];
  /** Trainings with other seeds that its values are means of; 1 where it was trained once. */
  readonly repeats: number;
  /** Whether `trainedOn` is all: an adapter from a file may say nothing of it, or tell the last of several trainings. */
  readonly tasksKnown: boolean;
  /** Whether it is known which words and questions were trained or validated on. */
  readonly seenKnown: boolean;
}

/** How a column stands to what a model was trained on. */
export type Relation =
  /** The base itself, or another model as it was found. */
  | 'base'
  /** Same task, language and dimensions, other words or questions. */
  | 'trained'
  /** Same task and language; some of the set's dimensions were trained on. */
  | 'partly trained'
  /** Something else than was trained on: see `across`. */
  | 'transfer'
  /** Not all that was trained on is known, and nothing that is known was as near as 'trained'. */
  | 'unknown';

/** In what a column is other than what a model was trained on; 'some dimensions' where it has others beside those. */
export type Across = 'format' | 'language' | 'dimensions' | 'some dimensions';

/** One model under one column. */
export interface TransferCell extends TransferColumn {
  readonly row: string;
  /** The mean over repeats; -1 to 1, shares 0 to 1. Null where it was not measured. */
  readonly value: number | null;
  /** Why it was not measured; '' where it was. */
  readonly reason: string;
  /** Over words by bootstrap; of shares Wilson's. */
  readonly interval: Interval;
  /** One per repeat; empty where the model was trained once. */
  readonly repeats: readonly number[];
  /** SD (n - 1) and range over repeats; null where the model was trained once. */
  readonly spread: { readonly sd: number; readonly low: number; readonly high: number } | null;
  /** Words or questions. */
  readonly n: number;
  /** Dimensions that enter: for predicted ratings those that the model was trained to rate. */
  readonly rated: readonly string[];
  /**
   * What of the base is subtracted: the same measure, or, where the base cannot answer, its ridge probe (ratings) or its
   * zero-shot answer by likelihood (questions). Null for the base itself and where there is no difference.
   */
  readonly against: 'same' | 'probe' | 'likelihood' | null;
  /** That of the base, on the same words and dimensions. */
  readonly baseline: number | null;
  /** Value minus baseline, paired. */
  readonly difference: number | null;
  readonly differenceInterval: Interval;
  /** Two-sided, uncorrected: from the bootstrap, or McNemar's exact test for questions of models trained once. */
  readonly p: number | null;
  readonly pFrom: 'bootstrap' | 'mcnemar' | null;
  /** Holm's correction over all differences of the cell. */
  readonly holm: number | null;
  /** Benjamini and Hochberg's over the same. */
  readonly bh: number | null;
  readonly relation: Relation;
  readonly across: readonly Across[];
}

/** One model and one dimension; no tests are made here. */
export interface TransferDimension {
  readonly row: string;
  readonly measure: 'probe' | 'rating';
  readonly read: AnswerRead | null;
  readonly test: string;
  readonly origin: Origin;
  readonly language: string;
  readonly dimension: string;
  /** Spearman over words, mean over repeats; null where all values are equal. */
  readonly rho: number | null;
  readonly interval: Interval;
  readonly repeats: readonly number[];
  readonly n: number;
  /** Whether the model was trained on this dimension in this language. */
  readonly trained: boolean;
}

/** Which words or questions a test was left with. */
export interface TransferTest {
  readonly test: string;
  readonly language: string;
  readonly unit: 'word' | 'question';
  /** In the source. */
  readonly of: number;
  /** Those that no model of the cell was trained or validated on and that can be measured. */
  readonly used: readonly string[];
  readonly dropped: readonly Dropped[];
  /** Whether the words are the test side of a split that the stimuli bring. */
  readonly given: boolean;
}

export interface TransferValue {
  readonly type: 'transfer';
  readonly rows: readonly TransferRow[];
  readonly columns: readonly TransferColumn[];
  /** Row by row, each in the order of the columns. */
  readonly cells: readonly TransferCell[];
  readonly perDimension: readonly TransferDimension[];
  readonly tests: readonly TransferTest[];
  /** Differences that were corrected together. */
  readonly family: number;
  readonly layer: string;
  readonly pooling: string;
  readonly templates: readonly string[];
  readonly likelihood: 'sum' | 'mean';
  readonly folds: number;
  readonly bootstrap: number;
  readonly level: number;
  readonly seed: number;
}
