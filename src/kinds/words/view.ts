/** Word by word: similarities, whether models agree on them under three measures, movers, use of the scale. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WordRankCorrelation, WordSimilarity, WordsValue } from '../../data/values.ts';
import { bars } from '../../figures/bars.ts';
import { quantiles, ridges } from '../../figures/distribution.ts';
import { dotRows, type RowDot } from '../../figures/dot-rows.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { setLabel } from '../../figures/metric.ts';
import { moversDomain, moversPlot } from '../../figures/movers.ts';
import { named } from '../../figures/origin.ts';
import { publishedColumns, publishedKey, publishedOf, publishedSummary, type Published } from '../../figures/published.ts';
import { legend, referenceSeries, seriesOf, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import { select } from '../../ui/controls.ts';
import { correlation, count, counted, decimal, difference, listed } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';

const SIMILARITY = 'similarity 1 / (1 + Euclidean distance)';

function distribution(value: WordsValue, series: ReadonlyMap<string, Series>, published: Published): TemplateResult {
  const all = value.perWord.map((one) => ({ series: series.get(one.candidate)!, values: one.values }));
  const title = `Similarity to ${value.reference}, word by word`;
  const medians = value.perWord.map((one) => `${one.candidate} ${correlation(quantiles(one.values).median)}`);
  return figure({
    title,
    summary: `How near each word’s ratings come to those of ${named(value.reference, value.referenceOrigin)}. Median: ${listed(medians)}.`,
    notes: [
      publishedSummary(value.similarities.map((row) => ({ name: `mean of ${row.candidate}, ${setLabel(row.set)}`, ours: row.mean, published: published.of(row.candidate, row.set) }))),
      `Curve: density over ${counted(value.words.length, 'word')}; bar: the middle half; mark: the median.`,
    ],
    origins: [value.referenceOrigin],
    body: chart(title, ridges(title, `${SIMILARITY}, ${counted(value.words.length, 'word')}`, all), [value]),
    table: {
      columns: [
        { label: 'candidate', value: (row) => row.candidate },
        { label: 'set', value: (row) => setLabel(row.set) },
        { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
        { label: 'mean similarity', value: (row) => row.mean, text: (row) => correlation(row.mean, 4), numeric: true },
        ...publishedColumns<WordSimilarity>(published, (row) => row.mean, (row) => published.of(row.candidate, row.set), 4),
      ],
      rows: value.similarities,
    },
  });
}

const measures = [
  { key: 'raw', label: 'raw Euclidean (the study)' },
  { key: 'zscored', label: 'z-scored per dimension' },
  { key: 'rows', label: 'per-word RSA' },
] as const satisfies readonly { key: keyof WordRankCorrelation; label: string }[];

function agreement(value: WordsValue, published: Published): TemplateResult {
  const said = (row: WordRankCorrelation) => published.of(`${row.a}~${row.b}`, row.set) ?? published.of(`${row.b}~${row.a}`, row.set);
  const series = seriesOf(measures.map((measure) => measure.label));
  const sets = [...new Set(value.rankCorrelations.map((row) => row.set))];
  const pair = (row: WordRankCorrelation) => `${row.a} ~ ${row.b}`;
  // The same pair occurs once per set; keys keep them apart, labels do not show it.
  const key = (row: WordRankCorrelation) => `${row.set} ${pair(row)}`;
  const labels = new Map(value.rankCorrelations.map((row) => [key(row), pair(row)]));
  const dots = value.rankCorrelations.flatMap((row) => measures.map((measure): RowDot => ({ row: key(row), series: series.get(measure.label)!, value: row[measure.key], interval: null, published: measure.key === 'raw' ? said(row) : undefined, detail: [nWords([row])] })));
  const flips = value.rankCorrelations.filter((row) => Math.sign(row.raw) !== Math.sign(row.zscored) || Math.sign(row.raw) !== Math.sign(row.rows));
  const title = 'Do two models agree on which words they get right?';
  return figure({
    title,
    summary: `Rank correlation over words between two models’ similarities to ${named(value.reference, value.referenceOrigin)}, under three measures.${flips.length ? ` The sign depends on the measure for ${listed([...new Set(flips.map(pair))])}.` : ' The sign does not depend on the measure.'}`,
    notes: [publishedSummary(value.rankCorrelations.map((row) => ({ name: pair(row), ours: row.raw, published: said(row) }))), 'Raw distances also reflect how each model uses the scale; z-scoring and per-word RSA take that out.'],
    origins: [value.referenceOrigin],
    legend: legend(series.values(), dots.some((dot) => dot.published !== undefined) ? publishedKey() : nothing),
    body: chart(title, dotRows({ label: title, axis: `Spearman ρ over words (${nWords(value.rankCorrelations)})`, groups: sets.map((set) => ({ heading: sets.length > 1 ? setLabel(set) : '', rows: value.rankCorrelations.filter((row) => row.set === set).map(key) })), dots, labelOf: (row) => labels.get(row) ?? row, rowHeight: 28 }), [value, published.size]),
    table: {
      columns: [
        { label: 'a', value: (row) => row.a },
        { label: 'b', value: (row) => row.b },
        { label: 'set', value: (row) => setLabel(row.set) },
        { label: 'raw', value: (row) => row.raw, text: (row) => correlation(row.raw), numeric: true },
        ...publishedColumns<WordRankCorrelation>(published, (row) => row.raw, said),
        { label: 'z-scored', value: (row) => row.zscored, text: (row) => correlation(row.zscored), numeric: true },
        { label: 'per-word RSA', value: (row) => row.rows, text: (row) => correlation(row.rows), numeric: true },
        { label: 'paired t', note: 'a − b, raw', value: (row) => row.t, text: (row) => decimal(row.t), numeric: true },
        { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
      ],
      rows: value.rankCorrelations,
    },
  });
}

function movers(value: WordsValue, series: ReadonlyMap<string, Series>, context: ViewContext): TemplateResult {
  const at = Math.min(value.movers.length - 1, (context.state.get('movers') as number | undefined) ?? 0);
  const { a, b, gains, losses } = value.movers[at]!;
  const all = [...gains, ...losses];
  const domain = moversDomain(all);
  const [from, to] = [series.get(a) ?? referenceSeries(a), series.get(b) ?? referenceSeries(b)];
  const panel = (name: string, list: typeof gains) =>
    list.length
      ? html`<div><div class="figure-panel-title">${name}</div>${chart(`${name} from ${a} to ${b}`, moversPlot({ label: `${name} from ${a} to ${b}`, axis: 'similarity', from, to, movers: list, domain }), [value, at])}</div>`
      : nothing;
  return figure({
    title: `Words that move most from ${a} to ${b}`,
    summary: `Similarity to ${named(value.reference, value.referenceOrigin)} under both models, raw ratings.${gains[0] ? ` Largest gain: ${gains[0].word} (${difference(gains[0].to - gains[0].from)}).` : ''}${losses[0] ? ` Largest loss: ${losses[0].word} (${difference(losses[0].to - losses[0].from)}).` : ''}`,
    origins: [value.referenceOrigin],
    legend: legend([from, to]),
    ...(value.movers.length > 1 ? { controls: select({ label: 'Compare', value: String(at), options: value.movers.map((one, index) => ({ value: String(index), label: `${one.a} → ${one.b}` })), onChange: (index) => { context.state.set('movers', Number(index)); context.update(); } }) } : {}),
    body: html`<div class="figure-panels">${all.length ? html`${panel('Gains', gains)}${panel('Losses', losses)}` : html`<p class="figure-note">No word changes.</p>`}</div>`,
    table: {
      columns: [
        { label: 'word', value: (row) => row.word },
        { label: a, value: (row) => row.from, text: (row) => correlation(row.from), numeric: true },
        { label: b, value: (row) => row.to, text: (row) => correlation(row.to), numeric: true },
        { label: 'change', value: (row) => row.to - row.from, text: (row) => difference(row.to - row.from), numeric: true },
      ],
      rows: all,
    },
  });
}

function scaleUse(value: WordsValue, series: ReadonlyMap<string, Series>): TemplateResult {
  const title = 'Use of the rating scale';
  return figure({
    title,
    summary: `Mean rating over words and dimensions: ${listed(value.scaleUse.map((one) => `${one.label} ${decimal(one.mean)}`))}. Where means differ, raw distances mix level with pattern.`,
    origins: [value.referenceOrigin],
    body: chart(title, bars(title, `mean rating, ${counted(value.words.length, 'word')}`, value.scaleUse.map((one) => ({ series: series.get(one.label) ?? referenceSeries(one.label), value: one.mean }))), [value]),
    table: { columns: [{ label: 'ratings', value: (row) => row.label }, { label: 'mean', value: (row) => row.mean, text: (row) => decimal(row.mean), numeric: true }], rows: value.scaleUse },
  });
}

export const view: View<'words'> = (value, context) => {
  const series = seriesOf(value.perWord.map((one) => one.candidate));
  const published = publishedOf(context.params['published']);
  return html`<div class="view">
    ${published.unread.length ? html`<p class="figure-note">Not read as “candidate set value”: ${listed(published.unread)}.</p>` : nothing}
    ${distribution(value, series, published)}
    ${value.rankCorrelations.length ? agreement(value, published) : nothing}
    ${value.movers.length ? movers(value, series, context) : nothing}
    ${value.scaleUse.length ? scaleUse(value, series) : nothing}
    ${droppedNote(value.dropped)}
  </div>`;
};
