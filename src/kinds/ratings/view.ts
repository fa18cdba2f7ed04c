/** A representation by ratings: one row per word, heat by rating, and how each dimension is used. */
import { html } from 'lit';
import { facts } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { ratingTable } from '../../figures/rating-table.ts';
import { extent } from '../../figures/words-and-n.ts';
import { count, decimal } from '../../ui/format.ts';
import type { View } from '../kind.ts';

export const view: View<'representation'> = (value) => {
  const layer = value.layers[0];
  const data = layer?.data ?? new Float64Array(0);
  const present = [...data].filter((rating) => Number.isFinite(rating));
  const [low, high] = extent(present);
  return html`<div class="view card peek" ?data-illustrative=${value.origin === 'illustrative'}>
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge(value.origin)}</div>
    ${facts([
      ['words', count(value.words.length)],
      ['dimensions', count(layer?.d ?? 0)],
      ['language', value.language],
      ['mean rating', decimal(present.reduce((sum, rating) => sum + rating, 0) / present.length)],
      ['range', present.length ? `${decimal(low, 1)}–${decimal(high, 1)}` : 'none'],
      value.measuredBy ? ['raters', count(value.measuredBy.names.length)] : null,
      value.spread ? ['median raters of a rating', decimal(median(value.spread.raters), 0)] : null,
      data.length > present.length ? ['missing', count(data.length - present.length)] : null,
    ])}
    ${ratingTable({ label: `Ratings: ${value.label}`, words: value.words, categories: value.categories, split: value.split, translations: {}, dimensions: value.dimensions, values: data, scale: [Math.min(0, low), high] })}
    ${droppedNote(value.dropped)}
  </div>`;
};

function median(values: Float64Array): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
