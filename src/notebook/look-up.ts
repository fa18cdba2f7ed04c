/** What is already there for a cell as its text stands: its key, a stored result, an unfinished run. */
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import type { UnfinishedRun } from '../store/kept.ts';
import { identityOf, keyFor, type Environment } from './execute.ts';
import type { Graph, Node } from './graph.ts';
import { inputNodes } from './plan.ts';
import { isCurrent, type CellState } from './state.ts';

/** The key of the result that a node asks for; null, perhaps with why, while it asks for none that could be computed. */
export async function keyOf(node: Node, graph: Graph, states: ReadonlyMap<string, CellState>, environment: Environment): Promise<{ readonly key: string | null; readonly problem: ProblemRecord | null }> {
  if (!node.kind || node.problems.length > 0) return { key: null, problem: null };
  const identities: Record<string, string> = {};
  for (const name of node.inputs) {
    const input = states.get(name);
    if (!input?.key) return { key: null, problem: null };
    identities[name] = identityOf(input.key, isCurrent(input) ? input.value : null);
  }
  try {
    return { key: (await keyFor(node, identities, inputNodes(graph, node), environment)).key, problem: null };
  } catch (error) {
    return { key: null, problem: problemRecord(error) };
  }
}

/** A stored result. One that cannot be read must not stop the notebook: the cell stays stale and says why. */
export async function storedResult(state: CellState, key: string, { results }: Environment): ReturnType<Environment['results']['get']> {
  try {
    return await results.get(key);
  } catch (error) {
    state.problem = problemRecord(error);
    return undefined;
  }
}

/** What an unfinished run towards a key has kept. Where that cannot be read nothing is offered, and the cell says why. */
export async function unfinishedRun(state: CellState, key: string, { kept }: Environment): Promise<UnfinishedRun | null> {
  if (!state.node.kind?.resumable) return null;
  try {
    return (await kept.find(key)) ?? null;
  } catch (error) {
    state.problem = problemRecord(error);
    return null;
  }
}
