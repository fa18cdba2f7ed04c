/** The session over the real compute worker and the real store. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEnvironment, type AppEnvironment } from '../../src/app/environment.ts';
import type { StimuliValue } from '../../src/data/values.ts';
import { Session, type Mode } from '../../src/notebook/session.ts';

const front = '---\nsensorium: 1\n---\n';
const words = '```cell stimuli words\nsample: 20\nseed: 3\n```\n';
const rated = '```cell ratings rated\nstimuli: words\norigin: illustrative\n```\n';
const map = '```cell rdm map\nof: rated\n```\n';
const again = '```cell ratings again\nstimuli: words\norigin: illustrative\n```\n';
/** Takes far longer than any test waits. */
const endless = '```cell rsa gap\nreference: rated\ncandidates: [again]\npermutations: 1000000\nbootstrap: 0\n```\n' + again;

let environment: AppEnvironment;
let storeName: string;
const open: Session[] = [];
let count = 0;

beforeEach(async () => {
  storeName = `session-test-${count++}`;
  environment = await openEnvironment(storeName);
});

afterEach(() => {
  for (const session of open.splice(0)) session.close();
  environment.host.stop();
  environment.store.close();
  indexedDB.deleteDatabase(storeName);
});

function start(text: string, mode: Mode = 'live'): Session {
  const session = new Session(front + text, environment, mode);
  open.push(session);
  return session;
}

function statuses(session: Session): string[] {
  return session.cells.map((cell) => `${cell.name} ${cell.status}`);
}

/** Waits until a cell reports progress, so that it is surely inside the worker. */
async function underWay(session: Session, name: string): Promise<void> {
  await vi.waitFor(() => expect(session.cell(name)?.progress?.done).toBeGreaterThan(0), { timeout: 30_000, interval: 5 });
}

describe('running', () => {
  test('cheap cells follow edits by themselves, costly ones wait for Run and bring their inputs', async () => {
    const session = start(map + rated + words);
    await session.settled();
    expect(statuses(session)).toEqual(['map stale', 'rated done', 'words done']);
    session.run('map');
    await session.settled();
    expect(session.cell('map')?.problem).toBeNull();
    expect(session.cell('map')?.status).toBe('done');
    session.setParameter('words', 'seed', 4);
    await session.settled();
    expect(statuses(session)).toEqual(['map stale', 'rated done', 'words done']);
    expect(session.cell('map')?.value).not.toBeNull();
  });

  test('the same text gives the same keys and the same words, and a second opening shows stored results at once', async () => {
    const first = start(words + rated);
    await first.settled();
    const second = start(words + rated);
    await second.settled();
    expect(statuses(second)).toEqual(['words clean', 'rated clean']);
    expect(second.cell('words')?.key).toBe(first.cell('words')?.key);
    expect((second.cell('words')!.value as StimuliValue).words).toEqual((first.cell('words')!.value as StimuliValue).words);
    expect(second.cell('words')?.card).toMatchObject({ kind: 'stimuli', seed: 3, cell: 'words' });
  });

  test('going back to an earlier setting brings its result back without a run', async () => {
    const session = start(words);
    await session.settled();
    const before = session.cell('words')?.value;
    session.setParameter('words', 'seed', 9);
    await session.settled();
    expect(session.cell('words')?.value).not.toEqual(before);
    session.setParameter('words', 'seed', 3);
    await session.settled();
    expect(session.cell('words')?.status).toBe('clean');
    expect(session.cell('words')?.value).toEqual(before);
  });

  test('many edits in a row end with the last one', async () => {
    const session = start(words);
    for (let sample = 5; sample <= 30; sample++) session.setParameter('words', 'sample', sample);
    await session.settled();
    expect((session.cell('words')!.value as StimuliValue).words).toHaveLength(30);
    expect(session.cell('words')?.valueKey).toBe(session.cell('words')?.key);
  });

  test('a cell can be cancelled while it waits or runs, and run again', async () => {
    const session = start(words + rated + map);
    await session.settled();
    session.run('map');
    session.cancel('map');
    await session.settled();
    expect(session.cell('map')?.status).toBe('cancelled');
    session.run('map');
    await session.settled();
    expect(session.cell('map')?.status).toBe('done');
  });

  test('a long run stops soon after cancel, and nothing of it is kept', async () => {
    const session = start(words + rated + endless);
    await session.settled();
    session.run('gap');
    await underWay(session, 'gap');
    const cancelled = performance.now();
    session.cancelAll();
    await session.settled();
    expect(performance.now() - cancelled).toBeLessThan(3000);
    expect(session.cell('gap')).toMatchObject({ status: 'cancelled', value: null });
    expect(await environment.store.results.get(session.cell('gap')!.key!)).toBeUndefined();
  });

  test('Run right after Cancel runs', async () => {
    const session = start(words + rated + map);
    await session.settled();
    session.run('map');
    await session.lookedUp();
    session.cancel('map');
    session.run('map');
    await session.settled();
    expect(session.cell('map')?.status).toBe('done');
  });

  test('cancelling a cell cancels the queued cells that need it', async () => {
    const session = start(words + rated + '```cell model mini\n```\n```cell activations hidden\nmodel: mini\nstimuli: words\n```\n' + endless);
    await session.settled();
    session.run('gap');
    await underWay(session, 'gap');
    session.run('hidden');
    session.cancel('mini');
    session.cancel('gap');
    await session.settled();
    expect(statuses(session)).toEqual(['words done', 'rated done', 'mini cancelled', 'hidden cancelled', 'gap cancelled', 'again done']);
  });

  test('editing a cell that runs stops the run for the old text', async () => {
    const session = start(words + rated + endless);
    await session.settled();
    session.run('gap');
    await underWay(session, 'gap');
    session.setParameter('gap', 'permutations', 10);
    await session.settled();
    expect(session.cell('gap')?.status).toBe('stale');
    session.run('gap');
    await session.settled();
    expect(session.cell('gap')?.value).toMatchObject({ type: 'rsa', permutations: 10 });
  });
});

