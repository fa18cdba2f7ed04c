/** Choices: scores of options against PyTorch, forms and calibrations, accuracy, comparison of two models, pause and resume, the view. */
import { render } from 'lit';
import { beforeAll, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { suspension } from '../../src/base/problem.ts';
import { fittingFields, sortIncoming } from '../../src/app/bringing-in.ts';
import type { ChoiceValue, ScoredQuestion } from '../../src/data/choice.ts';
import { demoQuestions } from '../../src/data/question-files.ts';
import { choice } from '../../src/kinds/choice/index.ts';
import { chosenOf, differencesOf, lengthOf, marginOf, sharedQuestions, sharesOf } from '../../src/kinds/choice/accuracy.ts';
import { putsOf, templateOf } from '../../src/kinds/choice/prompts.ts';
import { fields } from '../../src/kinds/choice/schema.ts';
import { run } from '../../src/kinds/choice/run.ts';
import { view } from '../../src/kinds/choice/view.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { checkField, fileNamed } from '../../src/kinds/field.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { mcnemarExact, pairedShareInterval, wilsonInterval } from '../../src/rsa/inference/accuracy.ts';
import type { PlotChart } from '../../src/figures/chart.ts';
import { Bench } from '../reference/study.ts';
import { sharedBytes, sharedFolder, testWithShared } from '../shared.ts';
import reference from '../models/references/choices.json';

const base = new URL('/', location.href).href;

const compute = openCompute();

class QuizBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base, compute: () => compute };
  }
}

/** Keeps what unfinished runs hand over, and can suspend one. */
class PausedBench extends QuizBench {
  readonly kept = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly resumed: string[] = [];
  onProgress: (done: number) => void = () => undefined;

  override context(cell: string, signal: AbortSignal): RunContext {
    return {
      ...super.context(cell, signal),
      kept: { load: (name) => Promise.resolve(this.kept.get(name) ?? null), save: (name, bytes) => { this.kept.set(name, bytes); return Promise.resolve(); } },
      resumedAt: (where) => { this.resumed.push(where); },
      progress: ({ label, done }) => { if (label === 'options of questions') this.onProgress(done); },
    };
  }
}

const bench = new QuizBench();
const file = (name: string, content: BlobPart): void => void bench.files.set(name, { name, sha256: '', content: new Blob([content]) });
const given = { model: 'stories', device: 'wasm' } as const;
const ask = (cell: string, more: Partial<Record<keyof typeof fields, unknown>>, signal?: AbortSignal): Promise<ChoiceValue> => bench.run(cell, fields, run, { ...given, ...more }, signal);

beforeAll(async () => {
  if (!sharedFolder) return;
  const paths = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'];
  for (const path of paths) file(`stories260k/${path}`, await sharedBytes(`models/stories260k/${path}`));
  file('piqa.jsonl', await sharedBytes('tasks/piqa_valid.jsonl'));
  file('piqa.lst', await sharedBytes('tasks/piqa_valid_labels.lst'));
  await bench.run('stories', modelFields, runModel, { source: 'local', id: 'stories260k' });
});

const byId = ({ questions }: ChoiceValue): ReadonlyMap<string, ScoredQuestion> => new Map(questions.map((question) => [question.id, question]));
const expected = (language: string) => reference.questions.filter((one) => one.language === language);
function expectNear(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) expect(Math.abs(actual[at]! - value)).toBeLessThan(1e-4);
}

testWithShared('scores of the demo questions’ options equal PyTorch’s, alone, behind a neutral prompt, and by letter over cyclic orders', async () => {
  for (const language of ['en', 'nl'] as const) {
    // As a file: the questions that are compared.
    const compared = (await demoQuestions(base, language)).filter(({ id }) => expected(language).some((one) => one.id === id));
    expect(compared).toHaveLength(12);
    file(`${language}.json`, JSON.stringify(compared));
    const value = await ask(`calibrated ${language}`, { questions: `${language}.json`, language, calibrate: 'unconditional', normalise: 'characters' });
    const scored = byId(value);
    for (const { id, sums, neutral, tokens } of expected(language)) {
      const own = scored.get(id)!;
      expectNear(own.logs, sums);
      expectNear(own.neutral, neutral);
      expect(own.tokens).toEqual(tokens);
      expectNear(own.scores, sums.map((sum, at) => (sum - neutral[at]!) / [...own.options[at]!].length));
    }
  }
  const letters = byId(await ask('letters', { questions: 'en.json', form: 'letters', orders: 'cyclic', limit: 4 }));
  for (const one of expected('en').slice(0, 4)) expectNear(letters.get(one.id)!.scores, one.letters);
});

