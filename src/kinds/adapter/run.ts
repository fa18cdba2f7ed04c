/** Reads an adapter from its zip and puts it on a model; gives a model like any other. */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { Adapter, TunedHead, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import type { ModelFiles } from '../../models/files.ts';
import { readModel } from '../../models/graph.ts';
import { headFile, readArchive, type AdapterArchive } from '../../tuning/files/archive.ts';
import { importedCard, importedScales, readCard, type AdapterCard } from '../../tuning/files/card.ts';
import { mergeAdapters } from '../../tuning/files/merge.ts';
import { readPeft, transposed } from '../../tuning/files/peft.ts';
import { readSafetensors } from '../../tuning/files/safetensors.ts';
import { findSites } from '../../tuning/gradient/sites.ts';
import { tunedModel } from '../../tuning/tuned.ts';
import { inputOf, type Run, type RunContext } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import type { fields } from './schema.ts';

export const run: Run<typeof fields, 'model'> = async (params, context) => {
  const place = `cell ${context.cell}`;
  const model = inputOf(context, params.model, 'model');
  const file = context.files.get(params.file);
  if (!file) {
    throw new Problem({
      code: 'file-missing', place, what: `${params.file} is not in this browser yet`,
      fix: params.address ? 'Fetch it from its address, or choose the file.' : 'Choose the file or drop it on the cell.',
      action: { type: 'choose-file', name: params.file, address: params.address },
    });
  }
  context.progress({ label: `reading ${file.name}`, done: 0, total: 0 });
  const archive = readArchive(new Uint8Array(await file.content.arrayBuffer()), file.name);
  const said = archive.card ? readCard(archive.card, file.name) : null;
  const { adapters, ignored, base } = await adaptersFor(model, openModelFiles(model, context), archive, said, context);
  const heads = said ? headsOf(archive, said, model, file.name) : [];
  const card = said ? importedCard(said, file.name) : bareCard(model, adapters, file.name);
  const value = await tunedModel(model, { adapters, heads, card }, params.label.trim() || context.cell);
  tell(context, { model, value, said, ignored, base });
  return value;
};

/** The adapters in the order of the model's sites; they are merged once, so that what cannot work is known now. */
async function adaptersFor(model: ModelValue, files: ModelFiles, archive: AdapterArchive, said: AdapterCard | null, context: RunContext): Promise<{ adapters: readonly Adapter[]; ignored: readonly string[]; base: string | null }> {
  const { onnx } = await readModel(model, files, context);
  const { index } = onnx;
  const logits = index.outputs.map(({ name }) => name).find((name) => /logits|prediction_scores/.test(name));
  const { sites } = findSites(index, model.hiddenStates, logits ?? model.hiddenStates.at(-1)!);
  const order = new Map(sites.map(({ site }, at) => [site.node, at]));
  const { adapters, ignored, base } = readPeft(archive.peft, sites.map(({ site }) => site));
  const exact = adapters
    .map((adapter): Adapter => {
      // lora_alpha / rank may differ from the scale in the last bit.
      const scale = said?.scales[adapter.site.module] ?? adapter.scale;
      return Math.abs(scale - adapter.scale) <= 1e-12 * Math.abs(adapter.scale) ? { ...adapter, scale } : adapter;
    })
    .sort((a, b) => order.get(a.site.node)! - order.get(b.site.node)!);
  mergeAdapters(onnx, exact, { half: 'widen' });
  return { adapters: exact, ignored, base };
}

/** Throws Problem `head-unreadable` where a head that the card names is missing or of another size. */
function headsOf({ heads }: AdapterArchive, { heads: named }: AdapterCard, { hiddenSize }: ModelValue, file: string): TunedHead[] {
  return named.map(({ task, answers }): TunedHead => {
    const place = `${file}, ${headFile(task)}`;
    const fail = (what: string): never => {
      throw new Problem({ code: 'head-unreadable', place, what, fix: 'Export the adapter again, or take sensorium.json out of the zip: the adapter is then read without its heads.' });
    };
    const bytes = heads[task] ?? fail('sensorium.json names this file, and it is not there');
    const { weight, bias } = readSafetensors(bytes, place).tensors;
    const count = task === 'rating' ? answers.length : 1;
    if (weight?.dims.join() !== `${count},${hiddenSize}`) fail(`weight is ${weight?.dims.join(' x ') ?? 'missing'}, not ${count} x ${hiddenSize}`);
    if (bias?.dims.join() !== `${count}`) fail(`bias is ${bias?.dims.join(' x ') ?? 'missing'}, not ${count}`);
    return { task, weight: transposed(weight!.data, count, hiddenSize), bias: bias!.data, scales: importedScales(task === 'rating' ? answers : []) };
  });
}

/** Of an adapter that says nothing about how it was made. */
function bareCard({ label }: ModelValue, adapters: readonly Adapter[], file: string): TuningCard {
  return {
    base: label, seed: 0, settings: { rank: shortList([...new Set(adapters.map(({ rank }) => String(rank)))]) }, parameters: adapters.reduce((sum, { a, b }) => sum + a.length + b.length, 0),
    history: [], validation: [], parts: [], steps: 0, keptStep: 0, stoppedEarly: false, device: '', seconds: 0, imported: { file, seen: null },
  };
}

interface Imported {
  readonly model: ModelValue;
  readonly value: ModelValue;
  readonly said: AdapterCard | null;
  readonly ignored: readonly string[];
  readonly base: string | null;
}

/** What a reader must know before trusting the result: what is not known, and how it differs from what was exported. */
function tell({ warn }: RunContext, { model, value, said, ignored, base }: Imported): void {
  for (const note of model.notes) warn(note);
  if (ignored.length > 0) warn(`${ignored.length} tensors belong to no low-rank adapter and were left out: ${shortList(ignored, 3)}`);
  if (!said) {
    warn(`the file does not say which words it was trained on: a test on any word may be a test on trained ones${base ? `; it names ${base} as its base` : ''}`);
    return;
  }
  if (said.seen === null) warn('the card does not say which words all of its trainings saw: a test on any word may be a test on trained ones');
  if (said.heads.some(({ task }) => task === 'rating')) warn('predicted ratings are z-scores: means and deviations of the ratings that were trained on are not in the file; correlations do not need them');
  if (value.revision === said.revision) return;
  const short = (revision: string): string => revision.slice(0, 12);
  const why = said.rounds > 1
    ? `the file holds the sum of ${said.rounds} trainings, which is rounded otherwise than one after the other`
    : said.base.revision !== model.revision
      ? `it was trained on ${said.base.label} of revision ${short(said.base.revision)}, and ${model.label} is of revision ${short(model.revision)}: another export, or another model`
      : 'its adapter is not the one that the card was written for';
  warn(`the model has the revision ${short(value.revision)}, not ${short(said.revision)} as exported: ${why}`);
}
