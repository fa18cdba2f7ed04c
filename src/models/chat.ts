/**
 * Prompts as a causal model is fed them: plain, or in the chat template that its tokenizer brings along, with the place
 * of the answer at the end.
 */
import type { PreTrainedTokenizer } from '@huggingface/transformers';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { parseModelJson } from './config.ts';
import type { ModelFiles } from './files.ts';
import { loadPreTrained } from './tokens.ts';

/** Whether prompts are put into the model's chat template; auto: where it has one. */
export type ChatUse = 'auto' | 'on' | 'off';

/** Ends of a turn under the names that model families give them, for models whose configuration lists but one. */
const turnEnds = ['<|im_end|>', '<|eot_id|>', '<end_of_turn>', '<|end|>', '<|endoftext|>'];

export class PromptTokenizer {
  readonly #tokenizer: PreTrainedTokenizer;
  readonly #id: string;
  /** Tokens with which an answer ends. */
  readonly ends: ReadonlySet<number>;
  readonly hasChat: boolean;

  constructor(tokenizer: PreTrainedTokenizer, ends: Iterable<number>, id: string) {
    this.#tokenizer = tokenizer;
    this.#id = id;
    const vocabulary = tokenizer.get_vocab();
    const named = turnEnds.flatMap((name) => vocabulary.get(name) ?? []);
    this.ends = new Set([...ends, ...named, ...(typeof tokenizer.eos_token_id === 'number' ? [tokenizer.eos_token_id] : [])]);
    this.hasChat = Boolean(tokenizer.chat_template);
  }

  /** Whether to use the chat template. Throws Problem `no-chat-template` where it is asked for and there is none. */
  chatFor(use: ChatUse): boolean {
    if (use === 'on' && !this.hasChat) {
      throw new Problem({ code: 'no-chat-template', place: `model ${this.#id}`, what: 'its tokenizer has no chat template', fix: 'Set chat to auto or off, or choose a model tuned to follow instructions (its name often ends in Instruct or it).' });
    }
    return use === 'off' ? false : this.hasChat;
  }

  /**
   * The text that the model is fed, up to where it answers. In a chat, thinking before the answer is turned off where the
   * template knows `enable_thinking`; without one, blanks at the prompt's end are left out (line breaks are not), since
   * most vocabularies hold a blank together with what follows it: see {@link beforeAnswer}.
   * @param system a message that goes before; '' for none.
   * @throws Problem `chat-template` with the template's own words, for instance where it takes no system message.
   */
  render(prompt: string, chat: boolean, system = ''): string {
    if (!chat) return `${system ? `${system}\n\n` : ''}${prompt}`.replace(/[^\S\r\n]+$/, '');
    const messages = [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content: prompt }];
    try {
      return String(this.#tokenizer.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true, enable_thinking: false } as Parameters<PreTrainedTokenizer['apply_chat_template']>[1]));
    } catch (error) {
      throw new Problem({
        code: 'chat-template',
        place: `model ${this.#id}, chat template`,
        what: `it could not be filled in: ${error instanceof Error ? error.message : String(error)}`,
        fix: system ? 'Leave the system message empty and write it into the prompt, or set chat to off.' : 'Set chat to off.',
      });
    }
  }

  /** The ids of a rendered text; a chat template writes its own special tokens, other texts get those of the tokenizer before them. */
  encode(text: string, chat: boolean): number[] {
    const bare = this.#tokenizer.encode(text, { add_special_tokens: false });
    if (chat) return bare;
    const whole = this.#tokenizer.encode(text, { add_special_tokens: true });
    // What a tokenizer puts behind a text would end it before the answer.
    for (let start = 0; start + bare.length <= whole.length; start++) {
      if (bare.every((id, at) => id === whole[start + at])) return whole.slice(0, start + bare.length);
    }
    return whole;
  }

  /**
   * The ids to feed so that the next token begins the answer: those of the text, and those that all answers begin with
   * (tokenizers that write a blank and a digit as two tokens).
   * @param answers at least two answers that differ in their first letter.
   */
  beforeAnswer(text: string, answers: readonly string[], chat: boolean): number[] {
    const own = this.encode(text, chat);
    const joint = chat || /\s$|[：。？、]$/.test(text) ? '' : ' ';
    const whole = answers.map((answer) => this.encode(`${text}${joint}${answer}`, chat));
    const first = whole[0]!;
    let shared = 0;
    while (shared < first.length && whole.every((ids) => ids[shared] === first[shared])) shared++;
    // A tokenizer that merges the answer with what stands before it leaves nothing to be asked but what follows the text.
    return shared > own.length && own.every((id, at) => id === first[at]) ? first.slice(0, shared) : own;
  }

  /** The text of tokens, blanks as they are; special tokens are left out. */
  decode(ids: readonly number[]): string {
    return ids.length === 0 ? '' : this.#tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }

  /** A single token for the reader, special ones too. */
  show(id: number): string {
    return this.#tokenizer.decode([id], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  /** Ids of the tokens whose spelling in the vocabulary fulfils a condition. */
  tokensWhere(holds: (spelling: string) => boolean): number[] {
    return [...this.#tokenizer.get_vocab()].filter(([spelling]) => holds(spelling)).map(([, id]) => id);
  }
}

/**
 * The tokenizer of a model for prompts, with its chat template and the tokens that end a text.
 * @throws Problem as loadTokenizer does.
 */
export async function loadPromptTokenizer(files: ModelFiles, watch?: Watch): Promise<PromptTokenizer> {
  const tokenizer = await loadPreTrained(files, watch, true);
  const ends = new Set<number>();
  for (const path of ['generation_config.json', 'config.json']) {
    const bytes = await files.readOptional(path, watch);
    if (!bytes) continue;
    for (const id of [parseModelJson(bytes, path, files.id)['eos_token_id']].flat()) if (typeof id === 'number') ends.add(id);
  }
  return new PromptTokenizer(tokenizer, ends, files.id);
}
