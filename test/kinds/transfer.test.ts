/** The `transfer` kind on the bundled models, the demo words and the demo questions, against the cells it takes together. */
import { beforeAll, expect, test } from 'vitest';
import { loadQuestions } from '../../src/data/questions.ts';
import { formsOf } from '../../src/data/sample.ts';
import type { TransferCell, TransferValue } from '../../src/data/transfer.ts';
import type { Tuning } from '../../src/data/tuned.ts';
import type { ModelValue, StimuliValue } from '../../src/data/values.ts';
import { fields as activationFields } from '../../src/kinds/activations/schema.ts';
import { run as runActivations } from '../../src/kinds/activations/run.ts';
import { fields as dimensionFields } from '../../src/kinds/dimensions/schema.ts';
import { run as runDimensions } from '../../src/kinds/dimensions/run.ts';
import { fields as finetuneFields } from '../../src/kinds/finetune/schema.ts';
import { run as finetune } from '../../src/kinds/finetune/run.ts';
import type { RunContext } from '../../src/kinds/kind.ts';
import { fields as modelFields } from '../../src/kinds/model/schema.ts';
import { run as runModel } from '../../src/kinds/model/run.ts';
import { fields as ratingFields } from '../../src/kinds/ratings/schema.ts';
import { run as runRatings } from '../../src/kinds/ratings/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { doubts, heldOutWords } from '../../src/kinds/transfer/held-out.ts';
import { standingOf } from '../../src/kinds/transfer/relation.ts';
import { fields } from '../../src/kinds/transfer/schema.ts';
import { run } from '../../src/kinds/transfer/run.ts';
import { holm } from '../../src/rsa/inference/correct.ts';
import { seenHashes } from '../../src/tuning/files/seen.ts';
import { wordForms } from '../../src/tuning/split.ts';
import { Bench } from '../reference/study.ts';

class AppBench extends Bench {
  override context(cell: string, signal: AbortSignal): RunContext {
    return { ...super.context(cell, signal), base: new URL('/', location.href).href };
  }
}

const made = new AppBench();
const nobody = { train: [], validation: [], test: [] };
const brief = { model: 'base', stimuli: 'words', device: 'wasm', every: 100, batch: 8 };
/** The cell's value with few draws; every test but one needs no more. */
const compare = (cell: string, given: Partial<Record<keyof typeof fields, unknown>>): Promise<TransferValue> =>
  made.run(cell, fields, run, { base: 'base', tests: ['words'], device: 'wasm', bootstrap: 200, ...given });
const at = (value: TransferValue, row: string, column: string): TransferCell => value.cells.find((cell) => cell.row === row && cell.column === column)!;
const model = (cell: string): ModelValue => made.values.get(cell) as ModelValue;

test('a trained word is known by its translation, whichever language is fed and in whichever the test names it', { timeout: 120_000 }, async () => {
  const stimuli = made.values.get('words') as StimuliValue;
  const part = model('senses').tuned!.rounds[0]!.card.parts[0]!;
  const { sides } = part;
  const rowsOf = (side: readonly string[]): number[] => stimuli.words.flatMap((word, row) => (side.includes(word) ? [row] : []));
  expect(part.seenForms.train).toEqual([...new Set(rowsOf(sides.train).flatMap((row) => wordForms(stimuli)[row]!))].sort());
  expect([part.formLanguages, part.seenForms.train.length > sides.train.length]).toEqual([['en', 'nl'], true]);

  // Dutch words without an English column: the test words are those whose translation was held out.
  const alone: StimuliValue = { ...stimuli, words: stimuli.translations['nl']!, language: 'nl', translations: {} };
  const held = [...sides.test].map((word) => alone.words[stimuli.words.indexOf(word)]!).sort();
  const imported = withRound(model('senses'), (round) => round);
  const seen = await seenHashes(imported.tuned!);
  const file = withRound(imported, (round) => ({ ...round, card: { ...round.card, imported: { file: 'adapter.zip', seen, rounds: 1 }, parts: round.card.parts.map((one) => ({ ...one, sides: nobody, seenForms: nobody })) } }));
  for (const senses of [model('senses'), file]) {
    const compared = [{ label: 'senses', members: [senses] }];
    const tests = [{ cell: 'dutch', label: 'dutch', stimuli: alone }];
    const [found] = await heldOutWords(tests, compared, 'cell x');
    expect(found!.rows.map((row) => alone.words[row]!).sort()).toEqual(held);
    expect(doubts(tests, compared)).toEqual([]);

    // Trained in English without a Dutch column, none of this can be known, though some words look the same in both.
    const unlinked = withRound(senses, (round) => ({ ...round, card: { ...round.card, parts: round.card.parts.map((one) => ({ ...one, formLanguages: ['en'] })) } }));
    expect(doubts(tests, [{ label: 'senses', members: [unlinked] }])).toEqual([expect.stringContaining('dutch names its words in nl, and senses keeps those it was trained on in en: a trained word’s translation would go unnoticed')]);
    // A file that was written before translations were kept names no language at all.
    const old = withRound(senses, (round) => ({ ...round, card: { ...round.card, parts: round.card.parts.map((one) => ({ ...one, formLanguages: [] })) } }));
    expect(doubts(tests, [{ label: 'senses', members: [old] }])).toEqual([expect.stringContaining('in languages that its file does not tell')]);
  }
});

