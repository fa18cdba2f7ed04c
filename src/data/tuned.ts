/** What makes a tuned model of a model: low-rank adapters, a head, and a card that says how they came about. Plain data. */
import type { Dropped, ModelValue, Origin } from './values.ts';

/** How a tuned model differs from the model it was made of. Its own revision is a hash of both. */
export interface TunedPart {
  /** Label and revision of the model as its files hold it. */
  readonly base: { readonly label: string; readonly revision: string };
  /** Tunings in the order in which they were done: a tuned model can be tuned again. */
  readonly rounds: readonly Tuning[];
  /**
   * The last round with other seeds on the same split: models like this one, whose own `repeats` are absent. Absent or
   * empty where it was trained once.
   */
  readonly repeats?: readonly ModelValue[];
}

/** A matrix product of the graph that can carry an adapter: activations x (... x inputs) times a constant weight. */
export interface AdapterSite {
  /** The node's name in the ONNX graph, or its output where nodes have no names. */
  readonly node: string;
  /** The tensor that the product reads as its weight (inputs x outputs). */
  readonly weight: string;
  /** Name of the module in PyTorch, for PEFT: "bert.encoder.layer.0.attention.self.query". */
  readonly module: string;
  /** Block, from 0; null outside the blocks. */
  readonly layer: number | null;
  readonly inputs: number;
  readonly outputs: number;
}

/** y = x W + scale * (x A) B. A starts random, B at zero, so that an untrained adapter changes nothing. */
export interface Adapter {
  readonly site: AdapterSite;
  readonly rank: number;
  /** PEFT's lora_alpha / rank. */
  readonly scale: number;
  /** inputs x rank, row-major; PEFT's lora_A is its transpose. */
  readonly a: Float32Array;
  /** rank x outputs, row-major; PEFT's lora_B is its transpose. */
  readonly b: Float32Array;
}

/** What is learnt from: ratings of words, questions with four options, or text itself. */
export type TuningTask = 'rating' | 'choice' | 'text';

/**
 * How the answer is given: read by a head off the pooled last layer; as the tokens that the model's own output gives for
 * a place in a text, of which text has no other form; or by how probable the model finds each option of a question.
 */
export type AnswerForm = 'head' | 'prompt' | 'likelihood';

/** One fine-tuning: what was trained, and how it went. */
export interface Tuning {
  readonly adapters: readonly Adapter[];
  /** At most one of each task; none of a task whose answers are the model's own output. */
  readonly heads: readonly TunedHead[];
  readonly card: TuningCard;
}

/** What reads an answer off the pooled last layer: answer = pooled * weight + bias; as ratings: offset + factor * answer. */
export interface TunedHead {
  readonly task: 'rating' | 'choice';
  /** hidden size x answers, row-major. */
  readonly weight: Float32Array;
  /** One number per answer. */
  readonly bias: Float32Array;
  /** Of each rated dimension, in the order of the answers; empty for questions. */
  readonly scales: readonly { readonly dimension: string; readonly offset: number; readonly factor: number }[];
}

/** A loss after so many steps. */
export interface LossAt {
  readonly step: number;
  readonly loss: number;
}

/** What to know about a tuned model: of the run as a whole. */
export interface TuningCard {
  /** The model that was tuned. */
  readonly base: string;
  readonly seed: number;
  /** As chosen in the cell. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Numbers that were trained. */
  readonly parameters: number;
  /** Training loss of every step, and the task of its batch. */
  readonly history: readonly (LossAt & { readonly task: TuningTask })[];
  /** Loss on the validation side, tasks by their shares, by steps taken; empty where there is none. */
  readonly validation: readonly LossAt[];
  /** What was learnt from, one of each task. */
  readonly parts: readonly TaskCard[];
  readonly steps: number;
  /** Steps after which the kept weights were reached. */
  readonly keptStep: number;
  readonly stoppedEarly: boolean;
  readonly device: string;
  readonly seconds: number;
  /**
   * For adapters that came from a file: its name, and hashes of the forms that were trained or validated on, null where
   * it does not say. Sides and seen forms of the parts are empty then; `counts` says how many each part had, as far as
   * the file does, and `rounds` how many trainings the file is the sum of: the parts are those of the last alone.
   */
  readonly imported?: {
    readonly file: string;
    readonly seen: readonly string[] | null;
    readonly counts?: readonly { readonly train: number; readonly validation: number; readonly test: number }[];
    readonly rounds?: number;
  };
}

/** What to know about one task of a run. */
export interface TaskCard {
  readonly task: TuningTask;
  readonly form: AnswerForm;
  /** Share of the planned steps, 0 to 1. */
  readonly share: number;
  /** The data's label: "demo concepts". */
  readonly data: string;
  /** Where the answers come from; null for text. */
  readonly origin: Origin | null;
  readonly language: string;
  /** Rated dimensions that were trained on; empty for other tasks. */
  readonly dimensions: readonly string[];
  /** Rated dimensions of the data that were not trained on; empty for other tasks. */
  readonly heldOut: readonly string[];
  /** What was split: "word", "question", "sentence". */
  readonly unit: string;
  /** Words as the stimuli name them, questions by name, or sentences, on each side; those that could not be used are left out. */
  readonly sides: { readonly train: readonly string[]; readonly validation: readonly string[]; readonly test: readonly string[] };
  /**
   * What must not enter a test, sorted: all forms of the words (see formsOf) in every language of the stimuli, whichever
   * was fed, or the names of the questions. Empty for sentences: a word that is named in a text has not been seen rated.
   */
  readonly seenForms: { readonly train: readonly string[]; readonly validation: readonly string[] };
  /** Languages in which every word of the stimuli has a form among these; empty for other units, and where a file does not say. */
  readonly formLanguages: readonly string[];
  readonly dropped: readonly Dropped[];
  /** Loss of this task on its validation side, by steps of the run; empty where there is none. */
  readonly validation: readonly LossAt[];
  /**
   * Loss on the test side with the kept weights, and that of knowing nothing: of predicting the training words' mean
   * ratings, of guessing among options that a head scores, of the untuned model for answers of its own output. Null where there is no test side.
   */
  readonly test: { readonly loss: number; readonly reference: number } | null;
}
