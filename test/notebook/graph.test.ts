import { describe, expect, test } from 'vitest';
import { referencesFor } from '../../src/app/new-cell.ts';
import { kinds } from '../../src/kinds/index.ts';
import { parseNotebook } from '../../src/notebook/document.ts';
import { buildGraph, type Graph } from '../../src/notebook/graph.ts';

function graphOf(...cells: string[]): Graph {
  return buildGraph(parseNotebook(`---\nsensorium: 1\n---\n${cells.map((cell) => '```cell ' + cell + '\n```\n').join('')}`));
}

/** "code: what" of every problem of a cell. */
function problemsOf(graph: Graph, name: string): string[] {
  return (graph.byName.get(name)?.problems ?? []).map((problem) => `${problem.code}: ${problem.what}`);
}

const chain = ['rsa gap\nreference: human\ncandidates: [hidden]', 'activations hidden\nmodel: mini\nstimuli: words', 'ratings human\nstimuli: words', 'model mini', 'stimuli words'];

test('a new leaderboard names the stimuli and every model above, and as its reference no cell that needs attention', () => {
  const filled = (...cells: string[]) => referencesFor(kinds.get('leaderboard')!, graphOf(...cells).nodes);
  expect(filled('stimuli words', 'model mini', 'model other', 'ratings human\nstimuli: words', 'activations hidden\nmodel: mini\nstimuli: words')).toEqual({ reference: 'human', models: ['mini', 'other'], stimuli: 'words' });
  expect(filled('elicit asked')).toEqual({});
});

describe('the graph', () => {
  test('decides the order, whatever the order on the page', () => {
    const graph = graphOf(...chain);
    const order = graph.order.map((node) => node.cell.name);
    for (const node of graph.nodes) for (const input of node.inputs) expect(order.indexOf(input)).toBeLessThan(order.indexOf(node.cell.name));
    expect(graph.nodes.flatMap((node) => node.problems)).toEqual([]);
    expect(graph.byName.get('gap')?.inputs).toEqual(['human', 'hidden']);
  });

  test('fills defaults in, and takes a single name for a list of one', () => {
    const graph = graphOf('rsa gap\nreference: human\ncandidates: human', 'ratings human\nstimuli: words', 'stimuli words');
    expect(graph.byName.get('gap')?.params).toMatchObject({ candidates: ['human'], comparator: 'spearman', permutations: 1000 });
  });
});

describe('what is wrong is marked at the cell and the line', () => {
  test('an unknown name, with the name that was meant', () => {
    const graph = graphOf('ratings human\nstimuli: word', 'stimuli words');
    const [problem] = graph.byName.get('human')!.problems;
    expect(problem).toMatchObject({ code: 'unknown-cell', place: 'cell human, line 5', fix: 'Did you mean words?' });
  });

  test('a cell of the wrong type', () => {
    expect(problemsOf(graphOf('ratings human\nstimuli: mini', 'model mini'), 'human')).toEqual(['input-type: stimuli names mini, which gives model']);
  });

  test('a bad value, with the value', () => {
    const graph = graphOf('rsa gap\nreference: h\ncandidates: h\npermutations: -3\ncomparator: overlap\nlevel: high', 'ratings h\nstimuli: w', 'stimuli w');
    expect(problemsOf(graph, 'gap')).toEqual([
      expect.stringMatching(/^parameter: comparator is "overlap", should be one of spearman, pearson, /),
      'parameter: permutations is -3, below 0',
      'parameter: level is "high", should be a number',
    ]);
    expect(graph.byName.get('gap')?.problems[1]?.place).toBe('cell gap, line 7');
  });

  test('a missing parameter and an unknown one', () => {
    expect(problemsOf(graphOf('ratings human\nstimul: words', 'stimuli words'), 'human')).toEqual(['unknown-parameter: ratings has no parameter "stimul"', 'parameter: stimuli is missing']);
  });

  test('an unknown kind is kept and not run', () => {
    const graph = graphOf('rssa gap\nanything: 1');
    expect(graph.byName.get('gap')?.problems[0]?.fix).toBe('Did you mean rsa? The cell is kept as it is and not run.');
  });

  test('a name used twice, at the second cell', () => {
    const graph = graphOf('stimuli words', 'model words');
    expect(graph.nodes.map((node) => node.problems.map((problem) => problem.code))).toEqual([[], ['cell-name-taken']]);
  });

  test('a cycle, at every cell on it and at no other', () => {
    const graph = graphOf('ratings a\nstimuli: b', 'stimuli b\nnorms: c', 'table c\nfile: x', 'rdm d\nof: a');
    expect(graph.nodes.flatMap((node) => node.problems)).toEqual([]);
    const loop = graphOf('stimuli a\nnorms: b', 'table b\nfile: x', 'stimuli s\nnorms: s');
    expect(problemsOf(loop, 's').some((problem) => problem.startsWith('cycle'))).toBe(true);
    expect(problemsOf(loop, 'a')).toEqual([]);
  });
});