/** A model whose last round is changed. */
function withRound(value: ModelValue, change: (round: Tuning) => Tuning): ModelValue {
  const { rounds } = value.tuned!;
  return { ...value, tuned: { ...value.tuned!, rounds: [...rounds.slice(0, -1), change(rounds.at(-1)!)] } };
}

let value: TransferValue;
beforeAll(async () => {
  await made.run('base', modelFields, runModel, {});
  await made.run('words', stimuliFields, runStimuli, { translation: 'nl: dutch' });
  await made.run('people', ratingFields, runRatings, { stimuli: 'words', origin: 'illustrative' });
  await made.run('senses', finetuneFields, finetune, { ...brief, dimensions: ['sensory'], steps: 6 });
  await made.run('asked', finetuneFields, finetune, { ...brief, task: 'choice', options: 'head', stimuli: 'none', steps: 4, batch: 4 });
  value = await compare('gains', { tuned: ['senses', 'asked'], languages: ['en', 'nl'], questions: 'demo' });
}, 180_000);

test('what is measured is what no model saw, in every language and way of asking, with every number beside its interval', () => {
  expect(value.rows.map(({ row, base, repeats }) => [row, base, repeats])).toEqual([['sensorium-mini', true, 1], ['senses', false, 1], ['asked', false, 1]]);
  const word = ['motor', 'sensory', 'all'];
  expect(value.columns.map(({ column }) => column)).toEqual([
    ...['rsa', 'probe', 'rating head'].flatMap((measure) => ['en', 'nl'].flatMap((language) => word.map((set) => `${measure} demo concepts ${language} ${set}`))),
    ...['en', 'nl'].flatMap((language) => ['head', 'likelihood'].map((read) => `choice ${read} ${language}`)),
  ]);
  expect(value.cells).toHaveLength(3 * value.columns.length);
  const { sides } = model('senses').tuned!.rounds[0]!.card.parts[0]!;
  for (const test of value.tests.slice(0, 2)) {
    expect([...test.used].sort()).toEqual([...sides.test].sort());
    expect(test.dropped).toEqual([{ reason: expect.stringContaining('by senses'), words: expect.arrayContaining([...sides.train, ...sides.validation]) }]);
  }
  const asked = model('asked').tuned!.rounds[0]!.card.parts[0]!;
  expect(value.tests.slice(2).map(({ language, used }) => [language, [...used].sort()])).toEqual(['en', 'nl'].map((language) => [language, [...asked.sides.test].sort()]));
  const [known, unknown] = [value.cells.filter((cell) => cell.value !== null), value.cells.filter((cell) => cell.value === null)];
  expect(unknown.every(({ reason, interval, difference }) => reason !== '' && interval === null && difference === null)).toBe(true);
  for (const { value: own, interval, n, measure } of known) {
    expect(interval![0]).toBeLessThanOrEqual(own!);
    expect(interval![1]).toBeGreaterThanOrEqual(own!);
    expect(n).toBe(measure === 'choice' ? 24 : 48);
  }
  expect(value.perDimension.every(({ rho }) => rho !== null)).toBe(true);
  // A head predicts what it was trained on, in both languages; nothing predicts for those without one.
  expect(value.perDimension.filter(({ measure }) => measure === 'rating').map(({ row, language, trained }) => `${row} ${language} ${trained}`)).toEqual([...Array<string>(6).fill('senses en true'), ...Array<string>(6).fill('senses nl false')]);
  // Questions that were trained on name test words; the reader is told.
  expect(made.warnings.find((line) => /questions that asked was trained on name a held-out word/.test(line))).toBeDefined();
  expect(made.warnings.find((line) => /with 200 draws no p from the bootstrap is below/.test(line))).toBeDefined();
});

