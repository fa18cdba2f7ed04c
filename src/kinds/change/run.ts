/** Runs a `change` cell; the statistics are in src/rsa. No model runs here: both sides are hidden states already. */
import { Problem } from '../../base/problem.ts';
import type { ChangeMover, ChangeValue } from '../../data/change.ts';
import type { RepresentationValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { type Alignment, alignWords, type Block, gather, mergeDropped, widthOf } from '../../rsa/align.ts';
import { compareLayers, type LayerPair, type LayersResult } from '../../rsa/words/change-layers.ts';
import { compareWordsOver, type WordSimilarities } from '../../rsa/words/change-words.ts';
import { chooseLayers, distinctLabels, isRatings, planSets, type SetPlan } from '../../rsa/choose.ts';
import type { Features } from '../../rsa/comparators/cka.ts';
import { plainTreatment, prepareBlocks, type Treatment } from '../../rsa/distances/prepare.ts';
import type { Rows } from '../../rsa/distances/rdm.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { chooseWords } from './chosen.ts';
import { drawnRdms } from './rdms.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;

const treatmentOf = ({ metric, standardise, states }: Params): Treatment => plainTreatment(metric, standardise, states);

/** Float32 entries that the RDMs of all layers may take together: 3 GB. */
const mostEntries = 750e6;

export const run: Run<typeof fields, 'change'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const cells = [params.reference, params.before, params.after];
  const representations = cells.map((cell) => inputOf(context, cell, 'representation'));
  const labels = distinctLabels(representations, cells);
  requireKinds(representations, labels, place);
  const [reference, before, after] = representations as [RepresentationValue, RepresentationValue, RepresentationValue];
  if (before.language !== after.language) context.warn(`${labels[1]!} was fed ${before.language}, ${labels[2]!} ${after.language}: what differs is not tuning alone.`);

  const model = params.model === 'none' ? null : inputOf(context, params.model, 'model');
  const aligned = alignWords(representations, labels, place);
  const { alignment: wanted, chosen, isTrained } = await chooseWords(params.words, model, representations, aligned, place, context.warn);
  const plans = planSets({ sets: params.sets, representations, labels, layers: ['all'], place, warn: context.warn });
  const pairs = pairLayers(params, before, after, labels, context);
  const { alignment, references, layers } = await common(plans, pairs, wanted, params);
  const n = alignment.words.length;
  checkSize(n, params, plans.length + 2 * pairs.length, place);

  const watch = { progress: context.progress, signal: context.signal };
  const kept = pairs.findIndex(({ forWords }) => forWords);
  const byLayer = await compareLayers({
    n, references: plans.map(({ set }, s) => ({ set, rows: references[s]! })), kept,
    pairs: pairs.map(({ blocks }, at): LayerPair => ({ layer: blocks[0].layer, rows: layers[at]!, states: statesOf(blocks, alignment) })),
    treatment: treatmentOf(params), draws: params.bootstrap, level: params.level, seed: params.seed,
  }, context.compute, watch);
  const byWord = await compareWordsOver({ n, states: statesOf(pairs[kept]!.blocks, alignment), rdms: byLayer.kept, ...ratingsOf(plans, byLayer, alignment), folds: params.folds, draws: params.bootstrap, level: params.level, seed: params.seed }, watch);
  const widest = plans.reduce((best, next) => (best.dimensions.length >= next.dimensions.length ? best : next));
  const perWord = byWord.similarities.filter(({ set }) => set === widest.set);
  const trained = isTrained ? alignment.words.map(isTrained) : null;
  const grouped = representations.findIndex(({ categories }) => categories.some((category) => category !== ''));
  return {
    type: 'change', before: labels[1]!, after: labels[2]!, reference: labels[0]!, referenceOrigin: reference.origin,
    words: alignment.words, chosen, trained, metric: params.metric, standardise: params.standardise, states: params.states,
    layers: byLayer.layers, family: byLayer.layers.filter(({ p }) => p !== null).length, drift: byLayer.drift,
    layer: { name: pairs[kept]!.blocks[0].layer.name, index: pairs[kept]!.blocks[0].layer.index },
    probes: byWord.probes, measures: byWord.measures, widest: widest.set,
    perWord: perWord.map(({ measure, before: from, after: to }) => ({ measure, before: from, after: to })),
    movers: perWord.map((one) => moversOf(one, alignment.words, trained, params.movers)),
    rdms: await drawnRdms({
      words: alignment.words, categories: grouped < 0 ? [] : Array.from(alignment.rows[grouped]!, (row) => representations[grouped]!.categories[row]!),
      set: widest.set, before: byLayer.kept[0], after: byLayer.kept[1], reference: byLayer.references[plans.indexOf(widest)]!,
      most: params.drawn, seed: params.seed,
    }, watch),
    folds: params.folds, bootstrap: params.bootstrap, level: params.level, seed: params.seed, dropped: mergeDropped([alignment.dropped]),
  };
};

function requireKinds([reference, ...sides]: readonly RepresentationValue[], labels: readonly string[], place: string): void {
  if (!isRatings(reference!)) {
    throw new Problem({ code: 'not-ratings', place, what: `the reference ${labels[0]!} has no named dimensions`, fix: 'Name a ratings cell as the reference.' });
  }
  const rated = sides.findIndex(isRatings);
  if (rated < 0) return;
  throw new Problem({
    code: 'not-states', place, what: `${labels[rated + 1]!} is ratings, not hidden states`,
    fix: 'Name activations cells before and after; ratings of two models are compared in rsa and words cells.',
  });
}

