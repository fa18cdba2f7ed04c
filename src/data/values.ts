/**
 * The values that flow between cells. Plain data only: each survives `postMessage` and IndexedDB unchanged.
 * Matrices are row-major, rows are words; RDMs are condensed (row-major upper triangle, scipy order, n(n-1)/2).
 */
import type { Metric } from '../gpu/metric.ts';
import type { DimensionsValue } from './agreement.ts';
import type { CeilingValue } from './ceiling.ts';
import type { ChangeValue } from './change.ts';
import type { ChoiceValue } from './choice.ts';
import type { DimensionSet } from './dimensions.ts';
import type { Elicited } from './elicited.ts';
import type { ModelAbout } from './model-about.ts';
import type { Missing, Shrinkage } from './treatment.ts';
import type { GeometryValue } from './geometry.ts';
import type { ExplainValue } from './explain.ts';
import type { Imported } from './imported.ts';
import type { LeaderboardValue } from './leaderboard.ts';
import type { RatersValue } from './raters.ts';
import type { RsaValue } from './rsa.ts';
import type { TransferValue } from './transfer.ts';
import type { TunedPart } from './tuned.ts';

export type { Metric } from '../gpu/metric.ts';
export type { DimensionRow, DimensionsValue, DimensionTest } from './agreement.ts';
export type { RsaDifference, RsaRow, RsaValue } from './rsa.ts';

/** Where numbers about words come from; shown wherever they are shown. */
export type Origin =
  /** Measured from people. */
  | 'human'
  /** The demo ratings: written by the project, not human data. */
  | 'illustrative'
  /** A language model's hidden states or elicited ratings. */
  | 'model';

/** Words left out and why, so that n is always explained. */
export interface Dropped {
  /** "empty cell in Visual_base", "not in the table en". */
  readonly reason: string;
  readonly words: readonly string[];
}

/** One column of an imported table: numbers (NaN where empty) or text ('' where empty). */
export type Column =
  | { readonly name: string; readonly type: 'number'; readonly values: Float64Array }
  | { readonly name: string; readonly type: 'text'; readonly values: readonly string[] };

/** An imported table. */
export interface TableValue {
  readonly type: 'table';
  /** File name, for messages and captions. */
  readonly file: string;
  /** Sheet of a workbook, '' otherwise. */
  readonly sheet: string;
  /** Number of data rows. */
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Name of the column that holds the words. */
  readonly wordColumn: string;
  /** First data row's line or row number in the file, for messages. */
  readonly firstRow: number;
  /** Line of every row, where blank lines or quoted line breaks keep them from being firstRow, firstRow + 1, ... */
  readonly lines?: Uint32Array;
  /** The rating scale that the import checked; absent where it was not asked to. */
  readonly scale?: readonly [number, number];
}

/** Word-by-dimension ratings. */
export interface RatingMatrix {
  /** Dimension ids (see dimensions.ts) or, for other scales, what the pattern's * covers or the column's name. Length k. */
  readonly dimensions: readonly string[];
  /** n x k, NaN = missing. Float64 keeps exact ties. */
  readonly values: Float64Array;
  readonly scale: readonly [number, number];
  readonly origin: Origin;
}

/** The words under study. */
export interface StimuliValue {
  readonly type: 'stimuli';
  readonly label: string;
  /** n words in the language of study, unique, trimmed; casing as in the source. */
  readonly words: readonly string[];
  /** BCP 47: 'en', 'nl'. */
  readonly language: string;
  /** The same words in other languages, by language code; each of length n, '' where missing. */
  readonly translations: Readonly<Record<string, readonly string[]>>;
  /** A category per word for ordering and colours; empty when the source has none. */
  readonly categories: readonly string[];
  /** Side of the split per word; empty when there is no split. */
  readonly split: readonly ('train' | 'test')[];
  /** The source's ratings of these words, if it has any. */
  readonly ratings: RatingMatrix | null;
  readonly dropped: readonly Dropped[];
}

/** One layer of a representation: n x d. */
export interface Layer {
  /** "embeddings", "layer 3", "ratings". */
  readonly name: string;
  /** Hugging Face convention: 0 = embeddings, last = after the final norm. 0 for ratings. */
  readonly index: number;
  readonly d: number;
  /** n x d. Float64 for ratings (exact ties), Float32 for hidden states. NaN = missing. */
  readonly data: Float32Array | Float64Array;
  /** The separate measurements whose mean `data` is, one per template or rater, each n x d; absent where there is one. */
  readonly measurements?: readonly (Float32Array | Float64Array)[];
}

/** What the measurements of a representation are, in the order of Layer.measurements. */
export interface MeasuredBy {
  readonly by: 'template' | 'rater';
  readonly names: readonly string[];
}

/** How much raters differ where only means are published: per item and dimension, n x d like the ratings; NaN = unknown. */
export interface RaterSpread {
  /** Sample SD over raters. */
  readonly sd: Float64Array;
  /** Number of raters. */
  readonly raters: Float64Array;
}

/** What stands for each word: human ratings, a model's ratings, hidden states of every layer, an imported table. */
export interface RepresentationValue {
  readonly type: 'representation';
  readonly label: string;
  readonly words: readonly string[];
  readonly language: string;
  readonly categories: readonly string[];
  readonly split: readonly ('train' | 'test')[];
  readonly layers: readonly Layer[];
  /** Names of the d columns where they mean something (ratings); empty for hidden states. */
  readonly dimensions: readonly string[];
  readonly origin: Origin;
  readonly dropped: readonly Dropped[];
  /** Absent where every layer is one measurement. */
  readonly measuredBy?: MeasuredBy;
  /** Absent for all but ratings whose source tells SD and number of raters. */
  readonly spread?: RaterSpread;
  /** The scale of ratings; absent for hidden states and where the source has none. */
  readonly scale?: readonly [number, number];
  /** What a model answered, where the ratings are its own. */
  readonly elicited?: Elicited;
  /** Absent for all but representations from a file. */
  readonly imported?: Imported;
}

