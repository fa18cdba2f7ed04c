/** Batches of every task, with the bundled tokenizer and the demo words and questions. */
import { describe, expect, test } from 'vitest';
import { loadDemo } from '../../src/data/demo.ts';
import { dimensions } from '../../src/data/dimensions.ts';
import { loadQuestions } from '../../src/data/questions.ts';
import { ratingsOf } from '../../src/data/ratings.ts';
import { textsOf } from '../../src/data/table.ts';
import { bundledFiles } from '../../src/models/files.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import type { Batch, Task, TaskSettings } from '../../src/tuning/tasks/batch.ts';
import { choiceTask, type ChoiceSettings } from '../../src/tuning/tasks/choice.ts';
import { batchesPerEpoch, dealer, drawsFor } from '../../src/tuning/tasks/draws.ts';
import { planMixture, type Phase } from '../../src/tuning/tasks/mixture.ts';
import { promptOfChoice, promptsOfRatings, promptTask, ratingDigit, ratingPrompt, ratingPrompts } from '../../src/tuning/tasks/prompt.ts';
import { ratingTask, type RatingData, type RatingSettings } from '../../src/tuning/tasks/rating.ts';
import { textTask, type TextSettings } from '../../src/tuning/tasks/text.ts';
import { sharedFolderFiles } from '../models/support.ts';
import { testWithShared } from '../shared.ts';

const base = new URL('/', location.href).href;
const tokeniser = await loadTokenizer(bundledFiles(base, 'sensorium-mini'));
const vocabulary = 32_000;
const table = await loadDemo('/');
const questions = await loadQuestions('/');
const words = textsOf(table, 'word', '');
const dutch = textsOf(table, 'dutch', '');
const all = words.map((_, row) => row);
const ratings = ratingsOf(table, all, '*', 'illustrative', '');
const common: TaskSettings = { name: 'ours', seed: 8, batchSize: 16, contextLength: 64 };
const [cls, sep] = [tokeniser.encode('dog')[0]!, tokeniser.encode('dog').at(-1)!];

/** The tokens of a text that count in its mean. */
const counted = ({ ids, tokens }: Batch['tokens'], weights: Float32Array, row: number): number[] => ids[row]!.filter((_, at) => weights[row * tokens + at] === 1);

/** What keeps batches from being the same in a task made anew and asked in another order, or from changing with epoch and seed. */
function impurities<B extends Batch>(make: (seed: number) => Task<B>): string[] {
  const task = make(8);
  const text = (batch: B): string => JSON.stringify(batch);
  const first = Array.from({ length: 2 * task.perEpoch }, (_, index) => text(task.batch(index)));
  const again = make(8);
  const found: string[] = [];
  for (let index = first.length - 1; index >= 0; index -= 3) if (text(again.batch(index)) !== first[index]) found.push(`batch ${index} changes`);
  if (first[task.perEpoch] === first[0]) found.push('the second epoch repeats the first');
  if (text(make(9).batch(0)) === first[0]) found.push('the seed is of no effect');
  if (text(structuredClone(task.batch(0))) !== first[0]) found.push('a batch does not survive structured clone');
  return found;
}