testWithShared('scores of PIQA’s first questions equal PyTorch’s', async () => {
  const value = await ask('piqa', { questions: 'piqa.jsonl', labels: 'piqa.lst', template: '{question} {option}', normalise: 'bytes', limit: 20 });
  expect(value.of).toBe(1838);
  expect(value.questions.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 1)));
  expect(value.shares[0]).toMatchObject({ n: 20, chance: 0.5 });
  const why = await commands.whyNoPython();
  if (why) return console.info(`PIQA against PyTorch ${why}`);
  const torch = await commands.torchLikelihoods(`${sharedFolder}/models/stories260k`, value.questions.map(({ question, options }) => ({ left: `${question} `, options })));
  for (const [at, { logs, tokens, scores, options }] of value.questions.entries()) {
    expectNear(logs, torch[at]!.sums);
    expect(tokens).toEqual(torch[at]!.tokens);
    expectNear(scores, torch[at]!.sums.map((sum, option) => sum / new TextEncoder().encode(options[option]!).length));
  }
});

testWithShared('a paused run goes on where it was, to the very same numbers', async () => {
  // A part has 16 questions, so that these make two.
  file('short.json', JSON.stringify(Array.from({ length: 20 }, (_, at) => ({ question: `number ${at}`, options: ['odd', 'even'], answer: 1 - (at % 2) }))));
  const whole = await ask('whole', { questions: 'short.json' });
  const stop = new AbortController();
  const pausing = new PausedBench();
  for (const [name, one] of bench.files) pausing.files.set(name, one);
  pausing.values.set('stories', bench.values.get('stories')!);
  const again = { ...given, questions: 'short.json' };
  pausing.onProgress = (done) => { if (done > 16) stop.abort(suspension()); };
  await expect(pausing.run('whole', fields, run, again, stop.signal)).rejects.toThrow('suspended');
  expect(pausing.kept.size).toBe(1);
  pausing.onProgress = () => undefined;
  const resumed = await pausing.run('whole', fields, run, again);
  expect(pausing.resumed).toEqual(['question 16 of 20']);
  expect(resumed).toEqual(whole);
  // A cancelled run hands nothing over.
  const cancelled = new AbortController();
  const cancelling = new PausedBench();
  for (const [name, one] of bench.files) cancelling.files.set(name, one);
  cancelling.values.set('stories', bench.values.get('stories')!);
  cancelling.onProgress = (done) => { if (done > 16) cancelled.abort(); };
  await expect(cancelling.run('whole', fields, run, again, cancelled.signal)).rejects.toThrow('aborted');
  expect(cancelling.kept.size).toBe(0);
});

testWithShared('another way of asking is compared question by question, and no answers give scores only', async () => {
  bench.warnings.length = 0;
  const first = await ask('plain', { limit: 24, draw: 'sample' });
  const value = await ask('lengths', { limit: 24, draw: 'sample', normalise: 'tokens', against: 'plain', label: 'by tokens' });
  expect(value.otherwise).toEqual(first.otherwise);
  expect(value.otherwise.find(({ normalise }) => normalise === 'none')!.share).toBe(first.shares[0]!.share);
  expect(value.otherwise.find(({ normalise }) => normalise === 'tokens')!.share).toBe(value.shares[0]!.share);
  expect(value.shares.map(({ category, n }) => [category, n])).toEqual([['', 24], ...[...new Set(value.questions.map(({ category }) => category))].map((category) => [category, value.questions.filter((one) => one.category === category).length])]);
  const [all] = value.against!.differences;
  expect(all!.n).toBe(24);
  expect(all!.difference).toBeCloseTo(value.shares[0]!.share - first.shares[0]!.share, 12);
  expect(all!.onlyThis - all!.onlyOther).toBe(value.shares[0]!.right - first.shares[0]!.right);
  expect(all!.p).toBe(mcnemarExact(all!.onlyThis, all!.onlyOther));
  expect(bench.warnings).toEqual([expect.stringMatching(/^by tokens and stories260k were asked in other ways \(normalise\)/)]);

  bench.warnings.length = 0;
  const silent = await ask('silent', { questions: 'piqa.jsonl', limit: 3, draw: 'sample', seed: 4 });
  expect(silent.shares).toEqual([]);
  expect(silent.questions.every(({ answer, margin, scores }) => answer === null && margin === null && scores.length === 2)).toBe(true);
  expect(bench.warnings).toEqual(['no answer is known: there are scores, and no accuracy; name the file of answers in Answers']);
  expect(await ask('silent', { questions: 'piqa.jsonl', limit: 3, draw: 'sample', seed: 4 })).toEqual(silent);

  const host = document.createElement('div');
  host.style.width = '760px';
  document.body.append(host);
  const state = new Map<string, unknown>();
  const draw = (): void => void render(view(value, { cell: 'lengths', params: {}, width: 760, update: draw, state }), host);
  draw();
  await expect.poll(() => host.querySelector<PlotChart>('plot-chart')?.svg?.querySelectorAll('circle, path').length ?? 0).toBeGreaterThan(5);
  expect(host.textContent).toContain('by tokens minus stories260k on 24 questions');
  await expect.poll(() => host.querySelectorAll('.choice-options').length).toBe(24);
  const label = [...host.querySelectorAll('label')].find((one) => one.textContent?.trim() === 'wrong')!;
  label.querySelector('input')!.click();
  const wrong = value.questions.filter(({ chosen, answer }) => chosen !== answer).length;
  await expect.poll(() => host.textContent).toContain(`${wrong} questions of 24, each option`);
  await expect.poll(() => host.querySelectorAll('li[data-right][data-chosen]').length).toBe(0);
  render(view(silent, { cell: 'silent', params: {}, width: 760, update: () => undefined, state: new Map() }), host);
  expect(host.textContent).toContain('no answers known');
  host.remove();
});

