/** Values for the gallery and the tests of figures. All of it is made up by seeded formulas; none of it is data. */
import type { DimensionSet } from '../../src/data/dimensions.ts';
import { dimensions } from '../../src/data/dimensions.ts';
import type { TaskCard, TuningCard } from '../../src/data/tuned.ts';
import type { DimensionsValue, DimensionTest, Interval, Layer, ModelValue, RdmValue, RepresentationValue, RsaDifference, RsaRow, RsaValue, StimuliValue, TableValue, WordsValue } from '../../src/data/values.ts';

/** A small generator (mulberry32): numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const syllables = ['ba', 'le', 'mo', 'ti', 'ru', 'sen', 'kar', 'vo', 'pli', 'dan', 'fe', 'nu'];
const kinds = ['animal', 'tool', 'food', 'sound', 'body', 'feeling', 'place', 'idea'];

/** Invented words. */
export function inventedWords(n: number): string[] {
  return Array.from({ length: n }, (_, at) => `${syllables[at % 12]}${syllables[Math.floor(at / 12) % 12]}${at >= 144 ? syllables[Math.floor(at / 144) % 12] : ''}`);
}

const categoriesOf = (n: number) => Array.from({ length: n }, (_, at) => kinds[Math.floor((at * kinds.length) / n)]!);
const around = (value: number, width: number): Interval => [value - width, value + width];

function rsaBase(rows: readonly RsaRow[], differences: readonly RsaDifference[], rest: Partial<RsaValue> = {}): RsaValue {
  return { type: 'rsa', reference: 'norms', referenceOrigin: 'human', comparator: 'spearman', metric: 'cosine', rows, differences, permutations: 10_000, orders: [...new Set(rows.map(({ set }) => set))].map((set) => ({ set, permutations: rest.permutations ?? 10_000, exact: false })), alternative: 'greater', correction: 'none', bootstrap: 1000, resampling: 'bootstrap', intervalMethod: 'corrected', level: 0.95, ceiling: null, dropped: [{ reason: 'empty cell in Visual_a', words: ['bale', 'mole'] }], ...rest };
}

/** Rated candidates under three sets, with differences. */
export function madeUpRsa(names: readonly string[] = ['Base', 'English', 'Dutch', 'Questions'], rest: Partial<RsaValue> = {}): RsaValue {
  const next = random(3);
  const sets: DimensionSet[] = ['motor', 'sensory', 'all'];
  const rows = sets.flatMap((set) => names.map((candidate): RsaRow => {
    const value = 0.1 + next() * 0.65;
    return { candidate, layer: 'ratings', layerIndex: 0, set, n: 1200, pairs: 719_400, value, interval: around(value, 0.015 + next() * 0.03), se: 0.01, p: value > 0.2 ? 0.0001 : 0.0213, pAdjusted: null };
  }));
  const of = (set: DimensionSet, candidate: string) => rows.find((row) => row.set === set && row.candidate === candidate)!;
  const differences = sets.flatMap((set) => names.slice(1).map((name): RsaDifference => {
    const value = of(set, name).value - of(set, names[0]!).value;
    return { set, a: { candidate: name, layer: 'ratings' }, b: { candidate: names[0]!, layer: 'ratings' }, value, interval: around(value, 0.04), se: 0.02, p: 0.031, pAdjusted: null };
  }));
  return rsaBase(rows, differences, rest);
}

/** Hidden states over layers. */
export function madeUpLayers(names: readonly string[], layers: number, rest: Partial<RsaValue> = {}, seed = 5): RsaValue {
  const next = random(seed);
  const rows = names.flatMap((candidate, which) => Array.from({ length: layers }, (_, index): RsaRow => {
    const place = layers > 1 ? index / (layers - 1) : 0;
    const value = 0.06 + (0.14 + 0.05 * which) * Math.sin(Math.PI * (0.15 + 0.75 * place)) + next() * 0.012;
    return { candidate, layer: index ? `layer ${index}` : 'embeddings', layerIndex: index, set: 'all', n: 240, pairs: 28_680, value, interval: around(value, 0.022 + 0.004 * which), se: 0.011, p: 0.001, pAdjusted: null };
  }));
  return rsaBase(rows, [], { permutations: 1000, referenceOrigin: 'illustrative', reference: 'demo', dropped: [], ...rest });
}

