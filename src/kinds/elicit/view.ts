/** A model's own ratings: words with heat by rating, how it uses each dimension's scale, and what there is to beware of. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { Elicited, ElicitedAnswers } from '../../data/elicited.ts';
import type { RepresentationValue } from '../../data/values.ts';
import { ridges } from '../../figures/distribution.ts';
import { facts } from '../../figures/facts.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { ratingTable } from '../../figures/rating-table.ts';
import { referenceSeries } from '../../figures/series.ts';
import { segmented, select } from '../../ui/controls.ts';
import { dataTable, type TableColumn } from '../../ui/data-table.ts';
import { correlation, count, decimal, listed, percent } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';
import { askedAbout } from './view-prompts.ts';
import { decimalsIn, useOfScale, type DimensionUse } from './use.ts';

/** What the table shows. */
const shows = [
  { value: 'expected', label: 'Expected' },
  { value: 'greedy', label: 'Greedy' },
  { value: 'texts', label: 'Texts' },
  { value: 'mass', label: 'Mass on digits' },
] as const;
type Shown = (typeof shows)[number]['value'];

export const view: View<'representation'> = (value, context) => {
  const { elicited } = value;
  if (!elicited) return html`<div class="view card"></div>`;
  const { wordings, counts, scale, greedyTokens } = elicited;
  const texts = Object.values(counts).reduce((sum, number) => sum + number, 0);
  const decimals = decimalsIn(wordings);
  const mean = meanOf(wordings.flatMap(({ mass }) => [...mass]));
  return html`<div class="view card peek">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge(value.origin)}</div>
    ${facts([
      ['words', count(value.words.length)],
      ['dimensions', count(value.dimensions.length)],
      ['language', value.language],
      ['ratings', elicited.answer === 'expected' ? 'expected values' : 'greedy texts'],
      ['scale', `${scale[0]}–${scale[1]}`],
      ['mean rating', decimal(meanOf(value.layers[0]?.data ?? []))],
      ['mass on digits', percent(mean)],
      greedyTokens > 0 ? ['texts without a rating', texts > counts.number ? `${count(texts - counts.number)} of ${count(texts)}` : 'none'] : null,
      decimals.count > 0 ? ['decimals in texts', `${count(decimals.count)} (${percent(decimals.share)})`] : null,
      ['chat template', elicited.chat ? 'used' : 'not used'],
      wordings.length > 1 ? ['wordings', count(wordings.length)] : null,
    ])}
    ${answersTable(value, elicited, context)}
    ${scaleFigure(value, elicited)}
    ${askedAbout(elicited, value.dimensions)}
    ${droppedNote(value.dropped)}
  </div>`;
};

function answersTable(value: RepresentationValue, elicited: Elicited, context: ViewContext): TemplateResult {
  const { wordings, greedyTokens, scale } = elicited;
  const offered = shows.filter(({ value: one }) => greedyTokens > 0 || (one !== 'greedy' && one !== 'texts'));
  const kept = context.state.get('shown') as Shown | undefined;
  const shown = offered.find((one) => one.value === kept)?.value ?? elicited.answer;
  const asked = Math.min(wordings.length, (context.state.get('wording') as number | undefined) ?? (wordings.length > 1 ? wordings.length : 0));
  // Beyond the wordings stands their mean.
  const one = wordings[asked];
  const choose = (name: string, what: unknown): void => { context.state.set(name, what); context.update(); };
  const label = `${offered.find((other) => other.value === shown)!.label}: ${value.label}`;
  return html`<div class="figure-controls">
      ${segmented<Shown>({ label: 'Answers', value: shown, options: offered, onChange: (what) => choose('shown', what) })}
      ${wordings.length > 1
        ? select({ label: 'Wording', value: String(asked), options: [...wordings.map(({ name }, at) => ({ value: String(at), label: name })), { value: String(wordings.length), label: 'mean of all' }], onChange: (at) => choose('wording', Number(at)) })
        : nothing}
    </div>
    ${shown === 'texts'
      ? textsTable(value, one ? [one] : wordings, label)
      : ratingTable({
        label, words: value.words, categories: value.categories, split: value.split, translations: {}, dimensions: value.dimensions,
        values: one ? one[shown] : meanOver(wordings.map((each) => each[shown])), scale: shown === 'mass' ? [0, 1] : scale,
        text: shown === 'mass' ? percent : (rating) => decimal(rating),
      })}`;
}