describe('dealing', () => {
  test('every row is seen once an epoch, in batches that differ by one row at most', () => {
    for (const [rows, size] of [[1, 16], [16, 16], [17, 16], [100, 7], [23, 1]] as const) {
      const deal = { seed: 3, task: 'a', rows, size };
      const per = batchesPerEpoch(deal);
      const dealt = dealer(deal);
      for (let epoch = 0; epoch < 3; epoch++) {
        const batches = Array.from({ length: per }, (_, at) => dealt(epoch * per + at));
        expect(batches.every((batch) => batch.epoch === epoch)).toBe(true);
        expect(batches.flatMap((batch) => batch.rows).sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
        const sizes = batches.map((batch) => batch.rows.length);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(size);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  });

  test('all rows come first about equally often; tasks are shuffled apart', () => {
    const first = new Float64Array(10);
    const dealt = dealer({ seed: 1, task: 'a', rows: 10, size: 1 });
    for (let epoch = 0; epoch < 5000; epoch++) first[dealt(epoch * 10).rows[0]!]! += 1;
    // Binomial with p = 0.1: SD 21.
    for (const count of first) expect(Math.abs(count - 500)).toBeLessThan(5 * 21);
    const other = dealer({ seed: 1, task: 'b', rows: 10, size: 10 });
    expect(other(0).rows).not.toEqual(dealer({ seed: 1, task: 'a', rows: 10, size: 10 })(0).rows);
  });

  test('purposes, streams and blocks of a seed have numbers of their own', () => {
    const seen = new Set([drawsFor(1, 'a', 0), drawsFor(2, 'a', 0), drawsFor(1, 'b', 0), drawsFor(1, 'a', 1), drawsFor(1, 'a', 0, 1), drawsFor(2 ** 40 + 1, 'a', 0)].map((stream) => stream.uint32()));
    expect(seen.size).toBe(6);
  });
});

describe('rating', () => {
  const settings: RatingSettings = { ...common, dimensions: ['Visual', 'Auditory', 'Torso'], scaling: 'zscore', templates: ['{word}'], pooling: 'mean' };
  const train = all.filter((row) => row % 4 !== 0);
  const data: RatingData = { words, ratings, train };
  const rating = (row: number, dimension: string): number => ratings.values[row * 11 + ratings.dimensions.indexOf(dimension)]!;

  test('batches are pure functions of seed and number', () => expect(impurities((seed) => ratingTask(data, { ...settings, seed, templates: ['{word}', 'the {word}'] }, tokeniser))).toEqual([]));

  test('a batch holds the words\' tokens, weights over their own, and their ratings', () => {
    const task = ratingTask(data, { ...settings, templates: ['the {word} is here'] }, tokeniser);
    const { tokens, weights, targets, source } = task.batch(1);
    expect(tokens).toMatchObject({ batch: source.length, tokens: Math.max(...tokens.ids.map((ids) => ids.length)), padding: tokeniser.padding });
    expect(targets).toHaveLength(3 * source.length);
    source.forEach((row, at) => {
      expect(train).toContain(row);
      expect(tokens.ids[at]).toEqual(tokeniser.encode(`the ${words[row]} is here`));
      const own = tokeniser.encode(words[row]!).slice(1, -1);
      expect(counted(tokens, weights, at)).toEqual(own);
      settings.dimensions.forEach((dimension, j) => expect(task.toRatings(targets)[at * 3 + j]).toBeCloseTo(rating(row, dimension), 5));
    });
  });

  test('z-scores are those of the training words alone; mean and SD map back', () => {
    const task = ratingTask(data, settings, tokeniser);
    const batches = task.evaluation(train);
    expect(batches.flatMap(({ source }) => [...source])).toEqual(train);
    settings.dimensions.forEach((dimension, k) => {
      const values = batches.flatMap(({ targets }) => [...targets].filter((_, at) => at % 3 === k));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean).toBeCloseTo(0, 6);
      expect(values.reduce((sum, value) => sum + value ** 2, 0) / values.length).toBeCloseTo(1, 5);
      const own = train.map((row) => rating(row, dimension));
      expect(task.scales[k]).toMatchObject({ dimension, n: train.length });
      expect(task.scales[k]!.mean).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / own.length, 12);
    });
    // Other words do not move the scale.
    const moved = { ...ratings, values: ratings.values.map((value, at) => (train.includes(Math.floor(at / 11)) ? value : 5 - value)) };
    expect(ratingTask({ ...data, ratings: moved }, settings, tokeniser).scales).toEqual(task.scales);
  });

  test('or 0 to 1 over the rating scale', () => {
    const task = ratingTask(data, { ...settings, scaling: 'unit' }, tokeniser);
    const { targets, source } = task.batch(0);
    const [low, high] = ratings.scale;
    expect(targets[0]).toBeCloseTo((rating(source[0]!, 'Visual') - low) / (high - low), 6);
    expect(Math.min(...targets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...targets)).toBeLessThanOrEqual(1);
    expect(task.toRatings([0, 1, 0.5])).toEqual(Float64Array.of(low, high, (low + high) / 2));
  });

  test('missing ratings are marked, and words without any are left out with the reason', () => {
    const holes = { ...ratings, values: ratings.values.slice() };
    const at = (row: number, dimension: string): number => row * 11 + ratings.dimensions.indexOf(dimension);
    holes.values[at(1, 'Visual')] = NaN;
    for (const dimension of settings.dimensions) holes.values[at(2, dimension)] = NaN;
    const fed = words.map((word, row) => (row === 3 ? '' : row === 5 ? 'word '.repeat(70) : word));
    const task = ratingTask({ words: fed, ratings: holes, train }, settings, tokeniser);
    expect(task.leftOut).toEqual([
      { reason: 'no rating of the chosen dimensions', rows: [2] },
      { reason: 'no letter or digit in it', rows: [3] },
      { reason: 'longer than the 64 tokens the model reads', rows: [5] },
    ]);
    const [batch] = task.evaluation([1, 2, 3]);
    expect(batch!.source).toEqual([1]);
    expect(Array.from(batch!.targets, Number.isNaN)).toEqual([true, false, false]);
    expect(task.scales.map(({ n }) => n)).toEqual([train.length - 4, train.length - 3, train.length - 3]);
  });

  test('a word meets the templates in turn; evaluation takes all of them', () => {
    const templates = ['{word}', 'the {word}', 'a {word} !'];
    const task = ratingTask(data, { ...settings, templates }, tokeniser);
    const met = new Map<number, string[]>();
    for (let index = 0; index < 3 * task.perEpoch; index++) {
      const { tokens, source } = task.batch(index);
      source.forEach((row, at) => met.set(row, [...(met.get(row) ?? []), tokens.ids[at]!.join()]));
    }
    for (const row of train) expect(met.get(row)!.sort()).toEqual(templates.map((template) => tokeniser.encode(template.replace('{word}', words[row]!)).join()).sort());
    const [first] = task.evaluation([0]);
    expect(first!.source).toEqual([0, 0, 0]);
  });

  test('in any language, with any pooling', () => {
    const task = ratingTask({ ...data, words: dutch }, { ...settings, pooling: 'all', templates: ['een {word} .'] }, tokeniser);
    const { tokens, weights, source } = task.batch(0);
    expect(tokens.ids[0]).toEqual(tokeniser.encode(`een ${dutch[source[0]!]} .`));
    expect(counted(tokens, weights, 0)).toEqual(tokens.ids[0]!.slice(1, -1));
    for (const [pooling, place] of [['first', 0], ['last', -1]] as const) {
      const batch = ratingTask(data, { ...settings, pooling, templates: ['the {word} .'] }, tokeniser).batch(0);
      batch.source.forEach((row, at) => expect(counted(batch.tokens, batch.weights, at)).toEqual([tokeniser.encode(words[row]!).slice(1, -1).at(place)]));
    }
  });

  test('what cannot be learnt is refused', () => {
    const attempt = (change: Partial<RatingSettings>, from: Partial<RatingData> = {}) => () => ratingTask({ ...data, ...from }, { ...settings, ...change }, tokeniser);
    expect(attempt({ dimensions: ['Smell'] })).toThrow(/task ours: there are no ratings of Smell/);
    expect(attempt({ dimensions: [] })).toThrow(/no dimension is chosen/);
    expect(attempt({ templates: [] })).toThrow(/there is no template/);
    expect(attempt({ templates: ['word'] })).toThrow(/does not hold \{word\}/);
    expect(attempt({}, { train: [] })).toThrow(/none of the 0 words can be used/);
    expect(attempt({}, { words: words.map(() => '') })).toThrow(/none of the \d+ words can be used \(\d+ because: no letter or digit in it\)/);
    expect(attempt({}, { ratings: { ...ratings, values: ratings.values.map(() => 0.1) } })).toThrow(/all \d+ training words have the same rating of Visual/);
    expect(attempt({ batchSize: 0 })).toThrow(/in batches of 0/);
  });
});

describe('choice', () => {
  const settings: ChoiceSettings = { ...common, batchSize: 8, language: 'en', form: 'joined', pooling: 'mean' };
  const numbers = questions.map((_, i) => i);
  const train = numbers.filter((i) => i % 5 !== 0);

  test('batches are pure functions of seed and number', () => expect(impurities((seed) => choiceTask(questions, train, { ...settings, seed }, tokeniser))).toEqual([]));

  test('a question is four rows in the order of its options, with its right one', () => {
    for (const language of ['en', 'nl'] as const) {
      const { tokens, right, source, weights } = choiceTask(questions, train, { ...settings, language }, tokeniser).batch(2);
      expect(tokens.batch).toBe(4 * source.length);
      source.forEach((number, group) => {
        const question = questions[number]!;
        expect(right[group]).toBe(question.answer);
        question.options[language].forEach((option, i) => {
          expect(tokens.ids[4 * group + i]).toEqual(tokeniser.encode(`${question.question[language]} ${option}`));
          expect(counted(tokens, weights, 4 * group + i)).toEqual(tokeniser.encode(option).slice(1, -1));
        });
      });
    }
  });

  test('as a pair, end tokens stand where BERT and RoBERTa have them', () => {
    const { question, options } = questions[7]!;
    const [asked, option] = [tokeniser.encode(question.en).slice(1, -1), tokeniser.encode(options.en[1]).slice(1, -1)];
    const rowsAs = (form: ChoiceSettings['form']) => choiceTask(questions, train, { ...settings, form }, tokeniser).evaluation([7])[0]!;
    expect(rowsAs('pair').tokens.ids[1]).toEqual([cls, ...asked, sep, ...option, sep]);
    const doubled = rowsAs('pair-double');
    expect(doubled.tokens.ids[1]).toEqual([cls, ...asked, sep, sep, ...option, sep]);
    for (const form of ['pair', 'pair-double'] as const) {
      const batch = rowsAs(form);
      expect(counted(batch.tokens, batch.weights, 1)).toEqual(option);
      // The option's tokens where they stand, not the same tokens in the question.
      const width = batch.tokens.tokens;
      const from = batch.weights.subarray(width, 2 * width).indexOf(1);
      expect(from).toBe(asked.length + (form === 'pair' ? 2 : 3));
    }
  });

  test('questions that are too long are left out whole', () => {
    const long = questions.map((question, i) => (i === 1 ? { ...question, question: { ...question.question, en: 'very '.repeat(70) } } : question));
    for (const form of ['joined', 'pair'] as const) {
      const task = choiceTask(long, [1, 2, 3], { ...settings, form }, tokeniser);
      expect(task.leftOut).toEqual([{ reason: 'longer than the 64 tokens the model reads', rows: [1] }]);
      expect(task.evaluation([1, 2])[0]!.tokens.batch).toBe(4);
    }
  });
});

describe('text', () => {
  const sentences = words.map((word, i) => `the ${word} and the ${words[(i * 7 + 3) % words.length]} were near the ${words[(i * 11 + 5) % words.length]} all day`);
  const settings: TextSettings = { ...common, batchSize: 32, objective: 'masked', vocabulary };
  const numbers = sentences.map((_, i) => i);
  const original = sentences.map((sentence) => tokeniser.encode(sentence));

  test('batches are pure functions of seed and number', () => {
    for (const objective of ['masked', 'causal'] as const) expect(impurities((seed) => textTask(sentences, numbers, { ...settings, objective, seed }, tokeniser)), objective).toEqual([]);
  });

  test('15 % of the tokens are predicted; 80 % of them are masked, 10 % random, 10 % as they were; no other is touched', () => {
    const task = textTask(sentences, numbers, settings, tokeniser);
    const counts = { tokens: 0, places: 0, masked: 0, same: 0, other: 0 };
    for (let index = 0; index < 30 * task.perEpoch; index++) {
      const { tokens, targets, source } = task.batch(index);
      const at = new Map(targets.map(({ text, token, id }) => [`${text} ${token}`, id]));
      expect(at.size).toBe(targets.length);
      source.forEach((number, row) => {
        const text = original[number]!;
        counts.tokens += text.length - 2;
        tokens.ids[row]!.forEach((id, token) => {
          const target = at.get(`${row} ${token}`);
          if (target === undefined) {
            if (id !== text[token]) throw new Error(`token ${token} of text ${number} was changed and is not predicted`);
            return;
          }
          expect(target).toBe(text[token]);
          counts.places++;
          if (id === tokeniser.mask) counts.masked++;
          else if (id === target) counts.same++;
          else counts.other++;
        });
      });
      for (const { id } of targets) expect([cls, sep]).not.toContain(id);
    }
    const near = (count: number, of: number, share: number): void => expect(Math.abs(count - share * of)).toBeLessThan(5 * Math.sqrt(of * share * (1 - share)));
    expect(counts.tokens).toBeGreaterThan(50_000);
    near(counts.places, counts.tokens, 0.15);
    near(counts.masked, counts.places, 0.8);
    near(counts.same, counts.places, 0.1);
    near(counts.other, counts.places, 0.1);
  });

  test('what is masked in a sentence depends neither on its batch nor on the other sentences', () => {
    const hidden = (task: ReturnType<typeof textTask>): string[] => Array.from({ length: task.perEpoch }, (_, index) => task.batch(index)).flatMap(({ tokens, source }) => source.map((number, row) => `${number}: ${tokens.ids[row]!.join()}`)).sort();
    expect(hidden(textTask(sentences, numbers, { ...settings, batchSize: 50 }, tokeniser))).toEqual(hidden(textTask(sentences, numbers, settings, tokeniser)));
    const some = numbers.slice(0, 60);
    const few = hidden(textTask(sentences, some, settings, tokeniser));
    const whole = new Set(hidden(textTask(sentences, numbers, settings, tokeniser)));
    expect(few.every((line) => whole.has(line))).toBe(true);
  });

  test('evaluation masks the same each time; even a batch of one short sentence has something to predict', () => {
    const task = textTask(sentences, numbers, settings, tokeniser);
    expect(task.evaluation([4, 5, 6])).toEqual(task.evaluation([4, 5, 6]));
    const short = textTask(['dog', 'cat'], [0, 1], { ...settings, batchSize: 1 }, tokeniser);
    for (let index = 0; index < 20; index++) {
      expect(short.batch(index).targets.map(({ text, token }) => [text, token])).toEqual([[0, 1]]);
    }
  });

  test('a causal model predicts each token from the one before, the end token excepted', () => {
    const { tokens, targets, source } = textTask(sentences, numbers, { ...settings, objective: 'causal' }, tokeniser).batch(0);
    expect(tokens.ids).toEqual(source.map((number) => original[number]));
    expect(targets).toEqual(source.flatMap((number, text) => original[number]!.slice(1, -1).map((id, i) => ({ text, token: i + 1, id }))));
  });

  test('a masked model without a mask, and sentences without tokens, are refused', () => {
    const blind = { padding: 0, mask: null, tokenise: tokeniser.tokenise.bind(tokeniser) };
    expect(() => textTask(sentences, numbers, settings, blind)).toThrow(/the tokenizer has no mask token/);
    expect(() => textTask(sentences, numbers, { ...settings, objective: 'causal' }, blind)).not.toThrow();
    expect(() => textTask(['...', ''], [0, 1], settings, tokeniser)).toThrow(/none of the 2 sentences can be used \(2 because: no letter or digit in it\)/);
  });
});

describe('prompts', () => {
  test('ask about word and dimension, and are answered by the nearest digit', () => {
    expect(ratingPrompt('dog', 'Auditory', ratingPrompts.en)).toBe('how strongly is dog experienced by hearing ? answer from 0 to 5 :');
    expect(ratingPrompt('hond', 'Torso', ratingPrompts.nl)).toBe('hoe sterk wordt hond ervaren door een handeling van de romp ? antwoord van 0 tot 5 :');
    expect(ratingPrompt('$& {dimension}', 'Other', { template: '{word} {dimension}', dimensions: {} })).toBe('$& {dimension} Other');
    expect(() => ratingPrompt('dog', 'Visual', { template: 'how {word} ?', dimensions: {} })).toThrow(/it does not hold \{dimension\} once/);
    expect([0, 0.49, 0.5, 2.4, 4.5, 5].map((rating) => ratingDigit(rating, [0, 5]))).toEqual(['0', '0', '1', '2', '5', '5']);
    expect([1, 4, 7].map((rating) => ratingDigit(rating, [1, 7]))).toEqual(['0', '3', '5']);
    for (const { dimensions: ways } of Object.values(ratingPrompts)) {
      expect(Object.keys(ways)).toEqual(dimensions.map(({ id }) => id));
      expect(new Set(Object.values(ways)).size).toBe(11);
    }
  });

  test('one per word and dimension that has a rating', () => {
    const values = ratings.values.slice();
    values[2 * 11] = NaN;
    const fed = words.map((word, row) => (row === 4 ? '' : word));
    const prompts = promptsOfRatings(fed, { ...ratings, values }, [2, 4, 5], [ratings.dimensions[0]!, 'Visual'], ratingPrompts.en);
    expect(prompts.map(({ row, dimension }) => `${row} ${dimension}`)).toEqual(['2 Visual', `5 ${ratings.dimensions[0]}`, '5 Visual']);
    expect(prompts[2]).toMatchObject({ answer: String(Math.round(ratings.values[5 * 11 + ratings.dimensions.indexOf('Visual')]!)) });
  });

  test('choices name their options by letters', () => {
    const [question] = questions;
    expect(promptOfChoice(question!, 'en')).toEqual({ prompt: 'Which of these sounds very loud? a ) whisper b ) thunder c ) sigh d ) footstep answer :', answer: 'b' });
    expect(promptOfChoice(question!, 'nl').prompt).toMatch(/^Wat klinkt heel hard\? a \) gefluister .* antwoord :$/);
  });

  const prompts = [...promptsOfRatings(dutch, ratings, all, ['Visual', 'Haptic'], ratingPrompts.nl), ...questions.map((question) => promptOfChoice(question, 'en'))];
  const train = prompts.map((_, i) => i);

  test('batches are pure functions of seed and number', () => expect(impurities((seed) => promptTask(prompts, train, { ...common, seed }, tokeniser))).toEqual([]));

  test('only the answer is predicted, from the end of the prompt', () => {
    const task = promptTask(prompts, train, common, tokeniser);
    expect(task.leftOut).toEqual([]);
    for (let index = 0; index < 5; index++) {
      const { tokens, targets, source } = task.batch(index);
      expect(targets).toHaveLength(source.length);
      source.forEach((number, text) => {
        const { prompt, answer } = prompts[number]!;
        const before = tokeniser.encode(prompt).slice(0, -1);
        const own = tokeniser.encode(answer).slice(1, -1);
        expect(own).toHaveLength(1);
        expect(tokens.ids[text]).toEqual([...before, ...own, sep]);
        expect(targets[text]).toEqual({ text, token: before.length, id: own[0] });
      });
    }
  });

  test('an answer of several tokens is predicted token by token', () => {
    const answer = 'sensorimotorisch';
    const own = tokeniser.encode(answer).slice(1, -1);
    expect(own.length).toBeGreaterThan(1);
    const [batch] = promptTask([{ prompt: 'which word ? answer :', answer }], [0], common, tokeniser).evaluation([0]);
    const start = tokeniser.encode('which word ? answer :').length - 1;
    expect(batch!.targets).toEqual(own.map((id, i) => ({ text: 0, token: start + i, id })));
  });
});