export function madeUpDimensions(names: readonly string[], layers = 1, rest: Partial<DimensionsValue> = {}): DimensionsValue {
  const next = random(8);
  const rows = names.flatMap((candidate, which) => Array.from({ length: layers }, (_, index) => dimensions.map((dimension) => {
    const rho = Math.min(0.92, -0.1 + 0.24 * which + next() * 0.5 + 0.02 * index);
    return { candidate, layer: layers > 1 ? `layer ${index}` : 'ratings', layerIndex: index, dimension: dimension.id, n: 1200, rho, sd: null, interval: around(rho, 0.03), r2: null, controlRho: null, rhoWithin: layers > 1 ? rho + 0.02 : null, controlRhoWithin: null, method: layers > 1 ? ('probe' as const) : ('direct' as const) };
  })).flat());
  const tests = layers > 1 ? [] : rows.filter((row) => row.candidate !== names[0]).map((row): DimensionTest => {
    const own = rows.find((one) => one.candidate === names[0] && one.dimension === row.dimension)!;
    const statistic = (own.rho - row.rho) * 40;
    const p = Math.min(1, Math.exp(-(statistic ** 2) / 2));
    const side = ({ candidate, layer }: { candidate: string; layer: string }) => ({ candidate, layer });
    return { dimension: row.dimension, a: side(own), b: side(row), n: 1198, rhoA: own.rho, rhoB: row.rho, rhoAB: 0.4, statistic, p, pAdjusted: Math.min(1, p * 11) };
  });
  return {
    type: 'dimensions', reference: 'norms', referenceOrigin: 'human', rows, tests, test: tests.length ? 'steiger' : 'none', correction: 'holm', folds: 5, foldings: 1, penalty: 'gcv',
    bootstrap: 500, intervalMethod: 'percentile', level: 0.95, dropped: [], ...rest,
  };
}

/** Words in blocks: near within a category, farther between, with noise; sharper in later layers. */
export function madeUpRdm(n: number, layers: number, rest: Partial<RdmValue> = {}): RdmValue {
  const categories = categoriesOf(n);
  const made = Array.from({ length: layers }, (_, index) => {
    const next = random(100 + index);
    const distances = new Float32Array((n * (n - 1)) / 2);
    const sharp = (index + 1) / layers;
    let at = 0;
    for (let i = 0; i < n; i += 1) {
      for (let j = i + 1; j < n; j += 1) {
        const [a, b] = [kinds.indexOf(categories[i]!), kinds.indexOf(categories[j]!)];
        distances[at] = 0.28 + sharp * (a === b ? -0.1 : 0.1 + 0.05 * Math.cos(a * b)) + 0.3 * next();
        at += 1;
      }
    }
    return { name: index ? `layer ${index}` : 'embeddings', index, distances };
  });
  return { type: 'rdm', label: 'a small model', words: inventedWords(n), categories, metric: 'cosine', standardise: 'none', layers: made, order: Uint32Array.from({ length: n }, (_, at) => at), orderedBy: 'category', undefinedPairs: made.map(() => 0), dropped: [], origin: 'model', ...rest };
}