function textsTable(value: RepresentationValue, wordings: readonly ElicitedAnswers[], label: string): TemplateResult {
  const k = value.dimensions.length;
  return dataTable<number>(label, [
    { label: 'word', value: (at) => value.words[at] ?? '' },
    ...value.dimensions.map((dimension, column): TableColumn<number> => ({ label: dimensionLabel(dimension), value: (at) => wordings.map(({ texts }) => (texts[at * k + column] ?? '').trim()).join(' | ') })),
  ], value.words.map((_, at) => at));
}

function scaleFigure(value: RepresentationValue, elicited: Elicited): TemplateResult {
  const k = value.dimensions.length;
  const data = value.layers[0]!.data;
  const uses = useOfScale(elicited, value.dimensions, data);
  const title = `How ${value.label} uses the scale, by dimension`;
  const series = value.dimensions.map((dimension) => referenceSeries(dimensionLabel(dimension)));
  const narrow = uses.filter(({ q1, q3 }) => q3 - q1 < 0.05 * (elicited.scale[1] - elicited.scale[0]));
  return figure<DimensionUse>({
    title,
    summary: `${elicited.answer === 'expected' ? 'Expected ratings' : 'Ratings in greedy texts'} of ${count(value.words.length)} words; the bar is the middle half, the dot the median.${narrow.length > 0 ? ` The middle half spans less than a twentieth of the scale for ${listed(narrow.map(({ dimension }) => dimensionLabel(dimension)))}: words hardly differ there.` : ''}`,
    notes: [`Mass on digits: the probability that the answer begins with a digit of the scale, ${percent(Math.min(...uses.map(({ mass }) => mass)))} to ${percent(Math.max(...uses.map(({ mass }) => mass)))} on average per dimension. Expected values are normalised over it.`],
    origins: [value.origin],
    body: chart(title, ridges(title, `rating, ${elicited.scale[0]} to ${elicited.scale[1]}`, series.map((one, column) => ({ series: one, values: value.words.map((_, at) => data[at * k + column]!) })), elicited.scale), [value]),
    table: {
      columns: [
        { label: 'dimension', value: ({ dimension }) => dimensionLabel(dimension) },
        { label: 'mean', value: (use) => use.mean, text: (use) => decimal(use.mean), numeric: true },
        { label: 'SD', value: (use) => use.sd, text: (use) => decimal(use.sd), numeric: true },
        { label: 'median', value: (use) => use.median, text: (use) => decimal(use.median), numeric: true },
        { label: 'mass on digits', value: (use) => use.mass, text: (use) => percent(use.mass), numeric: true },
        ...(elicited.wordings.length > 1 ? [{ label: 'in its least wording', note: 'mass on digits', value: (use: DimensionUse) => use.leastMass, text: (use: DimensionUse) => percent(use.leastMass), numeric: true }] : []),
        ...(elicited.greedyTokens > 0 ? [
          { label: 'greedy mean', value: (use: DimensionUse) => use.greedy, text: (use: DimensionUse) => decimal(use.greedy), numeric: true },
          { label: 'texts without a rating', value: (use: DimensionUse) => use.without, text: (use: DimensionUse) => count(use.without), numeric: true },
          { label: 'expected ~ greedy', note: 'Spearman ρ over words', value: (use: DimensionUse) => use.agreement, text: (use: DimensionUse) => correlation(use.agreement), numeric: true },
        ] : []),
      ],
      rows: uses,
    },
  });
}

/** NaN where one of them is. */
function meanOver(all: readonly Float64Array[]): Float64Array {
  return all[0]!.map((_, at) => all.reduce((sum, values) => sum + values[at]!, 0) / all.length);
}

/** Over those that are there. */
function meanOf(values: Iterable<number>): number {
  const known = [...values].filter((value) => Number.isFinite(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

