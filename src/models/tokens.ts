/**
 * Words to token ids, and which of the tokens are the word's own.
 *
 * Tokenizers in JavaScript give no character offsets, so the word's tokens are found by comparing tokenisations: the
 * text up to the word shares its leading tokens with the whole text, and so does the text up to the word's end. What
 * lies between is the word. A token that joins the word's edge with its context (some tokenizers merge a quotation mark
 * with what follows) counts as the word's. Special tokens ([CLS], <s>) never do.
 */
import type { PreTrainedTokenizer } from '@huggingface/transformers';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import { parseModelJson, unreadable } from './config.ts';
import type { ModelFiles } from './files.ts';

/** Stands for the word in a template. */
export const wordPlace = '{word}';

/** One text, ready to be fed. */
export interface TokenisedWord {
  /** Special tokens included. */
  readonly ids: readonly number[];
  /** The word's own tokens: [start, end) of ids. */
  readonly word: readonly [number, number];
  /** All tokens of the text, without the special ones around them: [start, end) of ids. */
  readonly text: readonly [number, number];
}

/** Why a word cannot be fed. */
export interface Untokenisable {
  readonly reason: string;
}

export class WordTokenizer {
  readonly #tokenizer: PreTrainedTokenizer;
  readonly #unknown: number | undefined;
  readonly #beginnings = new Map<string, readonly number[]>();
  /** Fills up shorter texts of a batch; masked, so its value does not matter. */
  readonly padding: number;
  /** Hides a token from a masked model; null where the tokenizer has no such token. */
  readonly mask: number | null;

  constructor(tokenizer: PreTrainedTokenizer) {
    this.#tokenizer = tokenizer;
    this.#unknown = tokenizer.unk_token_id ?? undefined;
    this.padding = tokenizer.pad_token_id ?? 0;
    this.mask = tokenizer.mask_token_id ?? null;
  }

  /** The ids of a whole text, special tokens around it included. Special tokens written out, such as [MASK], are read as such. */
  encode(text: string): number[] {
    return this.#encode(text, true);
  }

  /**
   * Tokenises one word in one template.
   * @param template holds `{word}` once.
   * @param contextLength longest input of the model, in tokens.
   */
  tokenise(word: string, template: string, contextLength: number): TokenisedWord | Untokenisable {
    if (!/[\p{L}\p{N}]/u.test(word)) return { reason: 'no letter or digit in it' };
    const [left, right] = splitTemplate(template);
    const text = this.#encode(left + word + right, false);
    const ids = this.#encode(left + word + right, true);
    const before = positionOf(text, ids);
    if (ids.length > contextLength) return { reason: `longer than the ${contextLength} tokens the model reads` };
    let start = Math.min(commonStart(text, this.#beginning(left)), text.length);
    let end = text.length;
    if (right !== '') {
      const upToEnd = this.#encode(left + word, false);
      const shared = commonStart(text, upToEnd);
      // A full match ends where the word ends. Otherwise a token spans the end, and what follows it is the context's.
      end = shared === upToEnd.length ? shared : text.length - Math.min(commonEnd(text, this.#encode(right, false)), text.length - shared - 1);
    }
    if (end <= start) start = Math.max(0, end - 1);
    if (end <= start) return { reason: 'the tokenizer makes no token of it' };
    const own = text.slice(start, end);
    if (this.#unknown !== undefined && own.every((id) => id === this.#unknown)) return { reason: 'the tokenizer knows none of it' };
    return { ids, word: [before + start, before + end], text: [before, before + text.length] };
  }

  #encode(text: string, special: boolean): number[] {
    return text === '' ? [] : this.#tokenizer.encode(text, { add_special_tokens: special });
  }

  #beginning(left: string): readonly number[] {
    const known = this.#beginnings.get(left);
    if (known) return known;
    // Tokenizers put a space into the token that follows it, so the space before the word is the word's.
    const ids = this.#encode(left.trimEnd(), false);
    this.#beginnings.set(left, ids);
    return ids;
  }
}

/** The text before and after the word. Throws Problem `template-without-word`. */
export function splitTemplate(template: string): readonly [string, string] {
  const parts = template.split(wordPlace);
  if (parts.length === 2) return [parts[0]!, parts[1]!];
  throw new Problem({
    code: 'template-without-word',
    place: `template "${template}"`,
    what: parts.length < 2 ? `it does not hold ${wordPlace}` : `it holds ${wordPlace} more than once`,
    fix: `Write ${wordPlace} once, where the word goes, as in "the {word}".`,
  });
}

function commonStart(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function commonEnd(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

/** Where the text's tokens begin among those with special tokens around them. */
function positionOf(text: readonly number[], ids: readonly number[]): number {
  for (let start = 0; start + text.length <= ids.length; start++) {
    if (text.every((id, position) => ids[start + position] === id)) return start;
  }
  throw new Problem({ code: 'tokenizer-unsupported', place: 'tokenizer.json', what: 'special tokens are mixed into the text, not put around it', fix: 'Use a model with another tokenizer.' });
}

/**
 * Builds a model's tokenizer from its own tokenizer.json (and tokenizer_config.json), without a network.
 * @throws Problem `model-file-missing` or `model-file-unreadable`.
 */
export async function loadTokenizer(files: ModelFiles, watch?: Watch): Promise<WordTokenizer> {
  return new WordTokenizer(await loadPreTrained(files, watch));
}

/**
 * The same, as transformers.js has it; with the chat template, which newer models keep in a file of its own.
 * @throws Problem `model-file-missing` or `model-file-unreadable`.
 */
export async function loadPreTrained(files: ModelFiles, watch?: Watch, withChat = false): Promise<PreTrainedTokenizer> {
  const path = 'tokenizer.json';
  const json = parseModelJson(await files.read(path, watch), path, files.id);
  const configPath = 'tokenizer_config.json';
  const configBytes = await files.readOptional(configPath, watch);
  const config = configBytes ? parseModelJson(configBytes, configPath, files.id) : {};
  const template = withChat && !config['chat_template'] ? await files.readOptional('chat_template.jinja', watch) : null;
  const { PreTrainedTokenizer } = await loadTransformers();
  try {
    return new PreTrainedTokenizer(json, template ? { ...config, chat_template: new TextDecoder().decode(template) } : config);
  } catch (error) {
    throw unreadable(path, files.id, `no tokenizer can be made of it: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** transformers.js, told to fetch nothing by itself: files come through {@link ModelFiles}. */
async function loadTransformers(): Promise<typeof import('@huggingface/transformers')> {
  const transformers = await import('@huggingface/transformers');
  transformers.env.allowRemoteModels = false;
  transformers.env.allowLocalModels = false;
  transformers.env.useBrowserCache = false;
  return transformers;
}
