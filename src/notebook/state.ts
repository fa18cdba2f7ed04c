/** What the session knows of each cell: its status, its latest value, what is in its way. */
import type { ProblemRecord } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';
import type { CellValue } from '../data/values.ts';
import type { UnfinishedRun } from '../store/kept.ts';
import type { RunCard } from './card.ts';
import type { Node } from './graph.ts';

/**
 * - `clean`: the value shown was stored earlier and still matches the text.
 * - `stale`: no value matches the text; an older one may be shown, marked.
 * - `done`: computed in this session and still matching.
 * - `paused`: an unfinished run is kept from which the next one goes on, whether the reader paused it or a tab closed.
 */
export type CellStatus = 'clean' | 'stale' | 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

export interface CellState {
  readonly name: string;
  node: Node;
  status: CellStatus;
  /** Name of the result the text asks for; null while the text has problems or a file is missing. */
  key: string | null;
  /** The latest value, and the key it was computed for; it matches the text when the keys are equal. */
  value: CellValue | null;
  valueKey: string | null;
  card: RunCard | null;
  progress: Progress | null;
  /** What an unfinished run has kept, while none is running; null where nothing is. */
  unfinished: UnfinishedRun | null;
  /** Why it cannot run or why the last run failed; the text's own problems are in `node.problems`. */
  problem: ProblemRecord | null;
}

export function newState(node: Node): CellState {
  return { name: node.cell.name, node, status: 'stale', key: null, value: null, valueKey: null, card: null, progress: null, unfinished: null, problem: null };
}

/** Whether the value shown is the one the text asks for. */
export function isCurrent(state: CellState): boolean {
  return state.key !== null && state.valueKey === state.key;
}

/** How a cell stands that neither waits nor runs and whose last run neither failed nor was cancelled. */
export function atRest(state: CellState): CellStatus {
  if (state.unfinished) return 'paused';
  return isCurrent(state) ? 'clean' : 'stale';
}
