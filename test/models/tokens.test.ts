/** Which tokens are the word's own. */
import { expect, test } from 'vitest';
import { localFiles } from '../../src/models/files.ts';
import { loadTokenizer, splitTemplate, type TokenisedWord, type WordTokenizer } from '../../src/models/tokens.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { sharedFolderFiles } from './support.ts';

const load = async (folder: string): Promise<WordTokenizer> => loadTokenizer(await sharedFolderFiles(folder, ['tokenizer.json', 'tokenizer_config.json']));
const wordPiece = (): Promise<WordTokenizer> => load('minilm_tokenizer_only');

function tokenised(tokenizer: WordTokenizer, word: string, template: string): TokenisedWord {
  const result = tokenizer.tokenise(word, template, 512);
  if ('reason' in result) throw new Error(`${word}: ${result.reason}`);
  return result;
}

/** The word's own tokens. */
function own(tokenizer: WordTokenizer, word: string, template: string): readonly number[] {
  const { ids, word: [start, end] } = tokenised(tokenizer, word, template);
  return ids.slice(start, end);
}

/** Tokens as the tokenizer's own vocabulary spells them. */
async function spelt(ids: readonly number[]): Promise<string[]> {
  const { model } = await sharedJson<{ model: { vocab: Record<string, number> } }>('models/minilm_tokenizer_only/tokenizer.json');
  const pieces = new Map(Object.entries(model.vocab).map(([piece, id]) => [id, piece]));
  return ids.map((id) => pieces.get(id)!);
}

testWithShared('a word alone is all its pieces, without [CLS] and [SEP]', async () => {
  const tokenizer = await wordPiece();
  expect(tokenised(tokenizer, 'hand', '{word}')).toEqual({ ids: [101, 2192, 102], word: [1, 2], text: [1, 2] });
  expect(own(tokenizer, 'sensorimotor', '{word}').length).toBeGreaterThan(1);
  expect((await spelt(own(tokenizer, 'sensorimotor', '{word}'))).join('').replaceAll('##', '')).toBe('sensorimotor');
});

testWithShared('in a template the word keeps exactly the pieces it has alone', async () => {
  const tokenizer = await wordPiece();
  const words = ['hand', 'sensorimotor', 'A CAPPELLA', 'ABOMINATION', 'zeeën', 'reünie', 'crème brûlée', 'merry-go-round', "jack-o'-lantern", '7-Up', 'the', 'the the'];
  for (const word of words) {
    const alone = own(tokenizer, word, '{word}');
    for (const template of ['the {word}', 'the {word}.', '"{word}" is a word', 'I can see the {word} the whole day', '{word} the']) {
      expect(own(tokenizer, word, template), `${word} in ${template}`).toEqual(alone);
    }
  }
});

testWithShared('the text is everything but the special tokens', async () => {
  const tokenizer = await wordPiece();
  const { ids, word, text } = tokenised(tokenizer, 'hand', 'the {word}.');
  expect(await spelt(ids.slice(...text))).toEqual(['the', 'hand', '.']);
  expect(word).toEqual([2, 3]);
  expect(text).toEqual([1, 4]);
});

testWithShared('a whole text is encoded with its special tokens, the mask among them where there is one', async () => {
  const tokenizer = await wordPiece();
  expect(tokenizer.mask).toBe(103);
  expect(await spelt(tokenizer.encode('The [MASK] hand.'))).toEqual(['[CLS]', 'the', '[MASK]', 'hand', '.', '[SEP]']);
  expect((await load('stories260k')).mask).toBeNull();
});

testWithShared('upper and lower case are one for an uncased tokenizer', async () => {
  const tokenizer = await wordPiece();
  expect(tokenised(tokenizer, 'A CAPPELLA', 'the {word}')).toEqual(tokenised(tokenizer, 'a cappella', 'the {word}'));
});

testWithShared('a byte-fallback tokenizer with a first token but no last one gives the word its pieces', async () => {
  const tokenizer = await load('stories260k');
  for (const word of ['house', 'zeeën', 'A CAPPELLA']) {
    const alone = tokenised(tokenizer, word, '{word}');
    expect(alone.ids[0]).toBe(1);
    expect(alone.word).toEqual([1, alone.ids.length]);
    const inside = tokenised(tokenizer, word, 'the {word}');
    expect(inside.ids.slice(...inside.word)).toEqual(alone.ids.slice(...alone.word));
    const closed = tokenised(tokenizer, word, 'the {word} is big.');
    expect(closed.ids.slice(...closed.word)).toEqual(alone.ids.slice(...alone.word));
  }
});

testWithShared('words that cannot be fed say why', async () => {
  const tokenizer = await wordPiece();
  expect(tokenizer.tokenise('...', '{word}', 512)).toEqual({ reason: 'no letter or digit in it' });
  expect(tokenizer.tokenise('', '{word}', 512)).toEqual({ reason: 'no letter or digit in it' });
  expect(tokenizer.tokenise('ꙮꙮ', '{word}', 512)).toEqual({ reason: 'the tokenizer knows none of it' });
  expect(tokenizer.tokenise('sensorimotor', 'a very long way to say the {word}', 8)).toEqual({ reason: 'longer than the 8 tokens the model reads' });
});

test('a template holds the word once', () => {
  expect(splitTemplate('the {word}.')).toEqual(['the ', '.']);
  expect(() => splitTemplate('the word')).toThrow('template "the word": it does not hold {word}. Write {word} once');
  expect(() => splitTemplate('{word} {word}')).toThrow('more than once');
});

test('a corrupt tokenizer names the file and the way out', async () => {
  const withTokenizer = (text: string) => loadTokenizer(localFiles('mine', new Map([['tokenizer.json', new Blob([text])]])));
  await expect(withTokenizer('{"model": {"type": "WordPie')).rejects.toThrow(/^model mine, tokenizer\.json: it is not JSON: .*Download the file again/);
  await expect(withTokenizer('[]')).rejects.toThrow('it holds no JSON object');
  await expect(withTokenizer('{"model": {"type": "Abacus"}}')).rejects.toThrow(/no tokenizer can be made of it/);
  await expect(withTokenizer('{"added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null, "model": null}')).rejects.toThrow(/no tokenizer can be made of it/);
  await expect(loadTokenizer(localFiles('mine', new Map()))).rejects.toThrow('model mine: there is no file tokenizer.json. Choose the folder that holds it; this one has no files.');
});
