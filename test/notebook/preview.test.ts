/** What a foreign notebook would do is read from its text alone. */
import { expect, test } from 'vitest';
import { parseNotebook } from '../../src/notebook/document.ts';
import { buildGraph } from '../../src/notebook/graph.ts';
import { previewOf } from '../../src/notebook/preview.ts';

const fence = '```';
const cells = (...bodies: string[]): string => `---\nsensorium: 1\n---\n${bodies.map((body) => `${fence}cell ${body}\n${fence}\n`).join('\n')}`;
const preview = (...bodies: string[]) => previewOf(buildGraph(parseNotebook(cells(...bodies))));

test('models are listed with where they come from, and only the hub is a host', () => {
  const { models, hosts } = preview('model a', 'model b\nsource: hub\nid: Xenova/all-MiniLM-L6-v2\ndtype: q8', 'model c\nsource: local\nid: mine');
  expect(models).toEqual([
    { cell: 'a', id: 'sensorium-mini', source: 'bundled', dtype: 'fp32' },
    { cell: 'b', id: 'Xenova/all-MiniLM-L6-v2', source: 'hub', dtype: 'q8' },
    { cell: 'c', id: 'mine', source: 'local', dtype: 'fp32' },
  ]);
  expect(hosts).toEqual(['huggingface.co', 'hf.co']);
});

test('files are listed with their address, and their hosts once', () => {
  const { files, hosts } = preview('table a\nfile: a.csv\naddress: https://data.example/a.csv', 'table b\nfile: b.csv\naddress: https://data.example/b.csv', 'table c\nfile: c.csv');
  expect(files.map(({ name, address }) => [name, address])).toEqual([['a.csv', 'https://data.example/a.csv'], ['b.csv', 'https://data.example/b.csv'], ['c.csv', '']]);
  expect(hosts).toEqual(['data.example']);
});

test('a cell with mistakes is not overlooked', () => {
  const { models, hosts } = preview('model a\nsource: hub\nid: evil/model\ndtype: fp99\nwhat: ever');
  expect(models).toEqual([{ cell: 'a', id: 'evil/model', source: 'hub', dtype: 'fp99' }]);
  expect(hosts).toContain('huggingface.co');
});

test('a notebook of words and ratings wants nothing', () => {
  expect(preview('stimuli words', 'ratings r\nstimuli: words')).toEqual({ models: [], hosts: [], files: [] });
});

test('a mirror in place of the hub is the host that is named', () => {
  const graph = buildGraph(parseNotebook(cells('model a\nsource: hub\nid: org/one')));
  expect(previewOf(graph, 'http://models.lab.example:8080/hf').hosts).toEqual(['models.lab.example:8080']);
});

test('a model named by the address of another hub tells that host', () => {
  const { models, hosts } = preview('model a\nsource: hub\nid: https://models.lab.example/org/one', 'model b\nsource: hub\nid: https://huggingface.co/org/two\nrevision: v2');
  expect(models.map(({ host, revision }) => [host, revision])).toEqual([['https://models.lab.example', undefined], [undefined, 'v2']]);
  expect(hosts).toEqual(['models.lab.example', 'huggingface.co', 'hf.co']);
});
