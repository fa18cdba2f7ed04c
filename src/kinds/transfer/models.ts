/** The models that a `transfer` cell compares, and what their cards say they were trained on. */
import type { TaskCard, TunedHead, TuningTask } from '../../data/tuned.ts';
import type { TrainedOn, TransferRow } from '../../data/transfer.ts';
import type { ModelValue } from '../../data/values.ts';
import type { Pooling } from '../../models/activations.ts';
import { countsOf } from '../../tuning/files/counts.ts';

/** A row: the models that were trained alike, with other seeds, behind one label. */
export interface Compared {
  readonly label: string;
  readonly members: readonly ModelValue[];
}

/** A model and its repeats. */
export function membersOf(value: ModelValue): readonly ModelValue[] {
  return [value, ...(value.tuned?.repeats ?? [])];
}

/** Parts of all rounds of a model. */
export function partsOf({ tuned }: ModelValue): readonly TaskCard[] {
  return tuned?.rounds.flatMap(({ card }) => card.parts) ?? [];
}

export function trainedOn(value: ModelValue): TrainedOn[] {
  return value.tuned?.rounds.flatMap(({ card }) => card.parts.map(({ task, form, data, language, dimensions, unit }, at) => ({ task, form, data, language, dimensions, n: countsOf(card, at).train, unit }))) ?? [];
}

/** Whether the cards say what all trainings were on: a file may have no card, or that of the last of several. */
export function areTasksKnown({ tuned }: ModelValue): boolean {
  return tuned?.rounds.every(({ card: { parts, imported } }) => parts.length > 0 && (imported?.rounds ?? 1) === 1) ?? true;
}

/** Whether the words and questions that were trained or validated on are known, by name or by hash. */
export function isSeenKnown({ tuned }: ModelValue): boolean {
  return tuned?.rounds.every(({ card: { imported } }) => imported?.seen !== null) ?? true;
}

export function rowOf({ label, members }: Compared, base: boolean): TransferRow {
  return { row: label, base, revision: members[0]!.revision, trainedOn: trainedOn(members[0]!), repeats: members.length, tasksKnown: members.every(areTasksKnown), seenKnown: members.every(isSeenKnown) };
}

/** A head, and how what it reads was fed and pooled when it was trained. */
export interface FoundHead {
  readonly head: TunedHead;
  readonly pooling: Pooling;
  readonly templates: readonly string[];
  readonly lowercase: boolean;
  /** Whether the model was tuned on after the head was trained. */
  readonly older: boolean;
}

/** The head for a task, of the last round that trained one; null where there is none. */
export function headOf({ tuned }: ModelValue, task: Exclude<TuningTask, 'text'>): FoundHead | null {
  const rounds = tuned?.rounds ?? [];
  const at = rounds.findLastIndex(({ heads }) => heads.some((head) => head.task === task));
  const round = rounds[at];
  if (!round) return null;
  const { settings } = round.card;
  return {
    head: round.heads.find((head) => head.task === task)!,
    pooling: String(settings['pooling'] ?? 'mean') as Pooling,
    templates: String(settings['templates'] ?? '{word}').split(' | '),
    lowercase: settings['lowercase'] !== false,
    older: at + 1 < rounds.length,
  };
}

/** Whether any of the models was trained to give the answers of a task after a prompt. */
export function prompted(models: readonly Compared[], task: TuningTask): boolean {
  return models.some(({ members }) => partsOf(members[0]!).some((part) => part.task === task && part.form === 'prompt'));
}
