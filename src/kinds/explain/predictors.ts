/** The predictor RDMs of an `explain` cell: layers of candidates, columns of control cells, word form. */
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { dimensionLabel, setTitle } from '../../data/dimensions.ts';
import type { RepresentationValue } from '../../data/values.ts';
import type { Compute } from '../../gpu/compute.ts';
import { pairCount } from '../../gpu/condensed.ts';
import { type Alignment, type Block, gather, keepComplete } from '../../rsa/align.ts';
import { requireRoom } from '../../rsa/analyse.ts';
import { isRatings, referenceLabel, type SetPlan } from '../../rsa/choose.ts';
import { fewestWords } from '../../rsa/limits.ts';
import { controlRdm, type WordControl } from '../../rsa/models/controls.ts';
import type { ExplainInput, Predictor } from '../../rsa/models/explain.ts';
import { prepareBlocks, plainTreatment, type Treatment, withoutStill } from '../../rsa/distances/prepare.ts';
import { prepareLayer, rdmsOf } from '../../rsa/distances/rdm.ts';
import { counted } from '../../ui/format.ts';

interface Services {
  readonly compute: () => Promise<Compute>;
  readonly watch: Watch;
  readonly warn: (message: string) => void;
  readonly place: string;
}

/** A control cell among the aligned representations. */
interface ControlCell {
  readonly of: number;
  readonly label: string;
  readonly representation: RepresentationValue;
}

/** Hidden states whose RDM is a control: the last layer, under the cell's own distance. */
function statesBlock({ of, label, representation }: ControlCell): Block {
  return { of, label: referenceLabel(representation, label), layer: representation.layers.at(-1)!, columns: null, names: [] };
}

/** One block per column: a difference of frequencies and one of concreteness are two controls, not one distance. */
function columnBlocks({ of, label, representation }: ControlCell): Block[] {
  const names = representation.dimensions;
  return names.map((name, column) => ({ of, label: names.length > 1 ? `${label}: ${dimensionLabel(name)}` : label, layer: representation.layers[0]!, columns: [column], names }));
}

/**
 * Makes every RDM of one set over the words that all of them have.
 *
 * @throws Problem `too-few-words`, `too-many-words`; as prepareBlocks
 */
export async function predictorsOf(
  plan: SetPlan, aligned: Alignment, controls: { readonly words: readonly WordControl[]; readonly cells: readonly ControlCell[] }, treatment: Treatment, services: Services,
): Promise<{ readonly input: ExplainInput; readonly alignment: Alignment }> {
  const { set, reference } = plan;
  const candidates = withoutStill(plan.candidates, treatment, services.warn);
  const states = controls.cells.filter(({ representation }) => !isRatings(representation)).map(statesBlock);
  const columns = controls.cells.filter(({ representation }) => isRatings(representation)).flatMap(columnBlocks);
  const main = [reference, ...candidates, ...states];
  const { alignment, layers, notes } = await prepareBlocks(main, keepComplete(aligned, [...main, ...columns]), treatment, services.place, services.watch);
  for (const note of notes) services.warn(`${setTitle(set)}: ${note}`);
  const n = alignment.words.length;
  const predictors = candidates.length + states.length + columns.length + controls.words.length;
  if (n < fewestWords || pairCount(n) <= predictors + 2) {
    throw new Problem({
      code: 'too-few-words', place: services.place,
      what: `${n === 1 ? '1 word is' : `${n} words are`} complete in the reference, all candidates and all controls under the set ${set}, which is ${counted(pairCount(n), 'pair')} for ${counted(predictors, 'predictor')}`,
      fix: 'Take more words, or leave out the cell with the empty ratings.',
    });
  }
  requireRoom(n, 2 * (predictors + 1), services.place, 'Draw a sample in the stimuli cell, or choose fewer layers.');
  if (n < 20) services.warn(`${setTitle(set)}: only ${n} words; intervals and p are rough.`);

  services.watch.progress?.({ label: `${set}: distances`, done: 0, total: 0 });
  const [target, ...rdms] = await rdmsOf(services.compute, layers, treatment, services.watch);
  const differences = await rdmsOf(
    services.compute, columns.map((block) => prepareLayer(gather(block, alignment.rows[block.of]!), n, 1, 'none')), plainTreatment('euclidean', 'none', 'none'), services.watch,
  );
  const form: Float64Array[] = [];
  for (const control of controls.words) form.push(await controlRdm(control, alignment.words, services.watch));
  const layered = (block: Block): boolean => block.columns === null && candidates.filter(({ of }) => of === block.of).length > 1;
  const all: Predictor[] = [
    ...candidates.map((block, k) => ({
      name: layered(block) ? `${block.label}, ${block.layer.name}` : block.label, group: block.label, control: false,
      layer: block.layer.name, layerIndex: block.layer.index, distances: rdms[k]!,
    })),
    ...[...states.map((block, k) => ({ block, distances: rdms[candidates.length + k]! })), ...columns.map((block, k) => ({ block, distances: differences[k]! }))]
      .map(({ block, distances }) => ({ name: block.label, group: 'controls', control: true, layer: block.layer.name, layerIndex: block.layer.index, distances })),
    ...controls.words.map((control, k) => ({ name: control, group: 'controls', control: true, layer: '', layerIndex: 0, distances: form[k]! })),
  ];
  return { input: { set, n, reference: target!, referenceName: reference.label, predictors: all }, alignment };
}
