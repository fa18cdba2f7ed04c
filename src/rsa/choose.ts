/** What of a representation an analysis uses: which layers, which rating columns, under which name. */
import { Problem } from '../base/problem.ts';
import { type DimensionSet, dimensionNamed, dimensionLabel, inSet, setTitle } from '../data/dimensions.ts';
import type { Layer, RepresentationValue } from '../data/values.ts';
import type { Block } from './align.ts';

/** Ratings have named columns; hidden states do not. */
export function isRatings(representation: RepresentationValue): boolean {
  return representation.dimensions.length > 0;
}

/** One key for a dimension, whatever its case or language; other scales keep their name. */
export function dimensionKey(name: string): string {
  return dimensionNamed(name)?.id ?? name.trim().toLowerCase();
}

/** Names of a representation's columns that belong to a set, in its own order. */
export function dimensionsInSet(representation: RepresentationValue, set: DimensionSet): string[] {
  return representation.dimensions.filter((name) => inSet(dimensionKey(name), set));
}

/**
 * The columns of `representation` for the wanted dimensions, in the wanted order; the ones it lacks are named. All of
 * its dimensions are matched by {@link dimensionKey}.
 */
export function columnsFor(representation: RepresentationValue, wanted: readonly string[]): { columns: number[]; missing: string[] } {
  const places = new Map(representation.dimensions.map((name, column) => [dimensionKey(name), column]));
  const columns: number[] = [];
  const missing: string[] = [];
  for (const name of wanted) {
    const column = places.get(dimensionKey(name));
    if (column === undefined) missing.push(name);
    else columns.push(column);
  }
  return { columns, missing };
}

/**
 * The layers a cell asks for: `all`, `last`, or layer numbers (Hugging Face convention, 0 = embeddings).
 * Ratings have one layer, which is always taken.
 */
export function chooseLayers(representation: RepresentationValue, label: string, wanted: readonly string[], place: string): readonly Layer[] {
  return isRatings(representation) ? representation.layers.slice(0, 1) : layersAsked(representation.layers, label, wanted, place);
}

/** The layers that `all`, `last` and layer numbers name, in their own order. */
export function layersAsked<L extends { readonly index: number }>(layers: readonly L[], label: string, wanted: readonly string[], place: string): readonly L[] {
  const chosen = new Set<L>();
  for (const entry of wanted) {
    const word = entry.trim().toLowerCase();
    if (word === 'all') for (const layer of layers) chosen.add(layer);
    else if (word === 'last') chosen.add(layers[layers.length - 1]!);
    else chosen.add(layerNumbered(layers, label, word, place));
  }
  return layers.filter((layer) => chosen.has(layer));
}

function layerNumbered<L extends { readonly index: number }>(layers: readonly L[], label: string, word: string, place: string): L {
  const layer = /^\d+$/.test(word) ? layers.find(({ index }) => index === Number(word)) : undefined;
  if (layer) return layer;
  throw new Problem({
    code: 'unknown-layer',
    place,
    what: `layers has ${JSON.stringify(word)}, but ${label} has the layers ${layers.map(({ index }) => index).join(', ')}`,
    fix: 'Write all, last, or some of these numbers.',
  });
}

/** Labels for figures and messages; where two are the same, the cell's name is added. */
export function distinctLabels(representations: readonly Pick<RepresentationValue, 'label'>[], cells: readonly string[]): string[] {
  return representations.map(({ label }, k) =>
    representations.some((other, m) => m !== k && other.label === label) ? `${label} (${cells[k]!})` : label);
}

/** The one layer of ratings; of hidden states the last, with whose RDM the candidates are compared. */
function referenceLayer({ layers }: RepresentationValue): Layer {
  return layers[layers.length - 1]!;
}

/** The reference's name in results: a reference of hidden states says which of its layers was taken. */
export function referenceLabel(reference: RepresentationValue, label: string): string {
  return isRatings(reference) ? label : `${label} (${referenceLayer(reference).name})`;
}

