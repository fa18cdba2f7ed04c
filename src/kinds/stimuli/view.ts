/** The words under study: how many, from where, which were left out, and their ratings. */
import { html, nothing } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { facts } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { ratingTable } from '../../figures/rating-table.ts';
import { count } from '../../ui/format.ts';
import type { View } from '../kind.ts';

export const view: View<'stimuli'> = (value) => {
  const train = value.split.filter((side) => side === 'train').length;
  const test = value.split.length - train;
  const categories = new Set(value.categories).size;
  const languages = Object.keys(value.translations);
  return html`<div class="view card" ?data-illustrative=${value.ratings?.origin === 'illustrative'}>
    <div class="card-head"><span class="card-name">${value.label}</span>${value.ratings ? originBadge(value.ratings.origin) : nothing}</div>
    ${facts([
      ['words', count(value.words.length)],
      ['language', [value.language, ...languages].join(', ')],
      categories > 0 ? ['categories', count(categories)] : null,
      value.ratings ? ['rated dimensions', `${count(value.ratings.dimensions.length)}, scale ${value.ratings.scale[0]}–${value.ratings.scale[1]}`] : ['ratings', 'none'],
      value.split.length ? ['split', html`${count(train)} train, ${count(test)} test
        <span class="split-bar" aria-hidden="true"><span style=${styleMap({ flex: String(train) })}></span><span style=${styleMap({ flex: String(test) })}></span></span>`] : null,
    ])}
    ${ratingTable({
      label: `Words of ${value.label}`,
      words: value.words, categories: value.categories, split: value.split, translations: value.translations,
      dimensions: value.ratings?.dimensions ?? [], values: value.ratings?.values ?? [], scale: value.ratings?.scale ?? [0, 1],
    })}
    ${droppedNote(value.dropped)}
  </div>`;
};