test('RSA and probes are those of the rsa and dimensions cells on the same words', async () => {
  const stimuli = made.values.get('words') as StimuliValue;
  const { used } = value.tests[0]!;
  const rows = used.map((word) => stimuli.words.indexOf(word));
  const { dimensions, values } = stimuli.ratings!;
  const held: StimuliValue = {
    ...stimuli, words: used, translations: {}, categories: [], ratings: { ...stimuli.ratings!, values: Float64Array.from(rows.flatMap((row) => [...values.subarray(row * dimensions.length, (row + 1) * dimensions.length)])) },
  };
  made.values.set('held', held);
  await made.run('held people', ratingFields, runRatings, { stimuli: 'held', origin: 'illustrative' });
  const labels = { base: 'sensorium-mini', senses: 'senses' } as const;
  for (const name of ['base', 'senses'] as const) await made.run(`states ${name}`, activationFields, runActivations, { model: name, stimuli: 'held', device: 'wasm', label: labels[name] });
  const candidates = ['states base', 'states senses'];
  const rsa = await made.run('rsa', rsaFields, runRsa, { reference: 'held people', candidates, sets: ['motor', 'sensory', 'all'], layers: ['last'], permutations: 0, interval: 'percentile', bootstrap: 200 });
  for (const row of rsa.rows) {
    const cell = at(value, row.candidate, `rsa demo concepts en ${row.set}`);
    expect(cell.value).toBeCloseTo(row.value, 6);
    row.interval!.forEach((bound, end) => expect(cell.interval![end]).toBeCloseTo(bound, 5));
  }
  for (const { set, value: difference, interval } of rsa.differences) {
    const cell = at(value, 'senses', `rsa demo concepts en ${set}`);
    expect(cell.difference).toBeCloseTo(difference, 6);
    interval!.forEach((bound, end) => expect(cell.differenceInterval![end]).toBeCloseTo(bound, 5));
  }
  const probes = await made.run('probes', dimensionFields, runDimensions, { reference: 'held people', candidates, layers: ['last'], bootstrap: 200 });
  for (const { candidate, dimension, rho, interval } of probes.rows) {
    const found = value.perDimension.find((one) => one.row === candidate && one.measure === 'probe' && one.language === 'en' && one.dimension === dimension)!;
    expect(found.rho).toBeCloseTo(rho, 6);
    interval!.forEach((bound, end) => expect(found.interval![end]).toBeCloseTo(bound, 5));
  }
  const motor = probes.rows.filter(({ candidate, dimension }) => candidate === 'senses' && at(value, 'senses', 'probe demo concepts en motor').dimensions.includes(dimension));
  expect(at(value, 'senses', 'probe demo concepts en motor').value).toBeCloseTo(motor.reduce((sum, { rho }) => sum + rho, 0) / motor.length, 6);
});

