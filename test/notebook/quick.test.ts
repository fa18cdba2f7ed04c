/** Quick: its block in a cell's text, what cells then run with, what is marked, and both results side by side. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEnvironment, type AppEnvironment } from '../../src/app/environment.ts';
import { withTitle } from '../../src/app/titles.ts';
import type { StimuliValue } from '../../src/data/values.ts';
import { cellsOf, parseNotebook, serialiseNotebook } from '../../src/notebook/document.ts';
import { setParameter, setQuick } from '../../src/notebook/edit.ts';
import { buildGraph, type Graph } from '../../src/notebook/graph.ts';
import { previewOf } from '../../src/notebook/preview.ts';
import { quickNotes, quickSentence } from '../../src/notebook/quick.ts';
import { Session } from '../../src/notebook/session.ts';
import { count } from '../../src/ui/format.ts';

const front = (quick: boolean): string => `---\nsensorium: 1\n${quick ? 'quick: true\n' : ''}---\n`;
const cell = (text: string): string => '```cell ' + text + '\n```\n';
const words = cell('stimuli words\nsample: 40\nseed: 3\nquick: {sample: 20}');
const rated = cell('ratings rated\nstimuli: words\norigin: illustrative');
const again = cell('ratings again\nstimuli: words\norigin: illustrative');
const gap = cell('rsa gap\nreference: rated\ncandidates: [again]\npermutations: 400\nquick: # for a first look\n  permutations: 100 # enough\n  bootstrap: 50\nbootstrap: 200');

const graphOf = (quick: boolean, ...cells: string[]): Graph => buildGraph(parseNotebook(front(quick) + cells.join('')));
const problemsOf = (...cells: string[]): string[] => graphOf(false, ...cells).nodes.flatMap((node) => node.problems.map(({ code, place, what }) => `${code}, ${place}: ${what}`));
const sentence = (graph: Graph, name: string): string => quickSentence(name, graph.byName.get(name)!.quick);

describe('the block in the text', () => {
  test('on one line or on several, with comments; the bytes stay', () => {
    for (const end of ['\n', '\r\n']) {
      const text = (front(true) + words + rated + gap).replaceAll('\n', end);
      const document = parseNotebook(text);
      expect(serialiseNotebook(document)).toBe(text);
      expect(document.quick).toBe(true);
      expect(document.problems).toEqual([]);
      const [first, , last] = cellsOf(document);
      expect(first!.body.quick?.entries.map(({ key, value, line }) => [key, value, line])).toEqual([['sample', 20, 8]]);
      expect(last!.body.quick?.entries.map(({ key, value, line }) => [key, value, line])).toEqual([['permutations', 100, 19], ['bootstrap', 50, 20]]);
      for (const { keyAt, at, key, value } of last!.body.quick!.entries) expect([text.slice(keyAt, keyAt + key.length), text.slice(at.from, at.to)]).toEqual([key, String(value)]);
      expect(last!.body.values).toEqual({ reference: 'rated', candidates: ['again'], permutations: 400, bootstrap: 200 });
    }
  });

  test('no other key holds a mapping, and the block none of its own', () => {
    expect(problemsOf(cell('stimuli words\nsample: {a: 1}'))).toEqual(['cell-yaml, line 5: sample is neither a value nor a list']);
    expect(problemsOf(cell('stimuli words\nquick:\n  sample: {a: 1}'))).toEqual(['cell-yaml, line 6: sample is neither a value nor a list']);
    expect(problemsOf(cell('stimuli words\nquick: {quick: {sample: 1}}'))).toEqual(['cell-yaml, line 5: quick is neither a value nor a list']);
  });

  test('what is wrong in it is marked at its line, whether Quick is on or not', () => {
    const bad = cell('rsa gap\nreference: rated\ncandidates: [rated]\nquick:\n  permutations: -3\n  bootstap: 5\n  reference: other\n  published: [a]\n  seed:');
    const found = ['parameter, cell gap, line 8: quick.permutations is -3, below 0', 'unknown-parameter, cell gap, line 9: rsa has no parameter "bootstap" for quick', 'quick, cell gap, line 10: quick sets reference, which names another cell', 'quick, cell gap, line 11: quick sets published, which is only shown beside the result', 'parameter, cell gap, line 12: quick.seed has no value'];
    expect(problemsOf(bad, rated, words)).toEqual(found);
    expect(graphOf(true, bad, rated, words).byName.get('gap')!.problems.map(({ what }) => what)).toHaveLength(found.length);
    expect(graphOf(false, bad, rated, words).byName.get('gap')!.problems[1]!.fix).toBe('Did you mean bootstrap?');
    expect(problemsOf(cell('table t\nfile: a.csv\nquick: {file: b.csv, address: "https://data.example/b.csv"}'))).toEqual(['quick, cell t, line 6: quick sets file, which names a file', 'quick, cell t, line 6: quick sets address, which is the address of a file']);
    expect(problemsOf(cell('stimuli words\nquick: true'))).toEqual(['quick, cell words, line 5: quick is true, not a block of values']);
    expect(problemsOf(cell('stimuli words\nquick:'), cell('stimuli more\nquick: {}'))).toEqual([]);
  });

  test('the switch is true or false', () => {
    const at = (line: string): string[] => parseNotebook(`---\nsensorium: 1\n${line}\n---\n`).problems.map(({ place, what }) => `${place}: ${what}`);
    expect(at('quick: false')).toEqual([]);
    expect(at('quick: "yes"')).toEqual(['line 3: quick is "yes", should be true or false']);
    expect(at('quick: {sample: 3}')).toEqual(['line 3: quick is a block of values, should be true or false']);
    expect(parseNotebook('---\nsensorium: 1\nquick: "true"\n---\n').quick).toBe(false);
  });
});

describe('edits', () => {
  test('the switch adds its line and takes it away again, and nothing else', () => {
    for (const text of [front(false) + words, (front(false) + words).replaceAll('\n', '\r\n'), '---\n---\nText\n']) {
      const on = setQuick(parseNotebook(text), true);
      expect(parseNotebook(on).quick).toBe(true);
      expect(on.split('\n')).toHaveLength(text.split('\n').length + 1);
      expect(setQuick(parseNotebook(on), true)).toBe(on);
      expect(setQuick(parseNotebook(on), false)).toBe(text);
    }
    expect(setQuick(parseNotebook('---\nsensorium: 1\nquick: true # for the course\n---\n'), false)).toBe('---\nsensorium: 1\nquick: false # for the course\n---\n');
    expect(setQuick(parseNotebook('---\nsensorium: 1\nquick: false\n---\n'), true)).toBe('---\nsensorium: 1\nquick: true\n---\n');
    expect(setQuick(parseNotebook('Text\n'), true)).toBe('---\nsensorium: 1\nquick: true\n---\nText\n');
  });

  test('a form edit changes its own line and leaves the block as it is', () => {
    const text = front(true) + gap;
    const document = parseNotebook(text);
    const [rsa] = cellsOf(document);
    expect(setParameter(document, rsa!, 'permutations', 700)).toBe(text.replace('permutations: 400', 'permutations: 700'));
    expect(setParameter(document, rsa!, 'bootstrap', undefined)).toBe(text.replace('bootstrap: 200\n', ''));
    const last = front(true) + cell('rsa gap\nreference: a\nquick:\n  permutations: 100');
    const grown = setParameter(parseNotebook(last), cellsOf(parseNotebook(last))[0]!, 'seed', 7);
    expect(grown).toBe(last.replace('  permutations: 100\n', '  permutations: 100\nseed: 7\n'));
    expect(cellsOf(parseNotebook(grown))[0]!.body).toMatchObject({ values: { reference: 'a', seed: 7 }, quick: { entries: [{ key: 'permutations', value: 100 }] } });
    expect(withTitle(text, 'New')).toBe(text.replace('quick: true\n', 'quick: true\ntitle: New\n'));
  });
});

describe('what cells run with', () => {
  test('the values of the block while Quick is on, their own while it is off', () => {
    expect(graphOf(true, gap, rated, words, again).byName.get('gap')!.params).toMatchObject({ permutations: 100, bootstrap: 50, seed: 1 });
    const off = graphOf(false, gap, rated, words, again);
    expect(off.byName.get('gap')!.params).toMatchObject({ permutations: 400, bootstrap: 200, seed: 1 });
    expect(off.nodes.flatMap((node) => node.quick)).toEqual([]);
  });

  test('a cell below a quick one is quick too, each value named once, with its cell', () => {
    const graph = graphOf(true, words, rated, gap, again, cell('rdm map\nof: rated'), cell('model mini'));
    expect(sentence(graph, 'words')).toBe('Quick: 20 of 40 words.');
    expect(sentence(graph, 'map')).toBe('Quick: 20 of 40 words (words).');
    expect(sentence(graph, 'gap')).toBe('Quick: 100 of 400 permutations, 50 of 200 bootstrap draws; 20 of 40 words (words).');
    expect(sentence(graph, 'mini')).toBe('');
  });

  test('is told in words, also where 0 stands for all and where nothing is counted', () => {
    const of = (text: string): string => sentence(graphOf(true, cell(text)), text.split(/[ \n]/)[1]!);
    expect(of('stimuli w\nquick: {sample: 60, filter: [Visual >= 3]}')).toBe('Quick: 60 of all words, filters Visual >= 3 in place of none.');
    expect(of('stimuli w\nsample: 10000\nquick: {sample: 1000}')).toBe(`Quick: ${count(1000)} of ${count(10_000)} words.`);
    expect(of('model m\nquick: {dtype: q8}')).toBe('Quick: precision q8 in place of fp32.');
    // What says the same as the cell changes nothing.
    expect(of('stimuli w\nsample: 10\nquick: {sample: 10}')).toBe('');
  });

  test('of what is counted the fewer, so that who asks for less than the block does not wait for more', () => {
    const ran = (text: string): unknown[] => {
      const { params, quick } = graphOf(true, cell(text)).byName.get(text.split(/[ \n]/)[1]!)!;
      return [params['permutations'] ?? params['sample'] ?? params['repeats'], quick];
    };
    expect(ran('rsa gap\npermutations: 0\nquick: {permutations: 200}')).toEqual([0, []]);
    expect(ran('rsa gap\npermutations: 50\nquick: {permutations: 200}')).toEqual([50, []]);
    expect(ran('rsa gap\nquick: {permutations: 0}')).toEqual([0, [expect.objectContaining({ quick: 0, full: 1000, text: `0 of ${count(1000)} permutations` })]]);
    // 0 of a sample is all words, and these are most.
    expect(ran('stimuli w\nsample: 10\nquick: {sample: 20}')).toEqual([10, []]);
    expect(ran('stimuli w\nsample: 10\nquick: {sample: 0}')).toEqual([10, []]);
    expect(ran('stimuli w\nquick: {sample: 20}')).toEqual([20, [expect.objectContaining({ quick: 20, full: 0 })]]);
    // What is no amount is as the block says, more or not.
    expect(graphOf(true, cell('stimuli w\nseed: 1\nquick: {seed: 9}')).byName.get('w')!.params['seed']).toBe(9);
  });

  test('the form is told what is used now, or would be with Quick', () => {
    const notes = (on: boolean, text: string): Record<string, string> => {
      const { cell: own, kind, params } = graphOf(on, cell(text)).byName.get('gap')!;
      return quickNotes(own, kind!, params, on);
    };
    const text = 'rsa gap\nbootstrap: 20\nquick: {permutations: 200, bootstrap: 50, sets: [visual], seed: none, nothing: 3}';
    expect(notes(false, text)).toEqual({ permutations: 'With Quick: 200.', bootstrap: 'With Quick: 20.', sets: 'With Quick: Visual.' });
    expect(notes(true, text)).toEqual({ permutations: 'Quick is on: 200 is used now.', bootstrap: 'Quick is on: 20 is used now.', sets: 'Quick is on: Visual is used now.' });
  });

  test('a preview names the models of either position of the switch', () => {
    const model = cell('model big\nsource: hub\nid: some/model\nquick: {source: bundled, id: sensorium-mini}');
    for (const quick of [true, false]) {
      const { models, hosts } = previewOf(graphOf(quick, model));
      expect(models.map(({ id, source }) => [id, source])).toEqual([['some/model', 'hub'], ['sensorium-mini', 'bundled']]);
      expect(hosts).toContain('huggingface.co');
    }
  });
});

describe('results', () => {
  let environment: AppEnvironment;
  const name = 'quick-test';
  const open: Session[] = [];
  beforeEach(async () => (environment = await openEnvironment(name)));
  afterEach(() => {
    for (const session of open.splice(0)) session.close();
    environment.host.stop();
    environment.store.close();
    indexedDB.deleteDatabase(name);
  });
  const start = (text: string): Session => {
    const session = new Session(text, environment);
    open.push(session);
    return session;
  };
  const flip = async (session: Session, on: boolean): Promise<void> => {
    session.edit(setQuick(session.document, on));
    await session.settled();
  };
  const statuses = (session: Session): string[] => session.cells.map((state) => `${state.name} ${state.status}`);

  test('of both positions are kept side by side, and going back runs nothing', async () => {
    const same = cell('stimuli same\nsample: 15\nquick: {sample: 15}');
    const session = start(front(false) + words + rated + gap + same + again);
    session.runAll();
    await session.settled();
    expect(statuses(session)).toEqual(['words done', 'rated done', 'gap done', 'same done', 'again done']);
    const full = session.cell('gap')!;
    const [key, value] = [full.key, full.value];
    expect(full.card?.quick).toEqual([]);
    expect((session.cell('words')!.value as StimuliValue).words).toHaveLength(40);
    const sameKey = session.cell('same')!.key;

    await flip(session, true);
    // Cheap cells follow; the costly one waits and still shows the full result, unmarked.
    expect(statuses(session)).toEqual(['words done', 'rated done', 'gap stale', 'same done', 'again done']);
    expect(session.cell('gap')).toMatchObject({ value, card: { quick: [] } });
    expect(session.cell('same')?.key).toBe(sameKey);
    session.runAll();
    await session.settled();
    expect(session.cell('gap')).toMatchObject({ status: 'done', value: { permutations: 100 }, card: { params: { permutations: 100, bootstrap: 50 } } });
    expect(session.cell('gap')?.key).not.toBe(key);
    expect(quickSentence('gap', session.cell('gap')!.card!.quick)).toBe('Quick: 100 of 400 permutations, 50 of 200 bootstrap draws; 20 of 40 words (words).');
    expect(session.cell('rated')?.card?.quick.map(({ cell: owner }) => owner)).toEqual(['words']);

    await flip(session, false);
    expect(statuses(session)).toEqual(['words clean', 'rated clean', 'gap clean', 'same done', 'again clean']);
    expect(session.cell('gap')).toMatchObject({ key, card: { quick: [], params: { permutations: 400 } } });
    await flip(session, true);
    expect(statuses(session)).toEqual(['words clean', 'rated clean', 'gap clean', 'same done', 'again clean']);
    expect(session.cell('gap')?.card?.quick).toHaveLength(3);
  });

  test('the same parameters written out share the result, and the mark follows the text', async () => {
    const session = start(front(true) + words);
    await session.settled();
    const { key } = session.cell('words')!;
    expect(session.cell('words')?.card?.quick).toHaveLength(1);
    const written = start(front(false) + words.replace('sample: 40', 'sample: 20'));
    await written.settled();
    expect(written.cell('words')).toMatchObject({ status: 'clean', key, card: { quick: [] } });
    session.setParameter('words', 'sample', 80);
    await session.settled();
    expect(session.cell('words')).toMatchObject({ key, card: { quick: [{ text: '20 of 80 words' }] } });
    session.setParameter('words', 'sample', 20);
    await session.settled();
    expect(session.cell('words')).toMatchObject({ key, card: { quick: [] } });
  });
});