export function madeUpWords(names: readonly string[], n = 1200, rest: Partial<WordsValue> = {}): WordsValue {
  const next = random(21);
  const words = inventedWords(n);
  const perWord = names.map((candidate, which) => ({ candidate, values: Float64Array.from(words, () => Math.min(0.98, 0.12 + 0.09 * which + 0.18 * (next() + next()) * (0.4 + 0.3 * which))) }));
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const pairs = names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b] as const));
  return {
    type: 'words', reference: 'norms', referenceOrigin: 'human',
    similarities: perWord.flatMap((one) => (['motor', 'sensory', 'all'] as const).map((set) => ({ candidate: one.candidate, set, n, mean: mean(one.values) }))),
    rankCorrelations: pairs.map(([a, b], at) => ({ a, b, set: 'all', n, raw: -0.15 + 0.14 * at, zscored: 0.1 + 0.07 * at, rows: 0.16 + 0.05 * at, t: -90 + 21 * at })),
    movers: names.slice(1).map((b, at) => ({
      a: names[0]!, b,
      gains: words.slice(0, 8).map((word, place) => ({ word, from: 0.12 + 0.01 * place, to: 0.82 - 0.03 * place - 0.05 * at })),
      losses: words.slice(20, 28).map((word, place) => ({ word, from: 0.42 - 0.01 * place, to: 0.18 + 0.015 * place })),
    })),
    scaleUse: [{ label: 'norms', mean: 1.4 }, ...names.map((label, at) => ({ label, mean: 2.6 - 0.55 * at }))],
    words, perWord, dropped: [], ...rest,
  };
}

export function madeUpStimuli(n: number, rest: Partial<StimuliValue> = {}): StimuliValue {
  const next = random(34);
  const words = inventedWords(n);
  return {
    type: 'stimuli', label: 'invented words', words, language: 'en', translations: { nl: words.map((word) => `${word}en`) }, categories: categoriesOf(n),
    split: words.map((_, at) => (at % 5 < 3 ? 'train' : 'test')),
    ratings: { dimensions: dimensions.map((dimension) => dimension.id), values: Float64Array.from({ length: n * 11 }, (_, at) => (at === 4 ? Number.NaN : Math.round(next() ** 1.8 * 50) / 10)), scale: [0, 5], origin: 'illustrative' },
    dropped: [{ reason: 'not in the table en', words: ['nunu', 'fefe', 'dandan'] }], ...rest,
  };
}

export function madeUpRatings(n: number): RepresentationValue {
  const { words, categories, split, ratings } = madeUpStimuli(n);
  return { type: 'representation', label: 'invented ratings', words, language: 'en', categories, split, layers: [{ name: 'ratings', index: 0, d: 11, data: ratings!.values }], dimensions: ratings!.dimensions, origin: 'illustrative', dropped: [] };
}

export function madeUpStates(n: number, layers: number, d = 32): RepresentationValue {
  const made = Array.from({ length: layers }, (_, index): Layer => {
    const next = random(55 + index);
    const shared = 0.15 + (0.9 * index) / Math.max(1, layers - 1);
    return { name: index ? `layer ${index}` : 'embeddings', index, d, data: Float32Array.from({ length: n * d }, () => shared + next() - 0.5) };
  });
  return { type: 'representation', label: 'a small model', words: inventedWords(n), language: 'en', categories: [], split: [], layers: made, dimensions: [], origin: 'model', dropped: [] };
}

