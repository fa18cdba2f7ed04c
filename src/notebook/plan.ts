/** Which cells a run takes along, and which follow an edit by themselves. */
import type { Graph } from './graph.ts';
import { isCurrent, type CellState } from './state.ts';

/** A cell and everything it needs, inputs first. */
export function withInputs(graph: Graph, name: string): string[] {
  const needed = new Set<string>();
  const visit = (current: string): void => {
    if (needed.has(current)) return;
    needed.add(current);
    graph.byName.get(current)?.inputs.forEach(visit);
  };
  visit(name);
  return graph.order.map((node) => node.cell.name).filter((candidate) => needed.has(candidate));
}

/** Whether a cell needs no run: its value matches the text. */
export function isReady(states: ReadonlyMap<string, CellState>, name: string): boolean {
  const state = states.get(name);
  return state !== undefined && isCurrent(state);
}

/** Cheap cells that can follow an edit: all they need is there, or cheap too. Inputs first. */
export function cheapAndReady(graph: Graph, states: ReadonlyMap<string, CellState>): string[] {
  const follows = new Set<string>();
  for (const node of graph.order) {
    const { name } = node.cell;
    const state = states.get(name);
    if (node.kind?.cost !== 'cheap' || !state?.key || state.node !== node || isReady(states, name)) continue;
    // What failed or was cancelled for this very key is not tried again unasked, unless it only lacked an input.
    if ((state.status === 'failed' && state.problem?.code !== 'input-failed') || state.status === 'cancelled') continue;
    if (node.inputs.every((input) => isReady(states, input) || follows.has(input))) follows.add(name);
  }
  return [...follows];
}