testWithShared('what cannot be asked is told', async () => {
  const failure = (more: Partial<Record<keyof typeof fields, unknown>>): Promise<string> => ask('quiz', more).then(() => 'nothing', (error: unknown) => String((error as Error).message));
  expect(await failure({ questions: 'gone.jsonl' })).toMatch(/^cell quiz: gone\.jsonl is not in this browser yet\. /);
  expect(await failure({ chat: 'on' })).toMatch(/its tokenizer has no chat template\. /);
  file('long.jsonl', JSON.stringify({ goal: 'word '.repeat(600), sol1: 'a', sol2: 'b', label: 0 }));
  expect(await failure({ questions: 'long.jsonl' })).toMatch(/none of 1 questions can be asked: longer than the 512 tokens the model reads\. /);
  file('many.json', JSON.stringify([{ question: 'q', options: Array.from({ length: 27 }, (_, at) => `o${at}`) }]));
  expect(await failure({ questions: 'many.json', form: 'letters' })).toMatch(/question 1 has 27 options, and there are 26 letters\. /);
  const masked = { ...bench.values.get('stories')!, architecture: 'BertForMaskedLM' } as never;
  bench.values.set('masked', masked);
  expect(await failure({ model: 'masked' })).toMatch(/does not continue a text/);
  // What is too long is left out of the others.
  file('some.jsonl', [{ goal: 'word '.repeat(600), sol1: 'a', sol2: 'b', label: 0 }, { goal: 'to eat soup', sol1: 'use a spoon', sol2: 'use a spoon', label: 1 }].map((one) => JSON.stringify(one)).join('\n'));
  const value = await ask('quiz', { questions: 'some.jsonl' });
  expect(value.dropped).toEqual([{ reason: 'longer than the 512 tokens the model reads', words: ['1'] }]);
  // Two options that are the same tie, and the first counts.
  expect(value.questions[0]).toMatchObject({ tied: 2, chosen: 0, answer: 1, margin: 0 });
  expect(value.shares[0]).toMatchObject({ n: 1, right: 0, ties: 1 });
});

test('files that are dropped go to the field that reads them, and demo or nothing is no file', () => {
  const dropped = (...names: string[]) => fittingFields(choice.fields, names.map((name) => ({ name, file: new File(['x'], name) }))).map(({ parameter, file: { name } }) => [parameter, name]);
  expect(dropped('answers.LST', 'piqa.jsonl')).toEqual([['questions', 'piqa.jsonl'], ['labels', 'answers.LST']]);
  expect(dropped('answers.lst')).toEqual([['labels', 'answers.lst']]);
  expect(dropped('adapter.zip')).toEqual([]);
  expect(sortIncoming(['a.json', 'b.jsonl', 'c.lst', 'd.csv', 'model/config.json'].map((name) => ({ name, file: new File(['x'], name) }))).questions.map(({ name }) => name)).toEqual(['a.json', 'b.jsonl', 'c.lst']);
  expect([fileNamed(fields.questions, 'demo'), fileNamed(fields.questions, 'piqa.jsonl'), fileNamed(fields.labels, ''), fileNamed(fields.labels, 'demo')]).toEqual([null, 'piqa.jsonl', null, 'demo']);
  expect(checkField('labels', fields.labels, '')).toEqual({ ok: true, value: '' });
  expect(checkField('questions', fields.questions, '').ok).toBe(false);
});

