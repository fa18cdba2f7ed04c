/**
 * Which tokens of a text are those of its end, an option behind a prompt. Both are read together, as the model would read
 * them, and the option's tokens are those behind the longest beginning that the text shares with the prompt alone.
 *
 * A token of nothing but the prompt is the prompt's, also where it takes in the white space before the option ("?\n" in one
 * token) or is that white space: it is as probable for every option, and in a sum that is divided by lengths it would favour
 * long ones. That holds where all options have it; a blank that belongs to the first word of some of them is charged to all.
 */
import type { PromptTokenizer } from '../chat.ts';

/** A prompt and an option, as tokens. */
export interface Continuation {
  /** Special tokens before the text included, those behind it left out. */
  readonly ids: readonly number[];
  /** Position of the option's first token; 0 where nothing is before it. */
  readonly start: number;
  /** Whether a token spans the end of the prompt and the beginning of the option; it counts as the option's. */
  readonly merged: boolean;
}

/** What is asked of a tokenizer; see {@link PromptTokenizer}. */
export type Encoder = Pick<PromptTokenizer, 'encode' | 'render'>;

/** Makes continuations with one tokenizer. */
export class Continuer {
  readonly #tokenizer: Encoder;
  readonly #chat: boolean;

  /** @param chat whether what stands before an option is a message in the model's chat template, and the option its answer */
  constructor(tokenizer: Encoder, chat: boolean) {
    this.#tokenizer = tokenizer;
    this.#chat = chat;
  }

  /**
   * One continuation for each option.
   *
   * @param left what stands before the options. In a chat the white space at its end is left out, as the answer begins a turn.
   */
  continue(left: string, options: readonly string[]): Continuation[] {
    const bare = left.trimEnd();
    const prompt = this.#tokenizer.render(bare, this.#chat);
    const joint = this.#chat ? '' : left.slice(bare.length);
    const [before, spaced] = [prompt, prompt + joint].map((text) => this.#tokenizer.encode(text, this.#chat)) as [number[], number[]];
    const whole = options.map((option) => this.#tokenizer.encode(prompt + joint + option, this.#chat));
    const ofAll = Math.min(...whole.map((ids) => shared(ids, spaced)));
    return whole.map((ids) => {
      const start = Math.max(shared(ids, before), ofAll);
      return { ids, start, merged: start < before.length };
    });
  }
}

/** How many tokens two texts begin with alike. */
function shared(one: readonly number[], other: readonly number[]): number {
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at++;
  return at;
}
