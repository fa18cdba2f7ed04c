/** The reactive graph of a notebook: which cell feeds which, in what order they run, and what is wrong with any. */
import type { ProblemRecord } from '../base/problem.ts';
import { kinds } from '../kinds/index.ts';
import { checkField, referencesOf, type Field } from '../kinds/field.ts';
import type { Kind } from '../kinds/kind.ts';
import { quickKey } from './body.ts';
import { cellsOf, type Cell, type NotebookDocument } from './document.ts';
import { nearest } from '../base/nearest.ts';
import { checkQuick, distinctMarks, type QuickMark } from './quick.ts';
import { trouble } from './trouble.ts';

/** A cell whose text has been checked against its kind. */
export interface Node {
  readonly cell: Cell;
  /** Undefined for kinds this code does not know: kept, shown, not run. */
  readonly kind: Kind | undefined;
  /** Every field's value as it is run, defaults filled in and, where Quick is on, the quick block applied. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What Quick changes in it and in the cells it needs, its own values first; empty while Quick is off. */
  readonly quick: readonly QuickMark[];
  /** Names of the cells it needs, without repeats. */
  readonly inputs: readonly string[];
  /** Everything that keeps it from running, its inputs' problems not included. */
  readonly problems: readonly ProblemRecord[];
}

export interface Graph {
  /** In page order. Cells with a name that is already taken appear too, but nothing can refer to them. */
  readonly nodes: readonly Node[];
  readonly byName: ReadonlyMap<string, Node>;
  /** Nodes in an order in which every input comes before the cells that need it; cells on a cycle are last. */
  readonly order: readonly Node[];
}

/** Builds the graph. Never throws. */
export function buildGraph(document: NotebookDocument): Graph {
  const byName = new Map<string, Node>();
  const checked = cellsOf(document).map((cell) => {
    const node = checkCell(cell, document.quick);
    const first = byName.get(cell.name);
    if (!first) {
      byName.set(cell.name, node);
      return node;
    }
    const problem = trouble('cell-name-taken', cell, cell.line, `${cell.name} is already the name of the cell on line ${first.cell.line}`, 'Give it a name of its own.');
    return { ...node, problems: [...node.problems, problem] };
  });

  const linked = checked.map((node) => ({ ...node, problems: [...node.problems, ...referenceProblems(node, byName)] }));
  for (const node of linked) if (byName.get(node.cell.name)?.cell === node.cell) byName.set(node.cell.name, node);
  const { order, onCycle } = sort(linked, byName);
  const quick = inheritQuick(order, byName);
  const mark = (own: Node): Node => {
    const node = { ...own, quick: quick.get(own.cell) ?? own.quick };
    if (!onCycle.has(node.cell.name)) return node;
    const problem = trouble('cycle', node.cell, node.cell.line, `${node.cell.name} needs its own result (${[...onCycle].join(' → ')})`, 'Let one of these cells name another input.');
    return { ...node, problems: [...node.problems, problem] };
  };
  const marked = new Map(linked.map((node) => [node.cell, mark(node)]));
  const final = (node: Node): Node => marked.get(node.cell)!;
  return {
    nodes: linked.map(final),
    byName: new Map(Array.from(byName, ([name, node]) => [name, final(node)])),
    order: order.map(final),
  };
}

/** Marks of every cell with those of the cells it needs. */
function inheritQuick(order: readonly Node[], byName: ReadonlyMap<string, Node>): Map<Cell, readonly QuickMark[]> {
  const all = new Map<Cell, readonly QuickMark[]>();
  for (const node of order) {
    const above = node.inputs.flatMap((name) => all.get(byName.get(name)?.cell ?? node.cell) ?? []);
    all.set(node.cell, distinctMarks([...node.quick, ...above]));
  }
  return all;
}

