/** Every figure once or more: one example is one entry of the gallery and one snapshot test. */
import type { TemplateResult } from 'lit';
import type { CellValue, RsaValue } from '../../src/data/values.ts';
import { view as activations } from '../../src/kinds/activations/view.ts';
import { view as ceiling } from '../../src/kinds/ceiling/view.ts';
import { view as change } from '../../src/kinds/change/view.ts';
import { view as dimensions } from '../../src/kinds/dimensions/view.ts';
import { view as explain } from '../../src/kinds/explain/view.ts';
import { view as finetune } from '../../src/kinds/finetune/view.ts';
import { view as geometry } from '../../src/kinds/geometry/view.ts';
import type { ViewContext } from '../../src/kinds/kind.ts';
import { view as model } from '../../src/kinds/model/view.ts';
import { view as raters } from '../../src/kinds/raters/view.ts';
import { view as ratings } from '../../src/kinds/ratings/view.ts';
import { view as rdm } from '../../src/kinds/rdm/view.ts';
import { view as rsa } from '../../src/kinds/rsa/view.ts';
import { view as stimuli } from '../../src/kinds/stimuli/view.ts';
import { view as table } from '../../src/kinds/table/view.ts';
import { view as transfer } from '../../src/kinds/transfer/view.ts';
import { view as words } from '../../src/kinds/words/view.ts';
import { madeUpDimensions, madeUpLayers, madeUpMixture, madeUpModel, madeUpRatings, madeUpRdm, madeUpRsa, madeUpStates, madeUpStimuli, madeUpTable, madeUpTuned, madeUpWords } from './made-up.ts';
import { madeUpCeiling, madeUpRaters } from './made-up-ceiling.ts';
import { madeUpChange, madeUpNoChange } from './made-up-change.ts';
import { madeUpLargeMap, madeUpRdmMap, madeUpTinyMap, madeUpWordMap } from './made-up-geometry.ts';
import { madeUpExplain } from './made-up-explain.ts';
import { madeUpTransfer } from './made-up-transfer.ts';

export interface Example {
  readonly name: string;
  /** Ordinary cases for the gallery; awkward ones only for tests. */
  readonly awkward?: boolean;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly value: CellValue;
  readonly render: (context: ViewContext) => TemplateResult;
}

/** Ties a value to the view of its type. */
function example<V extends CellValue>(name: string, value: V, view: (value: V, context: ViewContext) => TemplateResult, awkward = false, params: Readonly<Record<string, unknown>> = {}): Example {
  return { name, value, awkward, params, render: (context) => view(value, context) };
}

/** Every p four times as large. */
const withAdjusted = (value: RsaValue): RsaValue => ({ ...value, rows: value.rows.map((row) => ({ ...row, pAdjusted: row.p === null ? null : Math.min(1, 4 * row.p) })) });

const four = ['Base', 'English', 'Dutch', 'Questions'];
const twelve = Array.from({ length: 12 }, (_, at) => `candidate ${at + 1}`);
const long = ['a model whose name goes on and on, as names of fine-tuned checkpoints on hubs do, v2.1-instruct-fp32', 'short'];

