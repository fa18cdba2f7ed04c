/** What the model was asked, what it would rather have said, and the answers that are no rating. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { Elicited, Reading } from '../../data/elicited.ts';
import { disclosure } from '../../ui/controls.ts';
import { dataTable } from '../../ui/data-table.ts';
import { count, percent } from '../../ui/format.ts';
import './elicit.css';

const readingNames: Readonly<Record<Reading, string>> = {
  number: 'rating', outside: 'number not on the scale', range: 'range or several numbers', list: 'mark of a list', cut: 'number cut off at the most tokens', words: 'other words', refusal: 'refusal', empty: 'nothing',
};

export function askedAbout(elicited: Elicited, dimensions: readonly string[]): TemplateResult {
  const { counts, examples, instead, wordings, example } = elicited;
  const texts = Object.values(counts).reduce((sum, number) => sum + number, 0);
  const found = (Object.keys(readingNames) as Reading[]).filter((reading) => counts[reading] > 0);
  const prompts = wordings.flatMap(({ name, prompts: own }) => dimensions.map((dimension, at) => ({ name, dimension, prompt: own[at] ?? '' })));
  return html`<div class="elicit-about">
    ${texts > counts.number
      ? disclosure({
        summary: `Texts without a rating: ${count(texts - counts.number)} of ${count(texts)}`,
        body: html`${dataTable<Reading>('What greedy texts are', [
          { label: 'text is', value: (reading) => readingNames[reading] },
          { label: 'texts', value: (reading) => counts[reading], text: (reading) => count(counts[reading]), numeric: true },
          { label: 'share', value: (reading) => counts[reading] / texts, text: (reading) => percent(counts[reading] / texts), numeric: true },
        ], found)}
        ${dataTable<Elicited['examples'][number]>('Examples', [
          { label: 'word', value: ({ word }) => word },
          { label: 'dimension', value: ({ dimension }) => dimensionLabel(dimension) },
          { label: 'text is', value: ({ reading }) => readingNames[reading] },
          { label: 'text', value: ({ text }) => text, cell: ({ text }) => html`<span class="elicit-text">${JSON.stringify(text)}</span>` },
        ], examples)}`,
      })
      : nothing}
    ${instead.length > 0
      ? disclosure({
        summary: 'What answers begin with besides digits',
        body: dataTable<Elicited['instead'][number]>('Tokens that begin answers', [
          { label: 'token', value: ({ text }) => JSON.stringify(text) },
          { label: 'mean probability', note: 'where among the five most probable', value: ({ share }) => share, text: ({ share }) => percent(share), numeric: true },
        ], instead),
      })
      : nothing}
    ${disclosure({
      summary: 'What was asked',
      body: html`<p class="figure-note">The first prompt as the model was fed it${elicited.shared ? '; what prompts of one dimension begin with was computed once' : ''}:</p>
        <pre>${example}</pre>
        ${dataTable<(typeof prompts)[number]>('Prompts', [
          { label: 'dimension', value: ({ dimension }) => dimensionLabel(dimension) },
          ...(wordings.length > 1 ? [{ label: 'wording', value: (row: (typeof prompts)[number]) => row.name }] : []),
          { label: 'prompt', value: ({ prompt }) => prompt, cell: ({ prompt }) => html`<span class="elicit-text">${prompt}</span>` },
        ], prompts)}`,
    })}
  </div>`;
}