/** A layer that both sides have. */
interface Pair {
  readonly blocks: readonly [before: Block, after: Block];
  readonly forWords: boolean;
}

/** Layers by their number; those of one side alone are left out and told. */
function pairLayers(params: Params, before: RepresentationValue, after: RepresentationValue, labels: readonly string[], context: RunContext): Pair[] {
  const place = `cell ${context.cell}`;
  const [forWords, ...more] = chooseLayers(before, labels[1]!, [params.layer], place);
  if (!forWords || more.length) {
    throw new Problem({ code: 'one-layer', place, what: `layer is ${JSON.stringify(params.layer)}`, fix: 'Write last or one layer number.' });
  }
  const wanted = chooseLayers(before, labels[1]!, params.layers, place);
  const chosen = before.layers.filter((layer) => layer === forWords || wanted.includes(layer));
  const others = new Map(after.layers.map((layer) => [layer.index, layer]));
  const single = chosen.filter(({ index }) => !others.has(index));
  if (single.includes(forWords)) {
    throw new Problem({ code: 'unpaired-layer', place, what: `${labels[2]!} has no layer ${forWords.index}`, fix: 'Name the states of one model before and after tuning, or choose a layer that both have.' });
  }
  if (single.length) context.warn(`only ${labels[1]!} has ${single.map(({ name }) => name).join(', ')}: left out.`);
  return chosen.flatMap((layer): Pair[] => {
    const other = others.get(layer.index);
    if (!other) return [];
    return [{ forWords: layer === forWords, blocks: [{ of: 1, label: labels[1]!, layer, columns: null, names: [] }, { of: 2, label: labels[2]!, layer: other, columns: null, names: [] }] }];
  });
}

/** The words that every part of the cell can use: complete, and with distances under every set and in every layer. */
async function common(plans: readonly SetPlan[], pairs: readonly Pair[], wanted: Alignment, params: Params): Promise<{ alignment: Alignment; references: Rows[]; layers: [Rows, Rows][] }> {
  const blocks = [...plans.map(({ reference }) => reference), ...pairs.flatMap((pair) => pair.blocks)];
  const { alignment, layers } = await prepareBlocks(blocks, wanted, treatmentOf(params));
  const own = layers.slice(plans.length);
  return { alignment, references: layers.slice(0, plans.length), layers: pairs.map((_, at) => [own[2 * at]!, own[2 * at + 1]!]) };
}

function statesOf(blocks: Pair['blocks'], alignment: Alignment): [Features, Features] {
  return blocks.map((block): Features => ({ n: alignment.words.length, d: widthOf(block), data: gather(block, alignment.rows[block.of]!) })) as [Features, Features];
}

/** The reference's ratings in every dimension that a set has, and each set's share of them. */
function ratingsOf(plans: readonly SetPlan[], { references }: LayersResult, alignment: Alignment): Pick<Parameters<typeof compareWordsOver>[0], 'dimensions' | 'sets'> {
  const columns = [...new Set(plans.flatMap(({ reference }) => reference.columns ?? []))].sort((a, b) => a - b);
  const { layer, names } = plans[0]!.reference;
  const rows = alignment.rows[0]!;
  return {
    dimensions: columns.map((column) => ({ name: names[column]!, ratings: Float64Array.from(rows, (row) => layer.data[row * layer.d + column]!) })),
    sets: plans.map(({ set, reference }, s) => ({ set, dimensions: (reference.columns ?? []).map((column) => columns.indexOf(column)), rdm: references[s]! })),
  };
}

function checkSize(n: number, params: Params, rdms: number, place: string): void {
  if (n < 2 * params.folds) {
    throw new Problem({ code: 'too-few-words', place, what: `${n} words cannot make ${params.folds} folds of at least two`, fix: 'Take more words or fewer folds.' });
  }
  if (pairCount(n) * (rdms + 8) <= mostEntries) return;
  throw new Problem({
    code: 'too-many-words', place, what: `${rdms} RDMs of ${n} words need ${Math.round((pairCount(n) * (rdms + 8) * 4) / 1e9)} GB`,
    fix: 'Draw a sample in the stimuli cell, or choose fewer layers.',
  });
}

/** The words that gain and lose most; words without the measure on one side are no movers. */
function moversOf({ measure, before, after }: WordSimilarities, words: readonly string[], trained: readonly boolean[] | null, most: number): ChangeValue['movers'][number] {
  const change = after.map((value, i) => value - before[i]!);
  const sorted = [...change.keys()].filter((i) => Number.isFinite(change[i]!)).sort((i, j) => change[j]! - change[i]!);
  const mover = (i: number): ChangeMover => ({ word: words[i]!, from: before[i]!, to: after[i]!, trained: trained ? trained[i]! : null });
  return {
    measure,
    gains: sorted.filter((i) => change[i]! > 0).slice(0, most).map(mover),
    losses: sorted.filter((i) => change[i]! < 0).reverse().slice(0, most).map(mover),
  };
}