export const madeUpModel: ModelValue = {
  type: 'model', label: 'invented-mini', source: 'bundled', id: 'invented-mini', revision: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', dtype: 'fp32', onnxFile: 'onnx/model.onnx', architecture: 'LlamaForCausalLM',
  parameters: 14_200_000, bytes: 56_800_000, hiddenStates: ['e', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'], hiddenSize: 256, contextLength: 128, notes: ['The graph has no final norm; the last layer is taken before it.'],
};

/** A tuned model whose loss falls and, on validation, rises again. */
export function madeUpTuned(steps: number, rest: Partial<TuningCard> = {}, part: Partial<TaskCard> = {}): ModelValue {
  const next = random(97);
  const words = inventedWords(120);
  const validation = Array.from({ length: Math.floor(steps / 20) + 1 }, (_, at) => ({ step: at * 20, loss: 0.6 + 0.7 * Math.exp(-at / 2) + at * 0.012 }));
  const card: TuningCard = {
    base: madeUpModel.label,
    parts: [{
      task: 'rating', form: 'head', share: 1, data: 'invented norms', origin: 'human', language: 'en', dimensions: ['Auditory', 'Visual', 'Head'], heldOut: ['Haptic', 'Mouth'], unit: 'word',
      sides: { train: words.slice(0, 84), validation: words.slice(84, 96), test: words.slice(96) }, seenForms: { train: words.slice(0, 84), validation: words.slice(84, 96) }, formLanguages: ['en'], dropped: [{ reason: 'training: no rating of the chosen dimensions', words: ['bale'] }], validation, test: { loss: 0.72, reference: 0.98 }, ...part,
    }],
    seed: 1, settings: { steps: 2 * steps, rank: 8, rate: 0.005 }, parameters: 17_803,
    history: Array.from({ length: steps }, (_, at) => ({ step: at + 1, loss: 0.1 + Math.exp(-at / 60) + 0.2 * next(), task: part.task ?? 'rating' })), validation,
    steps, keptStep: validation.reduce((best, point) => (point.loss < best.loss ? point : best)).step, stoppedEarly: true, device: 'wasm', seconds: 42.3, ...rest,
  };
  const { label, revision } = madeUpModel;
  return { ...madeUpModel, label: 'tuned', revision: 'decade'.repeat(10), tuned: { base: { label, revision }, rounds: [{ adapters: [], heads: [], card }] } };
}

/** A model tuned on words and questions in turn, with three seeds; some dimensions are held out. */
export function madeUpMixture(steps: number): ModelValue {
  const one = (seed: number): ModelValue => {
    const value = madeUpTuned(steps, { seed, settings: { steps, rank: 8, rate: 0.005, plan: `${steps}: rating 2, choice 1` } });
    const { base, rounds: [round] } = value.tuned!;
    const [part] = round!.card.parts;
    const moved = (by: number): { step: number; loss: number }[] => part!.validation.map(({ step, loss }) => ({ step, loss: loss + by + 0.05 * Math.sin(seed + step) }));
    const card: TuningCard = {
      ...round!.card, history: round!.card.history.map((point) => ({ ...point, task: point.step % 3 === 0 ? 'choice' : 'rating' })),
      parts: [
        { ...part!, origin: 'illustrative', share: 2 / 3, validation: moved(0), test: { loss: 0.72 + 0.01 * seed, reference: 0.98 } },
        { ...part!, task: 'choice', share: 1 / 3, data: 'invented questions', origin: 'illustrative', dimensions: [], heldOut: [], unit: 'question', dropped: [], validation: moved(0.6), test: { loss: 1.3 - 0.02 * seed, reference: Math.log(4) } },
      ],
    };
    return { ...value, label: seed === 1 ? 'taught both' : `taught both, seed ${seed}`, tuned: { base, rounds: [{ ...round!, card }] } };
  };
  const [first, ...repeats] = [1, 2, 3].map(one);
  return { ...first!, tuned: { ...first!.tuned!, repeats } };
}

export function madeUpTable(rows: number): TableValue {
  const next = random(89);
  return {
    type: 'table', file: 'invented norms.csv', sheet: '', rows, wordColumn: 'Word', firstRow: 2,
    columns: [
      { name: 'Word', type: 'text', values: inventedWords(rows) },
      { name: 'Class', type: 'text', values: inventedWords(rows).map((_, at) => (at % 7 ? 'N' : '')) },
      ...dimensions.slice(0, 6).map((dimension) => ({ name: `${dimension.id}.mean`, type: 'number' as const, values: Float64Array.from({ length: rows }, (_, at) => (at % 97 === 5 ? Number.NaN : Math.round(next() * 500) / 100)) })),
    ],
  };
}
