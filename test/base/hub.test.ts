/** The address of a hub is read as it is typed, and what is none is named. */
import { expect, test } from 'vitest';
import { hubName, mixedContent, readHubAddress } from '../../src/base/hub.ts';

test('an address loses its last slash; a host alone is taken as https; a path and a port stay', () => {
  expect(readHubAddress(' https://huggingface.co/ ')).toBe('https://huggingface.co');
  expect(readHubAddress('models.lab.example')).toBe('https://models.lab.example');
  expect(readHubAddress('http://127.0.0.1:8080/hf//')).toBe('http://127.0.0.1:8080/hf');
  expect(hubName('http://models.lab.example:8080/hf')).toBe('models.lab.example:8080');
});

test.each([
  ['', 'there is no address'],
  ['two words', 'two words is no address'],
  ['ftp://models.lab.example', 'begins with ftp:'],
  ['javascript://alert(1)', 'begins with javascript:'],
  ['https://me:secret@models.lab.example', 'carries a name or a password'],
  ['https://models.lab.example/?token=1', 'goes on with ?token=1'],
])('%j is refused: %s', (typed, what) => {
  expect(() => readHubAddress(typed)).toThrow(what);
});

test('a page over https reads no mirror over http, except on its own machine', () => {
  expect(mixedContent('http://models.lab.example', 'https://app.example/')).toBe(true);
  expect(mixedContent('http://127.0.0.1:8080', 'https://app.example/')).toBe(false);
  expect(mixedContent('http://models.lab.example', 'http://app.example/')).toBe(false);
  expect(mixedContent('https://models.lab.example', 'https://app.example/')).toBe(false);
});