/**
 * The blocks of the representations (reference first) that one set of dimensions uses. The reference's own dimensions
 * in the set define it; ratings must have all of them, hidden states are used whole. Candidates that have none of
 * them are left out.
 */
export interface SetPlan {
  readonly set: DimensionSet;
  readonly dimensions: readonly string[];
  readonly reference: Block;
  readonly candidates: readonly Block[];
  /** Labels of rating candidates that have no dimension of the set. */
  readonly leftOut: readonly string[];
}

/** Plans one set; null when the reference has none of its dimensions. `layers` applies to hidden states. */
export function planSet(
  set: DimensionSet, representations: readonly RepresentationValue[], labels: readonly string[], layers: readonly string[], place: string,
): SetPlan | null {
  const reference = representations[0]!;
  const dimensions = dimensionsInSet(reference, set);
  // A reference of hidden states has no dimensions: it is used whole, under the set 'all' only.
  if (!dimensions.length && (isRatings(reference) || set !== 'all')) return null;
  const candidates: Block[] = [];
  const leftOut: string[] = [];
  representations.forEach((representation, of) => {
    if (of === 0) return;
    const label = labels[of]!;
    const names = representation.dimensions;
    // Only ratings against ratings are cut down to the set.
    if (!isRatings(representation) || !isRatings(reference)) {
      const columns = isRatings(representation) ? names.map((_, column) => column) : null;
      for (const layer of chooseLayers(representation, label, layers, place)) candidates.push({ of, label, layer, columns, names });
      return;
    }
    const { columns, missing } = columnsFor(representation, dimensions);
    if (!columns.length) leftOut.push(label);
    else if (missing.length) throw lacksDimensions(label, labels[0]!, set, missing, place);
    else candidates.push({ of, label, layer: representation.layers[0]!, columns, names });
  });
  const columns = isRatings(reference) ? columnsFor(reference, dimensions).columns : null;
  return {
    set, dimensions, candidates, leftOut,
    reference: { of: 0, label: referenceLabel(reference, labels[0]!), layer: referenceLayer(reference), columns, names: reference.dimensions },
  };
}

/** What {@link planSets} plans, and for whom. */
export interface SetsAsked {
  readonly sets: readonly DimensionSet[];
  /** Reference first. */
  readonly representations: readonly RepresentationValue[];
  readonly labels: readonly string[];
  readonly layers: readonly string[];
  readonly place: string;
  readonly warn: (message: string) => void;
}

/**
 * Plans every set that has a candidate and warns about the others, about candidates left out and about the layer of a
 * reference of hidden states.
 *
 * @throws Problem `no-dimensions` where no set has one; as {@link planSet}
 */
export function planSets({ sets, representations, labels, layers, place, warn }: SetsAsked): SetPlan[] {
  const reference = representations[0]!;
  const label = labels[0]!;
  if (!isRatings(reference)) warn(`the reference ${label} is hidden states: its last layer alone is used (${referenceLayer(reference).name}).`);
  const plans = [...new Set(sets)].flatMap((set) => {
    const plan = planSet(set, representations, labels, layers, place);
    if (!plan) warn(`${setTitle(set)}: skipped, ${label} has no dimension of this set.`);
    for (const out of plan?.leftOut ?? []) warn(`${setTitle(set)}: ${out} has no dimension of this set and is left out.`);
    return plan?.candidates.length ? [plan] : [];
  });
  if (plans.length) return plans;
  throw new Problem({
    code: 'no-dimensions', place,
    what: `no candidate shares dimensions of ${sets.join(', ')} with ${label}`,
    fix: 'Choose a set that both have: the Dutch norms, for example, have the six senses (sensory) only.',
  });
}

function lacksDimensions(label: string, reference: string, set: DimensionSet, missing: readonly string[], place: string): Problem {
  return new Problem({
    code: 'missing-dimensions',
    place,
    what: `${label} has no ratings of ${missing.map(dimensionLabel).join(', ')}, which ${reference} has in the set ${set}`,
    fix: `Leave the set ${set} out, or keep only shared dimensions in the reference's ratings cell (dimensions: ...).`,
  });
}
