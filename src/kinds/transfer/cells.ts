/** Records of models by columns: values with intervals, differences from the base, and their correction. */
import type { TransferCell, TransferColumn, TransferRow } from '../../data/transfer.ts';
import { mcnemarExact, wilsonInterval } from '../../rsa/inference/accuracy.ts';
import { benjaminiHochberg, holm } from '../../rsa/inference/correct.ts';
import { intervalOver, meanOf, pairedDifference, spreadOf, type Measured } from '../../rsa/inference/paired.ts';
import { standingOf } from './relation.ts';

/** What a column gives for one row. */
export interface RowResult {
  /** Null where it cannot be measured. */
  readonly measured: Measured | null;
  readonly reason: string;
  /** Dimensions that enter. */
  readonly rated: readonly string[];
  /** See TransferCell; in the base's own row what stands for it. */
  readonly against: TransferCell['against'];
  /** What is subtracted; null in the base's row. */
  readonly baseline: Measured | null;
  /** For questions: which are answered rightly, by each repeat, and by each of the base's. */
  readonly right?: { readonly own: readonly Uint8Array[]; readonly base: readonly Uint8Array[] };
}

/** A column with a result for each row, base first. */
export interface ColumnResult {
  readonly column: TransferColumn;
  readonly n: number;
  readonly rows: readonly RowResult[];
}

interface Settings {
  readonly level: number;
  readonly seed: number;
}

export const nothing = (reason: string): RowResult => ({ measured: null, reason, rated: [], against: null, baseline: null });

/** Row by row, each in the order of the columns; differences are corrected together. */
export function cellsOf(rows: readonly TransferRow[], columns: readonly ColumnResult[], settings: Settings): { cells: TransferCell[]; family: number } {
  const cells = rows.flatMap((row, at) => columns.map((column) => cellOf(row, at, column, settings)));
  const compared = cells.flatMap(({ p }, at) => (p === null ? [] : [at]));
  const p = compared.map((at) => cells[at]!.p!);
  const [byHolm, byBh] = [holm(p), benjaminiHochberg(p)];
  const place = new Map(compared.map((at, k) => [at, k]));
  const corrected = cells.map((cell, at) => {
    const k = place.get(at);
    return k === undefined ? cell : { ...cell, holm: byHolm[k]!, bh: byBh[k]! };
  });
  return { cells: corrected, family: compared.length };
}

const undefinedReason = 'all values are equal, so there is no correlation';

function cellOf(row: TransferRow, at: number, { column, n, rows }: ColumnResult, { level, seed }: Settings): TransferCell {
  const result = rows[at]!;
  const standing = row.base ? { relation: 'base' as const, across: [] } : standingOf(row.trainedOn, column, row.tasksKnown);
  const empty: TransferCell = {
    ...column, row: row.row, value: null, reason: result.reason, interval: null, repeats: [], spread: null, n, rated: result.rated,
    against: null, baseline: null, difference: null, differenceInterval: null, p: null, pFrom: null, holm: null, bh: null, ...standing,
  };
  const { measured, baseline, against, right } = result;
  if (!measured) return empty;
  const value = meanOf(measured.values);
  if (!Number.isFinite(value)) return { ...empty, reason: undefinedReason };
  const known: TransferCell = {
    ...empty, value, reason: '',
    interval: column.measure === 'choice' ? wilsonInterval(value, n, level) : intervalOver(measured, level),
    repeats: measured.values.length > 1 ? [...measured.values] : [],
    spread: spreadOf(measured.values),
    against,
  };
  if (!baseline || !Number.isFinite(meanOf(baseline.values))) return known;
  const difference = pairedDifference(measured, baseline, { level, seed, models: [at, 0] });
  const exact = right && right.own.length === 1 && right.base.length === 1;
  const p = exact ? mcnemarExact(onlyRight(right.own[0]!, right.base[0]!), onlyRight(right.base[0]!, right.own[0]!)) : difference.p;
  return {
    ...known, baseline: meanOf(baseline.values), difference: difference.value, differenceInterval: difference.interval,
    p, pFrom: p === null ? null : exact ? 'mcnemar' : 'bootstrap',
  };
}

/** Questions that the first answers rightly and the second does not. */
function onlyRight(first: Uint8Array, second: Uint8Array): number {
  return first.reduce((sum, one, at) => sum + (one === 1 && second[at] === 0 ? 1 : 0), 0);
}