describe('a tokenizer without end token, whose digits may be several tokens', () => {
  const stories = async () => loadTokenizer(await sharedFolderFiles('stories260k', ['tokenizer.json', 'tokenizer_config.json']));

  testWithShared('answers follow the whole prompt, and every token of them is predicted from the one before', async () => {
    const other = await stories();
    const prompts = promptsOfRatings(words, ratings, [0, 1, 2, 3], ['Visual', 'Haptic'], ratingPrompts.en);
    const task = promptTask(prompts, prompts.map((_, i) => i), { ...common, contextLength: 512 }, other);
    const { tokens, targets, source } = task.batch(0);
    const expected = source.flatMap((number, text) => {
      const { prompt, answer } = prompts[number]!;
      const ids = tokens.ids[text]!;
      expect(ids).toEqual(other.encode(`${prompt} ${answer}`));
      const before = other.encode(prompt);
      expect(ids.slice(0, before.length)).toEqual(before);
      return ids.slice(before.length).map((id, i) => ({ text, token: before.length + i, id }));
    });
    expect(targets).toEqual(expected);
  });

  testWithShared('a causal text begins to be predicted after the beginning token', async () => {
    const other = await stories();
    const { tokens, targets } = textTask(['the dog ran'], [0], { ...common, objective: 'causal', vocabulary: 512 }, other).batch(0);
    const ids = other.encode('the dog ran');
    expect(tokens.ids).toEqual([ids]);
    expect(targets).toEqual(ids.slice(1).map((id, i) => ({ text: 0, token: i + 1, id })));
  });
});