test('heads answer as they did in training: their card’s test side is the same question', () => {
  // Ratings: what the base is held against is its probe, on the dimensions that were trained.
  const predicted = at(value, 'senses', 'rating head demo concepts en sensory');
  expect(predicted).toMatchObject({ relation: 'trained', against: 'probe', pFrom: 'bootstrap', rated: predicted.dimensions });
  expect(predicted.baseline).toBe(at(value, 'sensorium-mini', 'probe demo concepts en sensory').value);
  expect(at(value, 'sensorium-mini', 'rating head demo concepts en sensory')).toMatchObject({ value: predicted.baseline, against: 'probe', difference: null });
  expect(at(value, 'senses', 'rating head demo concepts en motor')).toMatchObject({ value: null, reason: 'it was not trained to rate any of these dimensions' });
  expect(at(value, 'senses', 'rating head demo concepts en all').reason).toContain('see sensory');
  expect(at(value, 'asked', 'rating head demo concepts en sensory').reason).toBe('it has no head that predicts ratings');
  // Questions: where the base has no head, what its language head finds likely stands for it.
  const chosen = at(value, 'asked', 'choice head en');
  expect(chosen).toMatchObject({ relation: 'trained', against: 'likelihood', pFrom: 'mcnemar', n: 24 });
  expect(chosen.baseline).toBe(at(value, 'sensorium-mini', 'choice likelihood en').value);
  expect((chosen.value! * 24) % 1).toBeCloseTo(0, 9);
  expect(at(value, 'senses', 'choice head en').reason).toBe('it has no head that answers questions');
});

test('each column says how it stands to what a model was trained on', () => {
  const relations = (row: string, columns: readonly string[]): string[] => columns.map((column) => { const { relation, across } = at(value, row, column); return [relation, ...across].join(' '); });
  const words = ['sensory', 'motor', 'all'].flatMap((set) => ['en', 'nl'].map((language) => `rsa demo concepts ${language} ${set}`));
  expect(relations('senses', words)).toEqual(['trained', 'transfer language', 'transfer dimensions', 'transfer language dimensions', 'partly trained', 'transfer language some dimensions']);
  expect(relations('asked', ['rsa demo concepts en all', 'rsa demo concepts nl all', 'choice head en', 'choice head nl', 'choice likelihood en'])).toEqual(['transfer format', 'transfer format language', 'trained', 'transfer language', 'transfer format']);
  expect(relations('sensorium-mini', ['rsa demo concepts en all'])).toEqual(['base']);
  // Rounds on parts of a set count together; prompts are another form than heads where the model itself answers.
  const part = { task: 'rating', form: 'head', data: 'd', language: 'en', n: 9, unit: 'word' } as const;
  const rounds = [{ ...part, dimensions: ['Visual'] }, { ...part, dimensions: ['Haptic'] }];
  expect(standingOf(rounds, { measure: 'probe', read: null, language: 'en', dimensions: ['Visual', 'Haptic'] }).relation).toBe('trained');
  expect(standingOf(rounds, { measure: 'rating', read: 'prompt', language: 'en', dimensions: ['Visual'] })).toEqual({ relation: 'transfer', across: ['format'] });
  // What a file does not tell of may be nearer than what it tells of, but not than the same task.
  const column = { measure: 'probe', read: null, language: 'en' } as const;
  expect(standingOf(rounds, { ...column, dimensions: ['Visual'] }, false).relation).toBe('trained');
  expect(standingOf(rounds, { ...column, dimensions: ['Visual', 'Head'] }, false)).toEqual({ relation: 'unknown', across: [] });
  expect(standingOf([], { ...column, dimensions: ['Visual'] }, false).relation).toBe('unknown');
});

test('all differences of the cell are corrected together', () => {
  const compared = value.cells.filter(({ p }) => p !== null);
  expect(compared).toHaveLength(value.family);
  expect(compared.map((cell) => cell.holm)).toEqual(holm(compared.map(({ p }) => p!)));
  expect(value.cells.filter(({ p, holm: corrected, bh }) => (p === null) !== (corrected === null) || (p === null) !== (bh === null))).toEqual([]);
});

