/**
 * Intervals of a correlation by Fisher's transformation z = atanh r, whose sampling distribution is nearly normal (Fisher
 * 1921, Metron 1). They take the words as independent draws and say nothing about which other words might have been
 * asked, nor about RDM entries, which are not independent.
 */
import { normalQuantile } from '../numbers/distributions.ts';

/** Which standard error of z: the two for rank correlations, or Fisher's own. */
export type FisherError =
  /** sqrt((1 + r²/2) / (n - 3)): Spearman (Bonett and Wright 2000, Psychometrika 65). */
  | 'bonett-wright'
  /** sqrt(1.06 / (n - 3)): Spearman (Fieller, Hartley and Pearson 1957, Biometrika 44). */
  | 'fieller'
  /** 1 / sqrt(n - 3): Pearson of normal data. */
  | 'fisher';

/** Standard error of atanh r; n above 3. */
export function fisherError(r: number, n: number, which: FisherError): number {
  switch (which) {
    case 'bonett-wright': return Math.sqrt((1 + (r * r) / 2) / (n - 3));
    case 'fieller': return Math.sqrt(1.06 / (n - 3));
    case 'fisher': return 1 / Math.sqrt(n - 3);
    default: return which satisfies never;
  }
}

/**
 * tanh(atanh r ± z se), with z the normal quantile of the level.
 *
 * @param r -1 to 1
 * @param n words
 * @param level 0 to 1, for example 0.95
 * @returns null where there is none: r is NaN or n is 3 or less
 */
export function fisherInterval(r: number, n: number, level: number, which: FisherError): readonly [number, number] | null {
  if (Number.isNaN(r) || n <= 3) return null;
  const reach = normalQuantile((1 + level) / 2) * fisherError(r, n, which);
  return [Math.tanh(Math.atanh(r) - reach), Math.tanh(Math.atanh(r) + reach)];
}
