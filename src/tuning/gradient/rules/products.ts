/** Gradients of matrix products: of y = a b they are g bᵀ and aᵀ g. */
import { float, int } from '../writer.ts';
import { NoGradient, type Call, type Rule } from './call.ts';

/** A product of matrices, each perhaps transposed in its last two axes. */
function product(call: Call, g: string, transA: boolean, transB: boolean): readonly (string | null)[] {
  const { graph } = call;
  const [a, b] = [call.x(0), call.x(1)];
  const [rankA, rankB] = [call.rank(a), call.rank(b)];
  if (rankA < 2 || rankB < 2) throw new NoGradient('one of its operands is a vector');
  if (rankB === 2 && !transA) return byMatrix(call, g, transB);
  const rank = Math.max(rankA, rankB);
  const turned = (tensor: string, of: number): string => graph.transposeLast(tensor, of);
  const times = (left: string, right: string): string => graph.add('MatMul', [left, right]);
  return [
    call.fit(() => {
      // op(a) gets g op(b)ᵀ.
      const right = transB ? b : turned(b, rankB);
      const left = times(g, right);
      return transA ? turned(left, rank) : left;
    }, 0, 2),
    call.fit(() => {
      const left = times(transA ? a : turned(a, rankA), g);
      return transB ? turned(left, rank) : left;
    }, 1, 2),
  ];
}

/**
 * Rows times one matrix, as all weights are used. The rows of a batch lie one after the other, so one product does for
 * all, and the matrix is read transposed where it lies: constants would otherwise be held twice.
 */
function byMatrix(call: Call, g: string, transB: boolean): readonly (string | null)[] {
  const { graph } = call;
  const [a, b] = [call.x(0), call.x(1)];
  const flat = call.rank(a) === 2;
  const rows = (tensor: string, matrix: string, side: 0 | 1): string => {
    if (flat) return tensor;
    const axis = (side === 1) === transB ? 0 : 1;
    const size = call.facts.of(matrix).fixed[axis];
    if (size === null || size === undefined) throw new NoGradient('its matrix varies with the batch');
    return graph.add('Reshape', [tensor, graph.integers([-1, size])]);
  };
  const gRows = rows(g, b, 1);
  const gradients: (string | null)[] = [null, null];
  if (call.wants(0)) {
    const product = graph.add('Gemm', [gRows, b], { transB: int(transB ? 0 : 1) });
    gradients[0] = flat ? product : graph.reshapeLike(product, a);
  }
  if (call.wants(1)) {
    const aRows = rows(a, b, 0);
    gradients[1] = graph.add('Gemm', transB ? [gRows, aRows] : [aRows, gRows], { transA: int(1) });
  }
  return gradients;
}

function scaled({ graph, g }: Call, factor: number): string {
  return factor === 1 ? g : graph.add('Mul', [g, graph.float(factor)]);
}

const gemm: Rule = (call) => {
  const { graph } = call;
  const g = scaled(call, call.number('alpha', 1));
  const [transA, transB] = [call.integer('transA', 0) === 1, call.integer('transB', 0) === 1];
  const multiply = (left: string, right: string, turnLeft: boolean, turnRight: boolean): string =>
    graph.add('Gemm', [left, right], { transA: int(turnLeft ? 1 : 0), transB: int(turnRight ? 1 : 0), alpha: float(1) });
  const [a, b] = [call.x(0), call.x(1)];
  return [
    call.wants(0) ? (transA ? multiply(b, g, transB, true) : multiply(g, b, false, !transB)) : null,
    call.wants(1) ? (transB ? multiply(g, a, true, transA) : multiply(a, g, !transA, false)) : null,
    call.fit(() => scaled(call, call.number('beta', 1)), 2),
  ];
};

const fused: Rule = (call) => {
  if (call.integer('transBatchA', 0) === 1 || call.integer('transBatchB', 0) === 1) throw new NoGradient('it transposes its batches');
  return product(call, scaled(call, call.number('alpha', 1)), call.integer('transA', 0) === 1, call.integer('transB', 0) === 1);
};

export const products: Readonly<Record<string, Rule>> = {
  MatMul: (call) => product(call, call.g, false, false),
  'com.microsoft:FusedMatMul': fused,
  Gemm: gemm,
};
