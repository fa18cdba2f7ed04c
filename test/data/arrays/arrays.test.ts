/** Arrays of NumPy, safetensors and parquet are read as their own libraries wrote them, or refused with what is wrong. */
import { describe, expect, test } from 'vitest';
import { readWordList } from '../../../src/data/arrays/word-list.ts';
import { all, deep, madeFile, open, refusal, table, words } from './support.ts';

/** A copy with some bytes replaced. */
async function changed(name: string, at: number, ...bytes: number[]): Promise<Blob> {
  const content = new Uint8Array(await madeFile(name).arrayBuffer());
  content.set(bytes, at);
  return new Blob([content]);
}

describe('npy', () => {
  test('every real type, order of bytes, order of axes and version of the format gives the same numbers', async () => {
    for (const name of ['plain.npy', 'double.npy', 'fortran.npy', 'big.npy', 'half.npy', 'version2.npy', 'version3.npy']) {
      const file = await open(name);
      expect([file.rows, file.layers, file.words], name).toEqual([4, [{ name: 'vectors', index: 0, d: 3 }], null]);
      expect(await all(file), name).toEqual([table]);
    }
    for (const name of ['ints.npy', 'long-big.npy']) expect(await all(await open(name)), name).toEqual([deep[1]]);
    expect((await open('half.npy')).format).toBe('npy, float16');
  });

  test('three dimensions are layers x words x numbers, or words first where that is said, in either order of axes', async () => {
    for (const name of ['deep.npy', 'deep-fortran.npy']) expect(await all(await open(name)), name).toEqual(deep);
    for (const name of ['deep-words-first.npy', 'deep-words-first-fortran.npy']) expect(await all(await open(name, { first: 'words' })), name).toEqual(deep);
    expect((await open('deep.npy')).layers.map(({ name, index }) => [name, index])).toEqual([['layer 0', 0], ['layer 1', 1], ['layer 2', 2]]);
  });

  test('only the rows and layers that are asked for are given, in their order, twice where asked twice', async () => {
    for (const name of ['deep.npy', 'deep-fortran.npy']) {
      const read = await (await open(name)).read(Int32Array.of(3, 0, 3), [2, 0]);
      const expected = [2, 0].map((layer) => [3, 0, 3].flatMap((row) => deep[layer]!.slice(3 * row, 3 * row + 3)));
      expect(read.map((layer) => [...layer]), name).toEqual(expected);
    }
  });

  test('a missing number stays NaN; an infinite one is refused with its place', async () => {
    expect((await all(await open('hole.npy')))[0]!.map(Number.isNaN)).toEqual(table.map((_, at) => at === 5));
    expect(await refusal(open('overflow.npy'))).toBe('infinite-number: overflow.npy: the number at [2, 2] is infinite in float16. Half precision overflows beyond 65,504: save the states in float32, or write NaN where a word has no vector.');
  });

  test('an array of no rows is one of no words', async () => {
    const file = await open('empty.npy');
    expect([file.rows, await all(file)]).toEqual([0, [[]]]);
  });

  test('what is no array of real numbers in two or three dimensions is refused with what it is', async () => {
    expect(await refusal(open('complex.npy'))).toMatch(/^array-type: complex\.npy: dtype <c8 \(complex numbers\)\. Save real numbers/);
    expect(await refusal(open('objects.npy'))).toMatch(/^array-type: objects\.npy: dtype \|O \(Python objects\)\. .*np\.array\(words, dtype=str\)/);
    expect(await refusal(open('words.npy'))).toMatch(/dtype <U9 \(text\)/);
    expect(await refusal(open('fields.npy'))).toMatch(/^array-type: .* structured array/);
    expect(await refusal(open('flat.npy'))).toMatch(/^array-shape: flat\.npy: the array has 1 dimension \(12\)\. Save words x features/);
  });

  test('cut off, added to, or with a damaged header it is refused with the bytes', async () => {
    const { size } = madeFile('plain.npy');
    const cut = (to: number): Promise<string> => refusal(open('plain.npy', {}, madeFile('plain.npy').slice(0, to)));
    expect(await cut(size - 4)).toBe('array-cut-off: plain.npy: 4 x 3 numbers of float32 take 48 bytes, and 44 follow the header. The file is cut off: copy or download it again.');
    expect(await cut(size - 48)).toMatch(/^array-cut-off: .* and 0 follow/);
    expect(await cut(60)).toMatch(/^npy-unreadable: .* its header should end at byte 128, and the file has 60/);
    expect(await cut(8)).toMatch(/^npy-unreadable/);
    expect(await refusal(open('plain.npy', {}, new Blob([madeFile('plain.npy'), madeFile('plain.npy')])))).toMatch(/^array-too-long/);
    expect(await refusal(open('plain.npy', {}, await changed('plain.npy', 6, 9)))).toMatch(/format version is 9/);
    expect(await refusal(open('plain.npy', {}, await changed('plain.npy', 10, 0x21)))).toBe('was read');
    expect(await refusal(open('plain.npy', {}, await changed('plain.npy', 12, 0x21)))).toMatch(/^npy-unreadable: .* its header reads/);
    expect(await refusal(open('x.npy', {}, new Blob([])))).toMatch(/^empty-file/);
  });

  test('an array of text is a list of words', async () => {
    for (const name of ['words.npy', 'words-bytes.npy']) expect(await readWordList(name, madeFile(name), '', () => undefined), name).toEqual(words);
  });
});

