/** What a representation from a file tells of where it came from. */
export interface Imported {
  /** File name. */
  readonly file: string;
  /** "npy, float16". */
  readonly format: string;
  /** How many vectors the file holds. */
  readonly vectors: number;
  /** By which list of words they were found; null where they are in the order of the stimuli. */
  readonly list: string | null;
  /** How many words the stimuli have. */
  readonly of: number;
}