/** A model that can be run: everything needed to open it again, no weights. */
export interface ModelValue {
  readonly type: 'model';
  readonly label: string;
  readonly source: 'bundled' | 'hub' | 'local';
  /** Folder under public/models, hub id, or local folder name. */
  readonly id: string;
  /** Hub revision, or SHA-256 of the ONNX file for bundled and local models. */
  readonly revision: string;
  /**
   * SHA-256 of the ONNX file, of a hub model whose host names no commit: its revision may stand for another file elsewhere,
   * or tomorrow. Of a tuned model the base's. Absent otherwise.
   */
  readonly content?: string;
  readonly dtype: 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16';
  /** Types of the weights as stored and as computed, where they differ: half-precision weights behind casts. */
  readonly precision?: { readonly stored: string; readonly computed: string };
  /** Path of the ONNX file inside the model's folder. */
  readonly onnxFile: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly bytes: number;
  /** Names of the graph tensors that hold hidden state 0..L, Hugging Face convention. */
  readonly hiddenStates: readonly string[];
  readonly hiddenSize: number;
  readonly contextLength: number;
  /** What the layer finder was unsure of, for the reader. */
  readonly notes: readonly string[];
  /** Absent for models that are not the hub's. */
  readonly about?: ModelAbout;
  /** Absent for a model as it was found. */
  readonly tuned?: TunedPart;
}


/** How columns are treated over words before distances: nothing, centred, or z-scored (population SD). */
export type Standardise = 'none' | 'centre' | 'zscore';

/** Representational dissimilarity matrices of one representation. */
export interface RdmValue {
  readonly type: 'rdm';
  readonly label: string;
  readonly words: readonly string[];
  readonly categories: readonly string[];
  readonly metric: Metric;
  readonly standardise: Standardise;
  /** Which dimensions of ratings were used; `all` for hidden states, which are used whole. */
  readonly set?: DimensionSet;
  /** Read by mahalanobis and crossnobis. */
  readonly shrinkage?: Shrinkage;
  readonly perMeasurement?: boolean;
  /** Squared distances divided by the number of columns. */
  readonly perChannel?: boolean;
  /** Each word's own mean over columns subtracted first. */
  readonly removeMean?: boolean;
  readonly missing?: Missing;
  /** Condensed distances: float64 for ratings, so that equal ones stay equal and ranks are those of an rsa cell; float32 for hidden states. */
  readonly layers: readonly { readonly name: string; readonly index: number; readonly distances: Float32Array | Float64Array }[];
  /** Order in which rows are drawn (a permutation of 0..n-1), the same for all layers. */
  readonly order: Uint32Array;
  readonly orderedBy: 'category' | 'clustering' | 'source';
  /** Pairs whose distance is undefined (a zero vector under cosine, too few dimensions in common), per layer. */
  readonly undefinedPairs: readonly number[];
  readonly dropped: readonly Dropped[];
  readonly origin: Origin;
}

/** Lower and upper end; how it was made stands beside it. Null where none was asked for, or where there is none. */
export type Interval = readonly [number, number] | null;

/** Word-level similarity of one model to the reference under one set of dimensions. */
export interface WordSimilarity {
  readonly candidate: string;
  readonly set: DimensionSet;
  readonly n: number;
  /** Mean over words of 1 / (1 + Euclidean distance), raw ratings. */
  readonly mean: number;
}

/** Rank correlation over words between two models' word similarities, three ways. */
export interface WordRankCorrelation {
  readonly a: string;
  readonly b: string;
  readonly set: DimensionSet;
  readonly n: number;
  /** Similarity from raw Euclidean distance: the study's measure. */
  readonly raw: number;
  /** The same with ratings z-scored per dimension. */
  readonly zscored: number;
  /** Per-word RSA: Spearman of the word's row in both RDMs. */
  readonly rows: number;
  /** Paired t over words of a minus b (raw similarity). */
  readonly t: number;
}

/** A word whose similarity changes most between two models. */
export interface Mover {
  readonly word: string;
  readonly from: number;
  readonly to: number;
}

export interface WordsValue {
  readonly type: 'words';
  readonly reference: string;
  readonly referenceOrigin: Origin;
  readonly similarities: readonly WordSimilarity[];
  readonly rankCorrelations: readonly WordRankCorrelation[];
  /** Between the first candidate and each other one, All dimensions: largest gains and losses. */
  readonly movers: readonly { readonly a: string; readonly b: string; readonly gains: readonly Mover[]; readonly losses: readonly Mover[] }[];
  /** Mean rating of the reference and of each candidate: how the scale is used. */
  readonly scaleUse: readonly { readonly label: string; readonly mean: number }[];
  /** Per-word similarities of the widest set, for plots: words, then one array per candidate. */
  readonly words: readonly string[];
  readonly perWord: readonly { readonly candidate: string; readonly values: Float64Array }[];
  readonly dropped: readonly Dropped[];
}

export type CellValue =
  | TableValue
  | StimuliValue
  | RepresentationValue
  | ModelValue
  | RdmValue
  | RsaValue
  | DimensionsValue
  | TransferValue
  | WordsValue
  | GeometryValue
  | ExplainValue
  | LeaderboardValue
  | ChangeValue
  | CeilingValue
  | ChoiceValue
  | RatersValue;

export type ValueType = CellValue['type'];

/** The value of a given type. */
export type ValueOf<T extends ValueType> = Extract<CellValue, { type: T }>;
