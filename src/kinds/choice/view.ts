/** Choices: how often the model is right against chance, what it chose question by question, and another model beside it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ChoiceDifference, ChoiceShare, ChoiceValue } from '../../data/choice.ts';
import { dotRows, type RowDot } from '../../figures/dot-rows.ts';
import { facts } from '../../figures/facts.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { legend, seriesOf } from '../../figures/series.ts';
import { badge } from '../../ui/badge.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { count, counted, percent, pValue } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import { questionsFigure } from './view-questions.ts';
import { accuracySentence, categoryText, marginText, otherwiseNote, pointsText, sampleText, scoringNote, shareText, tiesNote } from './wording.ts';

const NONE = Number.NaN;

interface Row {
  readonly share: ChoiceShare;
  readonly difference: ChoiceDifference | null;
}

export const view: View<'choice'> = (value, context) => html`<div class="view card">
  <div class="card-head"><span class="card-name">${value.label}</span>${badge(value.form === 'letters' ? 'by letter' : 'by likelihood')}</div>
  ${facts([
    ['questions', value.source],
    ['asked', sampleText(value)],
    ['options', optionsText(value)],
    value.shares[0] ? ['right', shareText(value.shares[0].share)] : ['right', 'no answers known'],
    value.shares[0] ? ['mean margin', marginText(value.shares[0].margin)] : null,
  ])}
  ${value.shares.length > 0 ? accuracyFigure(value) : nothing}
  ${questionsFigure(value, context)}
  ${droppedNote(value.dropped, 'question')}
</div>`;

function optionsText({ questions }: ChoiceValue): string {
  const sizes = questions.map(({ options }) => options.length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? count(least) : `${count(least)}–${count(most)}`;
}

function accuracyFigure(value: ChoiceValue): TemplateResult {
  const { shares, against, label, level } = value;
  const series = seriesOf(against ? [label, against.label] : [label]);
  const own = series.get(label)!;
  const rows = shares.map((share): Row => ({ share, difference: against?.differences.find(({ category }) => category === share.category) ?? null }));
  const dots = rows.flatMap(({ share, difference }): RowDot[] => [
    { row: share.category, series: own, value: share.share, interval: share.interval, published: share.chance, detail: [`${share.right} of ${share.n} right`, `mean margin ${marginText(share.margin)}`] },
    ...(difference && against ? [{ row: share.category, series: series.get(against.label)!, value: difference.otherShare, interval: difference.otherInterval, detail: [`on ${difference.n} questions`, `${label} minus ${against.label}: ${pointsText(difference.difference)}, ${pValue(difference.holm)}`] }] : []),
  ]);
  const [all, ...categories] = shares;
  const title = `Right answers of ${label}${against ? ` and ${against.label}` : ''}`;
  return figure({
    title,
    summary: `${accuracySentence(all!, level)}${against ? ` ${differenceSentence(value, rows[0]!.difference)}` : ''}`,
    notes: [
      scoringNote(value),
      `Dots: shares of right answers with ${percent(level)} intervals (Wilson). Upright strokes: chance, the mean of one divided by the number of options.`,
      otherwiseNote(value),
      tiesNote(all!),
      value.merged > 0 ? `In ${counted(value.merged, 'question')} a token spans the end of the prompt and the beginning of an option.` : '',
      against ? `Differences are paired over questions: intervals by Tango’s score method, p by McNemar’s exact test${categories.length > 0 ? ', over categories corrected by Holm' : ''}.` : '',
    ],
    origins: [...new Set([value.origin, 'model' as const])],
    ...(against ? { legend: legend(series.values()) } : {}),
    body: chart(title, dotRows({
      label: title, axis: `share of right answers (${counted(all!.n, 'question')})`, domain: [0, 1],
      groups: [{ heading: '', rows: [''] }, ...(categories.length > 0 ? [{ heading: 'by category', rows: categories.map(({ category }) => category) }] : [])],
      dots, text: shareText, tick: (tick) => percent(tick), labelOf: categoryText, stroke: { name: 'chance', colour: 'var(--ink-3)' },
    }), [value]),
    table: { columns: columnsOf(value), rows },
  });
}

function differenceSentence({ against, label }: ChoiceValue, overall: ChoiceDifference | null): string {
  if (!against || !overall) return '';
  return `${label} minus ${against.label} on ${counted(overall.n, 'question')}: ${pointsText(overall.difference)}${overall.interval ? ` [${pointsText(overall.interval[0])}, ${pointsText(overall.interval[1])}]` : ''}, ${pValue(overall.p)}.`;
}

function columnsOf({ against }: ChoiceValue): TableColumn<Row>[] {
  const of = (read: (difference: ChoiceDifference) => number) => ({ difference }: Row): number => (difference ? read(difference) : NONE);
  const written = (read: (difference: ChoiceDifference) => string) => ({ difference }: Row): string => (difference ? read(difference) : '');
  return [
    { label: 'category', value: ({ share }) => categoryText(share.category) },
    { label: 'right', value: ({ share }) => share.right, text: ({ share }) => count(share.right), numeric: true },
    { label: 'n', value: ({ share }) => share.n, text: ({ share }) => count(share.n), numeric: true },
    { label: 'share', value: ({ share }) => share.share, text: ({ share }) => shareText(share.share), numeric: true },
    { label: 'low', value: ({ share }) => share.interval?.[0] ?? NONE, text: ({ share }) => shareText(share.interval?.[0] ?? NONE), numeric: true },
    { label: 'high', value: ({ share }) => share.interval?.[1] ?? NONE, text: ({ share }) => shareText(share.interval?.[1] ?? NONE), numeric: true },
    { label: 'chance', value: ({ share }) => share.chance, text: ({ share }) => shareText(share.chance), numeric: true },
    { label: 'mean margin', value: ({ share }) => share.margin, text: ({ share }) => marginText(share.margin), numeric: true },
    { label: 'ties', value: ({ share }) => share.ties, text: ({ share }) => count(share.ties), numeric: true },
    ...(against ? [
      { label: against.label, note: 'share', value: of(({ otherShare }) => otherShare), text: written(({ otherShare }) => shareText(otherShare)), numeric: true },
      { label: 'difference', value: of(({ difference }) => difference), text: written(({ difference }) => pointsText(difference)), numeric: true },
      { label: 'low', note: 'difference', value: of(({ interval }) => interval?.[0] ?? NONE), text: written(({ interval }) => (interval ? pointsText(interval[0]) : '–')), numeric: true },
      { label: 'high', note: 'difference', value: of(({ interval }) => interval?.[1] ?? NONE), text: written(({ interval }) => (interval ? pointsText(interval[1]) : '–')), numeric: true },
      { label: 'only this right', value: of(({ onlyThis }) => onlyThis), numeric: true, text: written(({ onlyThis }) => count(onlyThis)) },
      { label: 'only the other', value: of(({ onlyOther }) => onlyOther), numeric: true, text: written(({ onlyOther }) => count(onlyOther)) },
      { label: 'p', value: of(({ p }) => p), text: written(({ p }) => pValue(p).replace(/^p (= )?/, '')), numeric: true },
      { label: 'p, Holm', value: of(({ holm }) => holm), text: written(({ holm }) => pValue(holm).replace(/^p (= )?/, '')), numeric: true },
    ] satisfies TableColumn<Row>[] : []),
  ];
}

