/** Question by question: what the model chose, by how much, and every option's score. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ChoiceValue, ScoredQuestion } from '../../data/choice.ts';
import { figure } from '../../figures/figure.ts';
import { badge } from '../../ui/badge.ts';
import { segmented, select } from '../../ui/controls.ts';
import { dataTable, type TableColumn } from '../../ui/data-table.ts';
import { count, counted, decimal } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';
import './choice.css';
import { letterOf } from './prompts.ts';
import { marginText, optionText } from './wording.ts';

type Filter = 'all' | 'wrong' | 'right' | 'tied';

const keeps: Readonly<Record<Filter, (question: ScoredQuestion) => boolean>> = {
  all: () => true,
  wrong: ({ answer, chosen }) => answer !== null && answer !== chosen,
  right: ({ answer, chosen }) => answer === chosen,
  tied: ({ tied }) => tied > 1,
};

const every = 'all categories';

export function questionsFigure(value: ChoiceValue, context: ViewContext): TemplateResult {
  const { questions } = value;
  const answered = value.shares.length > 0;
  const categories = [...new Set(questions.map(({ category }) => category))].filter((category) => category !== '');
  const filter = (context.state.get('filter') as Filter | undefined) ?? 'all';
  const category = String(context.state.get('category') ?? every);
  const shown = questions.filter((question) => keeps[filter](question) && (category === every || question.category === category));
  const ties = questions.filter(keeps.tied).length;
  const set = (name: string, to: string): void => { context.state.set(name, to); context.update(); };
  const filters: readonly Filter[] = [...(answered ? ['all', 'wrong', 'right'] as const : ['all'] as const), ...(ties > 0 ? ['tied'] as const : [])];
  const title = `Questions put to ${value.label}`;
  return figure({
    title,
    summary: `${counted(shown.length, 'question')}${shown.length < questions.length ? ` of ${count(questions.length)}` : ''}, each option with its score; ${answered ? 'the right one is ticked, ' : ''}the model’s choice is in bold.`,
    notes: [answered ? 'Margin: score of the right option minus the highest of the others, below zero where the model is wrong.' : ''],
    origins: [...new Set([value.origin, 'model' as const])],
    controls: html`${filters.length > 1 ? segmented<Filter>({ label: 'Which questions', value: filter, options: filters.map((one) => ({ value: one, label: one })), onChange: (one) => set('filter', one) }) : nothing}
      ${categories.length > 1 ? select({ label: 'Category', value: category, options: [every, ...categories].map((one) => ({ value: one, label: one })), onChange: (one) => set('category', one) }) : nothing}`,
    body: html`<div class="choice-questions">${dataTable(title, readingColumns(value), shown)}</div>`,
    table: { name: 'All scores', columns: exportColumns(value), rows: questions },
  });
}

/** For reading: the options under each other, so that the table stays narrow. */
function readingColumns({ shares }: ChoiceValue): TableColumn<ScoredQuestion>[] {
  return [
    { label: 'question', value: ({ question }) => question, cell: ({ question, id, category }) => html`<span class="choice-question">${question}</span> <span class="choice-id">${[id, category].filter(Boolean).join(' · ')}</span>` },
    { label: 'options', note: 'score', value: (one) => one.options[one.chosen]!, cell: optionsCell },
    ...(shares.length > 0 ? [
      { label: 'answer', value: ({ answer, chosen }: ScoredQuestion) => (answer === null ? '' : answer === chosen ? 'right' : 'wrong'), cell: ({ answer, chosen }: ScoredQuestion) => (answer === null ? html`unknown` : answer === chosen ? badge('right', 'good') : badge('wrong', 'warn')) },
      { label: 'margin', value: ({ margin }: ScoredQuestion) => margin ?? Number.NaN, text: ({ margin }: ScoredQuestion) => marginText(margin), numeric: true },
    ] satisfies TableColumn<ScoredQuestion>[] : []),
  ];
}

function optionsCell({ options, scores, chosen, answer }: ScoredQuestion): TemplateResult {
  return html`<ul class="choice-options">${options.map((option, at) => html`<li ?data-chosen=${at === chosen} ?data-right=${at === answer}>
    <span class="choice-mark">${at === answer ? html`✓<span class="visually-hidden"> the right one: </span>` : nothing}</span>
    <span class="choice-option">${option}${at === chosen ? html`<span class="visually-hidden"> (the model’s choice)</span>` : nothing}</span>
    <span class="choice-score">${decimal(scores[at]!, 2)}</span>
  </li>`)}</ul>`;
}

/** For a file: a column for everything, at full precision. */
function exportColumns({ questions, neutral }: ChoiceValue): TableColumn<ScoredQuestion>[] {
  const most = Math.max(...questions.map(({ options }) => options.length));
  const at = (values: readonly number[], place: number): number => values[place] ?? Number.NaN;
  const places = Array.from({ length: most }, (_, place) => place);
  const name = (place: number): string => (place < 26 ? letterOf(place) : String(place + 1));
  return [
    { label: 'id', value: ({ id }) => id },
    { label: 'category', value: ({ category }) => category },
    { label: 'question', value: ({ question }) => question },
    { label: 'right answer', value: (one) => (one.answer === null ? '' : optionText(one, one.answer)) },
    { label: 'choice', value: (one) => optionText(one, one.chosen) },
    { label: 'right', value: ({ answer, chosen }) => (answer === null ? Number.NaN : Number(answer === chosen)), numeric: true },
    { label: 'margin', value: ({ margin }) => margin ?? Number.NaN, text: ({ margin }) => marginText(margin), numeric: true },
    { label: 'tied', value: ({ tied }) => tied, numeric: true },
    ...places.flatMap((place): TableColumn<ScoredQuestion>[] => [
      { label: `option ${name(place)}`, value: ({ options }) => options[place] ?? '' },
      { label: `score ${name(place)}`, value: ({ scores }) => at(scores, place), text: ({ scores }) => decimal(at(scores, place), 3), numeric: true },
      { label: `ln p ${name(place)}`, value: ({ logs }) => at(logs, place), text: ({ logs }) => decimal(at(logs, place), 3), numeric: true },
      ...(neutral ? [{ label: `neutral ln p ${name(place)}`, value: (one: ScoredQuestion) => at(one.neutral, place), text: (one: ScoredQuestion) => decimal(at(one.neutral, place), 3), numeric: true }] : []),
      { label: `tokens ${name(place)}`, value: ({ tokens }) => at(tokens, place), numeric: true, text: ({ tokens }) => (Number.isNaN(at(tokens, place)) ? '' : String(at(tokens, place))) },
    ]),
  ];
}
