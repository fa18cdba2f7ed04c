/** Runs a `geometry` cell: maps and trees of the words of each RDM, or of all layers' RDMs; the numbers come from src/rsa. */
import { Problem } from '../../base/problem.ts';
import type { GeometryMap, GeometryValue, MapPoint, SecondOrder } from '../../data/geometry.ts';
import type { Dropped, RdmValue } from '../../data/values.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { alignWords, keepWhere, mergeDropped } from '../../rsa/align.ts';
import { distinctLabels } from '../../rsa/choose.ts';
import { type MapNumbers, mapOf, mostPoints } from '../../rsa/geometry/geometry.ts';
import { secondOrder } from '../../rsa/geometry/second-order.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { completeRows, subRdm } from '../../rsa/geometry/sub-rdm.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import type { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;
type RdmLayer = RdmValue['layers'][number];

/** Fewer words say little, in any analysis. */
const fewWords = 20;
/** Entries that the RDMs of a second-order map may take with their ranks: 3 GB. */
const mostEntries = 400e6;

export const run: Run<typeof fields, 'geometry'> = async (params, context) => {
  const rdms = params.of.map((cell) => inputOf(context, cell, 'rdm'));
  const labels = distinctLabels(rdms, params.of);
  const shared = { type: 'geometry', method: params.method, ties: params.method === 'non-metric' ? params.ties : null, linkage: params.linkage } as const;
  return params.show === 'words' ? { ...shared, ...(await wordMaps(rdms, labels, params, context)) } : { ...shared, ...(await rdmMap(rdms, labels, params, context)) };
};

type Shown = Pick<GeometryValue, 'show' | 'comparator' | 'maps' | 'secondOrder' | 'dropped'>;

async function wordMaps(rdms: readonly RdmValue[], labels: readonly string[], params: Params, context: RunContext): Promise<Shown> {
  const place = `cell ${context.cell}`;
  const maps: GeometryMap[] = [];
  const dropped: (readonly Dropped[])[] = rdms.map((rdm) => rdm.dropped);
  for (const [k, rdm] of rdms.entries()) {
    const layer = layerOf(rdm, labels[k]!, params.layer, place);
    const { kept, lost } = completeRows([layer.distances], rdm.words.length);
    dropped.push(lost.length ? [{ reason: `undefined distances in ${labels[k]!}`, words: Array.from(lost, (row) => rdm.words[row]!) }] : []);
    checkPoints(kept.length, 'words', `${labels[k]!}, ${layer.name}`, params.axes, place);
    if (kept.length < fewWords) context.warn(`${labels[k]!}: only ${kept.length} words; so few fit on a map whatever their distances mean.`);
    const dissimilarities = notNegative(Float64Array.from(subRdm(layer.distances, rdm.words.length, kept)), labels[k]!, context);
    const numbers = await mapOf(dissimilarities, kept.length, params, watchOf(context, rdms.length > 1 ? labels[k]! : ''));
    warnMap(numbers, rdms.length > 1 ? `${labels[k]!}: ` : '', params, context);
    const points = pointsOf(numbers, params.axes, (at) => ({ label: rdm.words[kept[at]!]!, group: rdm.categories[kept[at]!] ?? '' }), kept.length);
    maps.push({ of: labels[k]!, layer: layer.name, layerIndex: layer.index, metric: rdm.metric, origins: [rdm.origin], n: kept.length, pairs: pairCount(kept.length), ...withoutCoordinates(numbers), points });
  }
  return { show: 'words', comparator: null, maps, secondOrder: null, dropped: mergeDropped(dropped) };
}

async function rdmMap(rdms: readonly RdmValue[], labels: readonly string[], params: Params, context: RunContext): Promise<Shown> {
  const place = `cell ${context.cell}`;
  const watch = watchOf(context, '');
  const all = rdms.flatMap((rdm, k) => rdm.layers.map((layer) => ({ rdm, k, layer })));
  const aligned = alignWords(rdms, labels, place);
  checkMemory(all.length, aligned.words.length, place);
  const parts = all.map(({ rdm, k, layer }) => subRdm(layer.distances, rdm.words.length, aligned.rows[k]!));
  const { kept } = completeRows(parts, aligned.words.length);
  const stays = new Set(kept);
  const complete = keepWhere(aligned, (at) => (stays.has(at) ? '' : 'undefined distances in one of the RDMs'));
  const n = kept.length;
  if (n < fewestWords) {
    throw new Problem({ code: 'too-few-words', place, what: `${n} words have all distances in ${labels.join(', ')}`, fix: 'RDMs are compared over at least four words: take more of the same words in all of them.' });
  }
  if (n < fewWords) context.warn(`only ${n} words are in all RDMs; their likeness is rough.`);
  const used = n === aligned.words.length ? parts : parts.map((part) => subRdm(part, aligned.words.length, kept));
  const whole = await secondOrder(used, n, params.comparator, watch);
  // A constant RDM has no correlation with any other.
  const layers = completeRows([whole], all.length);
  for (const at of layers.lost) context.warn(`${nameOf(all[at]!, labels)} is left out: its RDM has no ${params.comparator} with the others.`);
  const chosen = Array.from(layers.kept, (at) => all[at]!);
  checkPoints(chosen.length, 'RDMs', labels.join(', '), params.axes, place);
  if (chosen.length < 4 * params.axes) context.warn(`${chosen.length} RDMs all but fit on ${params.axes} axes whatever their likeness: a low stress says little here.`);
  const dissimilarity = subRdm(whole, all.length, layers.kept);
  const numbers = await mapOf(dissimilarity, chosen.length, params, watch);
  warnMap(numbers, '', params, context);
  const map: GeometryMap = {
    of: 'RDMs', layer: '', layerIndex: 0, metric: null, origins: [...new Set(chosen.map(({ rdm }) => rdm.origin))], n, pairs: pairCount(n), ...withoutCoordinates(numbers),
    points: pointsOf(numbers, params.axes, (at) => ({ label: nameOf(chosen[at]!, labels), group: labels[chosen[at]!.k]! }), chosen.length),
  };
  const rows: SecondOrder['rows'] = chosen.map(({ rdm, k, layer }) => ({ of: labels[k]!, layer: layer.name, layerIndex: layer.index, origin: rdm.origin }));
  return { show: 'rdms', comparator: params.comparator, maps: [map], secondOrder: { rows, dissimilarity }, dropped: mergeDropped([...rdms.map((rdm) => rdm.dropped), complete.dropped]) };
}

/** "norms", or "mini, layer 3" where there are several. */
function nameOf({ rdm, k, layer }: { rdm: RdmValue; k: number; layer: RdmLayer }, labels: readonly string[]): string {
  return rdm.layers.length > 1 ? `${labels[k]!}, ${layer.name}` : labels[k]!;
}

function layerOf(rdm: RdmValue, label: string, wanted: string, place: string): RdmLayer {
  const word = wanted.trim().toLowerCase();
  const last = rdm.layers[rdm.layers.length - 1];
  // Ratings have one layer, which is always taken.
  const found = word === 'last' || rdm.layers.length === 1 ? last : rdm.layers.find(({ index }) => String(index) === word);
  if (found) return found;
  throw new Problem({
    code: 'unknown-layer', place, what: `layer is ${JSON.stringify(wanted)}, but ${label} has the layers ${rdm.layers.map(({ index }) => index).join(', ')}`,
    fix: 'Write last or one of these numbers.',
  });
}

function checkPoints(count: number, what: string, of: string, axes: number, place: string): void {
  if (count <= axes) {
    throw new Problem({ code: 'too-few-words', place, what: `${of} gives ${count} ${what}; a map of ${axes} axes needs at least ${axes + 1}`, fix: `Take more ${what}.` });
  }
  if (count > mostPoints) {
    throw new Problem({ code: 'too-many-words', place, what: `${of} has ${count} ${what}; a map takes at most ${mostPoints}`, fix: 'Draw a sample in the stimuli cell.' });
  }
}

function checkMemory(rdms: number, n: number, place: string): void {
  if (pairCount(n) * rdms <= mostEntries) return;
  throw new Problem({ code: 'too-many-words', place, what: `${rdms} RDMs of ${n} words need ${Math.round((pairCount(n) * rdms * 8) / 1e9)} GB`, fix: 'Draw a sample in the stimuli cell, or choose fewer layers in the rdm cells.' });
}

/** Cross-validated distances can be below 0, which no map can show. */
function notNegative(dissimilarities: Float64Array, label: string, context: RunContext): Float64Array {
  const below = dissimilarities.reduce((count, value) => count + Number(value < 0), 0);
  if (below === 0) return dissimilarities;
  context.warn(`${label}: ${below} of ${dissimilarities.length} distances are below 0 (cross-validated distances can be); the map and the tree take them as 0.`);
  return dissimilarities.map((value) => Math.max(0, value));
}

function warnMap({ converged, negative, steps }: MapNumbers, of: string, { method }: Params, context: RunContext): void {
  if (!converged) context.warn(`${of}the stress was still falling after ${steps} steps: ask for more.`);
  if (method === 'classical' && negative > 0.2) context.warn(`${of}${Math.round(negative * 100)} % of the eigenvalues’ sizes are negative: the dissimilarities are far from Euclidean; see the Shepard plot, or take a non-metric map.`);
}

function pointsOf({ coordinates, nearest }: MapNumbers, axes: number, named: (at: number) => Pick<MapPoint, 'label' | 'group'>, count: number): MapPoint[] {
  return Array.from({ length: count }, (_, at) => ({
    ...named(at), x: coordinates[at * axes]!, y: coordinates[at * axes + 1]!, ...(axes > 2 ? { z: coordinates[at * axes + 2]! } : {}), nearest: nearest[at]!,
  }));
}

function withoutCoordinates(numbers: MapNumbers): Omit<MapNumbers, 'coordinates' | 'nearest'> {
  const { coordinates: _, nearest: __, ...rest } = numbers;
  return rest;
}

function watchOf(context: RunContext, of: string): Pick<RunContext, 'signal' | 'progress'> {
  return { signal: context.signal, progress: (step) => context.progress(of ? { ...step, label: `${of}: ${step.label}` } : step) };
}