describe('npz', () => {
  test('arrays that end in numbers are layers in their order, and the array called words is the list', async () => {
    const file = await open('layers.npz');
    expect([file.words, file.layers.map(({ name, index }) => [name, index]), file.format]).toEqual([words, [['layer 0', 0], ['layer 1', 1], ['layer 2', 2]], 'npz, float16']);
    expect(await all(file)).toEqual(deep);
  });

  test('packed arrays are unpacked; a pattern or a name chooses', async () => {
    expect(await all(await open('packed.npz'))).toEqual(deep);
    expect(await all(await open('several.npz', { keys: 'last' }))).toEqual([deep[1]]);
    expect(await all(await open('layers.npz', { keys: 'layer_{n}' }))).toEqual(deep);
    expect(await refusal(open('several.npz'))).toBe('which-array: several.npz: it holds 2 arrays: mean, last. Name one in keys, or write a pattern: keys: "layer_{n}".');
    expect(await refusal(open('layers.npz', { keys: 'h{n}' }))).toMatch(/^no-such-array: layers\.npz: no array is called h\{n\}\. Its arrays: layer_2, layer_0, layer_1\./);
  });

  test('with words on the other axis it says which setting that is', async () => {
    expect(await refusal(open('packed.npz', { first: 'words' }))).toMatch(/^words-and-rows: packed\.npz: the array is 3 x 4 x 3, with 3 rows, and its list of words has 4\. Set first to layers/);
  });

  test('cut off or damaged it is refused', async () => {
    const whole = madeFile('packed.npz');
    expect(await refusal(open('packed.npz', {}, whole.slice(0, whole.size - 30)))).toMatch(/^zip-unreadable: .* the list of its entries/);
    expect(await refusal(open('packed.npz', {}, await changed('packed.npz', 60, 0xff, 0xff, 0xff, 0xff)))).toMatch(/^zip-unreadable: packed\.npz: .* states\.npy is damaged/);
  });
});

describe('safetensors', () => {
  test('bfloat16 and float64 tensors are read, with the words of the metadata as JSON or lines', async () => {
    const file = await open('layers.safetensors');
    expect([file.words, file.layers.map(({ index }) => index), file.format]).toEqual([words, [0, 1, 2], 'safetensors, bfloat16']);
    expect(await all(file)).toEqual(deep);
    expect(await all(await open('layers.safetensors', { keys: 'hidden_states.{n}' }))).toEqual(deep);
    const single = await open('single.safetensors');
    expect([single.words, await all(single)]).toEqual([words, [table]]);
  });

  test('eight-bit floats and cut files are refused', async () => {
    expect(await refusal(open('eight.safetensors'))).toMatch(/^array-type: eight\.safetensors, tensor x: it is of type F8_E4M3, which is not read/);
    const whole = madeFile('layers.safetensors');
    expect(await refusal(open('layers.safetensors', {}, whole.slice(0, whole.size - 2)))).toMatch(/^safetensors-unreadable: .* should end at byte/);
  });
});

describe('parquet', () => {
  test('one column for each dimension, chosen by a pattern, or all that hold numbers', async () => {
    const file = await open('columns.parquet', { keys: 'd*' });
    expect([file.words, file.rows, await all(file)]).toEqual([words, 4, [table]]);
    expect((await open('columns.parquet')).layers).toEqual([{ name: 'vectors', index: 0, d: 4 }]);
  });

  test('columns of lists are layers, over several groups of rows', async () => {
    const file = await open('lists.parquet');
    expect([file.words, file.layers.map(({ name, d }) => [name, d])]).toEqual([words, [['layer 0', 3], ['layer 1', 3]]]);
    expect(await all(file)).toEqual(deep.slice(0, 2));
    expect([...(await file.read(Int32Array.of(3, 1), [1]))[0]!]).toEqual([...deep[1]!.slice(9, 12), ...deep[1]!.slice(3, 6)]);
  });

  test('the index of pandas can hold the words; a missing list is missing, an uneven one refused with its row', async () => {
    const file = await open('gap.parquet');
    expect([file.words, await all(file)]).toEqual([words, [[1, 2, Number.NaN, Number.NaN, 3, 4, 5, 6]]]);
    expect(await refusal(open('uneven.parquet'))).toMatch(/^vector-length: uneven\.parquet row 2: its list has 1 numbers, and others have 2/);
  });

  test('cut off, or without the column asked for, it is refused', async () => {
    expect(await refusal(open('lists.parquet', {}, madeFile('lists.parquet').slice(0, 300)))).toMatch(/^parquet-unreadable/);
    expect(await refusal(open('lists.parquet', { wordColumn: 'wrd' }))).toMatch(/^unknown-column: .* Did you mean word\?/);
    expect(await refusal(open('columns.parquet', { keys: 'x*' }))).toMatch(/^no-such-array: .* no column of numbers fits x\*/);
  });
});

test('files that only other programs read are refused with the way out', async () => {
  const starts = (...bytes: number[]): Blob => new Blob([Uint8Array.from([...bytes, ...Array<number>(40).fill(1)])]);
  expect(await refusal(open('v.pkl', {}, starts(0x80, 4)))).toMatch(/^python-file: v\.pkl: it is a Python pickle/);
  expect(await refusal(open('v.h5', {}, starts(0x89, 0x48, 0x44, 0x46)))).toMatch(/HDF5/);
  expect(await refusal(open('cc.bin', {}, starts(0xba, 0x16, 0x4f, 0x2f)))).toMatch(/fastText.* \.vec/);
});
