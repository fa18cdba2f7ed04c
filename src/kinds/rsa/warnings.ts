/** What an `rsa` cell tells its reader: settings without effect, and tables of p that invite picking. */
import { setTitle } from '../../data/dimensions.ts';
import type { Resampling, RsaDifference, RsaOrders, RsaRow } from '../../data/rsa.ts';
import { comparesRows } from '../../rsa/comparators/comparators.ts';
import { listed, small } from '../../ui/format.ts';
import type { ParamsOf } from '../field.ts';
import { distanceFields, idleSettings } from '../treatment.ts';
import { fields } from './schema.ts';

type Params = ParamsOf<typeof fields>;
type Warn = (message: string) => void;

/** Corrected errors are the difference of two variances, each known from the draws alone or in part. */
const fewDraws = 500;

/** From here on a table of p-values invites picking; the warning says what a correction would ask. */
const manyComparisons = 10;

/** What is usually asked of p. */
const usual = 0.05;

/** Before anything is computed. */
export function warnSettings(params: Params, resampling: Resampling, warn: Warn): void {
  const { comparator, interval, bootstrap } = params;
  if (comparesRows(comparator)) {
    const names = Object.keys(distanceFields) as (keyof typeof distanceFields)[];
    const idle = names.filter((name) => params[name] !== distanceFields[name].default).map((name) => `${name} ${String(params[name])}`);
    if (idle.length) warn(`${comparator} compares the representations themselves: ${listed(idle)} ${idle.length === 1 ? 'plays' : 'play'} no part in it.`);
  } else idleSettings(params, warn);
  if (interval === 'bca' && resampling === 'delete-half' && bootstrap > 0) {
    warn(`BCa intervals need draws of the words with replacement; under ${comparator} words are drawn without, and percentiles are given in their place.`);
  }
  warnOfPermutations(params, warn);
  if (bootstrap === 0) warnWithoutDraws(params, warn);
  else if (bootstrap === 1) warn(`a single draw of the words has no spread, so intervals and p of differences say nothing; take ${fewDraws} or more.`);
  else if (bootstrap < fewDraws) {
    warn(`only ${bootstrap} draws of the words: intervals and p of differences are rough, and corrected ones wide for it; ${fewDraws} or more are steadier.`);
  }
}

/** Permutations that leave nothing to correct, or no p that could be small. */
function warnOfPermutations({ permutations, correction, bootstrap, differences, candidates }: Params, warn: Warn): void {
  if (permutations === 0 && correction !== 'none') {
    // Differences have a p of their own, from the draws of the words.
    const corrected = bootstrap > 1 && differences !== 'none' && candidates.length > 1;
    warn(corrected
      ? `permutations is 0, so that values have no p: correction ${correction} is of the differences alone${correction === 'max' ? ', by Holm' : ''}.`
      : `permutations is 0, so that there is no p: correction ${correction} plays no part.`);
  } else if (permutations === 1) warn('permutations is 1, which is the order of the words as it is: every p is 1.');
  // Holm, and Benjamini and Hochberg, have a warning of how far they reach.
  else if (permutations > 0 && 1 / permutations > usual && (correction === 'none' || correction === 'max')) {
    warn(`with ${permutations} permutations no p can be below ${small(1 / permutations)}; ${whole(1 / usual)} or more let it reach ${small(usual)}.`);
  }
}

/** What only draws of the words give. */
function warnWithoutDraws(params: Params, warn: Warn): void {
  const idle = (['resampling', 'interval', 'level'] as const).filter((name) => params[name] !== fields[name].default).map((name) => `${name} ${params[name]}`);
  if (idle.length) warn(`bootstrap is 0: ${listed(idle)} ${idle.length === 1 ? 'plays' : 'play'} no part.`);
  if (params.differences === 'all') warn('bootstrap is 0: differences have no interval and no p.');
}

/** What the rows need to be read with. */
export function warnReader(rows: readonly RsaRow[], differences: readonly RsaDifference[], orders: readonly RsaOrders[], params: Params, warn: Warn): void {
  const { correction, sets } = params;
  for (const row of rows) if (Number.isNaN(row.value)) warn(`${setTitle(row.set)}: ${row.candidate}, ${row.layer}: all distances are equal, so there is no value.`);
  const layered = rows.some((row) => rows.some((other) => other.candidate === row.candidate && other.layerIndex !== row.layerIndex));
  if (orders.length) {
    if (correction === 'none' && rows.length > manyComparisons) {
      warn(`${rows.length} p-values, not corrected for their number: Bonferroni asks p ≤ ${small(usual / rows.length)} for ${small(usual)}${outOfReach(rows.length, orders)}; correction: max corrects for all candidates and layers of a set.`);
    }
    if (correction === 'none' && layered) {
      warn('p of a candidate’s best layer is not corrected for the choice among its layers, which was made on these same words: it is too small; correction: max corrects for all candidates and layers of a set.');
    }
    if (correction === 'max' && new Set(sets).size > 1) warn('p is corrected for the candidates and layers of each set by itself, not for the number of sets.');
    if (correction === 'holm' || correction === 'bh') warnReach(rows.filter(({ p }) => p !== null).length, orders, correction, warn);
  }
  if (correction === 'none' && differences.filter(({ p }) => p !== null).length > manyComparisons) {
    warn(`${differences.length} differences, each with its p, not corrected for their number: correction: holm or bh corrects for it.`);
  }
  if (layered && differences.length) {
    warn('differences take each model’s best layer, chosen on these same words: the values are optimistic, and neither intervals nor p cover the choice.');
  }
}

/** Where no p can be as small as Bonferroni asks, what would let it; '' where one can. */
function outOfReach(rows: number, orders: readonly RsaOrders[]): string {
  const { permutations, exact } = mostOrders(orders);
  if (rows / permutations <= usual) return '';
  return exact ? `, which all ${permutations} orders of the words cannot give` : `, which ${permutations} permutations cannot give (${whole(rows / usual)} can)`;
}

const mostOrders = (orders: readonly RsaOrders[]): RsaOrders => orders.reduce((best, one) => (one.permutations > best.permutations ? one : best));

/** A permutation p is at least 1 / orders, so that a correction over many rows may leave nothing to find. */
export function warnReach(rows: number, orders: readonly RsaOrders[], correction: 'holm' | 'bh', warn: Warn): void {
  const most = mostOrders(orders);
  const least = rows / most.permutations;
  if (least <= usual) return;
  const given = most.exact ? `all ${most.permutations} orders of the words` : `${most.permutations} permutations`;
  const more = most.exact ? 'take more words or fewer rows.' : `${whole(rows / usual)} or more ${correction === 'holm' ? 'let it reach' : 'let a single row reach'} .05.`;
  warn(correction === 'holm'
    ? `Holm’s correction over ${rows} rows: with ${given} no corrected p can be below ${small(least)}; ${more}`
    : `Benjamini and Hochberg’s correction over ${rows} rows: with ${given} a corrected p can reach .05 only where ${whole(least / usual)} rows have the least p there is; ${more}`);
}

/** Rounded up, but for what rounding of the division adds. */
const whole = (count: number): number => Math.ceil(count - 1e-9);