export const examples: readonly Example[] = [
  example('hidden states by layer', madeUpLayers(['sensorium-mini', 'a larger model'], 7), rsa),
  example('layers below a noise ceiling', withAdjusted(madeUpLayers(['sensorium-mini'], 7, { correction: 'max', ceiling: { from: 'reliability', measuredBy: null, rows: [{ set: 'all', lower: 0.31, upper: 0.36 }] } })), rsa),
  example('sets with noise ceilings', madeUpRsa(['Base', 'English'], { comparator: 'whitened-cosine', resampling: 'delete-half', alternative: 'two-sided', correction: 'holm', ceiling: { from: 'norms', measuredBy: null, rows: [{ set: 'motor', lower: 0.6, upper: 0.7 }, { set: 'sensory', lower: 0.55, upper: 0.55 }] } }), rsa),
  example('ratings by set, with differences', madeUpRsa(), rsa, false, { published: ['base motor 0.55', 'english motor 0.3951', 'base all 0.3104', 'dutch all 0.4500', 'nonsense'] }),
  example('agreement by dimension', madeUpDimensions(four), dimensions, false, { published: ['base auditory 0.05', 'dutch foot 0.55', 'questions torso 0.85'] }),
  example('a probe of hidden states by dimension', madeUpDimensions(['sensorium-mini'], 7, { referenceOrigin: 'illustrative', reference: 'demo' }), dimensions),
  example('an RDM by category, with layers', madeUpRdm(160, 7), rdm),
  example('word by word', madeUpWords(four), words, false, { published: ['base all 0.2', 'base~english all -0.2', 'Base ~ Dutch all 0.05'] }),
  example('what tuning changed', madeUpChange(80, 4, ['sensory', 'all']), change),
  example('stimuli', madeUpStimuli(60), stimuli),
  example('ratings', madeUpRatings(40), ratings),
  example('hidden states before comparison', madeUpStates(80, 7), activations),
  example('a model', madeUpModel, model),
  example('a tuned model', madeUpTuned(200), finetune),
  example('a model tuned on two tasks with three seeds', madeUpMixture(240), finetune),
  example('an imported table', madeUpTable(1200), table),
  example('what tuning bought, and where it transfers', madeUpTransfer(), transfer),
  example('a map and a tree of words', madeUpWordMap, geometry),
  example('a map of RDMs', madeUpRdmMap, geometry),
  example('what explains it', madeUpExplain({ sets: ['sensory', 'all'] }), explain),
  example('RSA by rater', madeUpRaters(), raters),
  example('a noise ceiling from raters', madeUpCeiling('raters'), ceiling),
  example('a noise ceiling from reliability', madeUpCeiling('reliability'), ceiling),
  // Awkward.
  example('RSA by template, layer by layer, without draws', madeUpRaters({ candidates: ['a model whose name goes on and on'], layers: 7, sets: ['all'], raters: 3, by: 'template', draws: 0 }), raters, true),
  example('RSA by rater over words and raters', madeUpRaters({ over: 'both', sets: ['all'], candidates: ['one'] }), raters, true),
  example('RSA by rater over words, one rater left out', madeUpRaters({ over: 'words', sets: ['all'], candidates: ['one', 'two'], leftOut: 1 }), raters),
  example('two norms without an interval', madeUpCeiling('norms', ['sensory'], 0), ceiling, true),
  example('one candidate explains a little, without controls, draws and folds', madeUpExplain({ candidates: ['one'], controls: [], draws: 0, folds: 0 }), explain, true),
  example('twelve candidates explain, with suppression', madeUpExplain({ candidates: Array.from({ length: 12 }, (_, at) => `a model, layer ${at}`), shared: -0.2 }), explain, true),
  example('a map of many words', madeUpLargeMap, geometry, true),
  example('a map of three words', madeUpTinyMap, geometry, true),
  example('transfer in one language, without questions and draws', madeUpTransfer({ languages: ['en'], questions: false, origin: 'human', draws: 0 }), transfer, true),
  example('a change that is none, in one layer and without intervals', madeUpNoChange(), change, true),
  example('what tuning changed in twenty-four layers', madeUpChange(1500, 25, ['all']), change, true),
  example('a training of one step, without validation and test', madeUpTuned(1, { validation: [], keptStep: 1, stoppedEarly: false }, { task: 'choice', unit: 'question', origin: 'illustrative', dimensions: [], heldOut: [], validation: [], test: null, dropped: [], sides: { train: ['one'], validation: [], test: [] } }), finetune, true),
  example('a training of ten thousand steps on text', madeUpTuned(10_000, {}, { task: 'text', form: 'prompt', unit: 'sentence', origin: null, dimensions: [], heldOut: [] }), finetune, true),
  example('one layer only', madeUpLayers(['one'], 1), rsa, true),
  example('twenty-four layers of twelve candidates', madeUpLayers(twelve, 24), rsa, true),
  example('twelve rated candidates', madeUpRsa(twelve), rsa, true),
  example('long names', madeUpRsa(long), rsa, true),
  example('layers and levels without layers', { ...madeUpLayers(['states'], 5), rows: [...madeUpLayers(['states'], 5).rows, ...madeUpRsa(['rated']).rows.filter((row) => row.set === 'all')] }, rsa, true),
  example('no intervals, no p, undefined values', { ...madeUpRsa(['a', 'b']), permutations: 0, orders: [], bootstrap: 0, rows: madeUpRsa(['a', 'b']).rows.map((row, at) => ({ ...row, interval: null, p: null, value: at === 1 ? Number.NaN : row.value })), differences: madeUpRsa(['a', 'b']).differences.map((row) => ({ ...row, interval: null, value: Number.NaN })) }, rsa, true),
  example('nothing defined', madeUpLayers(['void'], 3, { rows: madeUpLayers(['void'], 3).rows.map((row) => ({ ...row, value: Number.NaN, interval: null })) }), rsa, true),
  example('other dimensions', { ...madeUpDimensions(['a']), rows: madeUpDimensions(['a']).rows.map((row, at) => ({ ...row, dimension: `valence ${at}`, interval: null, rho: at === 3 ? Number.NaN : row.rho })) }, dimensions, true),
  example('an RDM of two words', madeUpRdm(2, 1), rdm, true),
  example('an RDM with undefined pairs, clustered', (() => {
    const value = madeUpRdm(12, 1, { orderedBy: 'clustering', categories: [], origin: 'illustrative', undefinedPairs: [11] });
    value.layers[0]!.distances.fill(Number.NaN, 0, 11);
    return value;
  })(), rdm, true),
  example('an RDM with nothing defined', (() => {
    const value = madeUpRdm(4, 2, { undefinedPairs: [6, 6] });
    for (const layer of value.layers) layer.distances.fill(Number.NaN);
    return value;
  })(), rdm, true),
  example('an RDM of 24 layers', madeUpRdm(60, 24), rdm, true),
  example('two words only', madeUpWords(['a', 'b'], 2, { movers: [{ a: 'a', b: 'b', gains: [], losses: [] }], referenceOrigin: 'illustrative' }), words, true),
  example('undefined similarities', madeUpWords(['a'], 5, { perWord: [{ candidate: 'a', values: new Float64Array(5).fill(Number.NaN) }], rankCorrelations: [], movers: [], scaleUse: [] }), words, true),
  example('stimuli without categories, ratings or split', madeUpStimuli(2, { categories: [], ratings: null, split: [], translations: {}, dropped: [] }), stimuli, true),
];

/** A context as the app gives it, with a state of its own. */
export function contextFor(example: Example, width: number, update: () => void = () => undefined): ViewContext {
  return { cell: 'example', params: example.params ?? {}, width, update, state: new Map() };
}