describe('mixtures', () => {
  const tasks = ['rating', 'choice', 'text', 'more'];
  const plan = (phases: readonly Phase[], of: readonly string[] = tasks) => planMixture(phases, of, 'cell x');

  test('at every step each task has had its share of turns, to within one', () => {
    const shares = [{ rating: 1, choice: 1 }, { rating: 3, choice: 1, text: 1 }, { rating: 0.62, choice: 0.21, text: 0.1, more: 0.07 }, { rating: 1, choice: 1, text: 1 }, { rating: 100, choice: 1 }] as readonly Record<string, number>[];
    for (const list of shares) {
      const names = Object.keys(list);
      const sum = Object.values(list).reduce((a, b) => a + b, 0);
      const mixture = plan([{ steps: 500, shares: list }], names);
      const counts = new Map(names.map((name) => [name, 0]));
      for (let step = 0; step < 500; step++) {
        const { task, index } = mixture.at(step);
        expect(index).toBe(counts.get(task));
        counts.set(task, index + 1);
        for (const name of names) expect(Math.abs(counts.get(name)! - (list[name]! / sum) * (step + 1)), `${name} after ${step + 1} steps`).toBeLessThanOrEqual(1 - 1 / (2 * names.length - 2) + 1e-6);
      }
      expect(mixture.taken(500)).toEqual(Object.fromEntries(counts));
    }
  });

  test('a curriculum goes on counting batches from phase to phase', () => {
    const mixture = plan([{ steps: 3, shares: { text: 1 } }, { steps: 4, shares: { text: 1, rating: 1 } }, { steps: 2, shares: { rating: 1, text: 0 } }], ['rating', 'text']);
    expect(mixture.steps).toBe(9);
    const turns = Array.from({ length: 9 }, (_, step) => mixture.at(step));
    expect(turns.slice(0, 3)).toEqual([0, 1, 2].map((index) => ({ task: 'text', index })));
    expect(turns.slice(3, 7).map(({ task }) => task).sort()).toEqual(['rating', 'rating', 'text', 'text']);
    expect(turns.slice(7)).toEqual([2, 3].map((index) => ({ task: 'rating', index })));
    expect(mixture.taken(0)).toEqual({ rating: 0, text: 0 });
    expect(mixture.taken(9)).toEqual({ rating: 4, text: 5 });
    expect(() => mixture.at(9)).toThrow('step 9 of 9');
  });

  test('plans that cannot be are refused', () => {
    expect(() => plan([], ['rating'])).toThrow(/cell x: there is no phase/);
    expect(() => plan([{ steps: 0, shares: { rating: 1 } }])).toThrow(/phase 1 has 0 steps/);
    expect(() => plan([{ steps: 1, shares: { ratings: 1 } }])).toThrow(/a share of ratings, and the tasks are rating, choice/);
    expect(() => plan([{ steps: 1, shares: { rating: -1 } }])).toThrow(/the share of rating in phase 1 is -1/);
    expect(() => plan([{ steps: 1, shares: { rating: 0 } }])).toThrow(/phase 1 has no task/);
    expect(() => plan([{ steps: 1, shares: { rating: 1 } }], ['rating', 'text'])).toThrow(/text is never trained/);
  });
});
