/** What stands below the figures of an rsa cell: how p and intervals were made, and what the ceiling is. */
import { html, type TemplateResult } from 'lit';
import type { RsaCeiling, RsaOrders, RsaRow, RsaValue } from '../../data/rsa.ts';
import { metricLabel, setLabel } from '../../figures/metric.ts';
import { comparesRows } from '../../rsa/comparators/comparators.ts';
import { counted, correlation, interval, listed, percent, pValue, small } from '../../ui/format.ts';

/** "RDM (cosine distance)", or the representation where no distances are compared. */
export function comparedOf({ comparator, metric }: Pick<RsaValue, 'comparator' | 'metric'>): string {
  return comparesRows(comparator) ? 'representation' : `RDM (${metricLabel(metric)})`;
}

/** "p = .012", "p adjusted = .048". */
export function pValues({ p, pAdjusted }: Pick<RsaRow, 'p' | 'pAdjusted'>): string[] {
  return [pValue(p), pValue(pAdjusted).replace('p', 'p adjusted')].filter(Boolean);
}

/** A value as a caption tells it: ".374 [.317, .431], p adjusted = .012"; of two p the one that counts. */
export function toldValue({ value, interval: own, p, pAdjusted }: Pick<RsaRow, 'value' | 'interval' | 'p' | 'pAdjusted'>): string {
  const [best] = pValues({ p: pAdjusted === null ? p : null, pAdjusted });
  return [[correlation(value), interval(own)].filter(Boolean).join(' '), best].filter(Boolean).join(', ');
}

/** What the largest value of several is: below 0 it agrees with nothing, however far above the others. */
export function highestWord(value: number): 'highest' | 'least negative' {
  return value < 0 ? 'least negative' : 'highest';
}

const methods = {
  corrected: 'intervals from the corrected standard error',
  percentile: 'percentile intervals',
  bca: 'bias-corrected and accelerated intervals',
} as const satisfies Record<RsaValue['intervalMethod'], string>;

/** How intervals were made; '' without draws. */
export function drawsNote({ bootstrap, level, resampling, intervalMethod }: Pick<RsaValue, 'bootstrap' | 'level' | 'resampling' | 'intervalMethod'>): string {
  if (bootstrap === 0) return '';
  const draws = resampling === 'bootstrap'
    ? `${counted(bootstrap, 'bootstrap draw')} of the words; pairs of a word with itself are left out`
    : `${counted(bootstrap, 'draw')} of the words without replacement, half and nine tenths of them`;
  return `${percent(level)} ${methods[intervalMethod]}, ${draws}.`;
}

const sides = { greater: 'One-sided', 'two-sided': 'Two-sided', less: 'One-sided (smaller values)' } as const satisfies Record<RsaValue['alternative'], string>;
const corrections = {
  max: 'Adjusted by the maximum statistic over the candidates and layers of a set.',
  holm: 'Adjusted by Holm over all rows.',
  bh: 'Adjusted by Benjamini and Hochberg over all rows.',
} as const;

/** How p was made and how small it can be, set by set where sets differ; '' without permutations. */
export function permutationsNote({ orders, alternative, correction }: Pick<RsaValue, 'orders' | 'alternative' | 'correction'>): string {
  if (!orders.length) return '';
  const alike = Map.groupBy(orders, howMany);
  const how = [...alike].map(([from, of]) => (alike.size > 1 ? `on ${listed(of.map(({ set }) => setLabel(set)))} ${from}` : from));
  const note = `${sides[alternative]} Mantel p ${how.join('; ')}.`;
  return correction === 'none' ? note : `${note} ${corrections[correction]}`;
}

function howMany({ permutations, exact }: RsaOrders): string {
  const of = exact ? `all ${counted(permutations, 'order')} of the words, which is exact` : `${counted(permutations, 'permutation')} of the words, the identity counted`;
  return `from ${of}: no p below ${small(1 / permutations)}`;
}

/** How p of differences was made; '' without. */
export function differencesNote({ bootstrap, correction }: RsaValue): string {
  if (bootstrap === 0) return '';
  const adjusted = { none: '', max: ' Adjusted by Holm over all differences.', holm: ' Adjusted by Holm over all differences.', bh: ' Adjusted by Benjamini and Hochberg over all differences.' }[correction];
  return `Two-sided p from Student’s t of the difference over its corrected standard error.${adjusted}`;
}

const ceilings = { raters: 'noise ceiling from raters', reliability: 'noise ceiling from the norms’ reliability', norms: 'agreement of two norms' } as const satisfies Record<RsaCeiling['from'], string>;

export function ceilingLabel({ from, measuredBy }: RsaCeiling): string {
  return from === 'raters' && measuredBy === 'template' ? 'noise ceiling from templates' : ceilings[from];
}

/** What the grey band is; '' without. */
export function ceilingNote(ceiling: RsaCeiling | null): string {
  if (!ceiling?.rows.length) return '';
  return `Grey band: ${ceilingLabel(ceiling)}${ceiling.rows.length === 1 ? `, ${correlation(ceiling.rows[0]!.lower)} to ${correlation(ceiling.rows[0]!.upper)}` : ''}.`;
}

/** What the band in a figure means. */
export function ceilingKey(ceiling: RsaCeiling): TemplateResult {
  return html`<li><svg class="swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><rect x="1" y="3" width="12" height="8" fill="var(--ink)" fill-opacity="0.15"/></svg><span>${ceilingLabel(ceiling)}</span></li>`;
}
