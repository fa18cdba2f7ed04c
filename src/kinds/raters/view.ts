/** RSA by rater: each candidate's mean over raters with the raters as dots and the noise ceiling as a band; differences. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RatersDifference, RatersRow, RatersValue } from '../../data/raters.ts';
import { type Band, type BandedRow, bandedRows } from '../../figures/banded-rows.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { metricLabel, setLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { referenceSeries, type Series, seriesOf } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { correlation, count, counted, difference, interval, listed, percent, pValue } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import { differenceColumns, differencePs, rowColumns, rowPs } from './tables.ts';

/** What is shown: the bootstrap's interval and p where the reader asked for words, else those of the t over raters. */
const shown = <Row extends RatersRow | RatersDifference>(value: RatersValue, row: Row): Row | NonNullable<Row['bootstrap']> => (value.over !== 'raters' && row.bootstrap ? row.bootstrap : row);

/** How many took part: all, or fewer where one has no value under a set. */
function tookPart({ rows, raters, measuredBy }: RatersValue): string {
  const counts = rows.map((row) => row.raters);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least < most) return `${count(least)} to ${counted(most, measuredBy)}`;
  return least < raters.length ? `${count(least)} of ${counted(raters.length, measuredBy)}` : counted(raters.length, measuredBy);
}

/** @param sides what the p are, for example "one-sided" */
function intervalNote(value: RatersValue, sides: string): string {
  const over = { raters: `${value.measuredBy}s`, words: 'words', both: `${value.measuredBy}s and words` }[value.over];
  if (value.over === 'raters' || value.bootstrap === 0) {
    return `${percent(value.level)} intervals and ${sides} p: Student’s t over ${tookPart(value)}.${value.bootstrap > 0 ? ` The data hold the standard errors of ${counted(value.bootstrap, 'bootstrap draw')} too.` : ''}`;
  }
  return `${percent(value.level)} intervals and ${sides} p: Student’s t with the standard error of ${counted(value.bootstrap, 'bootstrap draw')} over ${over}. Draws of words overstate it, most for candidates unrelated to the reference: these are on the careful side.`;
}

function means(value: RatersValue, series: ReadonlyMap<string, Series>): TemplateResult {
  const sets = [...new Set(value.rows.map((row) => row.set))];
  const layered = new Set(value.rows.filter((row) => value.rows.some((other) => other.candidate === row.candidate && other.layerIndex !== row.layerIndex)).map((row) => row.candidate));
  const bandOf = (set: string): Band | null => {
    const found = value.ceilings.find((ceiling) => ceiling.set === set)?.noiseCeiling;
    return found ? { ...found, lowerInterval: null, upperInterval: null } : null;
  };
  const rows: BandedRow[] = value.rows.map((row) => ({
    group: sets.length > 1 ? setLabel(row.set) : '',
    label: layered.has(row.candidate) ? `${row.candidate}, ${row.layer}` : row.candidate,
    series: series.get(row.candidate)!,
    band: bandOf(row.set), value: row.value, interval: shown(value, row).interval, dots: row.values,
    text: [correlation(row.value), interval(shown(value, row).interval), pValue(shown(value, row).p)].filter(Boolean).join('  '),
    detail: [pValue(shown(value, row).p), nWords([row])].filter(Boolean),
  }));
  const ceilings = value.ceilings.map(({ set, noiseCeiling }) => `${sets.length > 1 ? `${setLabel(set)} ` : ''}${correlation(noiseCeiling.lower)} to ${correlation(noiseCeiling.upper)}`);
  const reached = value.ceilings.length > 0 && value.rows.filter((row) => row.value >= (bandOf(row.set)?.lower ?? Infinity)).length;
  const title = `RSA with each ${value.measuredBy} of ${value.reference}`;
  return figure({
    title,
    summary: `Mean over ${tookPart(value)} (small dots) of ${comparatorLabel(value.comparator)} between the RDM (${metricLabel(value.metric)}) of the candidate and of each ${value.measuredBy} of ${named(value.reference, value.referenceOrigin)}. Band: noise ceiling, ${listed(ceilings)}; ${reached === 0 ? 'no candidate reaches it' : `${counted(Number(reached), 'row')} of ${count(value.rows.length)} reach it`}.`,
    notes: [intervalNote(value, 'one-sided'), rowPs(value)],
    origins: [value.referenceOrigin],
    body: chart(title, bandedRows({ label: title, axis: `RSA by ${value.measuredBy} (${comparatorLabel(value.comparator)}, ${nWords(value.rows)})`, rows, most: 1 }), [value]),
    table: { columns: rowColumns(value), rows: value.rows },
  });
}

function differences(value: RatersValue): TemplateResult {
  const sets = [...new Set(value.differences.map((row) => row.set))];
  const ink = referenceSeries('difference');
  const rows: BandedRow[] = value.differences.map((row) => ({
    group: sets.length > 1 ? setLabel(row.set) : '',
    label: `${row.a.candidate} − ${row.b.candidate}`,
    series: ink, band: null, value: row.value, interval: shown(value, row).interval, dots: [],
    text: [difference(row.value), interval(shown(value, row).interval), pValue(shown(value, row).p)].filter(Boolean).join('  '),
    detail: [`${row.a.layer} against ${row.b.layer}`, pValue(shown(value, row).p)].filter(Boolean),
  }));
  const clear = value.differences.filter((row) => (shown(value, row).pAdjusted ?? 1) <= 0.05).length;
  const byBootstrap = value.over !== 'raters' && value.bootstrap > 0;
  const test = byBootstrap ? `the bootstrap over ${value.over === 'both' ? `words and ${value.measuredBy}s` : 'words'}` : `the paired t over ${value.measuredBy}s`;
  const title = `Differences between candidates, paired over ${value.measuredBy}s`;
  return figure({
    title,
    summary: `Difference in the mean RSA with ${named(value.reference, value.referenceOrigin)}. By ${test}, corrected by Holm, ${clear} of ${value.differences.length} ${clear === 1 ? 'is' : 'are'} at p ≤ .05.`,
    notes: [`${intervalNote(value, 'two-sided')}${value.differences.length > 1 ? ' The p beside the rows are not corrected; the table has Holm’s.' : ''}`, differencePs(value)],
    origins: [value.referenceOrigin],
    body: chart(title, bandedRows({ label: title, axis: `difference in RSA (${comparatorLabel(value.comparator)}, ${nWords(value.rows)})`, rows }), [value]),
    table: { columns: differenceColumns(value), rows: value.differences },
  });
}

export const view: View<'raters'> = (value) => html`<div class="view">
  ${means(value, seriesOf(value.rows.map((row) => row.candidate)))}
  ${value.differences.length ? differences(value) : nothing}
  ${droppedNote(value.dropped)}
</div>`;
