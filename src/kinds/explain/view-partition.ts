/** How R² falls to the groups of predictors: unique parts, what is shared, what nothing explains. */
import { html, type TemplateResult } from 'lit';
import type { ExplainPartition, ExplainValue } from '../../data/explain.ts';
import { chart, figure } from '../../figures/figure.ts';
import { setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { type Part, partitionBars, unexplainedColour } from '../../figures/partition.ts';
import { seriesOf, swatch, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, interval, listed } from '../../ui/format.ts';

/** One line of the table: a part of R², or the R² of a subset. */
interface Line {
  readonly what: 'unique' | 'shared' | 'R² of' | 'R² of all';
  readonly groups: string;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

const columns: readonly TableColumn<Line>[] = [
  { label: 'part', value: (row) => row.what },
  { label: 'groups', value: (row) => row.groups },
  { label: 'value', value: (row) => row.value, text: (row) => correlation(row.value, 4), numeric: true },
  { label: 'low', value: (row) => row.interval?.[0] ?? Number.NaN, text: (row) => correlation(row.interval?.[0], 4), numeric: true },
  { label: 'high', value: (row) => row.interval?.[1] ?? Number.NaN, text: (row) => correlation(row.interval?.[1], 4), numeric: true },
];

function linesOf(split: ExplainPartition): Line[] {
  const unbounded = (what: Line['what'], groups: readonly string[], value: number): Line => ({ what, groups: groups.join(' + '), value, interval: null });
  const shared = split.terms.filter(({ groups }) => groups.length > 1);
  return [
    { what: 'R² of all', groups: split.groups.map(({ group }) => group).join(' + '), ...split.r2 },
    ...split.groups.map(({ group, uniqueVariance }): Line => ({ what: 'unique', groups: group, ...uniqueVariance })),
    ...(shared.length ? shared.map(({ groups, value }) => unbounded('shared', groups, value)) : split.groups.length > 1 ? [unbounded('shared', ['all groups'], split.shared)] : []),
    ...(split.subsets.length ? split.subsets.slice(0, -1).map(({ groups, r2 }) => unbounded('R² of', groups, r2)) : split.groups.map(({ group, alone }) => unbounded('R² of', [group], alone))),
  ];
}

/** Groups in the colours of a cell, shared parts in grey. */
function partsOf(split: ExplainPartition): Part[] {
  const series = seriesOf(split.groups.map(({ group }) => group));
  const shared: Series = { label: 'shared', colour: 'var(--ink-3)', symbol: 'square' };
  return [
    ...split.groups.map(({ group, alone, uniqueVariance }): Part => ({
      series: { ...series.get(group)!, symbol: 'square' }, value: uniqueVariance.value,
      detail: [[correlation(uniqueVariance.value), interval(uniqueVariance.interval)].filter(Boolean).join(' '), `alone ${correlation(alone)}`],
    })),
    ...(split.groups.length > 1 ? [{ series: shared, value: split.shared, detail: [] }] : []),
  ];
}

/** The legend has every value, so that parts too narrow for a number are told as well. */
function key(parts: readonly Part[], rest: number): TemplateResult {
  return html`<ul class="legend" aria-label="parts of the variance">
    ${parts.map(({ series, value }) => html`<li>${swatch(series)}<span>${series.label === 'shared' ? 'shared' : `only ${series.label}`} ${correlation(value)}</span></li>`)}
    <li>${swatch({ label: 'unexplained', colour: unexplainedColour, symbol: 'square' })}<span>unexplained ${correlation(rest)}</span></li>
  </ul>`;
}

export function partitionFigure(value: ExplainValue, split: ExplainPartition, suffix: string): TemplateResult {
  const parts = partsOf(split);
  const title = `How the explained variance is shared${suffix}`;
  const most = [...split.groups].sort((a, b) => b.uniqueVariance.value - a.uniqueVariance.value)[0]!;
  const negative = [...(split.shared < 0 ? ['all together'] : []), ...split.terms.filter((term) => term.groups.length > 1 && term.value < -5e-4).map(({ groups }) => groups.join(' and '))];
  return figure({
    title,
    summary: `Together the predictors explain R² = ${[correlation(split.r2.value), interval(split.r2.interval)].filter(Boolean).join(' ')} of the variance of ${value.scale === 'ranks' ? 'ranked distances' : 'distances'} of ${named(value.reference, value.referenceOrigin)}${split.groups.length > 1 ? `; the largest part that no other explains is that of ${most.group}, ${[correlation(most.uniqueVariance.value), interval(most.uniqueVariance.interval)].filter(Boolean).join(' ')}` : ''}.`,
    notes: [
      `${setLabel(split.set)} dimensions, ${nWords([split])}. This is variance over pairs of words; it says nothing of the variance of words or of ratings.`,
      split.groups.length > 1 ? 'Unique: what R² loses without the group. Shared: what two groups or more explain alike.' : '',
      negative.length ? `Shared parts below zero (${listed(negative.slice(0, 3))}): one group helps by taking noise out of another (suppression). Parts below zero are not drawn, so the others are longer together than R².` : '',
      value.bootstrap > 0 ? 'R² and unique variance cannot fall below zero in any sample, so their intervals are no test; that is p of the partial correlation.' : '',
    ],
    origins: [value.referenceOrigin],
    legend: key(parts, 1 - split.r2.value),
    body: chart(title, partitionBars({ label: title, axis: 'share of the variance, or of what is explained', parts, r2: split.r2.value }), [value, split]),
    table: { name: 'Parts and R² of subsets', columns, rows: linesOf(split) },
  });
}