describe('a result is stored under the name of what made it', () => {
  test('a cell started in the same turn as an edit runs the edited text, and undoing brings the old result back', async () => {
    const session = start(words + rated + map);
    await session.settled();
    session.run('map');
    await session.settled();
    const euclidean = session.text.replace('of: rated', 'of: rated\nmetric: euclidean');
    const cosine = session.text;
    const before = session.cell('map')?.value;
    session.run('map', { force: true });
    session.edit(euclidean);
    session.run('map');
    session.edit(cosine);
    session.edit(euclidean);
    await session.settled();
    session.run('map');
    await session.settled();
    expect(session.cell('map')?.value).toMatchObject({ metric: 'euclidean' });
    session.edit(cosine);
    await session.settled();
    expect(session.cell('map')).toMatchObject({ status: 'clean', value: before });
  });

  test('a file replaced behind the session’s back is never stored as the old one', async () => {
    await environment.store.files.add('mine.csv', new Blob(['word,Visual\nsun,4.5\n']));
    const session = start('```cell table norms\nfile: mine.csv\n```\n');
    await session.settled();
    const old = session.cell('norms')!.key!;
    await environment.store.files.add('mine.csv', new Blob(['word,Visual\nsun,1.5\nsong,2\n']));
    session.run('norms', { force: true });
    await session.settled();
    expect((await environment.store.results.get(old))?.value).toMatchObject({ rows: 1 });
    expect(session.cell('norms')).toMatchObject({ status: 'clean', value: { rows: 2 } });
    expect(session.cell('norms')?.key).not.toBe(old);
  });

  test('published values only show beside the result and are no part of its name', async () => {
    const gap = '```cell rsa gap\nreference: rated\ncandidates: [again]\npermutations: 10\nbootstrap: 0\n```\n' + again;
    const session = start(words + rated + gap);
    await session.settled();
    const { key } = session.cell('gap')!;
    session.setParameter('gap', 'published', ['again all 1']);
    await session.settled();
    expect(session.cell('gap')?.key).toBe(key);
  });

  test('another kind under the same name starts empty', async () => {
    const session = start(words + rated + map);
    await session.settled();
    session.run('map');
    await session.settled();
    session.edit(session.text.replace('cell rdm map\nof: rated', 'cell ratings map\nstimuli: words'));
    await session.lookedUp();
    expect(session.cell('map')?.value?.type ?? null).not.toBe('rdm');
  });
});

describe('what is in the way', () => {
  test('a problem in the text keeps the cell and those after it from running, and earlier results stay', async () => {
    const session = start(words + rated);
    await session.settled();
    const earlier = session.cell('rated')?.value;
    session.edit(session.text.replace('sample: 20', 'sample: -1'));
    await session.settled();
    expect(session.cell('words')?.node.problems[0]?.what).toBe('sample is -1, below 0');
    expect(statuses(session)).toEqual(['words stale', 'rated stale']);
    expect(session.cell('rated')?.value).toBe(earlier);
    session.runAll();
    await session.settled();
    expect(statuses(session)).toEqual(['words failed', 'rated failed']);
    expect(session.cell('rated')?.problem?.code).toBe('input-failed');
    session.edit(session.text.replace('sample: -1', 'sample: 20'));
    await session.settled();
    expect(statuses(session)).toEqual(['words clean', 'rated clean']);
  });

  test('a missing file is asked for by name and address, and its arrival sets the cell going', async () => {
    const session = start('```cell table norms\nfile: mine.csv\naddress: https://example.org/mine.csv\n```\n');
    await session.settled();
    expect(session.cell('norms')?.problem).toMatchObject({ code: 'file-missing', action: { type: 'choose-file', name: 'mine.csv', address: 'https://example.org/mine.csv' } });
    await environment.store.files.add('mine.csv', new Blob(['word,Visual\nsun,4.5\nsong,1\n']));
    session.filesChanged();
    await session.settled();
    expect(session.cell('norms')).toMatchObject({ status: 'done', problem: null });
  });

  test('a crashed worker fails the run, leaves the notebook as it is, and the next run works', async () => {
    const session = start(words + rated + map + endless);
    await session.settled();
    session.run('gap');
    await underWay(session, 'gap');
    environment.host.stop();
    await session.settled();
    expect(session.cell('gap')).toMatchObject({ status: 'failed', problem: { code: 'worker-crashed' } });
    expect(session.cell('rated')?.status).toBe('done');
    session.run('map');
    await session.settled();
    expect(session.cell('map')?.status).toBe('done');
  });
});

describe('a notebook from outside', () => {
  test('runs nothing before it is trusted', async () => {
    const session = start(words, 'preview');
    await session.settled();
    expect(statuses(session)).toEqual(['words stale']);
    expect(() => session.runAll()).toThrow('came from outside');
    session.trust();
    await session.settled();
    expect(statuses(session)).toEqual(['words done']);
  });
});

test('renaming a cell keeps its result where the name does not show', async () => {
  const session = start(words);
  await session.settled();
  session.edit(session.text.replace('stimuli words', 'stimuli concepts'));
  await session.settled();
  expect(statuses(session)).toEqual(['concepts clean']);
});
