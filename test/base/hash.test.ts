import { expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../src/base/hash.ts';

test('equal data has equal text, whatever the order of keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
});

test('SHA-256 of "abc" is the published one', async () => {
  expect(await sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