test('a model equal to the base differs by exactly 0 with p = 1; repeats give their mean and spread', { timeout: 120_000 }, async () => {
  const senses = model('senses');
  const { repeats: _, ...untold } = senses.tuned!;
  const still = withRound({ ...senses, tuned: untold, label: 'still' }, (round) => ({ ...round, adapters: round.adapters.map((adapter) => ({ ...adapter, b: adapter.b.map(() => 0) })) }));
  made.values.set('still', { ...still, revision: 'still' });
  made.values.set('twice', { ...senses, label: 'twice', tuned: { ...senses.tuned!, repeats: [{ ...still, revision: 'still' }] } });
  const again = await compare('again', { tuned: ['base', 'still', 'twice'], sets: ['sensory'], questions: 'demo' });
  for (const row of ['still', 'sensorium-mini (base) 2']) {
    for (const column of ['rsa demo concepts en sensory', 'probe demo concepts en sensory', 'choice likelihood en']) {
      expect(at(again, row, column)).toMatchObject({ difference: 0, differenceInterval: [0, 0], p: 1, holm: 1, bh: 1 });
    }
  }
  expect(at(again, 'sensorium-mini (base) 2', 'rsa demo concepts en sensory').relation).toBe('base');
  const both = at(again, 'twice', 'rsa demo concepts en sensory');
  const [one, other] = [at(value, 'senses', 'rsa demo concepts en sensory').value!, at(again, 'still', 'rsa demo concepts en sensory').value!];
  expect(both.repeats).toEqual([expect.closeTo(one, 6), expect.closeTo(other, 6)]);
  expect(both.value).toBeCloseTo((one + other) / 2, 6);
  expect(both.spread!.sd).toBeCloseTo(Math.abs(one - other) / Math.SQRT2, 6);
  expect([both.spread!.low, both.spread!.high]).toEqual([...both.repeats].sort((a, b) => a - b));
  // Both levels: the interval of the difference reaches from the trained model's to that of none.
  expect(both.differenceInterval![0]).toBeLessThanOrEqual(0);
  expect(both.differenceInterval![1]).toBeGreaterThanOrEqual(0);
  expect(at(again, 'twice', 'choice likelihood en').pFrom).toBe('bootstrap');
  expect(again.rows.at(-1)!.repeats).toBe(2);
});

test('causal models tuned on prompts are asked by prompts, and so is their base', { timeout: 120_000 }, async () => {
  await made.run('causal', modelFields, runModel, { id: 'sensorium-mini-causal' });
  await made.run('told', finetuneFields, finetune, { ...brief, model: 'causal', task: ['rating', 'choice'], answer: 'prompt', dimensions: ['motor'], steps: 4 });
  const told = await compare('prompted', { base: 'causal', tuned: ['told'], sets: ['motor', 'sensory'], questions: 'demo', bootstrap: 20 });
  expect(told.columns.map(({ column }) => column)).toEqual([
    ...['rsa', 'probe', 'rating prompt'].flatMap((measure) => ['motor', 'sensory'].map((set) => `${measure} demo concepts en ${set}`)), 'choice prompt en', 'choice likelihood en',
  ]);
  expect(told.cells.filter((cell) => cell.value === null)).toEqual([]);
  expect(at(told, 'told', 'rating prompt demo concepts en motor')).toMatchObject({ relation: 'trained', against: 'same', baseline: at(told, 'sensorium-mini-causal', 'rating prompt demo concepts en motor').value });
  expect(at(told, 'told', 'rating prompt demo concepts en sensory')).toMatchObject({ relation: 'transfer', across: ['dimensions'] });
  expect(at(told, 'told', 'choice prompt en')).toMatchObject({ relation: 'trained', pFrom: 'mcnemar' });
  expect(at(told, 'told', 'choice likelihood en')).toMatchObject({ relation: 'transfer', across: ['format'] });
});

