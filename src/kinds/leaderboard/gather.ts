/**
 * One representation per competitor: those of other cells as they are, those of models by running one model after the
 * other, each let go of before the next is opened. A model that cannot be had or run is skipped and named.
 */
import { isSuspension, Problem, problemRecord } from '../../base/problem.ts';
import { groupSkipped, type LeaderboardCard, type SkippedModel } from '../../data/leaderboard.ts';
import type { ModelValue, RepresentationValue, StimuliValue } from '../../data/values.ts';
import { wordPooling } from '../../models/direction.ts';
import { bytes, counted } from '../../ui/format.ts';
import { takeStates } from '../activations/take.ts';
import type { ParamsOf } from '../field.ts';
import { inputOf, type RunContext } from '../kind.ts';
import { lookAtModel } from '../model/look.ts';
import { type ModelEntry, nameOf, readEntries } from './entries.ts';
import { KeptModels, type RunModel } from './kept.ts';
import type { fields } from './schema.ts';

export type Params = ParamsOf<typeof fields>;

export interface Competitor {
  /** Tells apart competitors of one label: the cell, or the entry. */
  readonly name: string;
  readonly value: RepresentationValue;
  readonly card: LeaderboardCard | null;
}

export interface Gathered {
  readonly competitors: readonly Competitor[];
  readonly skipped: readonly SkippedModel[];
}

/** A model that is run here: that of a model cell, or one of the list. */
type Runnable = { readonly name: string } & ({ readonly model: ModelValue } | { readonly entry: ModelEntry });

/** Hidden states of all models together, bytes: they are compared at once. */
const mostBytes = 2e9;

/**
 * Gathers all competitors, the cells first.
 * @throws Problem `no-models`, `no-stimuli-named`, `no-model-left`; an AbortError after cancel
 */
export async function gather(params: Params, context: RunContext): Promise<Gathered> {
  const place = `cell ${context.cell}`;
  const cells = [...new Set(params.models)].map((name) => ({ name, value: inputOf(context, name, 'model', 'representation') }));
  const entries = readEntries(params.hub, place);
  const ready = cells.flatMap(({ name, value }): Competitor[] => (value.type === 'representation' ? [{ name, value, card: null }] : []));
  const toRun: Runnable[] = [
    ...cells.flatMap(({ name, value }) => (value.type === 'model' ? [{ name, model: value }] : [])),
    ...entries.map((entry) => ({ name: nameOf(entry), entry })),
  ];
  if (ready.length + toRun.length === 0) throw new Problem({ code: 'no-models', place, what: 'no model is named', fix: 'Name model cells under Cells (models), or models to open under Models (hub): "owner/name q8".' });
  if (toRun.length === 0) return { competitors: ready, skipped: [] };
  if (params.stimuli === 'none') {
    throw new Problem({ code: 'no-stimuli-named', place, what: `stimuli is none, and ${toRun[0]!.name} has to be run over words`, fix: 'Name the stimuli cell of the reference under Stimuli (stimuli).' });
  }
  const stimuli = inputOf(context, params.stimuli, 'stimuli');
  const { competitors, skipped } = await runAll(toRun, stimuli, params, context);
  if (ready.length + competitors.length > 0) return { competitors: [...ready, ...competitors], skipped };
  throw new Problem({
    code: 'no-model-left', place, what: `none of ${counted(skipped.length, 'model')} could be had and run (${groupSkipped(skipped).map(({ names, reason }) => `${names.join(', ')}: ${reason}`).join('; ')})`,
    fix: skipped.length === 1 ? skipped[0]!.fix : 'Go online, name a mirror of the hub under More > Settings, or add a bundled model.',
  });
}

async function runAll(all: readonly Runnable[], stimuli: StimuliValue, params: Params, context: RunContext): Promise<Gathered> {
  const kept = new KeptModels(context, all.length);
  const competitors: Competitor[] = [];
  const skipped: SkippedModel[] = [];
  let size = 0;
  for (const [at, one] of all.entries()) {
    const found = await runOne(at, one, all.length, stimuli, params, context, kept, size);
    if ('reason' in found) {
      skipped.push(found);
      continue;
    }
    size += sizeOf(found.value);
    competitors.push({ name: one.name, ...found });
  }
  // The result has the reasons, and shows them by model; the run card says that the ranking is not of all.
  if (skipped.length > 0) context.warn(`${skipped.length} of ${counted(all.length, 'model')} skipped: ${skipped.map(({ name }) => name).join(', ')}`);
  if (kept.resumed > 0) context.resumedAt(`${kept.resumed} of ${counted(all.length, 'model')}`);
  return { competitors, skipped };
}

async function runOne(
  at: number, one: Runnable, total: number, stimuli: StimuliValue, params: Params, context: RunContext, kept: KeptModels, before: number,
): Promise<RunModel | SkippedModel> {
  const earlier = await kept.load(at);
  if (earlier) return earlier;
  const watched: RunContext = {
    ...context,
    progress: (step) => context.progress({ ...step, label: `${at + 1} of ${total}: ${one.name}, ${step.label}` }),
    warn: (message) => context.warn(`${one.name}: ${message}`),
  };
  try {
    context.signal.throwIfAborted();
    watched.progress({ label: 'opening', done: 0, total: 0 });
    const found = await take(one, stimuli, params, watched);
    if (before + sizeOf(found.value) > mostBytes) {
      throw new Problem({ code: 'too-many-states', place: one.name, what: `with its hidden states all models would take ${bytes(before + sizeOf(found.value))}, and ${bytes(mostBytes)} fit`, fix: 'Write layers: last, draw a sample in the stimuli cell, or compare fewer models.' });
    }
    await kept.save(at, found);
    return found;
  } catch (error) {
    if (context.signal.aborted) {
      if (isSuspension(context.signal.reason)) await kept.pause(at);
      context.signal.throwIfAborted();
    }
    // A device that is gone is no fault of the model: the cell runs once more and goes on from what is kept.
    if (await deviceGone(context)) throw error;
    const { code, what, fix } = problemRecord(error);
    return { name: one.name, code, reason: what, fix };
  }
}

async function take(one: Runnable, stimuli: StimuliValue, params: Params, context: RunContext): Promise<RunModel> {
  const model = 'model' in one ? one.model : await lookAtModel(one.entry, context);
  const pooling = params.pooling === 'auto' ? wordPooling(model) : params.pooling;
  const { value, backend, seconds } = await takeStates(model, stimuli, { ...params, pooling, keepTemplates: false, label: '' }, context);
  const { source, id, revision, dtype, architecture, parameters, bytes: size, hiddenStates } = model;
  return {
    // Layers that nobody asked for need no memory.
    value: params.layers === 'last' ? { ...value, layers: value.layers.slice(-1) } : value,
    card: { source, id, revision, dtype, architecture, parameters, bytes: size, states: hiddenStates.length, pooling, ran: { backend, wordsPerSecond: value.words.length / seconds } },
  };
}

function sizeOf({ layers }: RepresentationValue): number {
  return layers.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** The runtime may complain a moment before the loss of its device is known. */
async function deviceGone(context: RunContext): Promise<boolean> {
  const { gpu } = await context.compute();
  return gpu !== null && Promise.race([gpu.lost.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 100, false))]);
}