test('letters stand in each place once over the cyclic orders, and templates say what they lack', () => {
  const puts = putsOf({ question: 'Which {option}?', options: ['x', 'y', 'z'] }, templateOf('', 'letters', 'nl', 'cell a'), 'letters', 'cyclic');
  expect(puts.map(({ left }) => left)).toEqual([
    'Vraag: Which {option}?\nA. x\nB. y\nC. z\nAntwoord: ',
    'Vraag: Which {option}?\nA. z\nB. x\nC. y\nAntwoord: ',
    'Vraag: Which {option}?\nA. y\nB. z\nC. x\nAntwoord: ',
  ]);
  expect(puts.map(({ options }) => options)).toEqual([['A', 'B', 'C'], ['B', 'C', 'A'], ['C', 'A', 'B']]);
  expect(putsOf({ question: 'q', options: ['x', 'y'] }, templateOf('{question}\\n{option}', 'text', 'en', 'cell a'), 'text', 'given')).toEqual([{ left: 'q\n', options: ['x', 'y'] }]);
  expect(() => templateOf('{question}', 'text', 'en', 'cell a')).toThrow('it does not hold {option}');
  expect(() => templateOf('{question} {option}!', 'text', 'en', 'cell a')).toThrow('there is text behind {option}: "!"');
  expect(() => templateOf('{question} {options} {option}', 'text', 'en', 'cell a')).toThrow('listed for letters only');
  expect(() => templateOf('{question} {question} {option}', 'text', 'en', 'cell a')).toThrow('it holds {question} 2 times');
});

test('accuracy, chance, margins and differences are counted from scores', () => {
  const question = (id: string, category: string, scores: readonly number[], answer: number | null): ScoredQuestion => ({
    id, question: id, category, options: scores.map((_, at) => `o${at}`), answer, scores, logs: scores, neutral: [], tokens: scores.map(() => 1), ...chosenOf(scores), margin: answer === null ? null : marginOf(scores, answer),
  });
  const own = [question('1', 'a', [-1, -2], 0), question('2', 'a', [-1, -2, -3, -4], 2), question('3', 'b', [-2, -1], 1), question('4', 'b', [-3, -3], 1), question('5', 'b', [-1, -3], null)];
  const [all, a, b] = sharesOf(own, 0.9);
  expect(all).toEqual({ category: '', n: 4, right: 2, share: 0.5, interval: wilsonInterval(0.5, 4, 0.9), chance: (0.5 + 0.25 + 0.5 + 0.5) / 4, ties: 1, margin: (1 - 2 + 1 + 0) / 4 });
  expect([a!.category, a!.n, a!.right, b!.category, b!.n, b!.right]).toEqual(['a', 2, 1, 'b', 2, 1]);
  const other = [question('1', 'a', [-2, -1], 0), question('2', 'a', [-4, -3, -1, -2], 2), question('3', 'b', [-1, -2], 1), { ...question('4', 'b', [-1, -2], 1), question: 'another' }];
  const pairs = sharedQuestions(own, other);
  expect(pairs.map(([{ id }]) => id)).toEqual(['1', '2', '3']);
  const [overall, ...categories] = differencesOf(pairs, 0.95);
  expect(overall).toMatchObject({ n: 3, share: 2 / 3, otherShare: 1 / 3, onlyThis: 2, onlyOther: 1, p: 1 });
  expect(overall!.difference).toBeCloseTo(1 / 3, 12);
  expect(overall!.interval).toEqual(pairedShareInterval(2, 1, 3, 0.95));
  // Models that never differ: a range of differences is possible still.
  expect(differencesOf(pairs.map(([one]) => [one, one]), 0.95)[0]).toMatchObject({ difference: 0, p: 1, interval: pairedShareInterval(0, 0, 3, 0.95) });
  expect(categories.map(({ category, onlyThis, onlyOther }) => [category, onlyThis, onlyOther])).toEqual([['a', 1, 1], ['b', 1, 0]]);
  expect([lengthOf('é🙂', 5, 'none'), lengthOf('é🙂', 5, 'tokens'), lengthOf('é🙂', 5, 'characters'), lengthOf('é🙂', 5, 'bytes')]).toEqual([1, 5, 2, 6]);
  expect(choice.resumable).toBe(true);
});
