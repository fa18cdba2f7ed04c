/** Which cells a run takes along and what it gets from them, and which follow an edit by themselves. */
import { Problem } from '../base/problem.ts';
import { identityOf, type Input } from './execute.ts';
import type { Graph, Node } from './graph.ts';
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

/** The nodes of a cell's inputs, and what a model among them was made of: a tuned model is opened from its base's files. */
export function inputNodes(graph: Graph, node: Node): Node[] {
  const found = new Set(node.inputs.flatMap((name) => graph.byName.get(name) ?? []));
  // A set hands out what is added while it is gone through.
  for (const { kind, inputs } of found) if (kind?.produces === 'model') for (const name of inputs) if (graph.byName.has(name)) found.add(graph.byName.get(name)!);
  return [...found];
}

/**
 * The current values of a cell's inputs.
 * @throws Problem `input-failed` where one has none.
 */
export function inputsOf(states: ReadonlyMap<string, CellState>, node: Node): Map<string, Input> {
  return new Map(
    node.inputs.map((name) => {
      const source = states.get(name);
      if (!source?.value || !isCurrent(source)) {
        throw new Problem({ code: 'input-failed', place: `cell ${node.cell.name}`, what: `${name} has no result`, fix: `Mend ${name} first; this cell then runs.`, action: { type: 'run-cell', cell: name } });
      }
      return [name, { identity: identityOf(source.key!, source.value), value: source.value }];
    }),
  );
}