test('a given test side that a model saw is refused, too few unseen words as well, and what cannot be known is told', { timeout: 120_000 }, async () => {
  const stimuli = made.values.get('words') as StimuliValue;
  const { sides } = model('senses').tuned!.rounds[0]!.card.parts[0]!;
  const split = (test: ReadonlySet<string>): StimuliValue => ({ ...stimuli, split: stimuli.words.map((word) => (test.has(word) ? 'test' : 'train')) });
  made.values.set('leaky', split(new Set([...sides.test, sides.train[0]!])));
  await expect(compare('leak', { tuned: ['senses'], tests: ['leaky'] })).rejects.toThrow(expect.objectContaining({ code: 'split-leak', message: expect.stringContaining(sides.train[0]!) }));
  // The translation of a trained word is a leak like the word itself.
  const dutch: StimuliValue = { ...split(new Set([...sides.test, sides.train[0]!])), words: stimuli.translations['nl']!, language: 'nl', translations: { en: stimuli.words } };
  made.values.set('dutch', dutch);
  await expect(compare('leak in Dutch', { tuned: ['senses'], tests: ['dutch'] })).rejects.toThrow(expect.objectContaining({ code: 'split-leak' }));

  made.values.set('kept', split(new Set(sides.test)));
  const kept = await compare('given', { tuned: ['senses'], tests: ['kept'], sets: ['sensory'], bootstrap: 0 });
  expect(kept.tests[0]).toMatchObject({ given: true, used: stimuli.words.filter((word) => sides.test.includes(word)) });
  expect(kept.cells.every(({ interval, p }) => interval === null && p === null)).toBe(true);

  // Another seed trains on most of what the first held out: hardly a word is unseen by both.
  made.values.set('elsewhere', withRound(model('senses'), (round) => ({ ...round, card: { ...round.card, parts: round.card.parts.map((part) => ({ ...part, seenForms: { train: formsOf(sides.test.slice(10)), validation: [] } })) } })));
  await expect(compare('few', { tuned: ['senses', 'elsewhere'] })).rejects.toThrow(expect.objectContaining({ code: 'too-few-words' }));
  const questions = await loadQuestions(new URL('/', location.href).href);
  made.values.set('all asked', withRound(model('asked'), (round) => ({ ...round, card: { ...round.card, parts: round.card.parts.map((part) => ({ ...part, seenForms: { train: questions.map(({ id }) => id), validation: [] } })) } })));
  await expect(compare('none left', { tuned: ['all asked'], questions: 'demo' })).rejects.toThrow(expect.objectContaining({ code: 'too-few-questions' }));

  made.warnings.length = 0;
  made.values.set('stranger', withRound(model('senses'), (round) => ({ ...round, card: { ...round.card, imported: { file: 'adapter.zip', seen: null }, parts: [] } })));
  const strange = await compare('unknown', { tuned: ['stranger'], sets: ['all'], bootstrap: 0 });
  expect(strange.tests[0]!.used).toHaveLength(240);
  // What it was trained on is not known either: it is neither untuned nor transfer.
  expect(new Set(strange.cells.filter(({ row }) => row === 'senses').map(({ relation }) => relation))).toEqual(new Set(['unknown']));
  expect(strange.rows[1]).toMatchObject({ trainedOn: [], tasksKnown: false, seenKnown: false });
  expect(made.warnings).toContainEqual(expect.stringContaining('does not say which words it was trained on'));
  // An adapter from a file says by hashes what it was trained on, words and questions alike.
  const nameless = async (name: string): Promise<void> => {
    const seen = await seenHashes(model(name).tuned!);
    made.values.set(`${name} from a file`, withRound(model(name), (round) => ({ ...round, card: { ...round.card, imported: { file: 'adapter.zip', seen }, parts: round.card.parts.map((part) => ({ ...part, sides: nobody, seenForms: nobody })) } })));
  };
  await nameless('senses');
  await nameless('asked');
  made.warnings.length = 0;
  const hashed = await compare('hashed', { tuned: ['senses from a file', 'asked from a file'], sets: ['all'], questions: 'demo', bootstrap: 0 });
  expect(hashed.tests.map(({ used }) => [...used].sort())).toEqual([[...sides.test].sort(), [...model('asked').tuned!.rounds[0]!.card.parts[0]!.sides.test].sort()]);
  // What such questions name is not known, and is told once; an adapter of ratings has none.
  expect(made.warnings.filter((line) => /name a held-out word/.test(line))).toEqual([expect.stringMatching(/^asked.*: its adapter came from a file/)]);
  await expect(compare('layer', { tuned: ['senses'], layer: '9' })).rejects.toThrow(expect.objectContaining({ code: 'unknown-layer' }));
});