function checkCell(cell: Cell, quickOn: boolean): Node {
  const kind = kinds.get(cell.kind);
  const problems: ProblemRecord[] = [...cell.problems];
  if (!kind) {
    const close = nearest(cell.kind, [...kinds.keys()]);
    if (cell.kind) problems.push(trouble('unknown-kind', cell, cell.line, `no cell kind "${cell.kind}"`, close ? `Did you mean ${close}? The cell is kept as it is and not run.` : 'The cell is kept as it is and not run.'));
    return { cell, kind, params: {}, quick: [], inputs: [], problems };
  }
  for (const entry of cell.body.entries) {
    if (Object.hasOwn(kind.fields, entry.key) || entry.key === quickKey) continue;
    const close = nearest(entry.key, Object.keys(kind.fields));
    problems.push(trouble('unknown-parameter', cell, entry.line, `${kind.name} has no parameter "${entry.key}"`, close ? `Did you mean ${close}?` : `It has ${Object.keys(kind.fields).join(', ')}.`));
  }
  const params: Record<string, unknown> = {};
  for (const [key, declared] of Object.entries(kind.fields)) {
    const result = checkField(key, declared, cell.body.values[key]);
    if (result.ok) {
      params[key] = result.value;
    } else {
      const line = cell.body.entries.find((entry) => entry.key === key)?.line ?? cell.line;
      problems.push(trouble('parameter', cell, line, result.what, result.fix));
    }
  }
  const block = checkQuick(cell, kind, params);
  problems.push(...block.problems);
  const quick = quickOn ? block.marks : [];
  for (const { parameter, quick: value } of quick) params[parameter] = value;
  return { cell, kind, params, quick, inputs: [...new Set(referencesOf(kind.fields, params))], problems };
}

/** Which field of a node names a cell. */
function fieldNaming(node: Node, name: string): { readonly key: string; readonly declared: Field } | undefined {
  for (const [key, declared] of Object.entries(node.kind?.fields ?? {})) {
    const value = node.params[key];
    if ((declared.control === 'cell' || declared.control === 'cells') && (value === name || (Array.isArray(value) && value.includes(name)))) return { key, declared };
  }
  return undefined;
}

function referenceProblems(node: Node, byName: ReadonlyMap<string, Node>): ProblemRecord[] {
  return node.inputs.flatMap((name) => {
    const naming = fieldNaming(node, name);
    const line = node.cell.body.entries.find((entry) => entry.key === naming?.key)?.line ?? node.cell.line;
    const accepts = naming && (naming.declared.control === 'cell' || naming.declared.control === 'cells') ? naming.declared.accepts : [];
    const target = byName.get(name);
    if (!target) {
      const close = nearest(name, [...byName.keys()]);
      return [trouble('unknown-cell', node.cell, line, `${naming?.key} names "${name}", and no cell has that name`, close ? `Did you mean ${close}?` : `Add a cell that gives ${accepts.join(' or ')}.`)];
    }
    if (target.kind && !accepts.includes(target.kind.produces)) {
      return [trouble('input-type', node.cell, line, `${naming?.key} names ${name}, which gives ${target.kind.produces}`, `Name a cell that gives ${accepts.join(' or ')}.`)];
    }
    return [];
  });
}

/** Depth-first topological order; what cannot be ordered lies on a cycle. */
function sort(nodes: readonly Node[], byName: ReadonlyMap<string, Node>): { order: Node[]; onCycle: Set<string> } {
  const order: Node[] = [];
  const onCycle = new Set<string>();
  const state = new Map<Cell, 'open' | 'done'>();
  const path: Node[] = [];
  const visit = (node: Node): void => {
    if (state.get(node.cell) === 'done') return;
    if (state.get(node.cell) === 'open') {
      for (const member of path.slice(path.findIndex((step) => step.cell === node.cell))) onCycle.add(member.cell.name);
      return;
    }
    state.set(node.cell, 'open');
    path.push(node);
    for (const input of node.inputs) {
      const next = byName.get(input);
      if (next) visit(next);
    }
    path.pop();
    state.set(node.cell, 'done');
    order.push(node);
  };
  nodes.forEach(visit);
  return { order, onCycle };
}
