/**
 * Which tokens of a text are those of its end, an option behind a prompt. Both are read together, as the model would read
 * them, and the option's tokens are those behind the longest beginning that the text shares with the prompt alone.
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

/** Makes continuations with one tokenizer; a prompt that comes again is read once. */
export class Continuer {
  readonly #tokenizer: Encoder;
  readonly #chat: boolean;
  #last: { readonly prompt: string; readonly ids: readonly number[] } | null = null;

  /** @param chat whether what stands before an option is a message in the model's chat template, and the option its answer */
  constructor(tokenizer: Encoder, chat: boolean) {
    this.#tokenizer = tokenizer;
    this.#chat = chat;
  }

  /**
   * @param left what stands before the option. White space at its end belongs to the option, since most tokenizers put a
   *   space into the token that follows it; in a chat it is left out, as the answer begins a turn.
   */
  continue(left: string, option: string): Continuation {
    const bare = left.trimEnd();
    const prompt = this.#tokenizer.render(bare, this.#chat);
    if (prompt !== this.#last?.prompt) this.#last = { prompt, ids: this.#tokenizer.encode(prompt, this.#chat) };
    const before = this.#last.ids;
    const ids = this.#tokenizer.encode(prompt + (this.#chat ? '' : left.slice(bare.length)) + option, this.#chat);
    let start = 0;
    while (start < ids.length && start < before.length && ids[start] === before[start]) start++;
    return { ids, start, merged: start < before.length };
  }
}
