/** Which tokens are an option's: not those that hold nothing but the prompt, however the tokenizer cuts there. */
import { expect, test } from 'vitest';
import { loadPromptTokenizer } from '../../src/models/chat.ts';
import { localFiles } from '../../src/models/files.ts';
import { Continuer } from '../../src/models/score/continuation.ts';

/** Signs, and "?" with the new line behind it in one token, as the tokenizers of many models have it. */
const vocabulary = ['<s>', '?', '\n', 'a', 'b', 'c', ' ', '1', '0', '?\n', ' a', '10'];
const merges = [['?', '\n'], [' ', 'a'], ['1', '0']];

async function continuer(): Promise<Continuer> {
  const tokenizer = {
    version: '1.0', truncation: null, padding: null, added_tokens: [{ id: 0, content: '<s>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }],
    normalizer: null, pre_tokenizer: null, decoder: null,
    post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }], special_tokens: { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] } } },
    model: { type: 'BPE', dropout: null, unk_token: '<s>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])), merges },
  };
  const files = localFiles('merging', new Map([['config.json', '{}'], ['tokenizer.json', JSON.stringify(tokenizer)], ['tokenizer_config.json', '{"tokenizer_class": "PreTrainedTokenizerFast"}']].map(([path, text]) => [path!, new Blob([text!])])));
  return new Continuer(await loadPromptTokenizer(files), false);
}

test('what all options begin with and is the prompt’s is charged to none, what only some have to those', async () => {
  const made = await continuer();
  const own = (left: string, options: readonly string[]): [string[], boolean][] => made.continue(left, options).map(({ ids, start, merged }) => [ids.slice(start).map((id) => vocabulary[id]!), merged]);
  // One token spans the question's end and the new line.
  expect(own('ab?\n', ['ab', 'c'])).toEqual([[['a', 'b'], false], [['c'], false]]);
  // The new line is a token by itself.
  expect(own('ab\n', ['ab', 'c'])).toEqual([[['a', 'b'], false], [['c'], false]]);
  // A blank that goes into the first word of one option is the other's too.
  expect(own('b? ', ['ab', 'c'])).toEqual([[[' a', 'b'], false], [[' ', 'c'], false]]);
  expect(own('b? ', ['b', 'c'])).toEqual([[['b'], false], [['c'], false]]);
  // A token that holds a piece of both is the option's, and told.
  expect(own('b1', ['0', 'c'])).toEqual([[['10'], true], [['c'], false]]);
});
